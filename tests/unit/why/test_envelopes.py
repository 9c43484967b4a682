"""The wrappers that records travel in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from redress.domain.envelopes import records_in
from redress.domain.errors import MalformedRecord
from redress.domain.parse import parse_record
from tests.unit.why import corpus
from tests.unit.why.cases import cases, named

FILES = ("cloudwatch-logs-subscription", "eventbridge", "lookup-events", "s3-file")


@pytest.mark.parametrize("case", cases("envelopes.json"), ids=named)
def test_each_envelope_gives_its_records(case: dict[str, Any]) -> None:
    """The records come out, in order; what is no envelope comes out as it is."""
    found = [record.get("eventID") if isinstance(record, dict) else None for record in records_in(case["value"])]
    assert found == case["events"]


@pytest.mark.parametrize("name", FILES)
def test_every_collected_envelope_holds_records_that_can_be_parsed(name: str) -> None:
    """No envelope of the corpus makes the parser fail."""
    parsed = [
        parse_record(record)
        for line in corpus.lines(f"envelopes/{name}.jsonl")
        for record in records_in(line["envelope"])
    ]
    assert parsed


def test_a_storm_of_records_in_one_envelope_is_read_lazily() -> None:
    """Records are yielded one by one, so the first is there before the last is looked at."""
    first = next(records_in({"Records": [{"eventName": "A", "eventSource": "s"}, "broken"]}))
    assert first == {"eventName": "A", "eventSource": "s"}


@pytest.mark.parametrize(
    "value",
    [
        {"CloudTrailEvent": "{not json"},
        {"awslogs": {"data": "not base64"}},
        {"awslogs": {"data": "AAAA"}},
        {"Message": "[" * 100_000},
    ],
)
def test_a_broken_envelope_is_refused_by_name(value: dict[str, Any]) -> None:
    """Text that is no JSON, no base64 or no gzip is a malformed record, not a crash."""
    with pytest.raises(MalformedRecord):
        list(records_in(value))


def test_endless_nesting_is_refused() -> None:
    """Envelopes within envelopes end somewhere."""
    value: dict[str, Any] = {"eventName": "A", "eventSource": "s"}
    for _ in range(20):
        value = {"Message": json.dumps(value)}
    with pytest.raises(MalformedRecord, match="nested"):
        list(records_in(value))
