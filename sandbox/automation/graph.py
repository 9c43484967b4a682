"""The order in which steps can run: who follows whom, and that nobody follows himself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias, cast

from sandbox.automation.document import STEP_PREFIX
from sandbox.automation.words import Action

RawStep: TypeAlias = Mapping[str, object]
Edges: TypeAlias = Mapping[str, Sequence[str]]

NOT_AFTER_CANCEL: Final = frozenset({Action.APPROVE, Action.PAUSE, Action.SLEEP})
"""Actions that onCancel can't move to, of those that run here (AWS: properties shared by all actions)."""


def target_problems(steps: Sequence[RawStep]) -> Iterator[str]:
    """Yields the targets that are no steps, and those that onCancel can't move to."""
    actions = {str(step["name"]): Action(str(step["action"])) for step in steps}
    for step in steps:
        for where, target in _named_targets(step):
            if target not in actions:
                yield f"step {step['name']}: {where} names the step {target}, which does not exist"
            elif where == "onCancel" and actions[target] in NOT_AFTER_CANCEL:
                yield f"step {step['name']}: onCancel can't move to {target}, as that is {actions[target]}"


def _named_targets(step: RawStep) -> Iterator[tuple[str, str]]:
    for where in ("onFailure", "onCancel"):
        value = str(step.get(where, ""))
        if value.startswith(STEP_PREFIX):
            yield where, value.removeprefix(STEP_PREFIX)
    if "nextStep" in step:
        yield "nextStep", str(step["nextStep"])
    yield from (("inputs", target) for target in branches(step))


def branches(step: RawStep) -> list[str]:
    """Returns the steps that an ``aws:branch`` names, its Default last."""
    inputs = cast("Mapping[str, object]", step.get("inputs") or {})
    if step["action"] != Action.BRANCH:
        return []
    choices = cast("Sequence[Mapping[str, object]]", inputs["Choices"])
    default = [str(inputs["Default"])] if "Default" in inputs else []
    return [*(str(choice["NextStep"]) for choice in choices), *default]


def edges(steps: Sequence[RawStep]) -> Edges:
    """Returns for each step the steps that may run right after it."""
    names = [str(step["name"]) for step in steps]
    following = dict(zip(names, [*names[1:], None], strict=True))
    return {name: _after(step, following[name]) for name, step in zip(names, steps, strict=True)}


def _after(step: RawStep, following: str | None) -> list[str]:
    targets = [target for where, target in _named_targets(step) if where != "nextStep"]
    successor = None if step.get("isEnd") else step.get("nextStep", following)
    is_decided = step["action"] == Action.BRANCH and "Default" in cast("Mapping[str, object]", step["inputs"])
    return targets if successor is None or is_decided else [*targets, str(successor)]


def loop(graph: Edges) -> list[str]:
    """Returns the steps of a loop, its first one again at the end, or an empty list.

    AWS: "the system verifies that the runbook doesn't create an infinite loop", and shows its trace.
    """
    done: set[str] = set()
    for name in graph:
        trace = _loop_from(graph, name, (), done)
        if trace:
            return trace
    return []


def _loop_from(graph: Edges, name: str, path: tuple[str, ...], done: set[str]) -> list[str]:
    if name in path:
        return [*path[path.index(name) :], name]
    if name in done:
        return []
    for target in graph[name]:
        trace = _loop_from(graph, target, (*path, name), done)
        if trace:
            return trace
    done.add(name)
    return []


def ancestors(graph: Edges, name: str) -> set[str]:
    """Returns the steps that may have run before a step."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        before = [step for step, targets in graph.items() if one in targets and step not in found]
        found.update(before)
        waiting += before
    return found
