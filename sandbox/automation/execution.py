"""One execution as a frozen value: what the state machine turns into the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.automation.document import Document
from sandbox.automation.words import ENDED, Action, Signal, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where executions run; ``global:`` variables and ARNs are made from it."""

    account: str = "000000000000"
    region: str = "us-east-1"
    partition: str = "aws"

    def ssm_arn(self, resource: str) -> str:
        """Returns the ARN of an SSM resource, e.g. ``document/Name``."""
        return f"arn:{self.partition}:ssm:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One approver's word.

    Attributes:
        entry: What counts once: the entry of Approvers, or the principal that it names.
        principal: ARN of the caller, as SSM saw it.

    """

    entry: str
    principal: str
    signal: Signal
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRun:
    """One step's progress.

    Attributes:
        ticket: Number of the action that is being performed; a result with another ticket is stale.
        performing: Whether an action of this step is out and has not reported back.
        deadline: When the running attempt times out, or None.
        wake: When to act next (end of a sleep, next look at a property), or None.

    """

    name: str
    action: Action
    status: Status = Status.PENDING
    attempt: int = 0
    ticket: int = 0
    performing: bool = False
    started: datetime | None = None
    ended: datetime | None = None
    deadline: datetime | None = None
    wake: datetime | None = None
    inputs: Mapping[str, object] = field(default_factory=dict)
    outputs: Mapping[str, object] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One run of one version of a runbook.

    Attributes:
        blame: How the first critical step failed (FAILED, TIMED_OUT or REJECTED), or None.
        cancelling: Whether a user has stopped it.
        cancel_deadline: When the cancellation workflow is cut off, or None before it began.
        tickets: How many actions were handed out so far.

    """

    id: str
    document: Document
    document_name: str
    document_version: str
    parameters: Mapping[str, object]
    executed_by: str
    role_arn: str
    started: datetime
    place: Place
    steps: Mapping[str, StepRun]
    status: Status = Status.PENDING
    current: str | None = None
    ended: datetime | None = None
    outputs: Mapping[str, object] = field(default_factory=dict)
    blame: Status | None = None
    failure: str = ""
    cancelling: bool = False
    cancel_deadline: datetime | None = None
    tickets: int = 0
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def has_ended(self) -> bool:
        """Returns whether nothing will happen any more."""
        return self.status in ENDED

    @property
    def is_blocked(self) -> bool:
        """Returns whether it waits in an approve, pause or sleep step, which AWS counts apart."""
        run = self.steps[self.current] if self.current else None
        return run is not None and (run.status is Status.WAITING or run.action is Action.SLEEP)

    @property
    def session_name(self) -> str:
        """Returns the session name that its calls show in CloudTrail."""
        return f"Automation-{self.id}"

    @property
    def due(self) -> datetime | None:
        """Returns when time alone will change it next, or None."""
        if self.has_ended or self.current is None:
            return None
        run = self.steps[self.current]
        moments = [moment for moment in (run.deadline, run.wake, self.cancel_deadline) if moment]
        return min(moments, default=None)
