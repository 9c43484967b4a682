"""Notices in the sandbox: a storm is counted exactly and told in three; the digest and the doctor look around."""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters.notices_table import SINGLES
from redress.adapters.notices_waves import WavesTable
from redress.adapters.table_client import DynamoStore
from redress.domain.words import State
from redress_cli.main import main
from sandbox.fault_client import Faults
from sandbox.synthesize import ACCOUNT
from tests.e2e.stack import allow, denial_of, eventually, policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.finding import Finding
    from redress.domain.noticing_wave import Wave
    from tests.e2e.stack import Application, Stack

REGION = "us-east-1"
BATCH = 10
MANY = 2
"""Notices of a finding that gets a fix: it is new, and it waits for a signature."""
SENDERS = 4
KEY = "2026/order.json"
Document = dict[str, Any]


@pytest.fixture(scope="module")
def inbox(stack: Stack) -> Iterator[Inbox]:
    """A queue that hears every notice on findings."""
    inbox = Inbox(stack)
    yield inbox
    inbox.close()


class Inbox:
    """What the findings topic has sent since this was made."""

    def __init__(self, stack: Stack) -> None:
        self._sqs, self._sns = stack.root("sqs"), stack.root("sns")
        self._url = self._sqs.create_queue(QueueName=f"inbox-{uuid.uuid4().hex[:8]}")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = stack.outputs["FindingsTopicArn"]
        deliver = {**allow("sqs:SendMessage", arn), "Principal": {"Service": "sns.amazonaws.com"}}
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy(deliver)})
        subscribed = self._sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
        self._subscription = subscribed["SubscriptionArn"]
        self.heard: list[Document] = []

    def close(self) -> None:
        """Hears no more."""
        self._sns.unsubscribe(SubscriptionArn=self._subscription)
        self._sqs.delete_queue(QueueUrl=self._url)

    def of(self, finding_id: str) -> list[Document]:
        """Returns what came about one finding, in order of arrival."""
        self._empty()
        return [each for each in self.heard if finding_id in each["Message"]]

    def ids(self, finding_id: str) -> list[str]:
        """Returns the notices' ids."""
        return [each["MessageAttributes"]["notice_id"]["Value"] for each in self.of(finding_id)]

    def _empty(self) -> None:
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                self.heard.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])


@dataclass(frozen=True)
class Caller:
    """A role of which only the name is needed."""

    name: str
    arn: str


def event(application: Application | Caller, bucket: str, at: datetime) -> str:
    """One denied call as EventBridge hands it to the queue."""
    time_ = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{application.name}/worker"
    resource = f"arn:aws:s3:::{bucket}/{KEY}"
    message = (
        f'User: {session} is not authorized to perform: s3:PutObject on resource: "{resource}" because no '
        "identity-based policy allows the s3:PutObject action"
    )
    issuer = {"type": "Role", "arn": application.arn, "accountId": ACCOUNT, "userName": application.name}
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE:worker",  # too short to be an id, so nobody takes the role for another one
            "arn": session,
            "accountId": ACCOUNT,
            "accessKeyId": "ASIAEXAMPLEEXAMPLE12",
            "sessionContext": {"sessionIssuer": issuer},
        },
        "eventTime": time_,
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutObject",
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.17",
        "userAgent": "[Boto3/1.44.5]",
        "errorCode": "AccessDenied",
        "errorMessage": message,
        "requestParameters": {"bucketName": bucket, "key": KEY},
        "requestID": "7f6b2d5e-0c1a-4b7e-9a53-1d2c3b4a5f60",
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data",
    }
    envelope = {"version": "0", "id": str(uuid.uuid4()), "detail-type": "AWS API Call via CloudTrail"}
    rest = {"source": "aws.s3", "account": ACCOUNT, "time": time_, "region": REGION, "resources": []}
    return json.dumps({**envelope, **rest, "detail": detail})


def send(stack: Stack, bodies: list[str]) -> None:
    """Puts messages on the queue of denials, ten at a time."""
    sqs, url = stack.root("sqs"), stack.outputs["DenialsQueueUrl"]

    def send_some(start: int) -> None:
        part = bodies[start : start + BATCH]
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(part)]
        assert not sqs.send_message_batch(QueueUrl=url, Entries=entries).get("Failed")

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send_some, range(0, len(bodies), BATCH)))


@pytest.mark.parametrize("total", [2_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_a_storm(stack: Stack, inbox: Inbox, total: int) -> None:
    """Thousands of denials of one action within a minute: an exact count, and at most three notices, each once."""
    bucket = stack.bucket()
    application = stack.application(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"))
    begun = datetime.now(UTC) - timedelta(minutes=1)
    bodies = [event(application, bucket, begun + timedelta(seconds=60 * each / total)) for each in range(total)]
    send(stack, [*bodies, *bodies[: total // 10]])  # a tenth is delivered twice

    def counted() -> str | None:
        finding = stack.finding_of(application.arn, "s3:PutObject")
        return finding.finding_id if finding and finding.count >= total else None

    finding_id = eventually(f"count of {total}", counted, seconds=max(120, total / 20))
    stack.wait_for(application.arn, "s3:PutObject", State.AWAITING_APPROVAL)

    def asked() -> bool | None:
        # Not how many: where others were denied the same before, that the finding is new is told with theirs.
        told = (each["MessageAttributes"]["state"]["Value"] for each in inbox.of(finding_id))
        return True if State.AWAITING_APPROVAL.value in told else None

    eventually("the request for a signature", asked)
    time.sleep(3)  # for whatever may still come
    final = stack.finding_of(application.arn, "s3:PutObject")
    assert final is not None
    assert final.count == total
    ids = inbox.ids(finding_id)
    assert len(ids) <= 3
    assert len(set(ids)) == len(ids)


GUARDRAIL = "arn:aws:organizations::111122223333:policy/o-example123/service_control_policy/p-wave"


def guarded(name: str, policy: str, at: datetime) -> str:
    """A call of one of many roles that a service control policy denies, as EventBridge hands it to the queue."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    body = json.loads(event(Caller(name=name, arn=arn), "wave", at))
    head, _ = body["detail"]["errorMessage"].split(" because ")
    body["detail"]["errorMessage"] = f"{head} with an explicit deny in a service control policy: {policy}"
    return json.dumps(body)


@pytest.mark.parametrize("total", [120, pytest.param(300, marks=pytest.mark.slow)])
def test_a_changed_guardrail(stack: Stack, inbox: Inbox, total: int) -> None:
    """One policy stops hundreds of roles at once: each is a finding with its answer, and people get 13 notices."""
    now, policy_arn = datetime.now(UTC), f"{GUARDRAIL}{total:05d}"
    send(stack, [guarded(f"wave-{total}-{number}", policy_arn, now) for number in range(total)])
    waves = WavesTable(store=DynamoStore(stack.root("dynamodb"), stack.outputs["TableName"]), singles=SINGLES)

    def whole() -> Wave | None:
        found = (wave for _, cause, wave in waves.recent(now - timedelta(hours=1)) if cause.by == policy_arn)
        return next((wave for wave in found if wave.principals >= total), None)

    def answers() -> list[Finding] | None:
        found = [each for each in stack.findings.every(State.NO_FIX) if each.verdict.policy_arn == policy_arn]
        return found if len(found) >= total else None

    wave = eventually("wave of them all", whole, seconds=120)
    found = eventually("answers to them all", answers, seconds=120)
    time.sleep(3)  # for whatever may still come
    assert (wave.principals, wave.findings, wave.held) == (total, total, total - SINGLES)
    assert {each.count for each in found} == {1}
    heard = inbox.of(policy_arn)
    kinds = Counter(each["MessageAttributes"]["notice"]["Value"] for each in heard)
    assert kinds == {"STATE": 2 * SINGLES, "ACCOUNT": 3}  # new and answered; at 6, 10 and 100 principals
    ids = [each["MessageAttributes"]["notice_id"]["Value"] for each in heard]
    assert len(set(ids)) == len(ids)


CRASHES: list[tuple[str, str, bool, int]] = [
    ("sns", "Publish", False, 1),  # before SNS has it
    ("sns", "Publish", True, 2),  # SNS has it, and nobody has noted that: the one point that errs towards twice
    ("dynamodb", "TransactWriteItems", False, 1),  # before the claim
    ("dynamodb", "TransactWriteItems", True, 1),  # between claim and publishing
    ("dynamodb", "UpdateItem", True, 1),  # between the first topic's mark and the second topic
]


@pytest.mark.parametrize(("service", "operation", "late", "most"), CRASHES)
def test_a_killed_function(
    stack: Stack,
    inbox: Inbox,
    service: str,
    operation: str,
    late: bool,  # noqa: FBT001 - a case
    most: int,
) -> None:
    """λ notify is killed in the middle of its work: every notice still comes, once but for the one point."""
    application = stack.application()
    faults = Faults(stack.sandbox).kill(service, operation, late=late, caller="*Notify*", times=1)
    with faults:
        assert denial_of(application.client("dynamodb").list_tables)
        finding = stack.wait_for(application.arn, "dynamodb:ListTables", State.AWAITING_APPROVAL)
        eventually("two notices", lambda: len(set(inbox.ids(finding.finding_id))) >= MANY or None)
        time.sleep(2)
    assert faults.struck == [1]
    counts = Counter(inbox.ids(finding.finding_id))
    shown = [(each["MessageAttributes"]["state"]["Value"], each["Subject"]) for each in inbox.of(finding.finding_id)]
    assert len(counts) == MANY, shown
    assert sorted(counts.values()) == [1, most]


def test_the_digest(stack: Stack, inbox: Inbox) -> None:
    """λ digest, with its own role, tells the day, and that no trail is there to see by."""
    answer = stack.root("lambda").invoke(FunctionName=stack.outputs["DigestFunction"], Payload=b"{}")
    assert json.loads(answer["Payload"].read()) == {"sent": 2}
    again = stack.root("lambda").invoke(FunctionName=stack.outputs["DigestFunction"], Payload=b"{}")
    assert json.loads(again["Payload"].read()) == {"sent": 0}
    (digest,) = eventually("the digest", lambda: inbox.of("What Redress cannot see") or None)
    assert "NO_TRAIL" in digest["Message"]
    assert "COULD_NOT_LOOK" not in digest["Message"]


def test_the_doctor(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In the sandbox, the doctor misses the trail; once one is logging, only data events are left to miss."""
    for name, value in (("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", REGION)):
        monkeypatch.setenv(name, value)
    words = ["doctor", "--endpoint-url", stack.sandbox.endpoint, "--region", REGION, "--json"]
    assert main(words) == 1
    missing = [json.loads(line)["missing"] for line in capsys.readouterr().out.splitlines()]
    assert missing == ["NO_TRAIL"]
    cloudtrail = stack.root("cloudtrail")
    cloudtrail.create_trail(Name="all", S3BucketName=stack.bucket(), IsMultiRegionTrail=True)
    try:
        assert main(words) == 1
        assert [json.loads(line)["missing"] for line in capsys.readouterr().out.splitlines()] == ["TRAIL_STOPPED"]
        cloudtrail.start_logging(Name="all")
        main(words)
        assert [json.loads(line)["missing"] for line in capsys.readouterr().out.splitlines()] == ["DATA_EVENTS_OFF"]
    finally:
        cloudtrail.delete_trail(Name="all")
