"""The ``{{ references }}`` of a runbook: that each stands for something, at a place where AWS puts values in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from sandbox.automation.scope import GLOBALS
from sandbox.automation.variables import OPENING, REFERENCE, references
from sandbox.automation.words import Action

if TYPE_CHECKING:
    from sandbox.automation.graph import Edges, RawStep

from sandbox.automation import graph

PREDETERMINED: Final[Mapping[Action, tuple[str, ...]]] = {
    Action.APPROVE: ("ApprovalStatus", "ApproverDecisions"),
    Action.INVOKE_FUNCTION: ("StatusCode", "FunctionError", "LogResult", "Payload"),
    Action.RUN_SCRIPT: ("Payload",),
}
SYSTEM: Final = frozenset({"automation:EXECUTION_ID", *(f"global:{name}" for name in GLOBALS)})


def outputs_of(step: RawStep, action: Action) -> set[str]:
    """Returns the names of a step's outputs: the declared and the predetermined ones."""
    declared = cast("Sequence[Mapping[str, str]]", step.get("outputs") or ())
    return {*(output["Name"] for output in declared), *PREDETERMINED.get(action, ())}


def reference_problems(document: Mapping[str, object], steps: Sequence[RawStep], edges: Edges) -> Iterator[str]:
    """Yields the references without a meaning, in the order of the steps."""
    parameters = set(cast("Mapping[str, object]", document.get("parameters") or {}))
    by_name = {str(step["name"]): step for step in steps}
    for step in steps:
        inputs = cast("Mapping[str, object]", step["inputs"])
        earlier = graph.ancestors(edges, str(step["name"]))
        for name in dict.fromkeys(references({key: value for key, value in inputs.items() if key != "Script"})):
            problem = _problem(name, parameters, by_name, earlier)
            if problem:
                yield f"step {step['name']}: {{{{ {name} }}}} {problem}"
        yield from (f"step {step['name']}: {problem}" for problem in _strays(inputs))


def _problem(name: str, parameters: set[str], by_name: Mapping[str, RawStep], earlier: set[str]) -> str:
    if name in SYSTEM or name in parameters:
        return ""
    if ":" in name or "." not in name:
        return "is no parameter and no system variable"
    step, _, output = name.partition(".")
    if step not in by_name:
        return f"refers to the step {step}, which does not exist"
    if output not in outputs_of(by_name[step], Action(str(by_name[step]["action"]))):
        return f"refers to the output {output}, which {step} does not declare"
    return "" if step in earlier else f"refers to {step}, which can't have run before"


def _strays(value: object, where: str = "inputs") -> Iterator[str]:
    """Yields what looks like a reference and is none, or stands where nothing is put in."""
    if where == "inputs.Script":
        for name in references(value):
            yield f"Script: {{{{ {name} }}}} would become source code; pass it through InputPayload"
    elif isinstance(value, str):
        if OPENING in REFERENCE.sub("", value):
            yield f"{where} holds {OPENING} that is no reference"
    else:
        yield from _strays_inside(value, where)


def _strays_inside(value: object, where: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if OPENING in str(key):
                yield f"{where} has a key with {OPENING}, where nothing is put in"
            yield from _strays(item, f"{where}.{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _strays(item, f"{where}[{number}]")
