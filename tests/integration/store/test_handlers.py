"""λ triage and λ propose as Lambda calls them, with the real clients, on the local AWS."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters import sessions
from redress.adapters.findings_items import key_of
from redress.adapters.findings_table import FindingsTable
from redress.adapters.proposals_table import ProposalsTable
from redress.adapters.table_values import to_attributes
from redress.domain.words import ProposalStatus, State
from redress.handlers import propose, settings, triage
from tests.denials import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.adapters.table_client import DynamoStore
    from sandbox.process import Sandbox

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app/orders-service"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/orders-service/i-1"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def account(sandbox: Sandbox, table_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The local AWS as a Lambda of the stack sees it: environment, a queue, and one role in IAM."""
    sqs, iam = sandbox.client("sqs"), sandbox.client("iam")
    queue = sqs.create_queue(QueueName=f"dead-{table_name}")["QueueUrl"]
    iam.create_role(RoleName="orders-service", Path="/app/", AssumeRolePolicyDocument=TRUST)
    variables = {
        "AWS_ENDPOINT_URL": sandbox.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "TABLE_NAME": table_name,
        "START_FUNCTION_NAME": "start",
        "DEAD_LETTER_QUEUE_URL": queue,
        "FINDINGS_TOPIC_ARN": "arn:aws:sns:us-east-1:000000000000:findings",
        "REDRESS_SETTINGS": '{"fetch_authorization_details": false}',
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    caches = (settings.environment, sessions.client, triage._desk_parts, propose._desk_parts)
    for cached in caches:
        cached.cache_clear()
    yield sandbox
    iam.delete_role(RoleName="orders-service")
    for cached in caches:
        cached.cache_clear()


def body(event_id: str, action: str = "PutObject") -> str:
    """The EventBridge event of a denied call."""
    bucket = '"arn:aws:s3:::orders-archive/2026/11/a.json"'
    message = (
        f"User: {SESSION} is not authorized to perform: s3:{action} on resource: {bucket} "
        f"because no identity-based policy allows the s3:{action} action"
    )
    detail = {
        "userIdentity": {
            "type": "AssumedRole",
            "arn": SESSION,
            "accountId": ACCOUNT,
            "principalId": "AROA1:i-1",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE, "accountId": ACCOUNT}},
        },
        "eventTime": NOON.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "s3.amazonaws.com",
        "eventName": action,
        "awsRegion": "us-east-1",
        "errorCode": "AccessDenied",
        "errorMessage": message,
        "eventID": event_id,
        "recipientAccountId": ACCOUNT,
    }
    return json.dumps({"detail-type": "AWS API Call via CloudTrail", "source": "aws.s3", "detail": detail})


def delivered(*bodies: str) -> dict[str, Any]:
    """The event that Lambda makes of messages."""
    return {"Records": [{"messageId": f"m-{at}", "body": text} for at, text in enumerate(bodies)]}


def test_from_queue_to_proposal(account: Sandbox, store: DynamoStore) -> None:
    """A denied call on the queue becomes a finding, and its change in the stream a proposal; junk is put aside."""
    answer = triage.handle(delivered(body("e-1"), "junk", body("e-2"), body("e-1")), None)
    assert answer == {"batchItemFailures": []}
    findings = FindingsTable(store)
    (finding,) = findings.by_principal(ROLE)
    assert (finding.count, finding.state) == (2, State.OPEN)
    item = store.get(key_of(finding.finding_id))
    assert item
    image = json.loads(json.dumps(to_attributes(item), default=_base64))
    stream = {"Records": [{"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1", "NewImage": image}}]}
    assert propose.handle(stream, None) == {"batchItemFailures": []}
    proposal = ProposalsTable(store).current(ROLE)
    assert proposal
    assert proposal.status in {ProposalStatus.READY, ProposalStatus.MANUAL}
    assert proposal.proposal.content["statements"][0]["Action"] == "s3:PutObject"
    after = findings.get(finding.finding_id)
    assert after
    assert (after.state, after.proposal_id) == (State.PROPOSED, proposal.proposal.proposal_id)
    assert propose.handle({}, None) == {"principals": 0}
    _one_dead_letter(account)


def _one_dead_letter(account: Sandbox) -> None:
    queue = settings.environment().dead_letter_queue_url
    (letter,) = account.client("sqs").receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"]
    assert letter["Body"] == "junk"
    assert "no JSON" in letter["MessageAttributes"]["reason"]["StringValue"]


def _base64(value: bytes) -> str:
    return b64encode(value).decode()
