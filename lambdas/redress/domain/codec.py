"""JSON for the domain's values, driven by their type hints.

What is written leaves out every field that has its default; what is read takes defaults for what is
absent and ignores what it does not know. So values stay small, and old items stay readable.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from redress.domain.errors import Unreadable

T = TypeVar("T")


def to_json(value: object) -> str:
    """Returns a dataclass as one line of JSON, keys sorted.

    Raises:
        TypeError: A field holds what the codec has no JSON for.

    """
    return json.dumps(encode(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_json(kind: type[T], text: str) -> T:
    """Returns the value of this dataclass that ``text`` holds.

    Raises:
        Unreadable: The text is no JSON, or some part has the wrong type; the path to it is named.

    """
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"{kind.__name__} is stored as no JSON: {error}") from error
    return decode(kind, parsed)


def encode(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Returns the value as what ``json.dumps`` takes.

    Raises:
        TypeError: It holds what the codec has no JSON for.

    """
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, Enum)):
        return value
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    if is_dataclass(value):
        return _encode_fields(value)
    raise TypeError(f"no JSON for a {type(value).__name__}")


def decode(kind: type[T], value: object) -> T:
    """Returns the value of this type that decoded JSON stands for.

    Raises:
        Unreadable: Some part has the wrong type; the path to it is named.

    """
    decoded: T = _read(kind, value, kind.__name__)
    return decoded


def iso(moment: datetime) -> str:
    """Returns the moment in UTC as ISO 8601 with a ``Z``; whole seconds where it has no fraction.

    Raises:
        TypeError: The moment has no time zone.

    """
    if moment.tzinfo is None:
        raise TypeError("a moment without a time zone has no place on a finding")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Returns the moment that ISO 8601 text names, in UTC.

    Raises:
        ValueError: The text is no such moment, or has no time zone.

    """
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return parsed.astimezone(UTC)


def _encode_fields(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    given = ((each, getattr(value, each.name)) for each in fields(value))
    return {each.name: encode(content) for each, content in given if content != _default(each)}


def _default(each: Field[Any]) -> object:
    if each.default is not MISSING:
        return each.default
    return each.default_factory() if each.default_factory is not MISSING else MISSING


_WRITERS: tuple[tuple[type | types.UnionType, Callable[[Any], Any]], ...] = (
    (Enum, lambda value: value.value),
    (datetime, iso),
    (tuple | list, lambda value: [encode(each) for each in value]),
    (Mapping, lambda value: {str(key): encode(each) for key, each in value.items()}),
)


def _read(kind: Any, value: object, path: str) -> Any:  # noqa: ANN401 - a type hint has no narrower type
    if kind is Any:
        return value
    for applies, read in _READERS:
        if applies(kind):
            return read(kind, value, path)
    raise TypeError(f"{path}: the codec does not know the type {kind}")


def _read_plain(kind: type, value: object, path: str) -> object:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if kind is float and whole:
        return float(value)  # type: ignore[arg-type]  # an int, by the line above
    if not isinstance(value, kind) or (kind is int and not whole):
        raise _wrong(path, kind.__name__, value)
    return value


def _read_moment(_: object, value: object, path: str) -> datetime:
    try:
        return moment(str(value))
    except ValueError as error:
        raise _wrong(path, "a moment in ISO 8601", value) from error


def _read_member(kind: type[Enum], value: object, path: str) -> Enum:
    try:
        return kind(value)
    except ValueError as error:
        raise _wrong(path, f"a member of {kind.__name__}", value) from error


def _read_either(kind: object, value: object, path: str) -> object:
    others = [each for each in get_args(kind) if each is not type(None)]
    if value is None and len(others) < len(get_args(kind)):
        return None
    return _read(others[0], value, path)


def _read_tuple(kind: object, value: object, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _wrong(path, "a list", value)
    kinds = get_args(kind)
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise _wrong(path, f"a list of {len(kinds)}", value)
    return tuple(_read(each, part, f"{path}[{at}]") for at, (each, part) in enumerate(zip(kinds, value, strict=True)))


def _read_mapping(kind: object, value: object, path: str) -> dict[str, Any]:
    _, inner = get_args(kind)
    return {key: _read(inner, part, f"{path}.{key}") for key, part in _object(value, path).items()}


def _read_fields(kind: type, value: object, path: str) -> object:
    given = _object(value, path)
    hints = _hints(kind)
    missing = [each.name for each in fields(kind) if each.name not in given and _default(each) is MISSING]
    if missing:
        raise Unreadable(f"{path}.{missing[0]} is missing")
    return kind(**{name: _read(hints[name], given[name], f"{path}.{name}") for name in hints if name in given})


def _object(value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(path, "an object", value)
    return value


def _wrong(path: str, wanted: str, value: object) -> Unreadable:
    return Unreadable(f"{path} should be {wanted}, not {json.dumps(value, default=repr)[:80]}")


@cache
def _hints(kind: type) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    return {name: hint for name, hint in get_type_hints(kind).items() if name in names}


def _is_class(kind: object, parent: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, parent)


_READERS: tuple[tuple[Callable[[Any], bool], Callable[[Any, object, str], Any]], ...] = (
    (lambda kind: _is_class(kind, Enum), _read_member),
    (lambda kind: kind in (str, int, float, bool), _read_plain),
    (lambda kind: kind is datetime, _read_moment),
    (lambda kind: get_origin(kind) in (Union, types.UnionType), _read_either),
    (lambda kind: get_origin(kind) is tuple, _read_tuple),
    (lambda kind: get_origin(kind) in (dict, Mapping), _read_mapping),
    (is_dataclass, _read_fields),
)
