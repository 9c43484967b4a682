"""The choices of ``aws:branch``: Boolean expressions over resolved values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

GROUPS: Final = ("And", "Or", "Not")
VARIABLE: Final = "Variable"


class WrongType(ValueError):  # noqa: N818 - named for what happened
    """A variable doesn't have the type that the operation compares; types are static in a runbook."""


def _texts(test: Callable[[str, str], bool]) -> Callable[[object, object], bool]:
    def compare(left: object, right: object) -> bool:
        if not isinstance(left, str) or not isinstance(right, str):
            raise WrongType(f"a String operation compares {left!r} with {right!r}")
        return test(left, right)

    return compare


def _numbers(test: Callable[[float, float], bool]) -> Callable[[object, object], bool]:
    def compare(left: object, right: object) -> bool:
        if isinstance(left, bool) or isinstance(right, bool):
            raise WrongType(f"a Numeric operation compares {left!r} with {right!r}")
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise WrongType(f"a Numeric operation compares {left!r} with {right!r}")
        return test(left, right)

    return compare


def _booleans(left: object, right: object) -> bool:
    if not isinstance(left, bool) or not isinstance(right, bool):
        raise WrongType(f"BooleanEquals compares {left!r} with {right!r}")
    return left is right


OPERATIONS: Final[Mapping[str, Callable[[object, object], bool]]] = {
    "StringEquals": _texts(lambda left, right: left == right),
    "EqualsIgnoreCase": _texts(lambda left, right: left.lower() == right.lower()),
    "StartsWith": _texts(lambda left, right: left.startswith(right)),
    "EndsWith": _texts(lambda left, right: left.endswith(right)),
    "Contains": _texts(lambda left, right: right in left),
    "NumericEquals": _numbers(lambda left, right: left == right),
    "NumericGreater": _numbers(lambda left, right: left > right),
    "NumericLesser": _numbers(lambda left, right: left < right),
    "NumericGreaterOrEquals": _numbers(lambda left, right: left >= right),
    "NumericLesserOrEquals": _numbers(lambda left, right: left <= right),
    "BooleanEquals": _booleans,
}


def holds(condition: Mapping[str, object]) -> bool:
    """Returns whether a choice's condition is true.

    A variable without a value (None) equals nothing, as in AWS's own example, which branches on an output that
    the script may leave out.

    Raises:
        WrongType: The operation doesn't fit the values.

    """
    if "And" in condition:
        return all(holds(inner) for inner in _inner(condition["And"]))
    if "Or" in condition:
        return any(holds(inner) for inner in _inner(condition["Or"]))
    if "Not" in condition:
        return not holds(cast("Mapping[str, object]", condition["Not"]))
    variable = condition[VARIABLE]
    name = next(key for key in condition if key in OPERATIONS)
    return variable is not None and OPERATIONS[name](variable, condition[name])


def _inner(conditions: object) -> Sequence[Mapping[str, object]]:
    return cast("Sequence[Mapping[str, object]]", conditions)


def chosen(choices: Sequence[Mapping[str, object]]) -> str | None:
    """Returns the step of the first choice that holds, or None.

    Raises:
        WrongType: An operation doesn't fit the values.

    """
    return next((str(choice["NextStep"]) for choice in choices if holds(choice)), None)
