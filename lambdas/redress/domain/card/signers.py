"""Who can sign, in words, from the operator's knobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.card.safe_text import SHORT, told
from redress.domain.words import GuardVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redress.domain.proposal import Proposal
    from redress.domain.settings import Settings

MOST = 4
"""Names that are listed."""


def signers(proposal: Proposal | None, settings: Settings) -> str:
    """Returns one sentence on who can sign a proposal; nothing where nobody is named."""
    first, second = settings.approvers, settings.second_approvers
    if not first:
        return ""
    two = proposal is not None and proposal.content["guard"]["verdict"] == GuardVerdict.TWO_APPROVERS
    if not two:
        return f"Who can sign: {_names(first)}."
    if second:
        return f"Who can sign: first {_names(first)}, then {_names(second)}."
    return f"Who can sign: {_names(first)}; it takes two people."


def _names(arns: Sequence[str]) -> str:
    listed = [_name(arn) for arn in arns[:MOST]]
    if len(arns) > MOST:
        listed.append(f"{len(arns) - MOST} more")
    *others, last = listed
    return f"{', '.join(others)} or {last}" if others else last


def _name(arn: str) -> str:
    """Returns ``role Admin`` of ``…:role/team/Admin``, and who takes the role of ``…:assumed-role/Admin/ana``."""
    kind, _, path = arn.rsplit(":", 1)[-1].partition("/")
    if kind == "assumed-role":
        role, _, session = path.partition("/")
        return told(f"{session} as role {role}", SHORT)
    return told(f"{kind} {path.rsplit('/', 1)[-1]}", SHORT)
