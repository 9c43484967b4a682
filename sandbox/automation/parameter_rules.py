"""The ``parameters`` of a runbook: what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sandbox.automation.parameters import MAX_KEY, MAX_KEYS
from sandbox.automation.variables import OPENING
from sandbox.automation.words import ValueType, conforms

_NAME: Final = re.compile(rf"[A-Za-z0-9_]{{1,{MAX_KEY}}}")
_KEYS: Final = frozenset({"type", "description", "default", "allowedValues", "allowedPattern"})


def parameter_problems(parameters: object) -> Iterator[str]:
    """Yields what is wrong with the declared parameters."""
    if not isinstance(parameters, Mapping) or len(parameters) > MAX_KEYS:
        yield f"parameters must be a map of at most {MAX_KEYS} names"
        return
    for name, spec in parameters.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            yield f"the parameter name {name!r} is not allowed"
        if isinstance(spec, Mapping):
            yield from (f"parameter {name}: {problem}" for problem in _problems(spec))
        else:
            yield f"parameter {name} must be a map"


def _problems(spec: Mapping[str, object]) -> Iterator[str]:
    for key in sorted(set(spec) - _KEYS):
        yield f"the property {key} is unknown or not supported here"
    if spec.get("type") not in list(ValueType):
        yield f"the type {spec.get('type')} is unknown or not supported here"
        return
    value_type = ValueType(str(spec["type"]))
    yield from _allowed_values(spec.get("allowedValues"), value_type)
    pattern = spec.get("allowedPattern")
    if pattern is not None and not _compiles(pattern):
        yield f"allowedPattern is no regular expression: {pattern}"
    elif spec.get("default") is not None:
        yield from _default(spec, value_type)


def _allowed_values(values: object, value_type: ValueType) -> Iterator[str]:
    if values is None:
        return
    single = ValueType.STRING if value_type is ValueType.STRING_LIST else value_type
    if not isinstance(values, list) or not values or not all(conforms(value, single) for value in values):
        yield f"allowedValues must be a list of values of the type {single}"


def _compiles(pattern: object) -> bool:
    try:
        return isinstance(pattern, str) and bool(re.compile(pattern))
    except re.error:
        return False


def _default(spec: Mapping[str, object], value_type: ValueType) -> Iterator[str]:
    default, pattern = spec["default"], spec.get("allowedPattern")
    values = default if isinstance(default, list) else [default]
    if not conforms(default, value_type):
        yield f"the default is no {value_type}"
    elif any(isinstance(value, str) and OPENING in value for value in values):
        yield "the default refers to something else, which is not supported here"
    elif isinstance(pattern, str) and not all(re.fullmatch(pattern, str(value)) for value in values):
        yield "the default does not match allowedPattern"
    elif isinstance(allowed := spec.get("allowedValues"), list) and any(value not in allowed for value in values):
        yield "the default is none of allowedValues"
