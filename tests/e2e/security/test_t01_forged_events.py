"""A user of the account forges denials by PutEvents, in the deployed stack."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from sandbox.synthesize import ACCOUNT
from tests.e2e.stack import Application, Stack, allow, denial_of

if TYPE_CHECKING:
    from collections.abc import Mapping

VICTIM = f"arn:aws:iam::{ACCOUNT}:role/forged-victim"
DETAIL_TYPE = "AWS API Call via CloudTrail"


def record() -> dict[str, Any]:
    """Returns a denial that would be granted if it were believed."""
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/forged-victim/x"
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": session,
            "accountId": ACCOUNT,
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": VICTIM, "accountId": ACCOUNT}},
        },
        "eventTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutObject",
        "awsRegion": "us-east-1",
        "errorCode": "AccessDenied",
        "errorMessage": f"User: {session} is not authorized to perform: s3:PutObject on resource: "
        '"arn:aws:s3:::payroll/2026.csv" because no identity-based policy allows the s3:PutObject action',
        "requestID": "R",
        "eventID": str(uuid4()),
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
    }


def put(attacker: Application, source: str) -> Mapping[str, Any]:
    """Returns how EventBridge answers to the forged event."""
    entry = {"Source": source, "DetailType": DETAIL_TYPE, "Detail": json.dumps(record())}
    answer: Mapping[str, Any] = attacker.client("events").put_events(Entries=[entry])
    return answer


@pytest.fixture(scope="module")
def attacker(stack: Stack) -> Application:
    """A role that may put events on the default bus, as many may, and send to any queue but ours."""
    return stack.application(allow("events:PutEvents"))


def test_t01_forged_events_with_a_source_of_aws_are_refused(attacker: Application) -> None:
    """EventBridge takes no event whose source begins with ``aws.`` from anyone."""
    answer = put(attacker, "aws.s3")
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


@pytest.mark.parametrize("source", ["AWS.s3", "aws", "xaws.s3", "custom.aws.s3", "aws\u200b.s3", "\u0430ws.s3"])
def test_t01_forged_events_with_a_source_of_their_own_match_no_rule(stack: Stack, source: str) -> None:
    """The pattern of the deployed rule does not match a look-alike source."""
    events = stack.root("events")
    rules = events.list_rules()["Rules"]
    event = {"source": source, "detail-type": DETAIL_TYPE, "detail": record(), "account": ACCOUNT}
    ours = [rule for rule in rules if DETAIL_TYPE in rule.get("EventPattern", "")]
    assert ours
    for rule in ours:
        real = {**event, "source": "aws.s3", "id": "1", "time": "2026-11-21T02:00:00Z", "region": "us-east-1"}
        told = [
            events.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps({**real, **change}))
            for change in ({}, {"source": source})
        ]
        assert [answer["Result"] for answer in told] == [True, False]


def test_t01_forged_events_leave_no_finding(stack: Stack, attacker: Application) -> None:
    """A forged event under a source of one's own is delivered nowhere, and a message to the queue is refused."""
    put(attacker, "custom.s3")
    body = json.dumps({"source": "aws.s3", "detail-type": DETAIL_TYPE, "detail": record()})
    url = stack.outputs["DenialsQueueUrl"]
    assert denial_of(lambda: attacker.client("sqs").send_message(QueueUrl=url, MessageBody=body)) is not None
    known = stack.application()
    assert denial_of(known.client("kms").list_keys)
    stack.wait_for(known.arn, "kms:ListKeys")
    assert stack.findings.by_principal(VICTIM) == ()
