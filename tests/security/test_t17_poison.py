"""One malformed event among good ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.handlers.test_triage import World, event, record

NESTED: Any = "x"
for _ in range(600):
    NESTED = [NESTED]
POISON = (
    "",
    "{",
    "null",
    "[]",
    '"text"',
    "[" * 100_000,
    '{"a":' * 50_000,
    "\ud800",
    event({}),
    event({"eventName": "PutObject"}),
    event({"eventName": 7, "eventSource": []}),
    event(record(eventTime="noon")),
    event(record(eventTime="9999-12-31T23:59:59Z")),
    json.dumps({"Records": "no"}),
    json.dumps({"awslogs": {"data": "AAAA"}}),
    json.dumps({"detail-type": "AWS Health Event", "detail": {}}),
)


@pytest.mark.parametrize("poison", POISON, ids=lambda text: text[:30])
def test_t17_poison_is_put_aside_with_its_reason(poison: str) -> None:
    """The message goes to the dead-letter queue as it came, with a reason; its neighbours are counted."""
    world = World()
    assert world.deliver(event(record("e-1")), poison, event(record("e-2"))) == []
    assert world.finding.count == 2
    ((_, reason, body),) = world.aside.kept
    assert reason
    assert body == poison


@pytest.mark.parametrize(
    "changes",
    [
        {"userIdentity": None},
        {"userIdentity": {"type": ["x"], "arn": 5}},
        {"requestParameters": NESTED},
        {"requestParameters": [1]},
        {"resources": {"ARN": 1}},
        {"errorMessage": {"no": "text"}},
        {"eventID": None},
        {"awsRegion": 1, "recipientAccountId": []},
        {"sourceIPAddress": "\ud800"},
        {"userAgent": "\x00" * 10_000},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_t17_poison_of_the_wrong_type_stops_nobody(changes: dict[str, Any]) -> None:
    """A field of the wrong type is read past or put aside, and a good neighbour is counted."""
    world = World()
    assert world.deliver(event(record("e-1")), event(record("e-2", **changes))) == []
    counted = sum(item["count"] for item in world.store.of_kind("FINDING"))
    assert counted + len(world.aside.kept) == 2
