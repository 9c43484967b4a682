"""One step of a runbook by itself: its properties, and the inputs of its action."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sandbox.automation.action_rules import INPUT_RULES, WITH_OUTPUTS
from sandbox.automation.document import STEP_PREFIX
from sandbox.automation.selector import BadSelector, parse
from sandbox.automation.words import MAX_SECONDS, Action, ValueType

_NAME: Final = re.compile(r"[a-zA-Z0-9_]+")
_OUTPUT: Final = frozenset({"Name", "Selector", "Type"})
_SINGLE_ATTEMPT: Final = frozenset({Action.APPROVE, Action.BRANCH, Action.PAUSE, Action.SLEEP})


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_on_failure(value: object) -> bool:
    return value in ("Abort", "Continue") or _is_step(value)


def _is_on_cancel(value: object) -> bool:
    return value == "Abort" or _is_step(value)


def _is_step(value: object) -> bool:
    return isinstance(value, str) and value.startswith(STEP_PREFIX)


_PROPERTIES: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "name": (lambda value: isinstance(value, str) and bool(_NAME.fullmatch(value)), "letters, digits and _"),
    "action": (_is_text, "text"),
    "description": (_is_text, "text"),
    "inputs": (lambda value: isinstance(value, Mapping), "a map"),
    "maxAttempts": (_is_count, "a whole number from 1"),
    "timeoutSeconds": (_is_count, "a whole number from 1"),
    "onFailure": (_is_on_failure, "Abort, Continue or step:NAME"),
    "onCancel": (_is_on_cancel, "Abort or step:NAME"),
    "nextStep": (_is_text, "text"),
    "isEnd": (_is_flag, "true or false"),
    "isCritical": (_is_flag, "true or false"),
    "outputs": (lambda value: isinstance(value, list), "a list"),
}
_REQUIRED: Final = ("name", "action", "inputs")


def step_problems(step: Mapping[str, object]) -> Iterator[str]:
    """Yields what is wrong with a step, whatever the other steps are."""
    name = step.get("name")
    wrong = list(_property_problems(step))
    if not wrong and step["action"] not in set(Action):
        wrong = [f"the action {step['action']} is unknown or not supported here"]
    if not wrong:
        action = Action(str(step["action"]))
        wrong = [*_limits(step, action), *_contradictions(step), *_outputs(step, action)]
        wrong = wrong or list(INPUT_RULES[action](step))
    yield from (f"step {name}: {problem}" for problem in wrong)


def _property_problems(step: Mapping[str, object]) -> Iterator[str]:
    for key in sorted(set(step) - set(_PROPERTIES)):
        yield f"the property {key} is unknown or not supported here"
    for key in _REQUIRED:
        if key not in step:
            yield f"the property {key} is required"
    for key, (is_right, wanted) in _PROPERTIES.items():
        if key in step and not is_right(step[key]):
            yield f"{key} must be {wanted}"


def _limits(step: Mapping[str, object], action: Action) -> Iterator[str]:
    seconds, most = step.get("timeoutSeconds"), MAX_SECONDS.get(action)
    if isinstance(seconds, int) and most and seconds > most:
        yield f"timeoutSeconds of {action} is at most {most}"
    if action in _SINGLE_ATTEMPT and step.get("maxAttempts", 1) != 1:
        yield f"maxAttempts of {action} is not supported here: asking or waiting again is a step of its own"


def _contradictions(step: Mapping[str, object]) -> Iterator[str]:
    on_failure = step.get("onFailure", "Abort")
    if step.get("isEnd") and "nextStep" in step:
        yield "isEnd and nextStep contradict each other"
    if step.get("isEnd") and _is_step(on_failure):
        yield "isEnd ends the automation when the step fails as well, so its onFailure would never run"
    if step.get("isCritical") is False and on_failure == "Abort":
        yield "isCritical: false with onFailure: Abort has no documented outcome; use Continue or step:NAME"


def _outputs(step: Mapping[str, object], action: Action) -> Iterator[str]:
    given = step.get("outputs", [])
    if given and action not in WITH_OUTPUTS:
        yield f"{action} has no outputs to declare"
    names: list[object] = []
    for output in given if isinstance(given, list) else []:
        if not isinstance(output, Mapping) or set(output) != _OUTPUT:
            yield "each of outputs needs Name, Selector and Type, and nothing else"
            continue
        names.append(output["Name"])
        yield from (f"output {output['Name']}: {problem}" for problem in _output(output))
    if len(set(names)) < len(names):
        yield "two outputs have the same name"


def _output(output: Mapping[str, object]) -> Iterator[str]:
    if not isinstance(output["Name"], str) or not _NAME.fullmatch(output["Name"]):
        yield "Name must be letters, digits and _"
    if output["Type"] not in [one for one in ValueType if one is not ValueType.ROLE_ARN]:
        yield f"the type {output['Type']} is unknown"
    try:
        parse(str(output["Selector"]))
    except BadSelector as error:
        yield str(error)
