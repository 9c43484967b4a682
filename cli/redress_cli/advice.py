"""What to do next, as ``redress explain`` says it: without a proposal, with one, and where there is none to make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.card.steps import what_to_do
from redress.domain.explain import explain
from redress.domain.kinds import KINDS
from redress.domain.words import Kind, NoFixReason

if TYPE_CHECKING:
    from redress.domain.finding import NoFix
    from redress.domain.verdict import Verdict

UNPROPOSED = "Run this again with --propose for the smallest statement that allows it, if this call is part of the job."
WITH_RECORD = "Give the CloudTrail record of the call instead of its message: it names the role with its path."


def next_step(verdict: Verdict) -> str:
    """Returns what to do about a denial for which nothing was proposed."""
    return explain(verdict).next_step.replace(KINDS[Kind.MISSING_PERMISSION].next_step, UNPROPOSED)


def next_step_without_fix(verdict: Verdict, no_fix: NoFix) -> str:
    """Returns what to do where a proposal was asked for and there is none."""
    if no_fix.reason is NoFixReason.PRINCIPAL_UNKNOWN and verdict.principal.role_name:
        return WITH_RECORD
    return what_to_do(verdict.kind, no_fix.reason)
