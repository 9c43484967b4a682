"""In-memory stand-ins for what Redress talks to, one small class each."""

from __future__ import annotations

import copy
from collections import Counter
from typing import TYPE_CHECKING, Any

from redress.adapters.table_expressions import INDEX_KEYS
from redress.adapters.table_values import from_attributes, to_attributes
from redress.adapters.table_writes import Absent, Ask, Condition, Delete, Item, Key, NotMet, Page, Put, Update, Write
from redress.domain.errors import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

ITEM_LIMIT = 400_000
"""Bytes; as Python prints them, which is never less."""


class FakeStore:
    """The table in a dictionary; ``before`` is called before each operation, to fail it or to interleave."""

    def __init__(self, before: Callable[[str], None] | None = None, items: dict[Key, Item] | None = None) -> None:
        self.items: dict[Key, Item] = {} if items is None else items
        self.before = before or (lambda _: None)
        self.calls: list[str] = []

    def get(self, key: Key) -> Item | None:
        """Returns a copy of the item."""
        self._enter("get")
        return copy.deepcopy(self.items.get(key))

    def get_many(self, keys: Iterable[Key]) -> tuple[Item, ...]:
        """Returns copies of those that exist."""
        self._enter("get_many")
        return tuple(copy.deepcopy(self.items[key]) for key in dict.fromkeys(keys) if key in self.items)

    def query(self, ask: Ask) -> Page:
        """Returns a page as DynamoDB would."""
        self._enter("query")
        names = INDEX_KEYS[ask.index]
        low, high = ask.prefix + (ask.since or ""), ask.prefix + "\U0010ffff"
        matching = [
            item
            for item in self.items.values()
            if item.get(names[0]) == ask.value and low <= item.get(names[1], "\U0010ffff\U0010ffff") <= high
        ]
        matching.sort(key=lambda item: (item[names[1]], item["pk"], item["sk"]), reverse=ask.newest_first)
        start = int(ask.start["at"]) if ask.start else 0
        end = start + (ask.limit or 1_000)
        return Page(
            items=tuple(copy.deepcopy(matching[start:end])),
            next_start={"at": end} if end < len(matching) else None,
        )

    def write(self, *writes: Write) -> None:
        """Does all or none."""
        self._enter("write")
        for write in writes:
            now = self.items.get(_key_of(write), {})
            if not all(_holds(condition, now) for condition in write.when):
                raise NotMet(str(write))
        for write in writes:
            self._do(write)
        self._enter("written")

    def put_all(self, items: Sequence[Item]) -> None:
        """Writes each."""
        self._enter("put_all")
        for item in items:
            self._do(Put(item=item))

    def of_kind(self, sort_prefix: str) -> Iterator[Item]:
        """Yields the items whose sort key begins so."""
        return (item for key, item in self.items.items() if key.sk.startswith(sort_prefix))

    def _enter(self, operation: str) -> None:
        self.calls.append(operation)
        self.before(operation)

    def _do(self, write: Write) -> None:
        key = _key_of(write)
        if isinstance(write, Delete):
            self.items.pop(key, None)
        elif isinstance(write, Put):
            self.items[key] = _as_stored(write.item)
        else:
            self.items[key] = _as_stored(_updated(self.items.get(key, {"pk": key.pk, "sk": key.sk}), write))


def _as_stored(item: Item) -> Item:
    """The item as DynamoDB gives it back; what it would refuse fails here too."""
    attributes = to_attributes(item)
    sizes = {"pk": (2_048, item["pk"]), "sk": (1_024, item["sk"])}
    for name, (limit, text) in sizes.items():
        if not 0 < len(text.encode("utf-8", "replace")) <= limit:
            raise ValueError(f"{name} of {len(text)} characters")
    if len(repr(attributes)) > ITEM_LIMIT:
        raise ValueError("the item is too large")
    return from_attributes(copy.deepcopy(attributes))


def _key_of(write: Write) -> Key:
    return Key(pk=write.item["pk"], sk=write.item["sk"]) if isinstance(write, Put) else write.key


def _holds(condition: Condition, item: Mapping[str, Any]) -> bool:
    if isinstance(condition, Absent):
        return condition.name not in item
    return condition.name in item and item[condition.name] in condition.values


def _updated(item: Item, update: Update) -> Item:
    added = {
        name: item.get(name, type(more)()) | more if isinstance(more, set) else item.get(name, 0) + more
        for name, more in update.add.items()
    }
    merged = {**item, **copy.deepcopy(dict(update.assign)), **added}
    return {name: value for name, value in merged.items() if name not in update.remove}


class FakeTelemetry:
    """Remembers what was counted and said."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.said: list[tuple[str, dict[str, object]]] = []

    def count(self, name: str, value: float = 1, **dimensions: str) -> None:
        """Adds up by name and dimension values."""
        self.counts[name, *(content for _, content in sorted(dimensions.items()))] += int(value)

    def info(self, message: str, **fields: object) -> None:
        """Remembers a line."""
        self.said.append((message, fields))

    def warning(self, message: str, **fields: object) -> None:
        """Remembers a line."""
        self.said.append((message, fields))


class FakeDeadLetters:
    """Remembers what was put aside; refuses while ``broken``."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str, str]] = []
        self.broken = False

    def put(self, body: str, *, reason: str, message_id: str) -> None:
        """Keeps a message."""
        if self.broken:
            raise Retry("the queue is away")
        self.kept.append((message_id, reason, body))
