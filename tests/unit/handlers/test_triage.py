"""λ triage counts every denied call once, puts the unreadable aside, and asks AWS only where it helps."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters.findings_table import FindingsTable
from redress.adapters.iam_catalogue import IamCatalogue
from redress.adapters.table_health import HealthTable
from redress.domain.decoded import DecodeAnswer, read_decoded
from redress.domain.errors import Retry
from redress.domain.lifecycle import advance
from redress.domain.lifecycle_occurrences import Applied, Muted, NoFixFound
from redress.domain.no_fix import no_fix
from redress.domain.reopening import GRACE
from redress.domain.settings import Settings
from redress.domain.words import DecodeStatus, Effect, Evidence, Kind, Layer, NoFixReason, State
from redress.handlers.messages import Message
from redress.handlers.triage import triage
from redress.handlers.triage_batch import Desk
from tests.denials import MESSAGE, NOON, ROLE, SESSION
from tests.fakes import FakeDeadLetters, FakeStore, FakeTelemetry

if TYPE_CHECKING:
    from redress.domain.finding import Finding

RECORD: dict[str, Any] = {
    "eventVersion": "1.11",
    "userIdentity": {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLEEXAMPLE123:i-0123456789abcdef0",
        "arn": SESSION,
        "accountId": "111122223333",
        "accessKeyId": "ASIAEXAMPLEEXAMPLE12",
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": ROLE, "accountId": "111122223333", "userName": "orders-service"}
        },
    },
    "eventTime": "2026-11-21T12:00:00Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "PutObject",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "203.0.113.17",
    "userAgent": "[Boto3/1.44.5]",
    "errorCode": "AccessDenied",
    "errorMessage": MESSAGE,
    "requestParameters": {"bucketName": "orders-archive", "key": "2026/11/21/order-1.json", "password": "hunter2"},
    "requestID": "7f6b2d5e",
    "eventID": "e-1",
    "eventType": "AwsApiCall",
    "recipientAccountId": "111122223333",
}
BLOB = "Zm9vYmFy" * 40
EC2: dict[str, Any] = {
    "eventSource": "ec2.amazonaws.com",
    "eventName": "StopInstances",
    "errorCode": "Client.UnauthorizedOperation",
    "errorMessage": f"You are not authorized to perform this operation. Encoded authorization failure message: {BLOB}",
    "requestParameters": {"instancesSet": {"items": [{"instanceId": "i-0a1b2c3d4e5f60718"}]}},
}
STOP = "arn:aws:ec2:us-east-1:111122223333:instance/i-0a1b2c3d4e5f60718"
DECODED = {
    "allowed": False,
    "explicitDeny": False,
    "matchedStatements": {"items": []},
    "failures": {"items": []},
    "context": {
        "principal": {"id": "AROAEXAMPLEEXAMPLE123:i-0123456789abcdef0", "arn": SESSION},
        "action": "ec2:StopInstances",
        "resource": STOP,
        "conditions": {"items": []},
    },
}


def record(event_id: str = "e-1", minutes: float = 0, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """The record of a denied call so many minutes after noon."""
    at = (NOON + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {**copy.deepcopy(RECORD), "eventID": event_id, "eventTime": at, **changes}


def event(detail: dict[str, Any]) -> str:
    """The EventBridge event of a record, as the queue gets it."""
    return json.dumps({"detail-type": "AWS API Call via CloudTrail", "source": "aws.s3", "detail": detail})


@dataclass
class World:
    """Triage with everything around it in memory."""

    settings: Settings = field(default_factory=Settings)
    decoded: DecodeAnswer | None = None
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store, self.telemetry, self.aside = FakeStore(), FakeTelemetry(), FakeDeadLetters()
        self.findings = FindingsTable(self.store, pause=lambda _: None)

    def decode(self, encoded: str) -> DecodeAnswer:
        """The answer of STS."""
        self.asked.append(encoded)
        assert self.decoded
        return self.decoded

    def deliver(self, *bodies: str, minutes: float = 0) -> list[str]:
        """The ids of messages that must be delivered again; ids are ``m-0``, ``m-1`` …."""
        desk = Desk(
            findings=self.findings,
            health=HealthTable(self.store),
            dead_letters=self.aside,
            catalogue=IamCatalogue(),
            settings=self.settings,
            telemetry=self.telemetry,
            decoder=self if self.decoded else None,
        )
        messages = [Message(message_id=f"m-{at}", body=body) for at, body in enumerate(bodies)]
        answer = triage(messages, desk=desk, now=NOON + timedelta(minutes=minutes))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    @property
    def finding(self) -> Finding:
        """The only finding."""
        (item,) = self.store.of_kind("FINDING")
        found = self.findings.get(item["pk"].removeprefix("FINDING#"))
        assert found
        return found


def test_first_denial_makes_a_finding() -> None:
    """A denied call becomes an open finding that says who, what and on what."""
    world = World()
    assert world.deliver(event(record())) == []
    finding = world.finding
    assert (finding.state, finding.count, finding.state_version) == (State.OPEN, 1, 1)
    assert (finding.verdict.principal.arn, finding.verdict.action) == (ROLE, "s3:PutObject")
    assert finding.verdict.layer is Layer.IDENTITY_BASED_POLICY
    assert finding.resources == ("arn:aws:s3:::orders-archive/2026/11/21/order-1.json",)
    assert world.telemetry.counts["Findings", "MISSING_PERMISSION"] == 1


def test_principal_lists_its_findings() -> None:
    """A new finding is listed under its principal at once."""
    world = World()
    world.deliver(event(record()))
    assert world.findings.by_principal(ROLE, [State.OPEN]) == (world.finding,)
    assert world.findings.by_principal(ROLE, [State.FIXED]) == ()


def test_repeats_and_redelivery_count_once() -> None:
    """Each event counts once, in one batch and over several."""
    world = World()
    bodies = [event(record(f"e-{number % 7}")) for number in range(20)]
    world.deliver(*bodies)
    world.deliver(*bodies[3:], event(record("e-new")))
    assert world.finding.count == 8
    assert world.telemetry.counts["Denials", "MISSING_PERMISSION"] == 8


BAD = [
    ("{", "no JSON"),
    ("[]", "not an object"),
    (event({"eventName": "PutObject"}), "eventSource is not a text"),
    (event({**RECORD, "eventTime": "noon"}), "eventTime is missing"),
    (event({**RECORD, "eventTime": "2026-11-23T12:00:00Z"}), "a day ahead"),
    (json.dumps({"detail-type": "AWS Health Event", "detail": {}}), "without eventArn"),
    ("[" * 100_000, "no JSON"),
]


@pytest.mark.parametrize(("body", "says"), BAD)
def test_unreadable_messages_are_put_aside(body: str, says: str) -> None:
    """A message that nobody can read goes to the dead-letter queue as it came, with its reason; the rest is counted."""
    world = World()
    assert world.deliver(event(record()), body, event(record("e-2"))) == []
    ((message_id, reason, kept),) = world.aside.kept
    assert (message_id, kept) == ("m-1", body)
    assert says in reason
    assert world.finding.count == 2


def test_one_bad_record_among_good_ones() -> None:
    """Of a message with several records the good ones are counted, and the message is put aside."""
    world = World()
    world.deliver(json.dumps({"Records": [record("e-1"), {"eventName": 5}, record("e-2")]}))
    assert world.finding.count == 2
    assert len(world.aside.kept) == 1


def test_bad_message_stays_while_it_cannot_be_put_aside() -> None:
    """While the dead-letter queue is away, a bad message stays where it is."""
    world = World()
    world.aside.broken = True
    assert world.deliver("{", event(record())) == ["m-0"]
    assert world.finding.count == 1


def test_faults_of_the_table_send_messages_back() -> None:
    """Messages whose denials could not be counted are delivered again, and only those."""
    world = World()
    other = record("e-2", eventName="GetObject", errorMessage=MESSAGE.replace("PutObject", "GetObject"))
    world.deliver(event(record("e-0")))
    writes = []

    def away(operation: str) -> None:
        if operation == "write":
            writes.append(operation)
            if len(writes) == 1:
                raise Retry("throttled")

    world.store.before = away
    assert world.deliver(event(record("e-1")), event(other)) == ["m-0"]
    world.store.before = lambda _: None
    world.deliver(event(record("e-1")), event(other))
    assert sorted(item["count"] for item in world.store.of_kind("FINDING")) == [1, 2]


def test_spoilt_findings_stop_nobody_else() -> None:
    """A finding whose item was spoilt keeps its own messages waiting, and no others."""
    world = World()
    world.deliver(event(record("e-0")))
    next(world.store.of_kind("FINDING"))["data"] = b"?"
    other = record("e-2", eventName="GetObject", errorMessage=MESSAGE.replace("PutObject", "GetObject"))
    assert world.deliver(event(record("e-1")), event(other)) == ["m-0"]


def test_own_calls_are_ignored() -> None:
    """A call by one of Redress's own roles makes no finding."""
    world = World()
    own = record()
    own["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] = (
        "arn:aws:iam::111122223333:role/redress/system/triage"
    )
    world.deliver(event(own), event(record(errorCode="NoSuchBucket", errorMessage="none")))
    assert not list(world.store.of_kind("FINDING"))
    assert world.telemetry.counts["Ignored", "own_call"] == 1


def test_decodes_new_findings_only() -> None:
    """An encoded message is decoded once for a finding; its repeats are not."""
    world = World(decoded=DecodeAnswer(status=DecodeStatus.DECODED, decoded=read_decoded(json.dumps(DECODED))))
    world.deliver(event(record("e-1", **EC2)), event(record("e-2", **EC2)))
    world.deliver(event(record("e-3", **EC2)))
    assert world.asked == [BLOB]
    verdict = world.finding.verdict
    assert (verdict.evidence, verdict.effect, verdict.resource) == (Evidence.DECODED, Effect.IMPLICIT_DENY, STOP)
    assert (verdict.decode_status, verdict.encoded) == (DecodeStatus.DECODED, None)


def test_failed_decoding_is_noted_and_tried_again() -> None:
    """A failure to decode is noted with its remedy; the next denial is decoded, and both are one finding."""
    world = World(decoded=DecodeAnswer(status=DecodeStatus.FAILED, notes=("STS was throttled.",)))
    world.deliver(event(record("e-1", **EC2)))
    before = world.finding
    assert before.verdict.decode_status is DecodeStatus.FAILED
    assert before.verdict.notes[-1] == "STS was throttled."
    world.decoded = DecodeAnswer(status=DecodeStatus.DECODED, decoded=read_decoded(json.dumps(DECODED)))
    world.deliver(event(record("e-2", **EC2)))
    assert (world.finding.count, world.finding.verdict.evidence) == (2, Evidence.DECODED)
    assert world.finding.state_version == before.state_version


def test_pointless_questions_are_asked_once() -> None:
    """Where STS may not be asked, one question per batch finds that out."""
    world = World(decoded=DecodeAnswer(status=DecodeStatus.NOT_PERMITTED, notes=("not permitted",)))
    bodies = [
        event(record(f"e-{name}", **{**EC2, "eventName": name}))
        for name in ("StopInstances", "StartInstances", "RebootInstances")
    ]
    world.deliver(*bodies)
    assert len(world.asked) == 1
    assert world.telemetry.counts["DecodeFailures", "NOT_PERMITTED"] == 1


def test_secrets_are_not_stored() -> None:
    """Neither encoded messages nor passwords in request parameters reach the table, raw records included."""
    world = World(settings=Settings(keep_raw_events=True))
    world.deliver(event(record("e-1", **{**EC2, "requestParameters": RECORD["requestParameters"]})))
    stored = repr(world.store.items)
    raw = world.findings.kept(world.finding.finding_id, "RAW#e-1")
    assert raw
    assert json.loads(raw)["requestParameters"]["password"] == "[redacted]"
    stored += raw
    assert BLOB not in stored
    assert BLOB not in (world.finding.last.message or "")
    assert "hunter2" not in stored


def test_raw_records_are_kept_only_when_asked_for() -> None:
    """Without the knob no raw record is stored."""
    world = World()
    world.deliver(event(record()))
    assert not list(world.store.of_kind("RAW#"))


def settled(world: World, state: State) -> Finding:
    """The world's finding, moved on to this state at five past twelve."""
    world.deliver(event(record()))
    now, before = NOON + timedelta(minutes=5), world.finding
    if state is State.FIXED:
        before = replace(before, state=State.APPLYING)
        after = advance(before, Applied(cause="done", execution_id="x", approved_by=(), applied_at=now), now)
    elif state is State.NO_FIX:
        after = advance(before, NoFixFound(cause="no", no_fix=no_fix(NoFixReason.ROOT)), now)
    else:
        after = advance(before, Muted(cause="noise", until=NOON + timedelta(hours=1)), now)
    world.findings.change(before, after)
    return after


def test_denial_after_the_fix_reopens() -> None:
    """A denial after the fix, and after IAM had time to spread it, reopens the finding."""
    world = World()
    settled(world, State.FIXED)
    world.deliver(event(record("e-2", minutes=6)))
    assert (world.finding.state, world.finding.count) == (State.FIXED, 2)
    world.deliver(event(record("e-3", minutes=5 + GRACE.total_seconds() / 60 + 1)))
    assert (world.finding.state, world.finding.count) == (State.REOPENED, 3)
    assert [entry["to"] for entry in world.findings.audit_trail(world.finding.finding_id)] == ["FIXED", "REOPENED"]
    assert world.telemetry.counts["Reopened",] == 1


def test_reopening_survives_a_crash_after_the_count() -> None:
    """A denial that was counted when the worker died still reopens the finding when it comes again."""
    world = World()
    settled(world, State.FIXED)
    late = event(record("e-2", minutes=30))

    def die(operation: str) -> None:
        if operation == "written":
            raise KeyboardInterrupt

    world.store.before = die
    with pytest.raises(KeyboardInterrupt):
        world.deliver(late)
    world.store.before = lambda _: None
    world.deliver(late)
    assert (world.finding.state, world.finding.count) == (State.REOPENED, 2)


def test_late_delivery_of_an_old_denial_reopens_nothing() -> None:
    """A denial from before the fix that arrives after it is counted, and no more."""
    world = World()
    settled(world, State.FIXED)
    world.deliver(event(record("e-2", minutes=4)), minutes=90)
    assert (world.finding.state, world.finding.count) == (State.FIXED, 2)


def test_denials_of_a_finding_without_fix_are_counted() -> None:
    """A finding that has its NoFix keeps it when it is denied again."""
    world = World()
    settled(world, State.NO_FIX)
    world.deliver(event(record("e-2", minutes=30)))
    assert (world.finding.state, world.finding.count) == (State.NO_FIX, 2)


def test_mute_ends_with_its_date() -> None:
    """A muted finding stays muted until its date; the first denial after that opens it."""
    world = World()
    settled(world, State.MUTED)
    world.deliver(event(record("e-2", minutes=30)))
    assert world.finding.state is State.MUTED
    world.deliver(event(record("e-3", minutes=61)))
    assert (world.finding.state, world.finding.muted_until) == (State.OPEN, None)


def test_lifecycle_manager_events_become_findings() -> None:
    """A lifecycle policy whose role lacks permissions makes a finding of its own kind."""
    world = World()
    policy = {
        "id": "d-1",
        "detail-type": "DLM Policy State Change",
        "source": "aws.dlm",
        "account": "111122223333",
        "time": "2026-11-21T12:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:dlm:us-east-1:111122223333:policy/policy-0123456789abcdef"],
        "detail": {
            "state": "ERROR",
            "cause": "Role provided does not have sufficient permissions",
            "policy_id": "arn:aws:dlm:us-east-1:111122223333:policy/policy-0123456789abcdef",
        },
    }
    assert world.deliver(json.dumps(policy)) == []
    assert world.finding.verdict.kind is Kind.DLM_ROLE


def test_health_events_are_kept() -> None:
    """An AWS Health event is stored, and an older word on it does not replace a newer one."""
    world = World()
    for status, hour in (("closed", 14), ("open", 12)):
        world.deliver(json.dumps(health(status, hour)))
    assert HealthTable(world.store).open_issues(NOON) == ()
    world.deliver(json.dumps(health("open", 15)))
    (issue,) = HealthTable(world.store).open_issues(NOON)
    assert (issue.service, issue.region) == ("s3", "us-east-1")


def health(status: str, hour: int) -> dict[str, Any]:
    """An event of AWS Health."""
    return {
        "detail-type": "AWS Health Event",
        "source": "aws.health",
        "region": "us-east-1",
        "time": "2026-11-21T12:00:00Z",
        "detail": {
            "eventArn": "arn:aws:health:us-east-1::event/S3/AWS_S3_OPERATIONAL_ISSUE/1",
            "service": "S3",
            "eventTypeCategory": "issue",
            "eventScopeCode": "PUBLIC",
            "statusCode": status,
            "eventRegion": "us-east-1",
            "lastUpdatedTime": f"Sat, 21 Nov 2026 {hour}:00:00 GMT",
            "eventDescription": [{"language": "en_US", "latestDescription": "Increased error rates."}],
        },
    }


def sweep(count: int, minutes: float = 0) -> list[str]:
    """Denials of so many different actions by one principal."""
    names = [f"Delete{thing}" for thing in ("Bucket", "Object", "ObjectVersion", "BucketPolicy", "BucketWebsite")]
    names += ["PutObject", "PutObjectAcl", "PutBucketAcl", "PutBucketPolicy", "PutBucketTagging", "PutObjectTagging"]
    names += ["PutBucketCORS", "PutBucketLogging", "PutBucketVersioning"]
    return [
        event(record(f"e-{name}-{minutes}", minutes, eventName=name, errorMessage=MESSAGE.replace("PutObject", name)))
        for name in names[:count]
    ]


def test_bursts_are_suspicious() -> None:
    """Twelve different denied actions within the window make all findings of the principal suspicious."""
    world = World()
    for body in sweep(11):
        world.deliver(body)
    assert {finding.state for finding in world.findings.by_principal(ROLE)} == {State.OPEN}
    world.deliver(*sweep(14)[11:12])
    assert {finding.state for finding in world.findings.by_principal(ROLE)} == {State.SUSPICIOUS}
    assert world.telemetry.counts["Suspicions",] == 1


def test_slow_denials_are_not() -> None:
    """The same denials spread over half a day are ordinary work."""
    world = World()
    for hour, body in enumerate(sweep(14)):
        late = body.replace("2026-11-21T12:00:00Z", f"2026-11-21T{hour:02d}:30:00Z")
        world.deliver(late)
    assert {finding.state for finding in world.findings.by_principal(ROLE)} == {State.OPEN}


def test_suspicion_survives_a_crash() -> None:
    """A worker that dies between counting and marking leaves the marking to the redelivery."""
    world = World()
    bodies = sweep(13)
    versions: list[str] = []

    def die(operation: str) -> None:
        versions.append(operation)
        if operation == "write" and versions.count("write") > 13:
            raise Retry("throttled")

    world.store.before = die
    assert len(world.deliver(*bodies)) == 13
    world.store.before = lambda _: None
    assert world.deliver(*bodies) == []
    assert {finding.state for finding in world.findings.by_principal(ROLE)} == {State.SUSPICIOUS}


def test_old_doors_tried_again_are_suspicious() -> None:
    """A sweep over denials that all have their answer is noticed too."""
    world = World()
    for hour, body in enumerate(sweep(13)):
        world.deliver(body.replace("2026-11-21T12:00:00Z", f"2026-11-20T{hour:02d}:30:00Z"))
    for finding in world.findings.by_principal(ROLE):
        after = advance(finding, NoFixFound(cause="no", no_fix=no_fix(NoFixReason.EXPLICIT_DENY)), NOON)
        world.findings.change(finding, after)
    world.deliver(*sweep(13, minutes=60 * 24))
    assert {finding.state for finding in world.findings.by_principal(ROLE)} == {State.SUSPICIOUS}
