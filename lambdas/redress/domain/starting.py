"""Which proposals are started now, and which of them are still wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.lifecycle_proposal import FiledProposal
from redress.domain.values import dataclass
from redress.domain.words import ProposalStatus, State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from redress.domain.finding import Finding

WANTED = frozenset({State.OPEN, State.REOPENED, State.PROPOSED, State.AWAITING_APPROVAL})
"""States of a finding that still asks for a fix; the runbook checks the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What λ start does in one run.

    Attributes:
        queue: What may start, the oldest first; not all of it may be wanted still.
        room: How many of them may start under the cap.

    """

    queue: tuple[FiledProposal, ...]
    room: int


def agenda(*, ready: Iterable[FiledProposal], waiting: int, cap: int, now: datetime) -> Agenda:
    """Returns which of the ready proposals may start while so many others wait for a signature."""
    return Agenda(queue=tuple(in_order(ready, now)), room=max(0, cap - waiting))


def in_order(ready: Iterable[FiledProposal], now: datetime) -> list[FiledProposal]:
    """Returns the proposals that may still start, in the order in which they will."""
    unexpired = [each for each in ready if each.status is ProposalStatus.READY and now < each.expires_at]
    return sorted(unexpired, key=lambda each: (each.created_at, each.proposal_id))


def is_wanted(findings: Iterable[Finding]) -> bool:
    """Returns whether any finding still asks for a fix, and none is under suspicion."""
    states = {finding.state for finding in findings}
    return bool(states & WANTED) and State.SUSPICIOUS not in states
