"""EventBridge's matching of events, as its documentation states it, for the operators that our patterns use.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html: an array is OR, fields are
AND, ``exists`` works on leaves, ``anything-but`` does not match a field that is absent.
"""

from __future__ import annotations

from typing import Any

ABSENT = object()


def matches(pattern: dict[str, Any], event: object) -> bool:
    """Returns whether the event matches.

    Raises:
        NotImplementedError: The pattern uses an operator that is not known here.

    """
    return all(_field(key, part, event) for key, part in pattern.items())


def _field(key: str, part: Any, event: object) -> bool:  # noqa: ANN401 - a part of a pattern
    if key == "$or":
        return any(matches(alternative, event) for alternative in part)
    value = event.get(key, ABSENT) if isinstance(event, dict) else ABSENT
    if isinstance(part, dict):
        return matches(part, value)
    return any(_leaf(test, value) for test in part)


def _leaf(test: Any, value: object) -> bool:  # noqa: ANN401 - a test of a pattern
    if not isinstance(test, dict):
        return any(type(each) is type(test) and each == test for each in _values(value))
    ((operator, operand),) = test.items()
    match operator:
        case "exists":
            return (value is not ABSENT and not isinstance(value, dict)) is operand
        case "prefix":
            return any(isinstance(each, str) and each.startswith(operand) for each in _values(value))
        case "suffix":
            return any(isinstance(each, str) and each.endswith(operand) for each in _values(value))
        case "anything-but":
            return _anything_but(operand, value)
    raise NotImplementedError(operator)


def _anything_but(operand: Any, value: object) -> bool:  # noqa: ANN401 - a part of a pattern
    if isinstance(operand, dict):
        return any(not _leaf(operand, each) for each in _values(value))
    return any(each not in operand for each in _values(value))


def _values(value: object) -> list[object]:
    if value is ABSENT or isinstance(value, dict):
        return []
    return value if isinstance(value, list) else [value]
