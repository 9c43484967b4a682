"""AWS Health events are read, kept in their newest form, and matched to what they may disturb."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from redress.adapters.table_health import HealthTable
from redress.domain.errors import MalformedRecord
from redress.domain.health import HealthEvent, is_open_issue, read_health_event, touches
from tests.denials import NOON
from tests.fakes import FakeStore

EVENT: dict[str, Any] = {
    "detail-type": "AWS Health Event",
    "region": "us-east-1",
    "time": "2026-11-21T11:30:00Z",
    "detail": {
        "eventArn": "arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/1",
        "service": "EC2",
        "eventTypeCategory": "issue",
        "statusCode": "open",
        "eventRegion": "us-east-1",
        "lastUpdatedTime": "Sat, 21 Nov 2026 11:00:00 GMT",
        "eventDescription": [{"language": "en_US", "latestDescription": "Trouble.\nMore\u202e trouble."}],
    },
}


def event(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any part
    """That event, its detail changed; None takes a part out."""
    changed = copy.deepcopy(EVENT)
    changed["detail"] |= changes
    changed["detail"] = {name: value for name, value in changed["detail"].items() if value is not None}
    return changed


def read(**changes: Any) -> HealthEvent:  # noqa: ANN401 - any part
    """The value of that event."""
    value = read_health_event(event(**changes))
    assert value
    return value


def test_value() -> None:
    """An event becomes a value; its text is harmless."""
    assert read() == HealthEvent(
        arn=EVENT["detail"]["eventArn"],
        service="ec2",
        region="us-east-1",
        category="issue",
        status="open",
        updated=datetime(2026, 11, 21, 11, tzinfo=UTC),
        text="Trouble. More trouble.",
    )


def test_backup_copies_are_dropped() -> None:
    """The copy in the backup Region says nothing new."""
    assert read_health_event(event(backupEvent="true")) is None
    assert read_health_event(event(backupEvent=True)) is None


@pytest.mark.parametrize("part", ["eventArn", "service", "eventTypeCategory"])
def test_incomplete_events_are_named(part: str) -> None:
    """An event without one of its parts is malformed, and the part is named."""
    with pytest.raises(MalformedRecord, match=part):
        read_health_event(event(**{part: None}))


@pytest.mark.parametrize("word", ["é", "x" * 301, "a\nb"])
def test_words_that_aws_would_not_write(word: str) -> None:
    """Letters and lengths that no AWS name has are refused: they would be part of a key."""
    with pytest.raises(MalformedRecord, match="none that AWS would write"):
        read_health_event(event(service=word))


def test_without_detail() -> None:
    """An event without a detail is malformed."""
    with pytest.raises(MalformedRecord, match="without a detail"):
        read_health_event({"detail-type": "AWS Health Event"})


TIMES = [
    ("Sat, 21 Nov 2026 11:00:00 GMT", datetime(2026, 11, 21, 11, tzinfo=UTC)),
    ("Sat, 21 Nov 2026 12:00:00 +0100", datetime(2026, 11, 21, 11, tzinfo=UTC)),
    ("2026-11-21T11:00:00Z", datetime(2026, 11, 21, 11, tzinfo=UTC)),
    ("soon", datetime(2026, 11, 21, 11, 30, tzinfo=UTC)),
    (None, datetime(2026, 11, 21, 11, 30, tzinfo=UTC)),
]


@pytest.mark.parametrize(("text", "moment"), TIMES)
def test_times(text: str | None, moment: datetime) -> None:
    """Times are read in both forms; without one, the delivery's time stands in."""
    assert read(lastUpdatedTime=text).updated == moment


OPEN = [
    ({}, True),
    ({"statusCode": "closed"}, False),
    ({"statusCode": "upcoming"}, False),
    ({"eventTypeCategory": "accountNotification"}, False),
    ({"endTime": "Sat, 21 Nov 2026 11:30:00 GMT"}, False),
    ({"endTime": "Sat, 21 Nov 2026 12:30:00 GMT"}, True),
]


@pytest.mark.parametrize(("changes", "is_open"), OPEN)
def test_open_issues(changes: dict[str, str], is_open: bool) -> None:  # noqa: FBT001 - a case
    """Only an issue that is open and has not ended is trouble."""
    assert is_open_issue(read(**changes), NOON) is is_open


TOUCHES = [
    ({}, "ec2:RunInstances", "us-east-1", True),
    ({}, "ec2:RunInstances", "eu-west-1", False),
    ({}, "s3:PutObject", "us-east-1", False),
    ({}, None, "us-east-1", False),
    ({"eventRegion": "global"}, "ec2:RunInstances", "eu-west-1", True),
    ({"service": "IAM"}, "s3:PutObject", "us-east-1", True),
    ({"service": "IAM", "eventRegion": "global"}, "s3:PutObject", "eu-west-1", True),
    ({"service": "VPC"}, "ec2:CreateVpc", "us-east-1", True),
    ({"service": "APIGATEWAY"}, "execute-api:Invoke", "us-east-1", True),
]


@pytest.mark.parametrize(("changes", "action", "region", "expected"), TOUCHES)
def test_what_an_issue_touches(changes: dict[str, str], action: str | None, region: str, expected: bool) -> None:  # noqa: FBT001 - a case
    """An issue touches its service's actions in its Region; one of IAM or STS touches all."""
    assert touches(read(**changes), action, region) is expected


def test_newest_word_wins() -> None:
    """Whatever the order of delivery, the newest word on an event is kept."""
    table = HealthTable(FakeStore())
    closed = read(statusCode="closed", lastUpdatedTime="Sat, 21 Nov 2026 11:40:00 GMT")
    assert [table.keep(each, now=NOON) for each in (read(), closed, read())] == [True, True, False]
    assert table.open_issues(NOON) == ()


def test_writers_do_not_overtake_each_other() -> None:
    """A word that was stored in between is not overwritten by an older one."""
    store = FakeStore()
    table = HealthTable(store)
    closed = read(statusCode="closed", lastUpdatedTime="Sat, 21 Nov 2026 11:40:00 GMT")
    done: list[bool] = []

    def overtake(operation: str) -> None:
        if operation == "write" and not done:
            done.append(True)
            HealthTable(FakeStore(items=store.items)).keep(closed, now=NOON)

    store.before = overtake
    assert table.keep(read(), now=NOON) is False
    assert table.open_issues(NOON + timedelta(minutes=1)) == ()


def test_spoilt_items_are_no_trouble() -> None:
    """An event that cannot be read does not hold up every proposal."""
    store = FakeStore()
    store.put_all([{"pk": "HEALTH", "sk": "s3#us-east-1#x", "data": "{"}])
    assert HealthTable(store).open_issues(NOON) == ()
