"""The parameters of StartAutomationExecution: limits of the API, then the document's own rules."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sandbox.automation.errors import Code, Refusal
from sandbox.automation.words import ValueType, conforms

if TYPE_CHECKING:
    from sandbox.automation.document import Document, Parameter

MAX_KEYS: Final = 200
MAX_KEY: Final = 50
MAX_VALUES: Final = 50
MAX_VALUE: Final = 512
_FROM_STORE: Final = re.compile(r"\{\{\s*(ssm|ssm-secure|resolve)\s*:")


def read_map(name: str, given: object) -> Mapping[str, tuple[str, ...]]:
    """Returns an AutomationParameterMap (Parameters, or a signal's Payload), checked against the API's limits.

    Raises:
        Refusal: A key, list or string is longer than the API takes, or of the wrong type.

    """
    if not isinstance(given, Mapping) or len(given) > MAX_KEYS:
        raise Refusal(Code.VALIDATION, f"{name} must be a map of at most {MAX_KEYS} keys")
    return {_key(name, key): _values(name, key, values) for key, values in given.items()}


def _key(name: str, key: object) -> str:
    if not isinstance(key, str) or not 1 <= len(key) <= MAX_KEY:
        raise Refusal(Code.VALIDATION, f"a key of {name} must have 1 to {MAX_KEY} characters")
    return key


def _values(name: str, key: str, values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or len(values) > MAX_VALUES:
        raise Refusal(Code.VALIDATION, f"{name}.{key} must be a list of at most {MAX_VALUES} strings")
    for value in values:
        if not isinstance(value, str) or not 1 <= len(value) <= MAX_VALUE:
            raise Refusal(Code.VALIDATION, f"each value of {name}.{key} must have 1 to {MAX_VALUE} characters")
    return tuple(values)


def read(document: Document, given: Mapping[str, tuple[str, ...]]) -> Mapping[str, object]:
    """Returns the typed value of every parameter of the document, defaults filled in.

    Raises:
        Refusal: One is unknown, missing, of another type, or outside what the document allows.

    """
    unknown = sorted(set(given) - set(document.parameters))
    if unknown:
        raise _invalid(f"parameters {unknown} are not defined in the document")
    return {name: _value(parameter, given.get(name)) for name, parameter in document.parameters.items()}


def _invalid(message: str) -> Refusal:
    return Refusal(Code.EXECUTION_PARAMETERS, message)


def _value(parameter: Parameter, given: tuple[str, ...] | None) -> object:
    if given is None:
        if parameter.default is None:
            raise _invalid(f"parameter {parameter.name} is required and has no value")
        return parameter.default
    if any(_FROM_STORE.search(value) for value in given):
        raise _invalid(f"parameter {parameter.name}: values from Parameter Store are not supported here")
    value = _typed(parameter, given)
    _check_allowed(parameter, value)
    return value


def _typed(parameter: Parameter, given: tuple[str, ...]) -> object:
    if parameter.type is ValueType.STRING_LIST:
        return list(given)
    if parameter.type is ValueType.MAP_LIST and len(given) != 1:
        return [_parsed(parameter, text, ValueType.STRING_MAP) for text in given]
    if len(given) != 1:
        raise _invalid(f"parameter {parameter.name} takes one value, not {len(given)}")
    if parameter.type in {ValueType.STRING, ValueType.ROLE_ARN}:
        return given[0]
    return _parsed(parameter, given[0], parameter.type)


def _parsed(parameter: Parameter, text: str, value_type: ValueType) -> object:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not conforms(value, value_type):
        raise _invalid(f"parameter {parameter.name} must be a {value_type}")
    return value


def _check_allowed(parameter: Parameter, value: object) -> None:
    values = value if isinstance(value, list) else [value]
    if parameter.allowed_values and any(one not in parameter.allowed_values for one in values):
        raise _invalid(f"parameter {parameter.name} is none of its allowed values")
    pattern = parameter.allowed_pattern
    if pattern is not None and not all(_fits(pattern, one) for one in values):
        raise _invalid(f"parameter {parameter.name} does not match its allowed pattern {pattern}")


def _fits(pattern: str, value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None
