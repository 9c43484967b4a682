"""The choices of ``aws:branch``: what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sandbox.automation.conditions import GROUPS, OPERATIONS, VARIABLE
from sandbox.automation.variables import REFERENCE


def branch_problems(inputs: Mapping[str, object]) -> Iterator[str]:
    """Yields what is wrong with Choices and Default, the existence of steps apart."""
    choices = inputs.get("Choices")
    if not isinstance(choices, list) or not choices:
        yield "Choices must be a list of at least one choice"
        return
    if not isinstance(inputs.get("Default", ""), str):
        yield "Default must be the name of a step"
    for number, choice in enumerate(choices):
        yield from (f"Choices[{number}]: {problem}" for problem in _choice(choice))


def _choice(choice: object) -> Iterator[str]:
    if not isinstance(choice, Mapping) or not isinstance(choice.get("NextStep"), str):
        yield "a choice must be a map with a NextStep"
        return
    yield from _condition({key: value for key, value in choice.items() if key != "NextStep"})


def _condition(condition: object) -> Iterator[str]:
    if not isinstance(condition, Mapping):
        yield "a condition must be a map"
        return
    group = next((name for name in GROUPS if name in condition), None)
    if group is None:
        yield from _comparison(condition)
    elif len(condition) != 1:
        yield f"nothing may stand beside {group}, NextStep apart"
    elif group == "Not":
        yield from _condition(condition[group])
    elif not isinstance(condition[group], list) or not condition[group]:
        yield f"{group} must be a list of conditions"
    else:
        for inner in condition[group]:
            yield from _condition(inner)


_PARTS: Final = 2


def _comparison(condition: Mapping[str, object]) -> Iterator[str]:
    variable = condition.get(VARIABLE)
    if not isinstance(variable, str) or not REFERENCE.fullmatch(variable.strip()):
        yield f"{VARIABLE} must be one whole reference, like '{{{{ step.Output }}}}'"
    operations = [key for key in condition if key != VARIABLE]
    if len(operations) != 1 or operations[0] not in OPERATIONS or len(condition) != _PARTS:
        yield f"one operation is needed beside {VARIABLE}, one of {', '.join(OPERATIONS)}"
