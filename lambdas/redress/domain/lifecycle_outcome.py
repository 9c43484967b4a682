"""What an execution, and what the runbook noted in the table, mean for a proposal and its findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.lifecycle_execution import Execution, Progress
from redress.domain.lifecycle_occurrences import (
    REDRESS,
    SCHEDULE,
    Applied,
    ApplyFailed,
    ApprovalRequested,
    Approved,
    Expired,
    Occurrence,
    Rejected,
    Restored,
)
from redress.domain.values import dataclass
from redress.domain.words import PolicyIs, ProposalStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redress.domain.lifecycle_proposal import FiledProposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What to write.

    Attributes:
        occurrence: For each finding that the proposal covers; None where nothing happened to them.
        status: The proposal's new status; None where it has the right one.
        put_back: Whether the runbook was cut off between its first write and its end, so that the restore
            runbook has to look at IAM.

    """

    occurrence: Occurrence | None = None
    status: ProposalStatus | None = None
    put_back: bool = False


def outcome(proposal: FiledProposal, execution: Execution) -> Outcome:
    """Returns what follows from the two; the runbook's own notes win over SSM's status.

    Read the execution first and the proposal afterwards: then a proposal that still waits after its
    execution has ended was never applied, because the runbook notes APPLYING before its first write.
    """
    return _BY_STATUS[proposal.status](proposal, execution)


def _waiting(_: FiledProposal, execution: Execution) -> Outcome:
    match execution.progress:
        case Progress.RUNNING | Progress.WAITING:
            requested = ApprovalRequested(cause="a signature is asked for", execution_id=execution.execution_id)
            return Outcome(occurrence=requested, status=ProposalStatus.WAITING)
        case Progress.REJECTED:
            return Outcome(occurrence=_rejected(execution), status=ProposalStatus.REJECTED)
        case Progress.TIMED_OUT if execution.failed_step.startswith("approve") or not execution.failed_step:
            return Outcome(occurrence=_expired(execution), status=ProposalStatus.EXPIRED)
        case _:
            return Outcome(occurrence=_nothing_done(execution), status=ProposalStatus.FAILED)


def _applying(proposal: FiledProposal, execution: Execution) -> Outcome:
    if not execution.progress.is_over:
        return Outcome(
            occurrence=Approved(
                actor=_first(proposal.approved_by),
                cause=f"signed by {', '.join(proposal.approved_by) or 'nobody known'}",
                execution_id=execution.execution_id,
                approved_by=proposal.approved_by,
                approved_at=execution.approved_at,
            )
        )
    cut_off = ApplyFailed(
        cause=f"the runbook was cut off ({execution.failure or execution.progress}); a restore has been started",
        execution_id=execution.execution_id,
        policy_is=PolicyIs.UNKNOWN,
    )
    return Outcome(occurrence=cut_off, put_back=True)


def _applied(proposal: FiledProposal, execution: Execution) -> Occurrence:
    return Applied(
        actor=_first(proposal.approved_by),
        cause="the signed change is in place, read back and simulated",
        execution_id=execution.execution_id,
        approved_by=proposal.approved_by,
        approved_at=execution.approved_at or proposal.applying_at,
        applied_at=proposal.applied_at or proposal.created_at,
    )


def _failed(proposal: FiledProposal, execution: Execution) -> Occurrence:
    return ApplyFailed(
        cause=proposal.failure or execution.failure or "the runbook failed",
        execution_id=execution.execution_id,
        policy_is=proposal.policy_is or PolicyIs.BEFORE,
    )


def _nothing_done(execution: Execution) -> Occurrence:
    words = {Progress.CANCELLED: "the execution was cancelled", Progress.GONE: "SSM has no such execution any more"}
    said = words.get(execution.progress, execution.failure or "the runbook refused")
    return ApplyFailed(
        cause=f"{said}; nothing was changed", execution_id=execution.execution_id, policy_is=PolicyIs.BEFORE
    )


def _rejected(execution: Execution) -> Occurrence:
    said = execution.rejection
    comment = f": {said.comment}" if said and said.comment else ", without a comment"
    who = said.approver if said else "an approver"
    return Rejected(
        actor=said.approver if said else REDRESS,
        cause=f"{who} rejected it{comment}",
        execution_id=execution.execution_id,
    )


def _expired(execution: Execution) -> Occurrence:
    return Expired(actor=SCHEDULE, cause="nobody signed in time", execution_id=execution.execution_id or None)


def _restored(proposal: FiledProposal, _: Execution) -> Occurrence:
    ends, over = proposal.remove_at, proposal.restored_at
    timely = ends is not None and over is not None and over >= ends
    why = f"the time that was signed for it ended {ends:%Y-%m-%d %H:%M} UTC; " if timely else ""
    return Restored(
        actor=SCHEDULE if timely else REDRESS,
        cause=f"{why}taken back by execution {proposal.restored_by}",
        execution_id=proposal.restored_by or "",
    )


def _first(approvers: tuple[str, ...]) -> str:
    return approvers[0] if approvers else REDRESS


_BY_STATUS: Mapping[ProposalStatus, Callable[[FiledProposal, Execution], Outcome]] = {
    ProposalStatus.READY: _waiting,
    ProposalStatus.MANUAL: _waiting,
    ProposalStatus.WAITING: _waiting,
    ProposalStatus.APPLYING: _applying,
    ProposalStatus.APPLIED: lambda proposal, execution: Outcome(occurrence=_applied(proposal, execution)),
    ProposalStatus.FAILED: lambda proposal, execution: Outcome(occurrence=_failed(proposal, execution)),
    ProposalStatus.RESTORED: lambda proposal, execution: Outcome(occurrence=_restored(proposal, execution)),
    ProposalStatus.REJECTED: lambda _, execution: Outcome(occurrence=_rejected(execution)),
    ProposalStatus.EXPIRED: lambda _, execution: Outcome(occurrence=_expired(execution)),
    ProposalStatus.SUPERSEDED: lambda *_: Outcome(),
}
