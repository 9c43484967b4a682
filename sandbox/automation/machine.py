"""The state machine: ``advance(execution, happening) -> (execution, effects)``.

Pure: it reads no clock and does nothing; whoever calls it performs the effects and reports back. The semantics are
those of the AWS page "Properties shared by all actions", and where AWS leaves a question open, the answer here is
the one that changes less:

- A failed step: ``onFailure`` Abort (default) ends the automation, Continue goes on, ``step:X`` jumps. ``isEnd``
  ends it whether the step failed or succeeded.
- The first critical step that failed decides the status of the whole: Failed, TimedOut, or Rejected for an approval.
  A step is critical unless it says ``isCritical: false`` or continues on failure.
- A rejected approval fails its step and is never retried.
- Cancelling waits until the running action is back (30 seconds at the most), then runs the ``onCancel`` step and
  what follows it for at most two minutes. Whatever happens there, the execution ends Cancelled.
- A step that retries starts anew; time-outs count per attempt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.automation import approving, judging
from sandbox.automation.errors import Code, Refusal
from sandbox.automation.happenings import Begun, Effect, Happening, Reported, Signalled, Stopped, Succeeded, TimePassed
from sandbox.automation.turn import Turn
from sandbox.automation.words import Action, Signal, Status

if TYPE_CHECKING:
    from sandbox.automation.execution import Execution


def advance(execution: Execution, happening: Happening) -> tuple[Execution, tuple[Effect, ...]]:
    """Returns the execution after a happening, and what is to be done now, in order.

    A happening that comes too late (a stale report, time passing after the end) changes nothing.

    Raises:
        Refusal: A signal or stop that the execution doesn't accept.

    """
    turn = Turn(execution, happening.at)
    match happening:
        case Begun():
            turn.enter(execution.document.first)
        case Reported():
            _reported(turn, happening)
        case TimePassed():
            _time_passed(turn)
        case Signalled():
            _signalled(turn, happening)
        case Stopped():
            _stopped(turn)
    return turn.execution, tuple(turn.effects)


def _reported(turn: Turn, report: Reported) -> None:
    if turn.execution.has_ended or turn.run.ticket != report.ticket or not turn.run.performing:
        return
    turn.update(performing=False)
    if turn.run.status is Status.CANCELLING:
        turn.cancelled()
    elif isinstance(report.outcome, Succeeded):
        judging.judge(turn, report.outcome.result)
    else:
        turn.attempt_failed(Status.FAILED, report.outcome.message)


def _time_passed(turn: Turn) -> None:
    if turn.execution.has_ended or turn.execution.current is None:
        return
    if turn.is_past(turn.execution.cancel_deadline):
        turn.cut_off()
    elif turn.is_past(turn.run.deadline):
        _deadline_passed(turn)
    elif turn.is_past(turn.run.wake):
        turn.wake()


def _deadline_passed(turn: Turn) -> None:
    if turn.run.status is Status.CANCELLING:
        turn.cancelled()
    else:
        turn.attempt_failed(Status.TIMED_OUT, f"Step timed out after {turn.step.seconds} seconds")


def _signalled(turn: Turn, signalled: Signalled) -> None:
    waiting = not turn.execution.has_ended and turn.execution.current and turn.run.status is Status.WAITING
    wanted = Action.PAUSE if signalled.signal is Signal.RESUME else Action.APPROVE
    if not waiting or turn.run.action is not wanted:
        raise Refusal(Code.SIGNAL, f"The automation is not waiting for the signal {signalled.signal}")
    if wanted is Action.PAUSE:
        turn.succeed({})
    else:
        approving.sign(turn, signalled)


def _stopped(turn: Turn) -> None:
    if turn.execution.has_ended or turn.execution.cancelling:
        raise Refusal(Code.STATUS_UPDATE, f"The automation is {turn.execution.status}; it can't be cancelled")
    turn.cancel()
