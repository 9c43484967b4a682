"""What changed and who acts next, for one finding at one moment."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from redress.domain.card.phrases import PHRASES, POLICY_WORDS, UNDONE
from redress.domain.card.safe_text import LONG, SHORT, told
from redress.domain.card.steps import step
from redress.domain.kinds import KINDS
from redress.domain.noticing import is_reminder
from redress.domain.values import dataclass
from redress.domain.words import GuardVerdict, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.finding import Finding
    from redress.domain.proposal import Proposal

_OWN_ACTORS = {"redress": "Redress", "schedule": "Redress, by its schedule"}
_USUAL_CAUSES = (
    "first denied",
    "a signature is asked for",
    "signed by ",
    "A fix was drawn up, proven and sealed.",
    "The call was denied again after the finding had been settled.",
    "taken back by execution ",
    "the signed change is in place, read back and simulated",
)
"""Beginnings of causes that say no more than the state does."""

_IAM_NAME = re.compile(r"[a-z0-9-]+:\S")
"""An action or an ARN: its small letter is part of it."""
_CAUSES = {State.FAILED: "What went wrong: {}.", State.MUTED: "The reason given: {}."}


def now_line(finding: Finding, proposal: Proposal | None) -> str:
    """Returns what changed, in a sentence or two."""
    if finding.state is State.OPEN and finding.state_version > 1:
        return "This is open again. Redress is working out the smallest safe fix."
    if is_reminder(finding):
        return f"{_fix(proposal)} still waits for {_signatures(proposal)}. This is the only reminder."
    return PHRASES[finding.state].now.format_map(_Filled(finding, proposal).words)


def next_line(finding: Finding, proposal: Proposal | None) -> str:
    """Returns who acts next, and how; who has taken the finding comes first."""
    line = PHRASES[finding.state].next.format_map(_Filled(finding, proposal).words)
    return f"{person(finding.claimed_by)} takes care of it. {line}" if finding.claimed_by else line


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Where a fix stands that starts by itself, but has to wait for room.

    Attributes:
        place: 1 starts next.
        length: How many wait for room.
        waiting: Requests that wait for a signature, and leave no room.

    """

    place: int
    length: int
    waiting: int


def queued_now(queue: Queue) -> str:
    """Returns what has become of a fix that waits for room."""
    return (
        f"A fix is drawn up and proven. It is number {queue.place:,} of {queue.length:,} in the line to ask for a "
        f"signature; {queue.waiting:,} requests wait for one already."
    )


def queued_next(queue: Queue) -> str:
    """Returns what makes room for it."""
    if not queue.waiting:
        return "Nobody has to act: it asks for a signature within minutes."
    return (
        "It asks by itself as soon as there is room (max_waiting_approvals): approvers sign or reject what waits, the "
        "oldest first. It need not wait if somebody starts it."
    )


def cause_line(finding: Finding) -> str:
    """Returns why it changed, where the state alone does not say so."""
    detail = finding.no_fix.detail if finding.no_fix else None
    if not finding.cause or finding.cause == detail or finding.cause.startswith(_USUAL_CAUSES):
        return ""
    if finding.state is State.REJECTED:
        return _comment(finding)
    text = told(finding.cause, LONG)
    return _CAUSES.get(finding.state, "{}").format(text if finding.state in _CAUSES else sentence(text))


def person(actor: str) -> str:
    """Returns the last part of an ARN (``ana`` of ``…:user/team/ana``), or one of our own two words in full."""
    known = _OWN_ACTORS.get(actor)
    return known or told(actor.rsplit("/", 1)[-1] or actor, SHORT)


def sentence(text: str) -> str:
    """Returns the text with a capital in front, unless an IAM name stands there, and a full stop at its end."""
    capital = text if _IAM_NAME.match(text) else text[:1].upper() + text[1:]
    return capital if capital.endswith((".", "!", "?", "…")) else f"{capital}."


def moment(at: datetime) -> str:
    """Returns ``2026-11-21 02:00 UTC``."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _comment(finding: Finding) -> str:
    """Returns what the approver wrote, without who wrote it: that is told already."""
    said = finding.cause.removeprefix(f"{finding.actor} rejected it").lstrip(":, ")
    return "" if said == "without a comment" else sentence(f"The comment: {told(said, LONG)}")


def _detail(finding: Finding) -> str:
    """Returns the answer's own sentence, where it says more than the kind of denial does."""
    detail = finding.no_fix.detail if finding.no_fix else ""
    return f" {told(detail, LONG)}" if detail and detail != KINDS[finding.verdict.kind].meaning else ""


def _signatures(proposal: Proposal | None) -> str:
    two = proposal and proposal.content["guard"]["verdict"] == GuardVerdict.TWO_APPROVERS
    return "the signatures of two approvers" if two else "a signature"


class _Filled:
    """The words that stand for the braces of a phrase."""

    def __init__(self, finding: Finding, proposal: Proposal | None) -> None:
        self.words: Mapping[str, str] = {
            "fix": _fix(proposal),
            "signatures": _signatures(proposal),
            "expiry": _expiry(proposal),
            "deadline": f", before {moment(finding.sign_by)}" if finding.sign_by else "",
            "approvers": _approvers(finding),
            "policy_is": POLICY_WORDS[finding.policy_is],
            "undone": UNDONE[finding.policy_is].format(policy=_policy(proposal)),
            "actor": "" if finding.actor in _OWN_ACTORS else f" by {person(finding.actor)}",
            "until": f" until {moment(finding.muted_until)}" if finding.muted_until else "",
            "detail": _detail(finding),
            "step": step(finding),
        }


def _fix(proposal: Proposal | None) -> str:
    more = len(proposal.content["finding_ids"]) - 1 if proposal else 0
    others = "another finding" if more == 1 else f"{more:,} other findings"
    return f"A fix for this and {others} of the principal" if more > 0 else "A fix"


def _expiry(proposal: Proposal | None) -> str:
    return f" on {moment(datetime.fromisoformat(proposal.content['expires_at']))}" if proposal else ""


def _policy(proposal: Proposal | None) -> str:
    return f'the policy "{told(proposal.content["policy"]["name"])}"' if proposal else "the policy of the fix"


def _approvers(finding: Finding) -> str:
    names = [person(approver) for approver in finding.approved_by]
    if not names:
        return ""
    *others, last = names
    return f" by {', '.join(others)} and {last}" if others else f" by {last}"
