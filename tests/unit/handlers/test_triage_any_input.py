"""Whatever lies on the queue, triage counts it, ignores it or puts it aside; it never stumbles."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from redress.adapters.findings_items import finding_of
from redress.adapters.findings_table import FindingsTable
from redress.adapters.iam_catalogue import IamCatalogue
from redress.adapters.table_health import HealthTable
from redress.domain.settings import Settings
from redress.domain.words import State
from redress.handlers.messages import Message
from redress.handlers.triage import triage
from redress.handlers.triage_batch import Desk
from tests.capacity import size
from tests.denials import MESSAGE, NOON, ROLE, SESSION
from tests.fakes import FakeDeadLetters, FakeStore, FakeTelemetry

GOOD: dict[str, Any] = {
    "userIdentity": {
        "type": "AssumedRole",
        "principalId": "AROA1:i-1",
        "arn": SESSION,
        "accountId": "111122223333",
        "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
    },
    "eventTime": "2026-11-21T12:00:00Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "PutObject",
    "awsRegion": "us-east-1",
    "errorCode": "AccessDenied",
    "errorMessage": MESSAGE,
    "requestParameters": {"bucketName": "b", "key": "k"},
    "eventID": "good",
    "recipientAccountId": "111122223333",
}
HOSTILE = st.sampled_from(
    [
        "\ud800",
        "\x00",
        "{{ ssm:secret }}",
        "}}",
        "<!channel>",
        "x" * 30_000,
        "\u202e" * 900,
        "é" * 1_900,
        "arn:aws:iam::111122223333:role/" + "a/" * 2_000,
        "2026-11-21T12:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30) | HOSTILE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | HOSTILE, inner, max_size=3),
    max_leaves=8,
)
PATHS = st.sampled_from(
    [
        (),
        ("userIdentity",),
        ("userIdentity", "sessionContext"),
        ("userIdentity", "sessionContext", "sessionIssuer"),
        ("requestParameters",),
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A good record with some of its parts replaced by anything."""
    record = copy.deepcopy(GOOD)
    for _ in range(draw(st.integers(1, 3))):
        place = record
        for name in draw(PATHS):
            place = place.get(name, {}) if isinstance(place, dict) else {}
        if isinstance(place, dict) and place:
            place[draw(st.sampled_from(sorted(place)))] = draw(VALUES)
    return record


BODIES = (
    st.text(max_size=40)
    | VALUES.map(json.dumps)
    | mutated().map(lambda record: json.dumps({"detail-type": "AWS API Call via CloudTrail", "detail": record}))
    | VALUES.map(lambda detail: json.dumps({"detail-type": "AWS Health Event", "detail": detail}))
    | VALUES.map(lambda detail: json.dumps({"detail-type": "DLM Policy State Change", "detail": detail}))
)


TIMES = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z")


@settings(max_examples=300, deadline=None)
@example([json.dumps({"detail-type": "x", "detail": {**GOOD, "eventID": at, "eventTime": at}}) for at in TIMES])
@given(st.lists(BODIES, min_size=1, max_size=4))
def test_any_input(bodies: list[str]) -> None:
    """Nothing is failed for good, nothing is lost, and the good message beside the bad ones is counted."""
    store, aside, telemetry = FakeStore(), FakeDeadLetters(), FakeTelemetry()
    desk = Desk(
        findings=FindingsTable(store),
        health=HealthTable(store),
        dead_letters=aside,
        catalogue=IamCatalogue(),
        settings=Settings(keep_raw_events=True),
        telemetry=telemetry,
    )
    good = json.dumps({"detail-type": "AWS API Call via CloudTrail", "detail": GOOD})
    messages = [Message(message_id=f"m-{at}", body=body) for at, body in enumerate([*bodies, good])]
    assert triage(messages, desk=desk, now=NOON) == {"batchItemFailures": []}
    stored = [finding_of(item) for item in store.of_kind("FINDING")]
    assert sum(finding.count for finding in stored) >= 1
    assert all(size(item) < 12_000 for item in store.of_kind("FINDING"))
    for finding in stored:
        subject = next(key.pk for key in store.items if key.sk == f"ACTIVITY#{finding.finding_id}")
        listed = desk.findings.by_principal(subject.removeprefix("TARGET#"), State)
        assert finding.finding_id in {each.finding_id for each in listed}
