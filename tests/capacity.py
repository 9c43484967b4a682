"""How many capacity units DynamoDB says that calls consumed, and how many their sizes say they must have."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from redress.adapters.table_expressions import INDEX_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redress.adapters.table_writes import Item

WRITES = {"put_item", "update_item", "delete_item", "transact_write_items", "batch_write_item"}
KILOBYTE = 1024


@dataclass(kw_only=True)
class Metered:
    """boto3's ``dynamodb`` client with a meter on it."""

    client: Any
    write_units: float = 0
    read_units: float = 0
    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __getattr__(self, operation: str) -> Callable[..., Mapping[str, Any]]:
        """Returns the client's method, metered."""
        method = getattr(self.client, operation)

        def metered(**call: object) -> Mapping[str, Any]:
            answer: Mapping[str, Any] = method(**call, ReturnConsumedCapacity="INDEXES")
            self.calls[operation] += 1
            units = _units(answer.get("ConsumedCapacity", ()))
            if operation in WRITES:
                self.write_units += units
            else:
                self.read_units += units
            return answer

        return metered


def make_table(client: Any, name: str) -> None:  # noqa: ANN401 - a boto3 client
    """Creates a table with the template's keys and indexes."""
    attributes = sorted({attribute for keys in INDEX_KEYS.values() for attribute in keys})
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes],
        KeySchema=_schema(INDEX_KEYS[None]),
        GlobalSecondaryIndexes=[
            {"IndexName": index, "KeySchema": _schema(keys), "Projection": {"ProjectionType": "KEYS_ONLY"}}
            for index, keys in INDEX_KEYS.items()
            if index
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def _schema(keys: tuple[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)]


def _units(consumed: Any) -> float:  # noqa: ANN401 - one mapping or a list of them
    each = consumed if isinstance(consumed, list) else [consumed] if consumed else []
    return sum(float(part["CapacityUnits"]) for part in each)


def size(item: Item) -> int:
    """Returns the bytes of an item by DynamoDB's rules (names, values, three bytes for each collection)."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: object) -> int:
    if isinstance(value, str | bytes):
        return len(value.encode() if isinstance(value, str) else value)
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, int):
        return 2 + math.ceil(len(str(abs(value))) / 2)
    if isinstance(value, dict):
        return 3 + sum(1 + len(name.encode()) + _size(each) for name, each in value.items())
    return 3 + _size_of_all(value)


def _size_of_all(value: object) -> int:
    if isinstance(value, set | frozenset):
        return sum(_size(each) for each in value)
    if isinstance(value, list | tuple):
        return sum(1 + _size(each) for each in value)
    raise TypeError(type(value).__name__)


def write_units(old: Item | None, new: Item | None, *, in_transaction: bool) -> float:
    """Returns the write units of one write: the item by its bigger version, and each index that it moves in.

    A write in a transaction costs twice; indexes follow on their own, so for them it does not.
    """
    biggest = max(size(version) for version in (old, new) if version)
    own = math.ceil(biggest / KILOBYTE) * (2 if in_transaction else 1)
    return own + sum(_index_units(keys, old, new) for index, keys in INDEX_KEYS.items() if index)


def _index_units(keys: tuple[str, str], old: Item | None, new: Item | None) -> int:
    before, after = (_place(keys, version) for version in (old, new))
    return 0 if before == after else (before is not None) + (after is not None)


def _place(keys: tuple[str, str], item: Item | None) -> tuple[Any, ...] | None:
    if item is None or any(key not in item for key in keys):
        return None
    return tuple(item[key] for key in keys)
