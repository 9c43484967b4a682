"""What a denial costs does not depend on how many findings there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from redress.adapters.findings_table import FindingsTable
from redress.adapters.table_writes import Ask, Item, Key, Page, Put, Write
from tests.capacity import size, write_units
from tests.counting_load import LOADS, Load, count, some
from tests.fakes import FakeStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass
class Cost:
    """Write units and bytes read."""

    units: float = 0
    bytes_read: int = 0


class CostedStore(FakeStore):
    """The fake, which reckons what DynamoDB would charge by the sizes of the items."""

    def __init__(self) -> None:
        super().__init__()
        self.cost = Cost()

    def get_many(self, keys: Iterable[Key]) -> tuple[Item, ...]:
        """Returns the items."""
        return self._read(super().get_many(keys))

    def query(self, ask: Ask) -> Page:
        """Returns the page."""
        page = super().query(ask)
        self._read(page.items)
        return page

    def write(self, *writes: Write) -> None:
        """Does the writes."""
        keys = [Key(pk=w.item["pk"], sk=w.item["sk"]) if isinstance(w, Put) else w.key for w in writes]
        before = [self.items.get(key) for key in keys]
        super().write(*writes)
        for key, old in zip(keys, before, strict=True):
            self.cost.units += write_units(old, self.items.get(key), in_transaction=len(writes) > 1)

    def put_all(self, items: Sequence[Item]) -> None:
        """Writes the items."""
        before = [self.items.get(Key(pk=item["pk"], sk=item["sk"])) for item in items]
        super().put_all(items)
        self.cost.units += sum(
            write_units(old, item, in_transaction=False) for old, item in zip(before, items, strict=True)
        )

    def _read(self, items: tuple[Item, ...]) -> tuple[Item, ...]:
        self.cost.bytes_read += sum(map(size, items))
        return items


def cost_of(load: Load, others: int) -> Cost:
    """What a load costs in a table that holds so many other findings."""
    store = CostedStore()
    findings = FindingsTable(store)
    for start in range(0, others, 100):
        count(findings, [some(number, finding=10**6 + number) for number in range(start, start + 100)])
    store.cost = Cost()
    for batch in load.batches():
        count(findings, batch)
    return store.cost


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.name)
def test_cost_does_not_grow(load: Load) -> None:
    """The same denials cost the same with fifty and with a thousand other findings of the same principal."""
    assert cost_of(load, 50) == cost_of(load, 1_000)


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.name)
def test_cost_by_size(load: Load) -> None:
    """The sizes of the items say what DynamoDB's meter says: within the limit."""
    assert cost_of(load, 0).units / load.distinct <= load.limit
