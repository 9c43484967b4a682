"""The fake of the table behaves as DynamoDB does: every test here runs on both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from redress.adapters.table_writes import Absent, Ask, Delete, Key, NotMet, OneOf, Put, Store, Update, Write, every_item
from tests.fakes import FakeStore

if TYPE_CHECKING:
    from redress.adapters.table_client import DynamoStore

KEY = Key(pk="FINDING#f-1", sk="FINDING")
ITEM = {
    "pk": KEY.pk,
    "sk": KEY.sk,
    "count": 1,
    "state": "OPEN",
    "last_seen": "2026-11-21T12:00:00Z",
    "seen": {b"12345678", b"abcdefgh"},
    "names": {"a", "b"},
    "blob": b"\x00\xff",
    "list": ["a", 1, None, True, {"deep": []}],
    "empty": "",
}


@pytest.fixture(params=["fake", "dynamodb"])
def either(request: pytest.FixtureRequest) -> Store:
    """The fake, and DynamoDB."""
    if request.param == "fake":
        return FakeStore()
    store: DynamoStore = request.getfixturevalue("store")
    return store


def test_values_come_back(either: Store) -> None:
    """Every type of value comes back as it was written."""
    either.write(Put(item=ITEM))
    assert either.get(KEY) == ITEM
    assert either.get(Key(pk="no", sk="no")) is None


def test_conditions(either: Store) -> None:
    """A write whose condition does not hold changes nothing and says so."""
    either.write(Put(item=ITEM, when=(Absent(),)))
    refused: list[Write] = [
        Put(item={**ITEM, "count": 9}, when=(Absent(),)),
        Update(key=KEY, assign={"count": 9}, when=(OneOf(name="count", values=(2, 3)),)),
        Update(key=KEY, assign={"count": 9}, when=(OneOf(name="count", values=(1,)), Absent(name="state"))),
        Update(key=Key(pk="no", sk="no"), assign={"count": 9}, when=(OneOf(name="count", values=(1,)),)),
        Delete(key=KEY, when=(OneOf(name="state", values=("CLOSED",)),)),
    ]
    for write in refused:
        with pytest.raises(NotMet):
            either.write(write)
    assert either.get(KEY) == ITEM


def test_updates(either: Store) -> None:
    """An update assigns, adds to numbers and sets, and removes."""
    either.write(Put(item=ITEM))
    change = Update(
        key=KEY,
        assign={"state": "FIXED", "new": "x"},
        add={"count": 4, "more": 2, "seen": {b"ABCDEFGH", b"12345678"}, "tags": {"t"}},
        remove=("empty", "blob", "never"),
        when=(OneOf(name="count", values=(1,)),),
    )
    either.write(change)
    changed = {**ITEM, "state": "FIXED", "new": "x", "count": 5, "more": 2, "tags": {"t"}}
    changed["seen"] = {b"12345678", b"abcdefgh", b"ABCDEFGH"}
    assert either.get(KEY) == {name: value for name, value in changed.items() if name not in ("empty", "blob")}


def test_transactions(either: Store) -> None:
    """Several writes are done all or none."""
    other = {"pk": "B", "sk": "B", "n": 1}
    either.write(Put(item=ITEM), Put(item=other))
    with pytest.raises(NotMet):
        either.write(
            Update(key=KEY, add={"count": 1}, when=(OneOf(name="count", values=(1,)),)),
            Put(item={**other, "n": 2}, when=(Absent(),)),
        )
    assert either.get(KEY) == ITEM
    either.write(Update(key=KEY, add={"count": 1}), Delete(key=Key(pk="B", sk="B")))
    assert either.get_many([KEY, Key(pk="B", sk="B")]) == ({**ITEM, "count": 2},)


def test_many(either: Store) -> None:
    """More items than one request takes are written and read."""
    items = [{"pk": f"p-{number}", "sk": "s", "n": number} for number in range(130)]
    either.put_all(items)
    found = either.get_many(Key(pk=f"p-{number}", sk="s") for number in [*range(140), 5])
    assert sorted(item["n"] for item in found) == list(range(130))
    assert either.get_many([]) == ()


def test_queries(either: Store) -> None:
    """A partition is read by prefix, from a place on, in both directions, page by page."""
    either.put_all([{"pk": "P", "sk": f"SEEN#{number:02d}", "n": number} for number in range(10)])
    either.put_all([{"pk": "P", "sk": "FINDING", "n": -1}, {"pk": "P", "sk": "SEEM", "n": -2}])
    assert numbers(either, Ask(value="P", prefix="SEEN#")) == list(range(10))
    assert numbers(either, Ask(value="P", prefix="SEEN#", since="07")) == [7, 8, 9]
    assert numbers(either, Ask(value="P", prefix="SEEN#", newest_first=True, limit=3)) == list(range(9, -1, -1))
    assert numbers(either, Ask(value="P")) == [-1, -2, *range(10)]
    assert numbers(either, Ask(value="P", prefix="SEEN#", limit=4), at_most=6) == list(range(6))


def test_indexes(either: Store) -> None:
    """An index holds the items that have both of its keys, in the order of the second."""
    for number in range(5):
        either.write(Put(item={"pk": f"F-{number}", "sk": "s", "state": "OPEN", "last_seen": f"2026-11-2{number}"}))
    either.write(Put(item={"pk": "no date", "sk": "s", "state": "OPEN"}))
    found = every_item(either, Ask(value="OPEN", index="by_state", newest_first=True, limit=2), at_most=9)
    assert [item["pk"] for item in found] == [f"F-{number}" for number in range(4, -1, -1)]


def numbers(store: Store, ask: Ask, at_most: int = 100) -> list[int]:
    """The numbers of the items that a query finds."""
    return [item["n"] for item in every_item(store, ask, at_most=at_most)]
