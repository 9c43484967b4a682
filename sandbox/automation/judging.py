"""What the result of an action means for its step: outputs, a match, or a failure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from sandbox.automation.selector import NOTHING, select
from sandbox.automation.variables import as_text
from sandbox.automation.words import Action, Status, conforms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.automation.document import Output
    from sandbox.automation.turn import Turn

POLL: Final = timedelta(seconds=2)
"""Between two looks of aws:waitForAwsResourceProperty; AWS doesn't document its own."""


class WrongOutput(ValueError):  # noqa: N818 - named for what it is
    """A selected value doesn't have the declared type."""


def judge(turn: Turn, result: object) -> None:
    """Ends the current step with the result of its action, retries it, or looks again later."""
    try:
        _JUDGES[turn.run.action](turn, result)
    except WrongOutput as error:
        turn.attempt_failed(Status.FAILED, str(error))


def declared(outputs: Sequence[Output], result: object) -> Mapping[str, object]:
    """Returns the declared outputs; one whose selector finds nothing, or a null, is left out.

    Raises:
        WrongOutput: A value has another type than declared; types are static in a runbook.

    """
    picked = {output: select(output.selector, result) for output in outputs}
    for output, value in picked.items():
        if _is_something(value) and not conforms(value, output.type):
            raise WrongOutput(f"Output {output.name} ({output.selector}) is no {output.type}: {as_text(value)[:200]}")
    return {output.name: value for output, value in picked.items() if _is_something(value)}


def _is_something(value: object) -> bool:
    return value is not NOTHING and value is not None


def matches(value: object, desired: Sequence[object]) -> bool:
    """Returns whether a selected value is among the desired ones; a Boolean may be written True or False."""
    return any((type(value) is type(one) and value == one) or _spelled(value) == one for one in desired)


def _spelled(value: object) -> str | None:
    return str(value) if isinstance(value, bool | int | float) else None


def _with_outputs(turn: Turn, result: object) -> None:
    turn.succeed(declared(turn.step.outputs, result))


def _script_returned(turn: Turn, result: object) -> None:
    turn.succeed({**cast("Mapping[str, object]", result), **declared(turn.step.outputs, result)})


def _function_returned(turn: Turn, result: object) -> None:
    own = cast("Mapping[str, object]", result)
    if "FunctionError" in own:
        turn.attempt_failed(
            Status.FAILED, f"The function failed ({own['FunctionError']}): {as_text(own.get('Payload'))}"
        )
    else:
        turn.succeed({**own, **declared(turn.step.outputs, result)})


def _property_asserted(turn: Turn, result: object) -> None:
    value, desired = _property(turn, result)
    if matches(value, desired):
        turn.succeed({})
    else:
        found = "nothing" if value is NOTHING else as_text(value)[:200]
        turn.attempt_failed(Status.FAILED, f"Property value is {found}, not one of {as_text(desired)[:200]}")


def _property_looked_at(turn: Turn, result: object) -> None:
    if matches(*_property(turn, result)):
        turn.succeed({})
    else:
        turn.wait(until=turn.at + POLL)


def _property(turn: Turn, result: object) -> tuple[object, list[object]]:
    inputs = turn.run.inputs
    return select(str(inputs["PropertySelector"]), result), list(cast("Sequence[object]", inputs["DesiredValues"]))


def _asked(_turn: Turn, _result: object) -> None:
    """Does nothing: the step waits since before it asked."""


_JUDGES: Final[Mapping[Action, Callable[[Turn, object], None]]] = {
    Action.APPROVE: _asked,
    Action.ASSERT_PROPERTY: _property_asserted,
    Action.CALL_API: _with_outputs,
    Action.INVOKE_FUNCTION: _function_returned,
    Action.RUN_SCRIPT: _script_returned,
    Action.WAIT_FOR_PROPERTY: _property_looked_at,
}
