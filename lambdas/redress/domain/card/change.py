"""The proposed fix, or the answer that there is none, as a card shows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from redress.domain.card.news import sentence
from redress.domain.card.phrases import OWNER_WORDS
from redress.domain.card.safe_text import LONG, SHORT, told
from redress.domain.proof_words import DECISIONS, checked
from redress.domain.values import dataclass
from redress.domain.words import GuardVerdict, State

if TYPE_CHECKING:
    from redress.domain.finding import Finding, NoFix
    from redress.domain.proposal import Proposal

UNWRITTEN = frozenset({State.PROPOSED, State.AWAITING_APPROVAL, State.REJECTED, State.EXPIRED})
"""States in which a fix is still, or for good, a proposal."""
MOST_NAMED = 10
"""Findings of a joint fix that a card lists."""
GUARD_WORDS = {
    GuardVerdict.CLEAN: "Clean: nothing to add.",
    GuardVerdict.NOTE: "To note:",
    GuardVerdict.TWO_APPROVERS: "Two approvers must sign:",
    GuardVerdict.BLOCK: "Blocked:",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The fix.

    Attributes:
        policy_arn: The customer managed policy that it is written to.
        statements: Each statement as compact JSON, whole.
        finding_ids: What it fixes, all of one principal.
        guard: What the guard says, one sentence each; the first is its verdict.
        guard_verdict: CLEAN, NOTE, TWO_APPROVERS or BLOCK.
        proof: What the evaluation says before and after, one line.
        likely_next: Actions that the principal will probably need next.
        owned_by: Whose code makes the principal (``CloudFormation stack orders``), or empty.
        lasting: How long the fix stays, in words; empty where it stays for good.
        expires_at: When the proposal can no longer be applied, ISO 8601.

    """

    proposal_id: str
    policy_arn: str
    statements: tuple[str, ...]
    guard_verdict: str
    guard: tuple[str, ...]
    proof: str
    digest: str
    expires_at: str
    finding_ids: tuple[str, ...] = ()
    likely_next: tuple[str, ...] = ()
    owned_by: str = ""
    lasting: str = ""

    @property
    def covers(self) -> str:
        """Returns which findings a joint fix is for, as many as a line holds; empty where it is for one."""
        count, left = len(self.finding_ids), len(self.finding_ids) - MOST_NAMED
        if count <= 1:
            return ""
        named = ", ".join(self.finding_ids[:MOST_NAMED])
        return f"{count:,} findings of this principal: {named}{f' and {left:,} more' if left > 0 else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfixed:
    """Why no policy changes.

    Attributes:
        reason: From the closed list.
        owner: Who can act, from the closed list.
        detail: One sentence that is true of this finding.
        who: Who can act, in words.

    """

    reason: str
    owner: str
    detail: str
    who: str


def change_of(proposal: Proposal, state: State) -> Change:
    """Returns the fix of a sealed proposal, as it is told of a finding in this state."""
    content = proposal.content
    guard = content["guard"]
    return Change(
        proposal_id=proposal.proposal_id,
        policy_arn=told(str(content["policy"]["arn"]), 2 * SHORT),
        statements=tuple(json.dumps(statement, sort_keys=True) for statement in content["statements"]),
        guard_verdict=told(str(guard["verdict"]), 20),
        guard=(
            GUARD_WORDS[GuardVerdict(guard["verdict"])],
            *(sentence(told(hit["reason"], LONG)) for hit in guard["hits"]),
        ),
        proof=_proof(content["proof"], is_written=state not in UNWRITTEN),
        digest=proposal.digest,
        finding_ids=tuple(told(each) for each in content["finding_ids"]),
        expires_at=told(str(content["expires_at"]), 30),
        likely_next=tuple(told(action, SHORT) for action in content.get("likely_next") or ()),
        owned_by=_owner(content.get("owned_by")),
        lasting=_lasting(content.get("remove_after_hours") or 0),
    )


def unfixed_of(no_fix: NoFix) -> Unfixed:
    """Returns the answer that no policy changes."""
    return Unfixed(
        reason=no_fix.reason.value,
        owner=no_fix.owner.value,
        detail=told(no_fix.detail, LONG),
        who=OWNER_WORDS[no_fix.owner],
    )


def patches_of(finding: Finding, proposal: Proposal | None) -> tuple[tuple[str, str], ...]:
    """Returns what the owner of the code would commit, as text by format."""
    if finding.no_fix:
        return finding.no_fix.patch
    patches = proposal.content.get("patches") if proposal else None
    return tuple(sorted(patches.items())) if patches else ()


def _proof(proof: dict[str, Any], *, is_written: bool) -> str:
    before, after = (DECISIONS.get(proof[when], told(proof[when])) for when in ("before", "after"))
    by = {"evaluator": "Redress's own evaluation"}.get(proof["source"], told(proof["source"]))
    when, with_it = ("Before the fix", "with it") if is_written else ("Today", "with this fix")
    line = f"{when} {before}; {with_it} {after}, says {by}."
    if proof.get("still_denied_by"):
        line += f" Still denied by {told(proof['still_denied_by'], LONG)}."
    line += f" {told(checked(complete=proof['complete'], unknown=proof.get('unknown_layers') or ()), LONG)}"
    if not proof["complete"]:
        line += f" {' '.join(sentence(told(note, LONG)) for note in proof['notes'])}"
    return line.rstrip()


def _owner(owned_by: dict[str, str] | None) -> str:
    if not owned_by:
        return ""
    unit = "workspace" if owned_by["tool"] == "Terraform" else "stack"
    name = told(owned_by.get("name") or "")
    return f"{told(owned_by['tool'])} {unit} {name}" if name else told(owned_by["tool"])


def _lasting(hours: int) -> str:
    return f"It is removed again {hours} hours after it was applied." if hours else ""
