"""The plain text that the approver reads first: who, what, why, risk. At most 1,200 characters, no event text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.words import GuardVerdict

if TYPE_CHECKING:
    from redress.domain.finding import Finding
    from redress.domain.ownership import Ownership
    from redress.domain.proposal import Guard, Proof, Statement

MOST_CHARACTERS = 1200
_MOST_LINES = 6
_RISK = {
    GuardVerdict.CLEAN: "The guard found nothing to add.",
    GuardVerdict.NOTE: "The guard notes:",
    GuardVerdict.TWO_APPROVERS: "Two approvers must sign:",
    GuardVerdict.BLOCK: "The guard forbids this:",
}


def summarize(  # noqa: PLR0913 - each part of the text by its name
    *,
    principal: str,
    findings: tuple[Finding, ...],
    statements: tuple[Statement, ...],
    guard: Guard,
    proof: Proof,
    owned_by: Ownership | None,
    expected: tuple[str, ...] = (),
) -> str:
    """Returns who would be allowed what, why, how we know that it works, and what could go wrong."""
    calls = sum(finding.count for finding in findings)
    lines = [
        f"{principal} would be allowed:",
        *_bounded([_line(statement) for statement in statements]),
        f"Why: {calls} denied {'call' if calls == 1 else 'calls'}; no identity policy allows this.",
        _proof_line(proof),
        _RISK[guard.verdict],
        *_bounded([f"- {hit.reason}" for hit in guard.hits]),
        *_owner_lines(owned_by),
        *([f"Likely to be denied next: {'; '.join(expected)}."] if expected else []),
    ]
    return _cut("\n".join(lines))


def _line(statement: Statement) -> str:
    first = statement.resources[0]
    more = len(statement.resources) - 1
    when = "".join(f", only with {one.key} = {' or '.join(one.values)}" for one in statement.conditions)
    return f"- {', '.join(statement.actions)} on {first}{f' and {more} more' if more else ''}{when}"


def _bounded(lines: list[str]) -> list[str]:
    hidden = len(lines) - _MOST_LINES
    return lines if hidden <= 0 else [*lines[:_MOST_LINES], f"- and {hidden} more"]


def _proof_line(proof: Proof) -> str:
    state = "" if proof.complete else " The proof is incomplete: " + (proof.notes[0] if proof.notes else "see notes.")
    return f"Proof ({proof.source}): before {proof.before}, after {proof.after}.{state}"


def _owner_lines(owned_by: Ownership | None) -> list[str]:
    if owned_by is None:
        return []
    named = f" {owned_by.name}" if owned_by.name else ""
    return [f"{owned_by.tool}{named} owns this principal: commit the patch there; this fix is a stop-gap."]


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 3] + "..."
