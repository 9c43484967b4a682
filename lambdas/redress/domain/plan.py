"""From the findings of one principal to one sealed proposal, or to the reason why there is none.

The order matters: what may be fixed at all, the smallest statement, the guard on each, the policy and its
limits, the proof of each, the guard on the whole, the seal. Whatever drops out on the way leaves with a NoFix.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from redress.domain.finding import NoFix
from redress.domain.further_resources import further_resources
from redress.domain.guard.change import Held
from redress.domain.guard.rules import combine, inspect
from redress.domain.no_fix import no_fix
from redress.domain.no_fix_weighed import weighed
from redress.domain.plan_steps import (
    ALLOWED,
    DENIED,
    Desk,
    Prove,
    change_of,
    drafted,
    fitting,
    granted_by,
    proven,
    still_denied,
    unblocked,
    whole,
)
from redress.domain.proposal import Guard, GuardHit, Proof, Proposal
from redress.domain.proposal_body import Agreed, body
from redress.domain.values import dataclass
from redress.domain.words import GuardVerdict, NoFixReason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from redress.domain.catalogue import Catalogue
    from redress.domain.finding import Finding
    from redress.domain.settings import Settings
    from redress.domain.statement import Drafted
    from redress.domain.target import Target

Review = Callable[[str], tuple[GuardHit, ...]]
"""Whoever looks at the whole new document and answers with further hits."""

__all__ = ["Plan", "Prove", "Review", "plan_fix", "same_change", "starts_unasked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of each finding that was asked about.

    Attributes:
        proposal: The sealed change, or None where nothing can be proposed.
        covered: Ids of the findings that it fixes, sorted.
        no_fixes: Finding id and answer for all the others, but those that have to wait.
        later: Ids of findings that the next proposal may cover: the request for this one has no room to show them.
        guard: The guard's verdict on the proposal; where there is none, on what it blocked, if anything.
        proof: The proof of the proposal.

    """

    proposal: Proposal | None = None
    covered: tuple[str, ...] = ()
    no_fixes: tuple[tuple[str, NoFix], ...] = ()
    later: tuple[str, ...] = ()
    guard: Guard | None = None
    proof: Proof | None = None

    def no_fix_of(self, finding_id: str) -> NoFix | None:
        """Returns the answer to one finding, or None where the proposal covers it."""
        return dict(self.no_fixes).get(finding_id)


def plan_fix(  # noqa: PLR0913 - collaborators by keyword
    *,
    findings: tuple[Finding, ...],
    target: Target,
    catalogue: Catalogue,
    settings: Settings,
    prove: Prove,
    now: datetime,
    review: Review | None = None,
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
    desk = Desk(
        findings={finding.finding_id: finding for finding in findings},
        target=target,
        catalogue=catalogue,
        settings=settings,
        prove=prove,
        held=Held(target),
    )
    kept = proven(desk, fitting(desk, unblocked(desk, drafted(desk))))
    return _sealed(desk, kept, review, now) if kept else _nothing(desk)


def starts_unasked(guard: Guard, proof: Proof, settings: Settings) -> bool:
    """Returns whether the approval of such a proposal may be asked for without a person starting it."""
    mild = guard.verdict in {GuardVerdict.CLEAN, GuardVerdict.NOTE}
    return settings.auto_start and mild and proof.complete and proof.after == ALLOWED


def same_change(one: Proposal, other: Proposal) -> bool:
    """Returns whether two proposals would change the same, at the same risk, so that the older one may stand.

    Times, counts of denials and the wording of notes may differ.
    """
    return _essence(one) == _essence(other)


def _essence(proposal: Proposal) -> list[object]:
    content = proposal.content
    return [
        *(content[name] for name in _ESSENTIAL),
        *(content["proof"][name] for name in ("before", "after", "complete")),
    ]


_ESSENTIAL = (
    "principal", "policy", "pre_image", "document", "statements", "finding_ids", "guard", "owned_by",
    "remove_after_hours",
)  # fmt: skip


def _sealed(desk: Desk, drafts: list[Drafted], review: Review | None, now: datetime) -> Plan:
    agreed = _agreed(desk, drafts, review)
    if agreed.guard.verdict is GuardVerdict.BLOCK:
        return _nothing(desk, _forbidden(drafts, agreed.guard), agreed.guard)
    if agreed.proof.after in DENIED:
        return _nothing(desk, {one.finding_id: still_denied(desk, one, agreed.proof) for one in drafts})
    return Plan(
        proposal=body(agreed, desk.settings, now),
        covered=tuple(sorted(one.finding_id for one in drafts)),
        no_fixes=_answered(desk, desk.dropped),
        later=tuple(desk.later),
        guard=agreed.guard,
        proof=agreed.proof,
    )


def _agreed(desk: Desk, drafts: list[Drafted], review: Review | None) -> Agreed:
    merged = whole(desk, drafts)
    granted = granted_by(desk, merged)
    hits = inspect(change_of(desk, granted, merged)).hits
    probes = tuple(dict.fromkeys(probe for one in drafts for probe in one.probes))
    return Agreed(
        target=desk.target,
        held=desk.held,
        findings=tuple(desk.findings[one.finding_id] for one in drafts),
        merged=merged,
        granted=granted,
        guard=combine((*hits, *(review(merged.document) if review else ()))),
        proof=_qualified(desk.prove(target=desk.target, document=merged.document, probes=probes), drafts),
        probes=probes,
        expected=further_resources(granted, desk.catalogue, desk.target.region),
    )


def _qualified(proof: Proof, drafts: list[Drafted]) -> Proof:
    # What was assumed went into the probes as well, so the proof says nothing of it.
    assumed = tuple(dict.fromkeys(note for one in drafts for note in one.assumed))
    return replace(proof, complete=False, notes=(*assumed, *proof.notes)) if assumed else proof


def _forbidden(drafts: list[Drafted], guard: Guard) -> dict[str, NoFix]:
    reasons = " ".join(hit.reason for hit in guard.hits if hit.verdict is GuardVerdict.BLOCK)
    return {one.finding_id: no_fix(NoFixReason.GUARD_BLOCKED, reasons) for one in drafts}


def _nothing(desk: Desk, answers: Mapping[str, NoFix] | None = None, guard: Guard | None = None) -> Plan:
    blocked = guard or (combine(desk.blocked) if desk.blocked else None)
    answered = _answered(desk, {**desk.dropped, **(answers or {})})
    return Plan(no_fixes=answered, later=tuple(desk.later), guard=blocked)


def _answered(desk: Desk, answers: Mapping[str, NoFix]) -> tuple[tuple[str, NoFix], ...]:
    return tuple(sorted((name, weighed(answer, desk.findings[name])) for name, answer in answers.items()))
