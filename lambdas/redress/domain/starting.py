"""Which proposals are started now, and which executions are stopped because a newer proposal replaced theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redress.domain.lifecycle_proposal import FiledProposal
from redress.domain.words import ProposalStatus, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from redress.domain.finding import Finding

WANTED = frozenset({State.OPEN, State.REOPENED, State.PROPOSED, State.AWAITING_APPROVAL})
"""States of a finding that still asks for a fix; the runbook checks the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What λ start does in one run.

    Attributes:
        start: Oldest first, within the cap.
        held: How many ready ones have to wait for room under the cap.
        drop: No longer current; their executions, if any, are stopped first.

    """

    start: tuple[FiledProposal, ...]
    held: int
    drop: tuple[FiledProposal, ...]


def agenda(*, ready: Iterable[FiledProposal], waiting: Sequence[FiledProposal], cap: int, now: datetime) -> Agenda:
    """Returns what to start and what to drop, given all ready (and manual) and all waiting proposals."""
    open_ones = sorted(ready, key=lambda each: (each.created_at, each.proposal_id))
    replaced = tuple(each for each in (*open_ones, *waiting) if not each.is_current)
    startable = [
        each for each in open_ones if each.is_current and each.status is ProposalStatus.READY and now < each.expires_at
    ]
    room = max(0, cap - sum(each.is_current for each in waiting))
    return Agenda(start=tuple(startable[:room]), held=len(startable[room:]), drop=replaced)


def is_wanted(findings: Iterable[Finding]) -> bool:
    """Returns whether any finding still asks for a fix, and none is under suspicion."""
    states = {finding.state for finding in findings}
    return bool(states & WANTED) and State.SUSPICIOUS not in states
