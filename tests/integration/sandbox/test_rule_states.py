"""Which denials reach which rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.integration.sandbox.world import PATTERN, Trail, denial_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.process import Sandbox
    from tests.integration.sandbox.world import People


@pytest.fixture
def enabled(sandbox: Sandbox) -> Iterator[Trail]:
    """A rule in the ordinary state."""
    opened = Trail(sandbox, state="ENABLED", pattern=PATTERN)
    yield opened
    opened.close()


def test_read_only_management_events_reach_only_the_rule_that_asks_for_them(
    sandbox: Sandbox, people: People, trail: Trail, enabled: Trail
) -> None:
    """A denied DescribeInstances reaches ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS and not ENABLED."""
    denial_of(sandbox.client("ec2", people.restricted()).describe_instances)
    assert trail.one()["detail"]["readOnly"] is True
    assert enabled.none()


def test_write_events_reach_both_rules(sandbox: Sandbox, people: People, trail: Trail, enabled: Trail) -> None:
    """A denied CreateUser reaches either state."""
    denial_of(lambda: sandbox.client("iam", people.restricted()).create_user(UserName="new"))
    assert trail.one()["detail"]["eventName"] == enabled.one()["detail"]["eventName"] == "CreateUser"


def test_data_events_reach_both_rules(sandbox: Sandbox, people: People, trail: Trail, enabled: Trail) -> None:
    """A denied GetObject is a read-only data event, which the state does not hold back."""
    sandbox.client("s3").create_bucket(Bucket="data-events")
    denial_of(lambda: sandbox.client("s3", people.restricted()).get_object(Bucket="data-events", Key="k"))
    seen = trail.one()["detail"], enabled.one()["detail"]
    assert [(one["readOnly"], one["managementEvent"]) for one in seen] == [(True, False)] * 2


def test_disabled_rules_get_nothing(sandbox: Sandbox, people: People, trail: Trail) -> None:
    """A rule in state DISABLED is passed over."""
    disabled = Trail(sandbox, state="DISABLED", pattern=PATTERN)
    denial_of(lambda: sandbox.client("iam", people.restricted()).create_user(UserName="new"))
    trail.one()
    assert disabled.none()
    disabled.close()


def test_other_events_reach_a_rule_that_asks_for_all_management_events(sandbox: Sandbox) -> None:
    """An application's own event reaches both states: the state only adds events."""
    opened = Trail(sandbox, state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", pattern={"source": ["app.orders"]})
    entry = {"Source": "app.orders", "DetailType": "Ordered", "Detail": json.dumps({"id": 1})}
    sandbox.client("events").put_events(Entries=[entry])
    assert opened.one()["detail"] == {"id": 1}
    opened.close()


def test_clients_cannot_forge_events_of_aws(sandbox: Sandbox, trail: Trail) -> None:
    """PutEvents with a source of AWS is refused, so a rule on ``aws.*`` hears only of real denials."""
    entry = {"Source": "aws.s3", "DetailType": "AWS API Call via CloudTrail", "Detail": "{}"}
    answer = sandbox.client("events").put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert trail.none()


PATTERNS = {
    "prefix": [{"prefix": "Access"}],
    "suffix": [{"suffix": "Denied"}],
    "anything-but": [{"anything-but": ["Throttling"]}],
    "anything-but prefix": [{"anything-but": {"prefix": "Throttl"}}],
    "exists": [{"exists": True}],
    "wildcard": [{"wildcard": "*Den*"}],
    "equals-ignore-case": [{"equals-ignore-case": "accessdenied"}],
    "one of several": ["Nothing", {"prefix": "AccessD"}],
}


@pytest.mark.parametrize("operator", PATTERNS)
def test_patterns_match_with_every_operator(sandbox: Sandbox, people: People, operator: str) -> None:
    """Each operator that EventBridge documents for buses decides as documented on a denial's errorCode."""
    pattern = {**PATTERN, "detail": {"errorCode": PATTERNS[operator]}}
    opened = Trail(sandbox, state="ENABLED", pattern=pattern)
    denial_of(lambda: sandbox.client("iam", people.restricted()).create_user(UserName="new"))
    assert opened.one()["detail"]["errorCode"] == "AccessDenied"
    opened.close()


def test_patterns_match_across_fields_with_or(sandbox: Sandbox, people: People) -> None:
    """``$or`` matches where one of its alternatives does, and not where none does."""
    mine, other = {"eventSource": ["iam.amazonaws.com"]}, {"eventSource": ["s3.amazonaws.com"]}
    either = Trail(sandbox, state="ENABLED", pattern={**PATTERN, "detail": {"$or": [mine, other]}})
    neither = Trail(sandbox, state="ENABLED", pattern={**PATTERN, "detail": {"$or": [other, {"errorCode": ["x"]}]}})
    denial_of(lambda: sandbox.client("iam", people.restricted()).create_user(UserName="new"))
    assert either.one()["detail"]["eventName"] == "CreateUser"
    assert neither.none()
    either.close()
    neither.close()


def test_a_queue_that_does_not_let_eventbridge_in_gets_nothing(sandbox: Sandbox, people: People) -> None:
    """What may not be delivered is put aside with the reason, where the target names a queue for that."""
    shut, aside = Trail(sandbox, state="ENABLED", pattern=PATTERN), Trail(sandbox, state="DISABLED", pattern=PATTERN)
    shut.close_queue()
    shut.put_aside_to(aside)
    denial_of(lambda: sandbox.client("iam", people.restricted()).create_user(UserName="new"))
    (message,) = aside.messages(attributes=True)
    assert json.loads(message["Body"])["detail"]["eventName"] == "CreateUser"
    told = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert told == {"RULE_ARN": shut.rule_arn, "TARGET_ARN": shut.queue_arn, "ERROR_CODE": "NO_PERMISSIONS"}
    assert shut.none()
    shut.close()
    aside.close()
