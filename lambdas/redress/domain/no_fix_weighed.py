"""An answer without a grant, as the guard sees the call: no way around it in a text that nobody signs.

A patch is committed by one person, and an explicit Deny is often there for the very call: so nothing is written for
what the guard blocks by name, the security team is told of it, and where it asks for two people, so does the answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from redress.domain.guard.alone import alone_in
from redress.domain.plain_text import plain
from redress.domain.words import GuardVerdict, NoFixReason, Owner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.finding import Finding, NoFix

SETTLED = frozenset(
    {
        NoFixReason.ALREADY_ALLOWED,
        NoFixReason.AWS_SERVICE_CALLER,
        NoFixReason.CALLER_MUST_CHANGE,
        NoFixReason.HEALTH_EVENT,
        NoFixReason.NOT_A_PERMISSION_PROBLEM,
        NoFixReason.PRINCIPAL_GONE,
    }
)
"""Answers in which no wall stood in the way of the call, or nobody has to act."""


def weighed(answer: NoFix, finding: Finding) -> NoFix:
    """Returns the answer without a patch where the guard blocks the call, with its warning where two should agree."""
    told = answer.owner is Owner.SECURITY_TEAM and not answer.patch
    if told or answer.reason in SETTLED:
        return answer
    hits = alone_in(finding)
    blocked = [hit.reason for hit in hits if hit.verdict is GuardVerdict.BLOCK]
    if blocked:
        detail = f"{answer.detail} No patch is written: {' '.join(blocked)}"
        return replace(answer, owner=Owner.SECURITY_TEAM, patch=(), detail=detail)
    warnings = (*(hit.reason for hit in hits), *_stranger(finding))
    if warnings and answer.patch:
        reasons = " ".join(dict.fromkeys(warnings))
        return replace(answer, detail=f"{answer.detail} Two people should agree before a patch is committed: {reasons}")
    return answer


def _stranger(finding: Finding) -> Iterator[str]:
    """Yields a warning where the record is the resource owner's copy of a call from another account."""
    own, theirs = finding.last.account, finding.verdict.principal.account
    if own and theirs and own != theirs:
        yield f"It lets in a principal of another account ({plain(theirs)}), which anybody can have: know whose it is."
