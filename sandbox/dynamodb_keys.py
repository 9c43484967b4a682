"""``dynamodb:LeadingKeys`` of a request: the partition keys that it names, which MiniStack does not look at.

Source: docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

KEY: Final = "dynamodb:leadingkeys"
_TRANSACTED: Final = ("Put", "Update", "Delete", "ConditionCheck", "Get")


def leading_keys(asked: Mapping[str, Any], hash_key_of: Callable[[str], str | None]) -> list[str]:
    """Returns the values of all partition keys that the request names; empty where it names none.

    Args:
        asked: The request's parameters.
        hash_key_of: Returns the name of a table's partition key, or None for an unknown table.

    """
    return list(dict.fromkeys(_all(asked, hash_key_of)))


def _all(asked: Mapping[str, Any], hash_key_of: Callable[[str], str | None]) -> Iterator[str]:
    yield from _of_one(asked, hash_key_of)
    for item in asked.get("TransactItems") or asked.get("TransactGetItems") or ():
        for kind in _TRANSACTED:
            yield from _of_one(item.get(kind) or {}, hash_key_of)
    tables = asked.get("RequestItems") or {}
    for table, requests in tables.items():
        keys = requests.get("Keys", ()) if isinstance(requests, dict) else _written(requests)
        for key in keys:
            yield from _value(key, hash_key_of(table))


def _written(requests: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for request in requests:
        yield request.get("PutRequest", {}).get("Item") or request.get("DeleteRequest", {}).get("Key") or {}


def _of_one(asked: Mapping[str, Any], hash_key_of: Callable[[str], str | None]) -> Iterator[str]:
    name = hash_key_of(str(asked.get("TableName", "")))
    yield from _value(asked.get("Item") or asked.get("Key") or {}, name)
    if name and "KeyConditionExpression" in asked:
        yield from _queried(asked, name)


def _value(attributes: Mapping[str, Any], name: str | None) -> Iterator[str]:
    value = attributes.get(name) if name else None
    if isinstance(value, dict) and value:
        yield str(next(iter(value.values())))


def _queried(asked: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yields the value that a query's key condition compares the partition key with."""
    names, values = asked.get("ExpressionAttributeNames") or {}, asked.get("ExpressionAttributeValues") or {}
    for left, right in re.findall(r"([#\w.]+)\s*=\s*(:\w+)", asked["KeyConditionExpression"]):
        if names.get(left, left) == name and right in values:
            yield from _value({name: values[right]}, name)
