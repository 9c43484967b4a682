"""The steps of a plan, each a sieve: drafts go in, fewer come out, and what is held back has its NoFix."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Protocol

from redress.domain import eligible
from redress.domain.catalogue import Catalogue
from redress.domain.finding import Finding, NoFix
from redress.domain.guard.change import Change, Held
from redress.domain.guard.rules import inspect
from redress.domain.no_fix import OWNER_OF, REASON_OF_LAYER, no_fix
from redress.domain.patch_elsewhere import patch_elsewhere, with_patch
from redress.domain.patches import patches
from redress.domain.plain_text import plain
from redress.domain.policy_document import covers, merge, no_room, own_arn, too_large
from redress.domain.proposal import GuardHit, canonical_json
from redress.domain.settings import Settings
from redress.domain.statement import Drafted, draft, to_json
from redress.domain.suggested import suggested
from redress.domain.target import Target
from redress.domain.unnamed import is_unnamed
from redress.domain.values import dataclass
from redress.domain.words import GuardVerdict, NoFixReason, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from redress.domain.policy_document import Merged
    from redress.domain.proposal import Probe, Proof, Statement

MOST_SHOWN = 1_900
"""Characters of gained statements that the request for a signature has room for, whatever else it says.

SSM takes 4,096 in all (``infra/runbook_scripts/message.py``, which refuses to ask where a gained one has no room).
"""
ALLOWED = "allowed"
EXPLICIT = "explicitDeny"
DENIED = frozenset({"implicitDeny", EXPLICIT})
_UNNAMED = (
    "The call named no resource, so AWS checked it against {}. No wildcard is proposed where {} can be limited: "
    "a person must decide. The patch holds what would let the call through."
)
_UNSHOWN = "What the principal would gain is too long to be shown whole to whoever signs."


class Prove(Protocol):
    """Whoever can say what is answered to the probes before and after (``proof.prove``, its witnesses bound)."""

    def __call__(self, *, target: Target, document: str, probes: tuple[Probe, ...]) -> Proof:
        """Returns the proof for the whole new document; a failed look-up makes it incomplete, never better."""


@dataclass(slots=True, kw_only=True)
class Desk:
    """Everything that planning one principal's change works with, what has dropped out so far, and what has to wait."""

    findings: dict[str, Finding]
    target: Target
    catalogue: Catalogue
    settings: Settings
    prove: Prove
    held: Held
    dropped: dict[str, NoFix] = field(default_factory=dict)
    later: list[str] = field(default_factory=list)
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


def drafted(desk: Desk) -> list[Drafted]:
    """Returns a draft for each finding that may be fixed and whose resource and action are known."""
    drafts = []
    for finding in sorted(desk.findings.values(), key=_turn):
        answer = eligible.refusal(finding, desk.target, desk.settings) or draft(finding, desk.catalogue)
        if isinstance(answer, NoFix):
            desk.dropped[finding.finding_id] = with_patch(finding, _suggesting(desk, finding, answer))
        else:
            drafts.append(answer)
    return desk.keep(drafts, lambda one: _of_everything(desk, one))


def _suggesting(desk: Desk, finding: Finding, answer: NoFix) -> NoFix:
    """Returns the answer with a statement for a person to narrow, where only the resource is not known exactly."""
    made = suggested(finding, desk.catalogue) if answer.reason is NoFixReason.RESOURCE_UNKNOWN else None
    return replace(answer, detail=made.detail, patch=_patch(desk, made.statement)) if made else answer


def _of_everything(desk: Desk, one: Drafted) -> NoFix | None:
    """Returns the answer to a call that named no resource: what would let it through is for a person to grant."""
    (action,) = one.statement.actions
    checked = next((each for each in one.statement.resources if is_unnamed(action, each, desk.catalogue)), None)
    return _over(desk, NoFixReason.RESOURCE_UNKNOWN, one, _UNNAMED.format(checked, action)) if checked else None


def _turn(finding: Finding) -> tuple[bool, datetime, str]:
    """Returns what findings are sorted by: those of a proposal stay in it, then the oldest come first."""
    return finding.state not in {State.PROPOSED, State.AWAITING_APPROVAL}, finding.first_seen, finding.finding_id


def unblocked(desk: Desk, drafts: list[Drafted]) -> list[Drafted]:
    """Returns the drafts that the guard does not block by themselves."""
    return desk.keep(drafts, lambda one: _blocked(desk, (one.statement,)))


def _blocked(desk: Desk, added: tuple[Statement, ...]) -> NoFix | None:
    guard = inspect(change_of(desk, added))
    if guard.verdict is not GuardVerdict.BLOCK:
        return None
    hits = [hit for hit in guard.hits if hit.verdict is GuardVerdict.BLOCK]
    desk.blocked.extend(guard.hits)
    return no_fix(NoFixReason.GUARD_BLOCKED, " ".join(hit.reason for hit in hits))


def change_of(desk: Desk, added: tuple[Statement, ...], merged: Merged | None = None) -> Change:
    """Returns the change as the guard looks at it."""
    current = desk.target.redress_policy
    return Change(
        target=desk.target,
        held=desk.held,
        added=added,
        catalogue=desk.catalogue,
        settings=desk.settings,
        ours=merged.ours if merged else (),
        foreign=merged.foreign if merged else (),
        attaches=current is not None and not current.attached,
    )


def fitting(desk: Desk, drafts: list[Drafted]) -> list[Drafted]:
    """Returns the drafts that the policy and the request for a signature have room for, the oldest findings first.

    What one more proposal could show is left for that one.
    """
    if no_room(desk.target):
        return desk.keep(drafts, lambda one: _over(desk, NoFixReason.ATTACHMENT_LIMIT, one))
    kept: list[Drafted] = []
    for one in drafts:
        merged = _merged(desk, [*kept, one])
        if isinstance(merged, NoFix):
            desk.dropped[one.finding_id] = replace(merged, patch=_patch(desk, one.statement))
        elif too_large(merged.document):
            desk.dropped[one.finding_id] = _over(desk, NoFixReason.POLICY_TOO_LARGE, one)
        elif shown_whole(granted_by(desk, merged)):
            kept.append(one)
        elif kept:
            desk.later.append(one.finding_id)
        else:
            desk.dropped[one.finding_id] = _over(desk, NoFixReason.POLICY_TOO_LARGE, one, _UNSHOWN)
    return kept


def shown_whole(granted: tuple[Statement, ...]) -> bool:
    """Returns whether the request for a signature has room for all that is gained, a line each."""
    return sum(len(canonical_json(to_json(statement))) + len("+ \n") for statement in granted) <= MOST_SHOWN


def _over(desk: Desk, reason: NoFixReason, one: Drafted, detail: str | None = None) -> NoFix:
    return no_fix(reason, detail, patch=dict(_patch(desk, one.statement)))


def _patch(desk: Desk, statement: Statement) -> tuple[tuple[str, str], ...]:
    principal = desk.target.principal
    return tuple(sorted(patches(principal.type.value.lower(), principal.name or "", (statement,)).items()))


def _merged(desk: Desk, drafts: list[Drafted]) -> Merged | NoFix:
    current = desk.target.redress_policy
    if current and current.arn != own_arn(desk.target):
        return no_fix(
            NoFixReason.POLICY_CHANGED_BY_OTHERS, "The principal's Redress policy has another principal's name."
        )
    if current and current.elsewhere > 0:
        return no_fix(
            NoFixReason.POLICY_CHANGED_BY_OTHERS,
            "Somebody attached the principal's Redress policy to others as well, who would gain whatever joins it.",
        )
    return merge(current.document if current else None, [one.statement for one in drafts])


def whole(desk: Desk, drafts: list[Drafted]) -> Merged:
    """Returns the document with all the drafts in it.

    Raises:
        TypeError: The drafts did not go through ``fitting``.

    """
    merged = _merged(desk, drafts)
    if isinstance(merged, NoFix):
        raise TypeError("a document that took each statement takes all of them")
    return merged


def granted_by(desk: Desk, merged: Merged) -> tuple[Statement, ...]:
    """Returns the statements that the principal gains."""
    # Attaching a policy that lay unattached grants all that is in it, not just what is new.
    current = desk.target.redress_policy
    return merged.added if current is None or current.attached else merged.ours


def proven(desk: Desk, drafts: list[Drafted]) -> list[Drafted]:
    """Returns the drafts that are denied today and would no longer be denied, as far as anybody can tell."""
    if not drafts:
        return []
    merged = whole(desk, drafts)
    granted = granted_by(desk, merged)
    return desk.keep(drafts, lambda one: _unproven(desk, one, merged.document, granted))


def _unproven(desk: Desk, one: Drafted, document: str, granted: tuple[Statement, ...]) -> NoFix | None:
    proof = desk.prove(target=desk.target, document=document, probes=one.probes)
    if proof.before == ALLOWED:
        return no_fix(NoFixReason.ALREADY_ALLOWED)
    if proof.after in DENIED:
        return still_denied(desk, one, proof)
    if not any(covers(statement, one.statement) for statement in granted):
        return no_fix(NoFixReason.ALREADY_ALLOWED, "The Redress policy of this principal already holds this statement.")
    return None


def still_denied(desk: Desk, one: Drafted, proof: Proof) -> NoFix:
    """Returns the answer for a draft that would not help: who owns the policy that stands in the way, and the patch."""
    layer = proof.still_denied_layer
    reason = REASON_OF_LAYER.get(layer) if layer else None
    denier = plain(proof.still_denied_by or "another layer")
    detail = f"With the missing Allow the call would still be denied by {denier}."
    verdict = desk.findings[one.finding_id].verdict
    patch = patch_elsewhere(verdict, layer, denies=proof.after == EXPLICIT) if layer else {}
    return no_fix(NoFixReason.STILL_DENIED, detail, owner=OWNER_OF[reason] if reason else None, patch=patch)
