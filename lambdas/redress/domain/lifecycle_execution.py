"""A runbook execution as SSM tells of it, as values."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from redress.domain.values import dataclass


class Progress(StrEnum):
    """How far an execution has come; SSM's twenty statuses, sorted by what they mean for a finding."""

    RUNNING = "RUNNING"
    WAITING = "WAITING"
    """For a signature."""
    SUCCEEDED = "SUCCEEDED"
    REJECTED = "REJECTED"
    TIMED_OUT = "TIMED_OUT"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    GONE = "GONE"
    """SSM does not know it any more: it forgets after 30 days."""

    @property
    def is_over(self) -> bool:
        """Returns whether the execution can change nothing any more."""
        return self not in {Progress.RUNNING, Progress.WAITING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one approver said.

    Attributes:
        approver: ARN or user name, as SSM gives it.
        comment: As he wrote it; hostile like any text.

    """

    approver: str
    approved: bool
    comment: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution of one of the two runbooks.

    Attributes:
        digest: Of the proposal that it was started for: its parameter, which nobody can change.
        sign_by: Until when SSM waits for the signature that it waits for now.
        min_approvals: Signatures that the first approval step asks for.
        failed_step: Name of the first step that failed or timed out, or empty.
        failure: That step's message, or the execution's.
        started_at: When it was started, where SSM says so.

    """

    execution_id: str
    document: str
    progress: Progress
    proposal_id: str = ""
    digest: str = ""
    sign_by: datetime | None = None
    min_approvals: int = 1
    decisions: tuple[Decision, ...] = ()
    failed_step: str = ""
    failure: str = ""
    started_at: datetime | None = None

    @property
    def approved_by(self) -> tuple[str, ...]:
        """Returns who signed, in order."""
        return tuple(decision.approver for decision in self.decisions if decision.approved)

    @property
    def approved_at(self) -> datetime | None:
        """Returns when the last signature was given, where SSM says so."""
        return max((decision.at for decision in self.decisions if decision.at and decision.approved), default=None)

    @property
    def rejection(self) -> Decision | None:
        """Returns the decision of whoever said no."""
        return next((decision for decision in self.decisions if not decision.approved), None)
