"""How each action begins: its inputs, and what is handed out or waited for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from sandbox.automation import approving
from sandbox.automation.bad_input import BadInput
from sandbox.automation.conditions import WrongType, chosen
from sandbox.automation.durations import read_duration, read_timestamp
from sandbox.automation.happenings import CallApi, InvokeFunction, RunScript
from sandbox.automation.scope import lenient
from sandbox.automation.variables import as_text, resolve
from sandbox.automation.words import MAX_SLEEP_SECONDS, Action

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.automation.turn import Turn

__all__ = ["OWN_INPUTS", "BadInput", "start", "wake"]

OWN_INPUTS: Final = frozenset({"Service", "Api", "PropertySelector", "DesiredValues"})
"""Inputs of the API actions that are not arguments of the operation."""


def start(turn: Turn) -> None:
    """Begins an attempt at the current step.

    Raises:
        Unresolved: An input refers to an output that its step has not given.
        BadInput: The inputs break a rule of the action.

    """
    lookup = lenient(turn.lookup) if turn.run.action is Action.BRANCH else turn.lookup
    turn.update(inputs=cast("Mapping[str, object]", resolve(turn.step.inputs, lookup)))
    _STARTS[turn.run.action](turn)


def wake(turn: Turn) -> None:
    """Goes on with a step that has waited for a moment to come."""
    if turn.run.action is Action.SLEEP:
        turn.succeed({})
    else:
        _call_api(turn)


def _call_api(turn: Turn) -> None:
    inputs = turn.run.inputs
    arguments = {name: value for name, value in inputs.items() if name not in OWN_INPUTS}
    turn.perform(CallApi(service=str(inputs["Service"]), api=str(inputs["Api"]), arguments=arguments))


def _run_script(turn: Turn) -> None:
    inputs = turn.run.inputs
    payload = inputs.get("InputPayload", {})
    if not isinstance(payload, dict):
        raise BadInput(f"InputPayload must be a map, not {as_text(payload)}")
    turn.perform(RunScript(script=str(inputs["Script"]), handler=str(inputs["Handler"]), payload=payload))


def _invoke_function(turn: Turn) -> None:
    inputs = dict(turn.run.inputs)
    text = as_text(inputs.pop("Payload", "{}"))
    payload = as_text(inputs.pop("InputPayload")) if "InputPayload" in inputs else text
    turn.perform(InvokeFunction(arguments=inputs, payload=payload))


def _branch(turn: Turn) -> None:
    choices = cast("list[Mapping[str, object]]", turn.run.inputs["Choices"])
    try:
        jump = chosen(choices) or cast("str | None", turn.run.inputs.get("Default"))
    except WrongType as error:
        raise BadInput(str(error)) from error
    turn.succeed({}, jump=jump)


def _sleep(turn: Turn) -> None:
    try:
        length = _sleep_length(turn.run.inputs, turn.at)
    except ValueError as error:
        raise BadInput(str(error)) from error
    if length > timedelta(seconds=MAX_SLEEP_SECONDS):
        raise BadInput(f"the longest sleep is {MAX_SLEEP_SECONDS} seconds")
    turn.wait(until=turn.at + length)


def _sleep_length(inputs: Mapping[str, object], at: datetime) -> timedelta:
    if "Duration" in inputs:
        return read_duration(str(inputs["Duration"]))
    return max(read_timestamp(str(inputs["Timestamp"])) - at, timedelta(0))


def _pause(turn: Turn) -> None:
    turn.wait()


_STARTS: Final[Mapping[Action, Callable[[Turn], None]]] = {
    Action.APPROVE: approving.ask,
    Action.ASSERT_PROPERTY: _call_api,
    Action.BRANCH: _branch,
    Action.CALL_API: _call_api,
    Action.INVOKE_FUNCTION: _invoke_function,
    Action.PAUSE: _pause,
    Action.RUN_SCRIPT: _run_script,
    Action.SLEEP: _sleep,
    Action.WAIT_FOR_PROPERTY: _call_api,
}
