"""The outer loop: keeps the executions, feeds the state machine, performs what it asks for.

``Engine.apply`` is the only way an execution changes. It is safe to call from any thread. Effects of one execution
are run in order and never two at a time; interruptions alone don't queue. Time reaches the executions by ``tick``:
the server calls ``run_clock`` once, tests move their clock and call ``tick``.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from sandbox.automation.announcing import SOURCE
from sandbox.automation.happenings import Announce, Begun, Failed, Interrupt, Perform, Reported, TimePassed
from sandbox.automation.machine import advance
from sandbox.automation.words import Status

if TYPE_CHECKING:
    from sandbox.automation.execution import Execution
    from sandbox.automation.happenings import Effect, Happening, Outcome
    from sandbox.automation.ports import Clock, EventSink, Runner

TICK_SECONDS: Final = 0.25


class Performer(Protocol):
    """Does what a step asks for."""

    def perform(self, order: Perform) -> Outcome:
        """Returns how it went; takes about ``order.seconds`` at the most, and never raises for a failure of AWS."""

    def interrupt(self, execution_id: str, ticket: int) -> None:
        """Makes ``perform`` of the ticket return soon, where that is possible; called from another thread."""


class Engine:
    """All executions of the sandbox."""

    def __init__(self, *, performer: Performer, clock: Clock, sink: EventSink, runner: Runner) -> None:
        self._performer = performer
        self.clock = clock
        self._sink = sink
        self._runner = runner
        self._lock = threading.RLock()
        self._executions: dict[str, Execution] = {}
        self._closed = threading.Event()

    def begin(self, execution: Execution) -> Execution:
        """Starts an execution; returns it as it stands then."""
        with self._lock:
            self._executions[execution.id] = execution
            return self.apply(execution.id, Begun(at=self.clock.now()))

    def apply(self, execution_id: str, happening: Happening) -> Execution:
        """Returns the execution after a happening; its effects are queued, in order.

        Raises:
            Refusal: The execution does not accept the signal or stop.

        """
        with self._lock:
            execution, effects = advance(self._executions[execution_id], happening)
            self._executions[execution_id] = execution
            for effect in effects:
                self._dispatch(execution_id, effect)
            return execution

    def _dispatch(self, execution_id: str, effect: Effect) -> None:
        match effect:
            case Interrupt():
                self._performer.interrupt(effect.execution_id, effect.ticket)
            case Announce():
                self._runner.submit(execution_id, partial(self._announce, effect))
            case Perform():
                self._runner.submit(execution_id, partial(self._perform, effect))

    def _announce(self, event: Announce) -> None:
        self._sink.emit(SOURCE, event.detail_type, event.detail, event.resources)

    def _perform(self, order: Perform) -> None:
        outcome = (
            self._performer.perform(order) if self._is_wanted(order) else Failed(message="Stopped before it began")
        )
        report = Reported(at=self.clock.now(), ticket=order.ticket, outcome=outcome)
        self.apply(order.execution_id, report)

    def _is_wanted(self, order: Perform) -> bool:
        execution = self.find(order.execution_id)
        run = execution.steps[order.step] if execution else None
        return run is not None and run.ticket == order.ticket and run.performing and run.status is not Status.CANCELLING

    def tick(self) -> None:
        """Lets every execution whose moment has come go on."""
        with self._lock:
            now = self.clock.now()
            due = [one.id for one in self._executions.values() if one.due and one.due <= now]
            for execution_id in due:
                self.apply(execution_id, TimePassed(at=now))

    def run_clock(self) -> None:
        """Ticks in a thread until ``close``."""
        threading.Thread(target=self._ticking, name="automation-clock", daemon=True).start()

    def _ticking(self) -> None:
        while not self._closed.wait(TICK_SECONDS):
            self.tick()

    def close(self) -> None:
        """Stops the clock and interrupts what is being performed; nothing is reported as cancelled."""
        self._closed.set()
        with self._lock:
            for execution in self._executions.values():
                for run in execution.steps.values():
                    if run.performing:
                        self._performer.interrupt(execution.id, run.ticket)

    def find(self, execution_id: str) -> Execution | None:
        """Returns the execution, or None."""
        with self._lock:
            return self._executions.get(execution_id)

    def all(self) -> list[Execution]:
        """Returns all executions, newest first."""
        with self._lock:
            return list(reversed(self._executions.values()))
