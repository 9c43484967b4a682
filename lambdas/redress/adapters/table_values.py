"""Plain values as DynamoDB attribute values and back.

boto3 has these too, with ``Decimal`` and a wrapper for bytes; Redress stores whole numbers only.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redress.adapters.table_writes import Item


def to_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the item as DynamoDB's typed attribute values."""
    return {name: to_attribute(value) for name, value in item.items()}


def from_attributes(attributes: Mapping[str, Any]) -> Item:
    """Returns plain values; stream images have the same form as items."""
    return {name: from_attribute(value) for name, value in attributes.items()}


def to_attribute(value: object) -> dict[str, Any]:
    """Returns one typed attribute value.

    Raises:
        TypeError: DynamoDB has no type for it, or it is an empty set.

    """
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    raise TypeError(f"the table holds no {type(value).__name__}")


def from_attribute(attribute: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any of the types that ``Item`` lists
    """Returns the plain value of one attribute."""
    ((name, value),) = attribute.items()
    return _READERS[name](value)


def _set(value: set[Any] | frozenset[Any]) -> dict[str, Any]:
    if not value:
        raise TypeError("DynamoDB has no empty sets: leave the attribute out")
    return {"BS" if isinstance(next(iter(value)), bytes) else "SS": sorted(value)}


_WRITERS: tuple[tuple[Any, Callable[[Any], dict[str, Any]]], ...] = (
    (type(None), lambda _: {"NULL": True}),
    (bool, lambda value: {"BOOL": value}),
    (str, lambda value: {"S": value.encode("utf-8", "replace").decode()}),  # half a surrogate pair is no UTF-8
    (int, lambda value: {"N": str(value)}),
    (bytes, lambda value: {"B": value}),
    ((set, frozenset), _set),
    ((list, tuple), lambda value: {"L": [to_attribute(each) for each in value]}),
    (dict, lambda value: {"M": to_attributes(value)}),
)


def _bytes(value: object) -> bytes:
    if isinstance(value, str):  # a stream image in a Lambda event is JSON, bytes in base 64
        return b64decode(value)
    return bytes(value)  # type: ignore[call-overload, no-any-return]  # bytes, or boto3's wrapper of them


_READERS: dict[str, Callable[[Any], Any]] = {
    "NULL": lambda _: None,
    "BOOL": bool,
    "S": str,
    "N": int,
    "B": _bytes,
    "SS": set,
    "BS": lambda values: {_bytes(value) for value in values},
    "L": lambda values: [from_attribute(each) for each in values],
    "M": from_attributes,
}
