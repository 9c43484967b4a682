"""A finding's item is small, comes back whole, and says clearly when it does not."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.adapters.findings_items import finding_of, is_finding, item_of, stored_of
from redress.adapters.findings_table import FindingsTable
from redress.adapters.iam_catalogue import IamCatalogue
from redress.adapters.table_health import HealthTable
from redress.adapters.table_values import from_attribute, from_attributes, to_attribute, to_attributes
from redress.domain.errors import Unreadable
from redress.domain.settings import Settings
from redress.handlers.messages import Message
from redress.handlers.triage import triage
from redress.handlers.triage_batch import Desk
from tests.capacity import KILOBYTE, size, write_units
from tests.denials import NOON, group_of
from tests.fakes import FakeDeadLetters, FakeStore, FakeTelemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "records"
"""A corpus of CloudTrail records, where present."""


def corpus() -> Iterator[str]:
    """The events of the corpus, as the queue gets them."""
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus of CloudTrail records at {CORPUS}")
    for path in sorted(CORPUS.glob("*.jsonl*")):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in raw.decode().splitlines():
            yield json.dumps({"detail-type": "AWS API Call via CloudTrail", "detail": json.loads(line)["record"]})


def test_corpus_in_small_items() -> None:
    """Every finding of the corpus fits one kilobyte, its full open set included."""
    store, telemetry = FakeStore(), FakeTelemetry()
    desk = Desk(
        findings=FindingsTable(store),
        health=HealthTable(store),
        dead_letters=FakeDeadLetters(),
        catalogue=IamCatalogue(),
        settings=Settings(),
        telemetry=telemetry,
    )
    messages = [Message(message_id=f"m-{at}", body=body) for at, body in enumerate(corpus())]
    for start in range(0, len(messages), 100):
        assert triage(messages[start : start + 100], desk=desk, now=NOON) == {"batchItemFailures": []}
    items = list(store.of_kind("FINDING"))
    assert max(map(size, items)) <= KILOBYTE
    assert {write_units(None, item, in_transaction=False) for item in items} == {2}
    assert all(finding_of(item).count == item["count"] for item in items)
    denials = sum(value for (name, *_), value in telemetry.counts.items() if name == "Denials")
    assert sum(item["count"] for item in items) == denials


def one_item() -> dict[str, object]:
    """The item of some finding."""
    store = FakeStore()
    FindingsTable(store).record(group_of({"e-1": 0}), now=NOON)
    (item,) = store.of_kind("FINDING")
    return item


def test_images_read_like_items() -> None:
    """The image of an item in a stream, where bytes are base 64 text, reads as the same finding."""
    item = one_item()
    image = json.loads(json.dumps(to_attributes(item), default=_base64))
    assert finding_of(from_attributes(image)) == finding_of(item)
    assert stored_of(from_attributes(image)) == stored_of(item)
    assert is_finding(from_attributes(image))


def _base64(value: bytes) -> str:

    return b64encode(value).decode()


def test_finding_comes_back() -> None:
    """A finding is the same after it was stored."""
    finding = finding_of(one_item())
    assert finding_of(item_of(finding, frozenset({b"12345678"}))) == finding


@pytest.mark.parametrize("name", ["state", "edits", "count", "data", "latest", "first_seen"])
def test_incomplete_items_are_named(name: str) -> None:
    """An item that lacks a part, or whose part is spoilt, is unreadable and says which item."""
    item = one_item()
    with pytest.raises(Unreadable):
        finding_of({**item, name: "?"})
    del item[name]
    with pytest.raises(Unreadable, match="FINDING#f-0000"):
        finding_of(item)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner),
    max_leaves=10,
)


@given(VALUES | st.sets(st.text(), min_size=1) | st.sets(st.binary(min_size=1), min_size=1))
def test_attribute_values(value: object) -> None:
    """Every value that items hold survives the way through DynamoDB's types."""
    assert from_attribute(to_attribute(value)) == value


def test_half_a_character_is_replaced() -> None:
    """Text that is no Unicode reaches the table as a question mark, since DynamoDB takes UTF-8 only."""
    assert to_attribute("a\ud800b") == {"S": "a?b"}


@pytest.mark.parametrize("value", [set(), 1.5, object()])
def test_what_the_table_cannot_hold(value: object) -> None:
    """Empty sets, fractions and other things are refused before DynamoDB does."""
    with pytest.raises(TypeError):
        to_attribute(value)
