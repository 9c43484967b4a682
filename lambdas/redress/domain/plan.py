"""From the findings of one principal to one sealed proposal, or to the reason why there is none.

The order matters: what may be fixed at all, the smallest statement, the guard on each, the policy and its
limits, the proof of each, the guard on the whole, the seal. Whatever drops out on the way leaves with a NoFix.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from redress.domain import eligible
from redress.domain.catalogue import Catalogue
from redress.domain.finding import Finding, NoFix
from redress.domain.guard.change import Change
from redress.domain.guard.rules import combine, inspect
from redress.domain.no_fix import OWNER_OF, REASON_OF_LAYER, no_fix
from redress.domain.patches import patches
from redress.domain.policy_document import covers, merge, no_room, too_large
from redress.domain.proposal import Guard, GuardHit, Proof, Proposal
from redress.domain.proposal_body import Agreed, body
from redress.domain.settings import Settings
from redress.domain.statement import Drafted, draft
from redress.domain.target import Target
from redress.domain.words import GuardVerdict, NoFixReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from redress.domain.policy_document import Merged
    from redress.domain.proposal import Probe, Statement

ALLOWED = "allowed"
DENIED = frozenset({"implicitDeny", "explicitDeny"})


class Prove(Protocol):
    """Whoever can say what is answered to the probes before and after (``proof.prove``, its witnesses bound)."""

    def __call__(self, *, target: Target, document: str, probes: tuple[Probe, ...]) -> Proof:
        """Returns the proof for the whole new document; a failed look-up makes it incomplete, never better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of each finding that was asked about.

    Attributes:
        proposal: The sealed change, or None where nothing can be proposed.
        covered: Ids of the findings that it fixes, sorted.
        no_fixes: Finding id and answer for all the others.
        guard: The guard's verdict on the proposal; where there is none, on what it blocked, if anything.
        proof: The proof of the proposal.

    """

    proposal: Proposal | None = None
    covered: tuple[str, ...] = ()
    no_fixes: tuple[tuple[str, NoFix], ...] = ()
    guard: Guard | None = None
    proof: Proof | None = None

    def no_fix_of(self, finding_id: str) -> NoFix | None:
        """Returns the answer to one finding, or None where the proposal covers it."""
        return dict(self.no_fixes).get(finding_id)


@dataclass(slots=True, kw_only=True)
class _Desk:
    """Everything that planning one principal's change works with, and what has dropped out so far."""

    findings: dict[str, Finding]
    target: Target
    catalogue: Catalogue
    settings: Settings
    prove: Prove
    dropped: dict[str, NoFix] = field(default_factory=dict)
    blocked: list[GuardHit] = field(default_factory=list)

    def keep(self, drafts: Iterable[Drafted], refuse: Callable[[Drafted], NoFix | None]) -> list[Drafted]:
        """Returns the drafts that are not refused; remembers why the others were."""
        kept = []
        for one in drafts:
            answer = refuse(one)
            if answer:
                self.dropped[one.finding_id] = answer
            else:
                kept.append(one)
        return kept


def plan_fix(  # noqa: PLR0913 - collaborators by keyword
    *,
    findings: tuple[Finding, ...],
    target: Target,
    catalogue: Catalogue,
    settings: Settings,
    prove: Prove,
    now: datetime,
    review: Callable[[str], tuple[GuardHit, ...]] | None = None,
) -> Plan:
    """Returns one proposal for all eligible findings of one principal, and a NoFix for each other one.

    Args:
        findings: All of the target's principal.
        target: The principal as IAM describes it now.
        catalogue: Facts on IAM actions.
        settings: The operator's knobs.
        prove: Says what is answered to the denied calls before and after.
        now: Becomes the proposal's creation time.
        review: Looks at the whole new document and answers with further hits (IAM Access Analyzer).

    Raises:
        ValueError: A finding belongs to another principal than the target.

    """
    if any(finding.verdict.principal.arn != target.principal.arn for finding in findings):
        raise ValueError("a plan is for the findings of one principal: the target's")
    desk = _Desk(
        findings={finding.finding_id: finding for finding in findings},
        target=target,
        catalogue=catalogue,
        settings=settings,
        prove=prove,
    )
    kept = _proven(desk, _fitting(desk, _unblocked(desk, _drafted(desk))))
    return _sealed(desk, kept, review, now) if kept else _nothing(desk)


def starts_unasked(guard: Guard, proof: Proof, settings: Settings) -> bool:
    """Returns whether the approval of such a proposal may be asked for without a person starting it."""
    mild = guard.verdict in {GuardVerdict.CLEAN, GuardVerdict.NOTE}
    return settings.auto_start and mild and proof.complete and proof.after == ALLOWED


def same_change(one: Proposal, other: Proposal) -> bool:
    """Returns whether two proposals differ in their times at most, so that the older one may stand."""
    times = ("created_at", "expires_at")
    contents = [{key: value for key, value in each.content.items() if key not in times} for each in (one, other)]
    return contents[0] == contents[1]


def _drafted(desk: _Desk) -> list[Drafted]:
    drafts = []
    for finding in sorted(desk.findings.values(), key=lambda one: (one.first_seen, one.finding_id)):
        answer = eligible.refusal(finding, desk.target, desk.settings) or draft(finding, desk.catalogue)
        if isinstance(answer, NoFix):
            desk.dropped[finding.finding_id] = answer
        else:
            drafts.append(answer)
    return drafts


def _unblocked(desk: _Desk, drafts: list[Drafted]) -> list[Drafted]:
    return desk.keep(drafts, lambda one: _blocked(desk, (one.statement,)))


def _blocked(desk: _Desk, added: tuple[Statement, ...]) -> NoFix | None:
    guard = inspect(_change(desk, added))
    if guard.verdict is not GuardVerdict.BLOCK:
        return None
    hits = [hit for hit in guard.hits if hit.verdict is GuardVerdict.BLOCK]
    desk.blocked.extend(guard.hits)
    return no_fix(NoFixReason.GUARD_BLOCKED, " ".join(hit.reason for hit in hits))


def _change(desk: _Desk, added: tuple[Statement, ...], merged: Merged | None = None) -> Change:
    return Change(
        target=desk.target,
        added=added,
        catalogue=desk.catalogue,
        settings=desk.settings,
        foreign=merged.foreign if merged else (),
    )


def _fitting(desk: _Desk, drafts: list[Drafted]) -> list[Drafted]:
    if no_room(desk.target):
        return desk.keep(drafts, lambda one: _over(desk, NoFixReason.ATTACHMENT_LIMIT, one))
    kept: list[Drafted] = []
    for one in drafts:
        merged = _merged(desk, [*kept, one])
        if isinstance(merged, NoFix):
            desk.dropped[one.finding_id] = replace(merged, patch=_patch(desk, one))
        elif too_large(merged.document):
            desk.dropped[one.finding_id] = _over(desk, NoFixReason.POLICY_TOO_LARGE, one)
        else:
            kept.append(one)
    return kept


def _over(desk: _Desk, reason: NoFixReason, one: Drafted) -> NoFix:
    return no_fix(reason, patch=dict(_patch(desk, one)))


def _patch(desk: _Desk, one: Drafted) -> tuple[tuple[str, str], ...]:
    principal = desk.target.principal
    return tuple(sorted(patches(principal.type.value.lower(), principal.name or "", (one.statement,)).items()))


def _merged(desk: _Desk, drafts: list[Drafted]) -> Merged | NoFix:
    current = desk.target.redress_policy
    return merge(current.document if current else None, [one.statement for one in drafts])


def _whole(desk: _Desk, drafts: list[Drafted]) -> Merged:
    merged = _merged(desk, drafts)
    if isinstance(merged, NoFix):
        raise TypeError("a document that took each statement takes all of them")
    return merged


def _granted(desk: _Desk, merged: Merged) -> tuple[Statement, ...]:
    # Attaching a policy that lay unattached grants all that is in it, not just what is new.
    current = desk.target.redress_policy
    return merged.added if current is None or current.attached else merged.ours


def _proven(desk: _Desk, drafts: list[Drafted]) -> list[Drafted]:
    if not drafts:
        return []
    merged = _whole(desk, drafts)
    granted = _granted(desk, merged)
    return desk.keep(drafts, lambda one: _unproven(desk, one, merged.document, granted))


def _unproven(desk: _Desk, one: Drafted, document: str, granted: tuple[Statement, ...]) -> NoFix | None:
    proof = desk.prove(target=desk.target, document=document, probes=one.probes)
    if proof.before == ALLOWED:
        return no_fix(NoFixReason.ALREADY_ALLOWED)
    if proof.after in DENIED:
        return _still_denied(proof)
    if not any(covers(statement, one.statement) for statement in granted):
        return no_fix(NoFixReason.ALREADY_ALLOWED, "The Redress policy of this principal already holds this statement.")
    return None


def _still_denied(proof: Proof) -> NoFix:
    reason = REASON_OF_LAYER.get(proof.still_denied_layer) if proof.still_denied_layer else None
    detail = f"With the missing Allow the call would still be denied by {proof.still_denied_by or 'another layer'}."
    return no_fix(NoFixReason.STILL_DENIED, detail, owner=OWNER_OF[reason] if reason else None)


def _sealed(
    desk: _Desk, drafts: list[Drafted], review: Callable[[str], tuple[GuardHit, ...]] | None, now: datetime
) -> Plan:
    merged = _whole(desk, drafts)
    granted = _granted(desk, merged)
    hits = inspect(_change(desk, granted, merged)).hits
    guard = combine((*hits, *(review(merged.document) if review else ())))
    if guard.verdict is GuardVerdict.BLOCK:
        return _all_blocked(desk, drafts, guard)
    probes = tuple(dict.fromkeys(probe for one in drafts for probe in one.probes))
    agreed = Agreed(
        target=desk.target,
        findings=tuple(desk.findings[one.finding_id] for one in drafts),
        merged=merged,
        granted=granted,
        guard=guard,
        proof=desk.prove(target=desk.target, document=merged.document, probes=probes),
        probes=probes,
    )
    return Plan(
        proposal=body(agreed, desk.settings, now),
        covered=tuple(sorted(one.finding_id for one in drafts)),
        no_fixes=tuple(sorted(desk.dropped.items())),
        guard=guard,
        proof=agreed.proof,
    )


def _all_blocked(desk: _Desk, drafts: list[Drafted], guard: Guard) -> Plan:
    reasons = " ".join(hit.reason for hit in guard.hits if hit.verdict is GuardVerdict.BLOCK)
    answers = {one.finding_id: no_fix(NoFixReason.GUARD_BLOCKED, reasons) for one in drafts}
    return Plan(no_fixes=tuple(sorted((desk.dropped | answers).items())), guard=guard)


def _nothing(desk: _Desk) -> Plan:
    guard = combine(desk.blocked) if desk.blocked else None
    return Plan(no_fixes=tuple(sorted(desk.dropped.items())), guard=guard)
