"""Reading the members of a request, whose types nobody has checked yet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from sandbox.automation.errors import Code, Refusal

T = TypeVar("T")
MAX_RESULTS: Final = 50
_TOKEN: Final = re.compile(r"[0-9]{1,9}")


def text(payload: Mapping[str, object], name: str, default: str | None = None) -> str:
    """Returns a string member, or the default.

    Raises:
        Refusal: It is required and missing, or no string.

    """
    value = payload.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise Refusal(Code.VALIDATION, f"{name} must be a string that is not empty")
    return value


def optional(payload: Mapping[str, object], name: str) -> str | None:
    """Returns a string member, or None.

    Raises:
        Refusal: It is no string.

    """
    return text(payload, name) if payload.get(name) is not None else None


def filters(payload: Mapping[str, object], name: str, keys: tuple[str, str]) -> list[tuple[str, list[str]]]:
    """Returns a list of filters as (key, values); ``keys`` are the members' names.

    Raises:
        Refusal: One doesn't have that shape.

    """
    given = payload.get(name) or []
    if not isinstance(given, list):
        raise Refusal(Code.VALIDATION, f"{name} must be a list")
    return [_filter(name, one, *keys) for one in given]


def _filter(name: str, one: object, key: str, values: str) -> tuple[str, list[str]]:
    found = one.get(values) if isinstance(one, Mapping) else None
    if not isinstance(one, Mapping) or not isinstance(found, list) or not found:
        raise Refusal(Code.VALIDATION, f"each of {name} needs {key} and {values}")
    return str(one.get(key)), [str(value) for value in found]


def tags(payload: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Returns the Tags as pairs.

    Raises:
        Refusal: They are no list of Key and Value.

    """
    given = payload.get("Tags") or []
    if not isinstance(given, list) or not all(
        isinstance(one, Mapping) and {"Key", "Value"} == set(one) for one in given
    ):
        raise Refusal(Code.VALIDATION, "Tags must be a list of Key and Value")
    return tuple((str(one["Key"]), str(one["Value"])) for one in given)


def page(payload: Mapping[str, object], items: Sequence[T]) -> tuple[list[T], str | None]:
    """Returns one page of the items, and the token of the next one or None.

    Raises:
        Refusal: The token is not one that was given out, or MaxResults is not allowed.

    """
    token, size = payload.get("NextToken") or "0", payload.get("MaxResults") or MAX_RESULTS
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or int(token) > len(items):
        raise Refusal(Code.NEXT_TOKEN, "The specified token is not valid")
    if not isinstance(size, int) or not 1 <= size <= MAX_RESULTS:
        raise Refusal(Code.VALIDATION, f"MaxResults must be a number from 1 to {MAX_RESULTS}")
    end = int(token) + size
    return list(items[int(token) : end]), str(end) if end < len(items) else None
