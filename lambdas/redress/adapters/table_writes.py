"""What is asked of the table, as values: keys, conditions, writes and queries.

The conditions that Redress needs are few, so they are data here; `table_client` turns them into
DynamoDB expressions and the fake of the tests applies them to a dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from redress.domain.errors import RedressError
from redress.domain.values import dataclass

Item = dict[str, Any]
"""Attribute names and plain values: str, int, bool, None, bytes, list, dict, set of str or of bytes."""


class NotMet(RedressError):  # noqa: N818 - an answer more than a fault
    """A condition of a write did not hold, so none of the writes was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The primary key of one item."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Holds where the attribute does not exist; of ``pk``: where the item does not."""

    name: str = "pk"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """Holds where the attribute equals one of the values."""

    name: str
    values: tuple[str | int | bool, ...]


Condition = Absent | OneOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Writes a whole item; every condition must hold of what is there now."""

    item: Item
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Changes single attributes.

    Attributes:
        assign: Attributes that get a new value.
        add: Numbers to add to, or sets to add elements to; absent counts as 0 or empty.
        remove: Attributes that go.
        when: Every condition must hold of the item as it is now.

    """

    key: Key
    assign: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, int | set[str] | set[bytes]] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Deletes an item."""

    key: Key
    when: tuple[Condition, ...] = ()


Write = Put | Update | Delete


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A query of one partition, of the table (strongly consistent) or of an index (eventually).

    Attributes:
        value: Of the partition key.
        index: Name of the index; None for the table.
        prefix: That the sort key begins with.
        since: That the sort key is not below; with ``prefix``, compared after it.
        newest_first: Whether the sort key descends.
        limit: Of items on one page.
        start: Where the page before ended.

    """

    value: str
    index: str | None = None
    prefix: str = ""
    since: str | None = None
    newest_first: bool = False
    limit: int | None = None
    start: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Items, and where the next page starts; None after the last."""

    items: tuple[Item, ...]
    next_start: Mapping[str, Any] | None = None


class Store(Protocol):
    """The table, as the stores of findings and proposals use it.

    Temporary faults are raised as ``Retry``, after the store's own retries.
    """

    def get(self, key: Key) -> Item | None:
        """Returns the item as it is now (strongly consistent), or None."""

    def get_many(self, keys: Iterable[Key]) -> tuple[Item, ...]:
        """Returns those of the items that exist, as they are now, in any order."""

    def query(self, ask: Ask) -> Page:
        """Returns one page of the answer."""

    def write(self, *writes: Write) -> None:
        """Does all of the writes or none; several are one transaction.

        Raises:
            NotMet: A condition did not hold.

        """

    def put_all(self, items: Sequence[Item]) -> None:
        """Writes items without conditions, each for itself; a repeat does no harm."""


def every_item(store: Store, ask: Ask, *, at_most: int) -> tuple[Item, ...]:
    """Returns the items of all pages of a query, ``at_most`` of them."""
    items: list[Item] = []
    asked: Ask | None = ask
    while asked and len(items) < at_most:
        page = store.query(asked)
        items += page.items
        asked = _next(asked, page)
    return tuple(items[:at_most])


def _next(ask: Ask, page: Page) -> Ask | None:
    if page.next_start is None:
        return None
    return Ask(
        value=ask.value,
        index=ask.index,
        prefix=ask.prefix,
        since=ask.since,
        newest_first=ask.newest_first,
        limit=ask.limit,
        start=page.next_start,
    )
