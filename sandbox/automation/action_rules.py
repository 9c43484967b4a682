"""The inputs of each action: which there are, which are required, and what can be told without running them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, cast

from sandbox.automation import approving
from sandbox.automation.branch_rules import branch_problems
from sandbox.automation.durations import read_duration, read_timestamp
from sandbox.automation.known_apis import api_problems
from sandbox.automation.selector import BadSelector, parse
from sandbox.automation.variables import references
from sandbox.automation.words import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

RUNTIME: Final = "python3.11"
WITH_OUTPUTS: Final = frozenset({Action.CALL_API, Action.INVOKE_FUNCTION, Action.RUN_SCRIPT})
_HANDLER_ARGUMENTS: Final = 2


def _inputs(step: Mapping[str, object]) -> Mapping[str, object]:
    return cast("Mapping[str, object]", step["inputs"])


def _names(step: Mapping[str, object], required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Iterator[str]:
    for name in sorted(set(_inputs(step)) - {*required, *optional}):
        yield f"the input {name} is unknown or not supported here"
    for name in required:
        if _inputs(step).get(name) in (None, "", []):
            yield f"the input {name} is required"


def _approve(step: Mapping[str, object]) -> Iterator[str]:
    yield from _names(step, ("Approvers",), ("MinRequiredApprovals", "Message", "NotificationArn"))
    fixed = {name: value for name, value in _inputs(step).items() if name == "Message" or not list(references(value))}
    if list(references(fixed.get("Message", ""))):
        fixed["Message"] = ""
    if "Approvers" in fixed and ("MinRequiredApprovals" in fixed or "MinRequiredApprovals" not in _inputs(step)):
        yield from approving.faults(fixed)


def _call_api(step: Mapping[str, object]) -> Iterator[str]:
    yield from api_problems(_inputs(step), cast("list[Mapping[str, str]]", step.get("outputs") or []))


def _property(step: Mapping[str, object]) -> Iterator[str]:
    inputs = _inputs(step)
    desired, selector = inputs.get("DesiredValues"), inputs.get("PropertySelector")
    if not isinstance(desired, list) or not desired:
        yield "the input DesiredValues must be a list of at least one value"
    if not isinstance(selector, str):
        yield "the input PropertySelector is required"
        return
    try:
        parse(selector)
    except BadSelector as error:
        yield str(error)
    else:
        yield from api_problems(inputs, [{"Name": "PropertySelector", "Selector": selector}])


def _run_script(step: Mapping[str, object]) -> Iterator[str]:
    yield from _names(step, ("Runtime", "Handler", "Script"), ("InputPayload",))
    inputs = _inputs(step)
    if inputs.get("Runtime") != RUNTIME:
        yield f"the only Runtime that runs here is {RUNTIME}"
    if not isinstance(inputs.get("Script"), str) or not isinstance(inputs.get("Handler"), str):
        yield "Script and Handler must be text"
        return
    yield from _script(str(inputs["Script"]), str(inputs["Handler"]))


def _script(source: str, handler: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield f"Script is no Python: {error}"
        return
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if handler not in functions:
        yield f"Script does not define the Handler {handler}"
    elif len(functions[handler].args.args) != _HANDLER_ARGUMENTS:
        yield f"the Handler {handler} must take two arguments, events and context"


def _invoke_function(step: Mapping[str, object]) -> Iterator[str]:
    optional = ("Qualifier", "InvocationType", "LogType", "ClientContext", "InputPayload", "Payload")
    yield from _names(step, ("FunctionName",), optional)
    if _inputs(step).get("InvocationType", "RequestResponse") != "RequestResponse":
        yield "the only InvocationType that runs here is RequestResponse"


def _sleep(step: Mapping[str, object]) -> Iterator[str]:
    inputs = _inputs(step)
    yield from _names(step, (), ("Duration", "Timestamp"))
    if len(set(inputs) & {"Duration", "Timestamp"}) != 1:
        yield "either the input Duration or the input Timestamp is required"
    for name, read in (("Duration", read_duration), ("Timestamp", read_timestamp)):
        if name in inputs and not list(references(inputs[name])):
            yield from _readable(str(inputs[name]), read)


def _readable(text: str, read: Callable[[str], object]) -> Iterator[str]:
    try:
        read(text)
    except ValueError as error:
        yield str(error)


def _pause(step: Mapping[str, object]) -> Iterator[str]:
    yield from _names(step, ())


def _branch(step: Mapping[str, object]) -> Iterator[str]:
    yield from _names(step, (), ("Choices", "Default"))
    yield from branch_problems(_inputs(step))


INPUT_RULES: Final[Mapping[Action, Callable[[Mapping[str, object]], Iterator[str]]]] = {
    Action.APPROVE: _approve,
    Action.ASSERT_PROPERTY: _property,
    Action.BRANCH: _branch,
    Action.CALL_API: _call_api,
    Action.INVOKE_FUNCTION: _invoke_function,
    Action.PAUSE: _pause,
    Action.RUN_SCRIPT: _run_script,
    Action.SLEEP: _sleep,
    Action.WAIT_FOR_PROPERTY: _property,
}
