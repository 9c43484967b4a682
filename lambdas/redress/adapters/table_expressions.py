"""Writes and queries as the expressions that DynamoDB reads.

Every name goes through a placeholder, since ``count``, ``state`` and ``ttl`` are reserved words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.adapters.table_values import to_attribute, to_attributes
from redress.adapters.table_writes import Absent, Update

if TYPE_CHECKING:
    from redress.adapters.table_writes import Ask, Condition, Write

INDEX_KEYS = {None: ("pk", "sk"), "by_state": ("state", "last_seen")}
"""Partition and sort key of the table and of its index."""
_ABOVE_ALL = "\U0010ffff"


class _Places:
    """Placeholders of one expression: ``#n0`` for names, ``:v0`` for values."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def name(self, name: str) -> str:
        known = {given: place for place, given in self.names.items()}
        place = known.get(name, f"#n{len(self.names)}")
        self.names[place] = name
        return place

    def value(self, value: object) -> str:
        place = f":v{len(self.values)}"
        self.values[place] = to_attribute(value)
        return place

    def arguments(self, **expressions: str) -> dict[str, Any]:
        call: dict[str, Any] = {name: text for name, text in expressions.items() if text}
        if self.names:
            call["ExpressionAttributeNames"] = self.names
        if self.values:
            call["ExpressionAttributeValues"] = self.values
        return call


def operation_of(write: Write) -> str:
    """Returns ``Put``, ``Update`` or ``Delete``."""
    return type(write).__name__


def condition_of(write: Write) -> dict[str, Any]:
    """Returns the expression arguments of a write, its key or item apart."""
    places = _Places()
    update = _update(write, places) if isinstance(write, Update) else ""
    condition = " AND ".join(_condition(each, places) for each in write.when)
    return places.arguments(UpdateExpression=update, ConditionExpression=condition)


def key_condition_of(ask: Ask) -> dict[str, Any]:
    """Returns the arguments of a query, the table's name apart."""
    places = _Places()
    partition, sort = INDEX_KEYS[ask.index]
    condition = f"{places.name(partition)} = {places.value(ask.value)}"
    if ask.prefix or ask.since is not None:
        low, high = places.value(ask.prefix + (ask.since or "")), places.value(ask.prefix + _ABOVE_ALL)
        condition += f" AND {places.name(sort)} BETWEEN {low} AND {high}"
    call = places.arguments(KeyConditionExpression=condition, IndexName=ask.index or "")
    call["ScanIndexForward"] = not ask.newest_first
    return call | _paging(ask)


def _paging(ask: Ask) -> dict[str, Any]:
    call: dict[str, Any] = {} if ask.index else {"ConsistentRead": True}
    if ask.limit:
        call["Limit"] = ask.limit
    if ask.start:
        call["ExclusiveStartKey"] = to_attributes(ask.start)
    return call


def _update(write: Update, places: _Places) -> str:
    sets = [f"{places.name(name)} = {places.value(value)}" for name, value in write.assign.items()]
    adds = [f"{places.name(name)} {places.value(value)}" for name, value in write.add.items()]
    gone = [places.name(name) for name in write.remove]
    clauses = (("SET", sets), ("ADD", adds), ("REMOVE", gone))
    return " ".join(f"{word} {', '.join(parts)}" for word, parts in clauses if parts)


def _condition(condition: Condition, places: _Places) -> str:
    name = places.name(condition.name)
    if isinstance(condition, Absent):
        return f"attribute_not_exists({name})"
    return f"{name} IN ({', '.join(places.value(value) for value in condition.values)})"
