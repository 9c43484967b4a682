"""What λ start and λ track share: telling a proposal's findings what happened, once each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from redress.domain.errors import Refused, Retry, StaleState, Unreadable
from redress.domain.lifecycle import advance
from redress.domain.lifecycle_occurrences import Applied, Approved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from redress.adapters.proposals_table import StoredProposal
    from redress.domain.finding import Finding
    from redress.domain.lifecycle_execution import Execution
    from redress.domain.lifecycle_occurrences import Occurrence
    from redress.domain.words import ProposalStatus, State
    from redress.handlers.observability import Telemetry

TRIES = 5


class Findings(Protocol):
    """The findings, changed on the condition that nobody else did."""

    def get(self, finding_id: str) -> Finding | None:
        """Returns the finding as it is now."""

    def get_many(self, finding_ids: Iterable[str]) -> tuple[Finding, ...]:
        """Returns those that exist."""

    def change(self, before: Finding, after: Finding, *, expires: datetime | None = None) -> None:
        """Stores a change of state; raises StaleState."""

    def every(self, state: State, *, at_most: int | None = None, oldest_first: bool = False) -> Iterator[Finding]:
        """Yields the findings in this state."""


class Proposals(Protocol):
    """The proposals, moved on the condition of their status."""

    def get(self, proposal_id: str) -> StoredProposal | None:
        """Returns the proposal as it is now."""

    def every(self, status: ProposalStatus, *, skipped: Callable[[Unreadable], None] = ...) -> Iterator[StoredProposal]:
        """Yields the proposals in this status that are not put by."""

    def put_by(self, stored: StoredProposal) -> None:
        """Takes a proposal that nothing is due for off the list of its status."""

    def move(
        self, proposal_id: str, *, to: ProposalStatus, when: Iterable[ProposalStatus], **marks: str | int | list[str]
    ) -> None:
        """Sets the status; raises StaleState."""

    def to_cancel(self, limit: int) -> tuple[StoredProposal, ...]:
        """Returns replaced proposals whose execution nobody has cancelled yet."""

    def cancelled(self, proposal_id: str) -> None:
        """Notes that somebody has; raises StaleState."""


class Executions(Protocol):
    """SSM Automation."""

    def start(self, document: str, *, proposal_id: str, digest: str, token: str) -> str:
        """Returns the id of the execution; raises Retry and Refused."""

    def get(self, execution_id: str) -> Execution:
        """Returns the execution as it is now; raises Retry."""

    def stop(self, execution_id: str) -> None:
        """Cancels it; raises Retry."""


def tell(
    findings: Findings, proposal_id: str, finding_ids: Iterable[str], occurrence: Occurrence, now: datetime
) -> tuple[Finding, ...]:
    """Returns the findings that this moved on; those that know it already, or belong to a newer proposal, stay."""
    covered = (finding for finding in findings.get_many(finding_ids) if finding.proposal_id == proposal_id)
    told = (move_on(findings, finding, occurrence, now) for finding in covered)
    return tuple(finding for finding in told if finding)


def move_on(
    findings: Findings, finding: Finding, occurrence: Occurrence, now: datetime, *, expires: datetime | None = None
) -> Finding | None:
    """Returns the finding after the occurrence, stored; None where it cannot happen to it (any more).

    Args:
        findings: Where it is stored.
        finding: As it was read.
        occurrence: What happened.
        now: The present.
        expires: When it may be deleted, unless its state changes again before.

    Raises:
        Retry: Others changed the finding again and again while we tried.

    """
    proposal_id: str | None = finding.proposal_id
    for _ in range(TRIES):
        try:
            after = advance(finding, occurrence, now)
            findings.change(finding, after, expires=expires)
        except StaleState:
            fresh = findings.get(finding.finding_id)
            if fresh is None or fresh.proposal_id != proposal_id:
                return None
            finding = fresh
        except Refused:
            return None
        else:
            return after
    raise Retry(f"finding {finding.finding_id} changes faster than it can be read")


def passing_over(telemetry: Telemetry) -> Callable[[Unreadable], None]:
    """Returns who is told of a proposal that cannot be read: it stops nothing but itself, and somebody must look."""

    def told(error: Unreadable) -> None:
        telemetry.count("ReconcileFaults")
        telemetry.warning("a proposal cannot be read and is passed over", error=str(error))

    return told


def measure(finding: Finding, occurrence: Occurrence, telemetry: Telemetry) -> None:
    """Counts the change of state, and how long the people behind the finding have waited."""
    telemetry.count("FindingsMoved", state=finding.state.value)
    telemetry.info("finding moved", finding_id=finding.finding_id, state=finding.state.value, cause=finding.cause)
    if isinstance(occurrence, Approved):
        telemetry.count("TimeToApprovalSeconds", (finding.changed_at - finding.first_seen).total_seconds())
    if isinstance(occurrence, Applied):
        telemetry.count("TimeToFixSeconds", (occurrence.applied_at - finding.first_seen).total_seconds())
