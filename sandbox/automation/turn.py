"""One turn of the state machine: an execution on its way to the next value, and the effects so far."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.automation import announcing
from sandbox.automation.happenings import Act, Effect, Interrupt, Perform
from sandbox.automation.scope import document_outputs, lookup_at
from sandbox.automation.starting import BadInput, start, wake
from sandbox.automation.variables import Lookup, Unresolved
from sandbox.automation.words import CANCEL_WORKFLOW_SECONDS, INTERRUPT_SECONDS, Action, OnFailure, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.automation.document import Step
    from sandbox.automation.execution import Execution, StepRun


class Turn:
    """Moves one execution; nothing outside it is touched."""

    def __init__(self, execution: Execution, at: datetime) -> None:
        self.execution = execution
        self.at = at
        self.effects: list[Effect] = []

    # --- looking -------------------------------------------------------------------------------------------

    @property
    def run(self) -> StepRun:
        """Returns the current step's progress."""
        return self.execution.steps[self._current]

    @property
    def step(self) -> Step:
        """Returns the current step's definition."""
        return self.execution.document.steps[self._current]

    @property
    def _current(self) -> str:
        return self.execution.current or self.execution.document.first

    @property
    def lookup(self) -> Lookup:
        """Returns the look-up of references, as of now."""
        return lookup_at(self.execution, self.at)

    def is_past(self, moment: datetime | None) -> bool:
        """Returns whether a moment has come."""
        return moment is not None and self.at >= moment

    # --- changing the current step -------------------------------------------------------------------------

    def update(self, **changes: Any) -> None:  # noqa: ANN401 - fields of StepRun
        """Changes fields of the current step."""
        run = replace(self.run, **changes)
        self.execution = replace(self.execution, steps={**self.execution.steps, run.name: run})

    def perform(self, act: Act) -> None:
        """Hands an act of the current step out."""
        ticket = self.execution.tickets + 1
        self.execution = replace(self.execution, tickets=ticket)
        self.update(ticket=ticket, performing=True, wake=None)
        order = Perform(
            execution_id=self.execution.id,
            step=self.run.name,
            ticket=ticket,
            role_arn=self.execution.role_arn,
            session_name=self.execution.session_name,
            seconds=self._seconds_left(),
            act=act,
        )
        self.effects.append(order)

    def _seconds_left(self) -> int:
        return max(1, int((self.run.deadline - self.at).total_seconds())) if self.run.deadline else 1

    def wait(self, *, until: datetime | None = None) -> None:
        """Makes the step wait for a signal, or for a moment to come."""
        if until is None:
            self.update(status=Status.WAITING)
            self._show(Status.WAITING)
        else:
            self.update(wake=until)

    def _show(self, status: Status) -> None:
        self.execution = replace(self.execution, status=Status.CANCELLING if self.execution.cancelling else status)

    # --- going on ------------------------------------------------------------------------------------------

    def enter(self, name: str) -> None:
        """Begins a step; one that is instantly over leads on to the next."""
        self.execution = replace(self.execution, current=name)
        self.update(started=self.at)
        self._attempt()

    def _attempt(self) -> None:
        seconds = self.step.seconds
        deadline = self.at + timedelta(seconds=seconds) if seconds else None
        self.update(status=Status.IN_PROGRESS, attempt=self.run.attempt + 1, deadline=deadline, wake=None)
        self._show(Status.IN_PROGRESS)
        try:
            start(self)
        except (Unresolved, BadInput) as error:
            self.fail(Status.FAILED, str(error))

    def wake(self) -> None:
        """Acts again after a wait: the sleep is over, or the property is looked at once more."""
        self.update(wake=None)
        wake(self)

    def succeed(self, outputs: Mapping[str, object], *, jump: str | None = None) -> None:
        """Ends the step well; goes where it says, else to its successor."""
        self._end(Status.SUCCESS, outputs=outputs)
        self._go(jump or self.step.successor)

    def attempt_failed(self, status: Status, message: str) -> None:
        """Retries the step while it has attempts left; fails it otherwise."""
        self._interrupt()
        if self.run.attempt < self.step.max_attempts:
            self._attempt()
        else:
            self.fail(status, message)

    def fail(self, status: Status, message: str) -> None:
        """Ends the step badly (FAILED, TIMED_OUT or REJECTED), and does what it says then; its outputs stay."""
        step = self.step
        self._end(Status.FAILED if status is Status.REJECTED else status, failure=message)
        if self.execution.blame is None and (step.is_critical or step.on_failure is OnFailure.ABORT):
            self.execution = replace(self.execution, blame=status, failure=f"Step {step.name} failed: {message}")
        if step.on_failure is OnFailure.ABORT:
            self._go(None)
        else:
            self._go(step.successor if step.on_failure is OnFailure.CONTINUE else step.failure_step)

    def _end(self, status: Status, **changes: Any) -> None:  # noqa: ANN401 - fields of StepRun
        self.update(status=status, ended=self.at, deadline=None, wake=None, performing=False, **changes)
        self.effects.append(announcing.step_ended(self.execution, self.run))

    def _go(self, name: str | None) -> None:
        if name is None or (self.step.is_end and self.run.status is not Status.SUCCESS):
            self._finish(self.execution.blame or Status.SUCCESS)
        else:
            self.enter(name)

    def _finish(self, status: Status) -> None:
        status = Status.CANCELLED if self.execution.cancelling else status
        outputs = document_outputs(self.execution, self.at)
        self.execution = replace(self.execution, status=status, ended=self.at, outputs=outputs, current=None)
        self.effects.append(announcing.execution_ended(self.execution))

    # --- cancelling ----------------------------------------------------------------------------------------

    def cancel(self) -> None:
        """Stops the step; what it is doing is interrupted and waited for, a request to approvers apart."""
        self.execution = replace(self.execution, cancelling=True, status=Status.CANCELLING)
        if self.run.performing and self.run.action is not Action.APPROVE:
            self.update(status=Status.CANCELLING, deadline=self.at + timedelta(seconds=INTERRUPT_SECONDS))
            self._interrupt()
        else:
            self.cancelled()

    def cancelled(self) -> None:
        """Goes on after the step has stopped: to its onCancel step, or to the end."""
        cancel_step = self.step.cancel_step
        self._end(Status.CANCELLED)
        deadline = self.at + timedelta(seconds=CANCEL_WORKFLOW_SECONDS)
        self.execution = replace(self.execution, cancel_deadline=deadline)
        if cancel_step:
            self.enter(cancel_step)
        else:
            self._finish(Status.CANCELLED)

    def cut_off(self) -> None:
        """Ends a cancellation workflow that takes too long."""
        self._interrupt()
        self._end(Status.CANCELLED)
        text = f"The cancellation workflow took longer than {CANCEL_WORKFLOW_SECONDS} seconds"
        self.execution = replace(self.execution, failure=text)
        self._finish(Status.CANCELLED)

    def _interrupt(self) -> None:
        if self.run.performing:
            self.effects.append(Interrupt(execution_id=self.execution.id, ticket=self.run.ticket))
