"""What is wrong with a runbook, before it ever runs.

``problems`` is what CreateDocument asks; the tests of runbook files ask it too. It refuses what AWS refuses
(structure, unknown names, unresolved references, loops), and whatever would not behave here as there: nothing
unsupported passes silently. Where AWS's own pages contradict each other or leave the outcome of a combination open,
the combination is refused, with the plain way to write it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sandbox.automation import graph, step_rules
from sandbox.automation.parameter_rules import parameter_problems
from sandbox.automation.reference_rules import outputs_of, reference_problems
from sandbox.automation.scope import GLOBALS
from sandbox.automation.variables import OPENING, REFERENCE, references
from sandbox.automation.words import Action

SCHEMA: Final = "0.3"
_KEYS: Final = frozenset({"schemaVersion", "description", "assumeRole", "parameters", "mainSteps", "outputs"})
_ROLE: Final = re.compile(r"arn:[^:]+:iam::[^:]+:role/.+")


def problems(document: Mapping[str, object]) -> list[str]:
    """Returns what is wrong with a parsed runbook, one sentence each; an empty list if it can run.

    The order is that of the document. Later checks are left out where earlier ones make them meaningless.
    """
    found = list(_not_json(document))
    if found:
        return found
    found = [*_top_level(document), *parameter_problems(document.get("parameters") or {})]
    steps, wrong = _steps(document.get("mainSteps"))
    found += wrong
    for step in steps:
        found += step_rules.step_problems(step)
    if found:
        return found
    found += graph.target_problems(steps)
    if found:
        return found
    edges = graph.edges(steps)
    loop = graph.loop(edges)
    if loop:
        return [f"the steps form an infinite loop: {' -> '.join(loop)}"]
    return [*reference_problems(document, steps, edges), *_output_problems(document, steps)]


def _not_json(value: object, where: str = "the document") -> Iterator[str]:
    """Yields what JSON can't hold, such as YAML's unquoted dates, or ``on`` as a key."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                yield f"{where} has a key that is no text: {key!r}; quote it"
            yield from _not_json(item, f"{where}.{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _not_json(item, f"{where}[{number}]")
    elif not isinstance(value, str | int | float | None):
        yield f"{where} is a {type(value).__name__}; quote it"


def _top_level(document: Mapping[str, object]) -> Iterator[str]:
    for key in sorted(set(document) - _KEYS):
        yield f"the top-level property {key} is unknown or not supported here"
    if document.get("schemaVersion") != SCHEMA:
        yield f"schemaVersion must be the text '{SCHEMA}'"
    if not isinstance(document.get("description", ""), str):
        yield "description must be text"
    yield from _assume_role(document)


def _assume_role(document: Mapping[str, object]) -> Iterator[str]:
    role = document.get("assumeRole")
    if not isinstance(role, str) or not role:
        yield "assumeRole is required: running as the caller is not supported here, and ends after 12 hours on AWS"
        return
    parameters = document.get("parameters") or {}
    known = set(parameters) if isinstance(parameters, Mapping) else set()
    for name in references(role):
        if name not in known and name.removeprefix("global:") not in GLOBALS:
            yield f"assumeRole refers to {name}, which is no parameter"
    filled = REFERENCE.sub("x", role)
    if OPENING in filled or not (REFERENCE.fullmatch(role.strip()) or _ROLE.fullmatch(filled)):
        yield f"assumeRole is no role ARN: {role}"


def _steps(given: object) -> tuple[list[Mapping[str, object]], list[str]]:
    if not isinstance(given, list) or not given or not all(isinstance(step, Mapping) for step in given):
        return [], ["mainSteps must be a list of at least one step"]
    names = [str(step.get("name")) for step in given]
    twice = sorted({name for name in names if names.count(name) > 1})
    wrong = [f"two steps have the name {name}" for name in twice]
    return given, wrong


def _output_problems(document: Mapping[str, object], steps: list[Mapping[str, object]]) -> Iterator[str]:
    given = document.get("outputs") or []
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        yield "outputs must be a list of texts like step.Output"
        return
    declared = {
        f"{step['name']}.{output}" for step in steps for output in outputs_of(step, Action(str(step["action"])))
    }
    for one in given:
        if one not in declared:
            yield f"outputs: {one} is no declared output of a step"
