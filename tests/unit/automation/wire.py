"""Holds answers against the service model: whatever is sent must be a member that clients know."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from botocore.model import ListShape, MapShape, StructureShape
from botocore.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import ServiceModel, Shape

_TYPES = {"string": str, "integer": int, "long": int, "boolean": bool, "timestamp": int | float}


@cache
def ssm() -> ServiceModel:
    """Returns the model of SSM."""
    return Session().get_service_model("ssm")


def strangers(operation: str, body: object) -> list[str]:
    """Returns what in an answer the model of the operation's output does not know."""
    shape = ssm().operation_model(operation).output_shape
    return list(_strangers(shape, body, operation)) if shape else []


def _strangers(shape: Shape, value: object, where: str) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, inner in value.items():
            if name in shape.members:
                yield from _strangers(shape.members[name], inner, f"{where}.{name}")
            else:
                yield f"{where}.{name} is no member"
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for inner in value:
            yield from _strangers(shape.member, inner, f"{where}[]")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, inner in value.items():
            yield from _strangers(shape.value, inner, f"{where}.{key}")
    else:
        yield from _wrong_scalar(shape, value, where)


def _wrong_scalar(shape: Shape, value: object, where: str) -> Iterator[str]:
    expected = _TYPES.get(shape.type_name)
    if expected is None or not isinstance(value, expected):
        yield f"{where} is {value!r}, not a {shape.type_name}"
    # the model's enum of parameter types is older than Automation, whose documents have more of them
    enum = [] if shape.name == "DocumentParameterType" else shape.metadata.get("enum", [])
    if enum and value not in enum:
        yield f"{where} is {value!r}, not one of {enum}"
