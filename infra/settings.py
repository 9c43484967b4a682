"""Reads the knobs from CDK context ``redress``, once, and refuses what can't work before anything is synthesized."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from infra.knob_checks import find_problems
from infra.knobs import DEFAULTS, KnobError, Knobs

if TYPE_CHECKING:
    from collections.abc import Mapping


def merge(*contexts: object) -> dict[str, Any]:
    """Returns one object of knobs, later ones winning.

    Each is an object, the JSON text of one (``-c redress=…`` of the CDK's command line), or None.

    Raises:
        KnobError: One of them is neither.

    """
    merged: dict[str, Any] = {}
    for context in contexts:
        merged |= _object(context)
    return merged


def _object(context: object) -> dict[str, Any]:
    try:
        given = json.loads(context) if isinstance(context, str) else context
    except ValueError as error:
        raise KnobError(f"the context `redress` is no JSON: {error}") from error
    if not isinstance(given, dict | None):
        raise KnobError('the context `redress` must be an object of knobs, as in {"min_approvals": 2}')
    return given or {}


def read_knobs(given: Mapping[str, object]) -> Knobs:
    """Returns the checked knobs; absent ones keep their defaults.

    Raises:
        KnobError: A knob is unknown, of the wrong type, or out of range.

    """
    wrong = [*_unknown(given), *_mistyped(given)]
    if wrong:
        raise KnobError("\n".join(wrong))
    knobs = Knobs(**{name: _frozen(value) for name, value in given.items()})
    wrong = find_problems(knobs)
    if wrong:
        raise KnobError("\n".join(wrong))
    return knobs


def _frozen(value: Any) -> Any:  # noqa: ANN401 - a JSON value in, a knob's value out
    return tuple(value) if isinstance(value, list) else value


def _unknown(given: Mapping[str, object]) -> list[str]:
    return [
        f"unknown knob `{name}`; docs/configuration.md lists them all" for name in sorted(set(given) - set(DEFAULTS))
    ]


def _mistyped(given: Mapping[str, object]) -> list[str]:
    known = {name: value for name, value in given.items() if name in DEFAULTS}
    return [
        f"`{name}` must be {_TYPE_WORDS[type(DEFAULTS[name])]}, not {json.dumps(value)}"
        for name, value in sorted(known.items())
        if not _is_of_type(value, type(DEFAULTS[name]))
    ]


_TYPE_WORDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    str: "a text",
    tuple: "a list of texts",
}


def _is_of_type(value: object, wanted: type) -> bool:
    if wanted is tuple:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return type(value) is wanted
