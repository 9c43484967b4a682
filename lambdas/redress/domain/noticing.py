"""Which changes of a finding are worth a notice, where it goes, and what stands above its card."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING

from redress.domain.guard.alone import alone_in
from redress.domain.harmless import harmless
from redress.domain.values import dataclass
from redress.domain.words import Kind, Owner, ProposalStatus, State

if TYPE_CHECKING:
    from redress.domain.finding import Finding
    from redress.domain.health import HealthEvent

WHO_LIMIT = 120


class Route(StrEnum):
    """Which topic a notice goes to."""

    FINDINGS = "FINDINGS"
    SECURITY = "SECURITY"


class What(StrEnum):
    """What a notice is about."""

    STATE = "STATE"
    """The finding is new, or has reached another state."""
    COUNT = "COUNT"
    """Denials have passed 10, 100, 1,000, …"""
    CLAIM = "CLAIM"
    """Somebody took the finding, or gave it back."""
    WAVE_END = "WAVE_END"
    """No more principals are denied for the cause that it shares with others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Why a notice goes out.

    Attributes:
        key: Unique for the finding; the ledger lets each key out once.

    """

    what: What
    key: str


MOVED_ON_SOON = frozenset(
    {ProposalStatus.READY, ProposalStatus.WAITING, ProposalStatus.APPLYING, ProposalStatus.SUPERSEDED}
)
"""A finding that is PROPOSED with such a proposal is about to be in another state, which is told."""


def news(old: Finding | None, new: Finding) -> tuple[Occasion, ...]:
    """Returns what this change of a finding tells, counts apart (see ``noticing_flood``).

    Whether a finding that is PROPOSED is told depends on its proposal: see :func:`is_passing`.
    """
    told: list[Occasion] = []
    if _asks_or_tells(old, new):
        told.append(Occasion(what=What.STATE, key=state_key(new)))
    if old is not None and old.claimed_by != new.claimed_by:
        told.append(Occasion(what=What.CLAIM, key=f"CLAIM#{new.edits:06d}"))
    return tuple(told)


def state_key(finding: Finding) -> str:
    """Returns the key of the one notice that a state version may have."""
    return f"STATE#{finding.state_version:06d}"


def is_passing(finding: Finding, proposal: ProposalStatus | None) -> bool:
    """Returns whether the finding's state asks nothing of anyone, because another one follows by itself."""
    return finding.state is State.PROPOSED and proposal in MOVED_ON_SOON


def route_of(finding: Finding) -> Route:
    """Returns the topic for notices on this finding."""
    grave = finding.state is State.SUSPICIOUS or finding.verdict.kind is Kind.QUARANTINED_KEY
    return Route.SECURITY if grave or _is_for_security(finding) else Route.FINDINGS


def notice_id(finding_id: str, key: str) -> str:
    """Returns the id of a notice, the same however often it is sent: receivers drop what they have."""
    return f"n-{hashlib.sha256(f'{finding_id}#{key}'.encode()).hexdigest()[:20]}"


def group_of(finding: Finding, what: What) -> str:
    """Returns which burst a notice belongs to, among those of the finding's principal.

    What one proposal does to its findings is one burst: the failures of two are told apart. What is answered by
    sending it to the security team is told apart by reason and action, and so is a call that the guard finds severe by
    its name: nobody uses that burst up with other calls.
    """
    if what is What.COUNT:
        return what.value
    if finding.no_fix and finding.state is State.NO_FIX and (_is_for_security(finding) or is_severe(finding)):
        return f"{finding.state}#{finding.no_fix.reason}#{_call(finding)}"
    reminded = "#REMINDED" if is_reminder(finding) else ""
    return f"{finding.state}{reminded}#{finding.proposal_id or ''}"


def is_severe(finding: Finding) -> bool:
    """Returns whether the guard would ask for two signatures for the call, or block it, whoever makes it."""
    return bool(alone_in(finding))


def _is_for_security(finding: Finding) -> bool:
    return finding.no_fix is not None and finding.no_fix.owner is Owner.SECURITY_TEAM


def _call(finding: Finding) -> str:
    action = finding.verdict.action or f"{finding.last.event_source}:{finding.last.event_name}"
    return harmless(action, WHO_LIMIT)


def is_reminder(finding: Finding) -> bool:
    """Returns whether the finding's last change was the reminder of an overdue signature."""
    return finding.state is State.AWAITING_APPROVAL and finding.reminded_at == finding.changed_at


def lead(finding: Finding, what: What) -> str:
    """Returns the sentence that says what is new, where the card's own line does not; else nothing."""
    match what:
        case What.COUNT:
            return f"Denied {finding.count:,} times by now."
        case What.CLAIM if finding.claimed_by:
            return f"Taken by {harmless(finding.claimed_by, WHO_LIMIT)}."
        case What.CLAIM:
            return "Given back: nobody takes care of it now."
        case _:
            return ""


def trouble(issue: HealthEvent) -> str:
    """Returns the sentence about trouble that AWS itself has, for a notice on what it touches."""
    where = harmless(f"{issue.service} in {issue.region}", WHO_LIMIT)
    return f"AWS Health reports an open issue of {where}: this may pass by itself, no fix is proposed until it ends."


def burst(finding: Finding, what: What) -> str:
    """Returns the sentence for the last notice that a burst of a principal's findings is given."""
    who = harmless(finding.verdict.principal.arn or finding.verdict.principal.name or "unknown", 2 * WHO_LIMIT)
    same = "repeated denials" if what is What.COUNT else f"findings that are {_spoken(finding.state)}"
    return f"A burst of {same} of {who}: further ones within 10 minutes of the first are not told one by one."


def burst_title(finding: Finding, limit: int = 80) -> str:
    """Returns the title of that notice."""
    principal = finding.verdict.principal
    who = principal.name or principal.type.value.lower().replace("_", " ")
    return harmless(f"Burst, {_spoken(finding.state)}: {who}", limit)


def _spoken(state: State) -> str:
    return state.value.replace("_", " ").lower()


def _asks_or_tells(old: Finding | None, new: Finding) -> bool:
    if old is not None and old.state_version == new.state_version:
        return False
    if new.state is State.APPLYING:
        return False
    # Silence is about denials: that a runbook has changed IAM is told of a muted finding too.
    return not (old is not None and old.state is new.state is State.MUTED and old.policy_is is new.policy_is)
