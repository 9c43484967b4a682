"""The small parts around triage: messages, the dead-letter queue, evidence, settings, logs and metrics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from redress.adapters.dead_letters import DeadLetters
from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.authorization_details import DetailsAnswer
from redress.domain.classify import classify
from redress.domain.decoded import DecodeAnswer
from redress.domain.errors import MalformedRecord, Retry
from redress.domain.words import DecodeStatus
from redress.handlers.messages import Message, changes_of, failed, messages_of
from redress.handlers.observability import Observed
from redress.handlers.settings import environment, read_environment
from redress.handlers.triage_evidence import BUDGET_SECONDS, MISSES_LIMIT, NO_TIME, EvidenceDesk
from tests.denials import call
from tests.fakes import FakeTelemetry

if TYPE_CHECKING:
    from redress.domain.verdict import Verdict


class Queue:
    """boto3's ``sqs`` client; refuses when broken."""

    def __init__(self, *, broken: bool = False) -> None:
        self.sent: list[dict[str, Any]] = []
        self.broken = broken

    def send_message(self, **message: Any) -> dict[str, str]:  # noqa: ANN401 - any argument
        """Keeps the message."""
        if self.broken:
            raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": "away"}}, "SendMessage")
        self.sent.append(message)
        return {"MessageId": "x"}


def test_reasons_are_harmless() -> None:
    """A reason made of hostile text is cut, cleaned of what SQS refuses, and never empty."""
    queue = Queue()
    letters = DeadLetters(queue, "https://queue")
    letters.put("body", reason="bad\x00\n" + "x" * 999, message_id="m-1")
    letters.put("body", reason="\u202e", message_id="")
    texts = [
        {name: content["StringValue"] for name, content in sent["MessageAttributes"].items()} for sent in queue.sent
    ]
    assert texts[0]["reason"].startswith("bad x")
    assert len(texts[0]["reason"]) <= 256
    assert texts[1] == {"reason": "unknown", "message_id": "unknown"}
    assert [sent["MessageBody"] for sent in queue.sent] == ["body", "body"]


def test_dead_letters_that_cannot_be_sent() -> None:
    """Where SQS does not take a message, it must stay where it is."""
    with pytest.raises(Retry):
        DeadLetters(Queue(broken=True), "https://queue").put("body", reason="r", message_id="m-1")


def test_messages_and_changes() -> None:
    """Lambda's events become values."""
    (message,) = messages_of(
        {"Records": [{"messageId": "m", "body": "{}", "attributes": {"SentTimestamp": "1700000000000"}}]}
    )
    assert message == Message(message_id="m", body="{}", sent_at=1_700_000_000_000)
    (change,) = changes_of(
        {"Records": [{"eventName": "INSERT", "dynamodb": {"SequenceNumber": "7", "NewImage": {"pk": {"S": "P"}}}}]}
    )
    assert (change.sequence, change.old, change.new) == ("7", None, {"pk": "P"})
    assert failed(["a", "b", "a"]) == {"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]}


@pytest.mark.parametrize("body", ["", "nonsense", "1", "null", '["a"]', "[" * 99_999])
def test_bodies_that_are_no_objects(body: str) -> None:
    """A body that is no JSON object is malformed."""
    with pytest.raises(MalformedRecord):
        Message(message_id="m", body=body).parsed()


class Aws:
    """Both evidence sources, without an answer to anything, and a clock that stands still until told."""

    def __init__(self, status: DecodeStatus = DecodeStatus.EXPIRED_OR_INVALID) -> None:
        self.status, self.now, self.asked = status, 0.0, list[str]()
        self.telemetry = FakeTelemetry()

    def decode(self, encoded: str) -> DecodeAnswer:
        """No answer."""
        self.asked.append(encoded)
        return DecodeAnswer(status=self.status, notes=("not decoded",))

    def fetch(self, authorization_id: str, *, region: str | None) -> DetailsAnswer:
        """No answer, or a snapshot that shows nothing."""
        self.asked.append(f"{authorization_id} in {region}")
        return DetailsAnswer(notes=("no details",))

    def desk(self) -> EvidenceDesk:
        """A desk for one batch."""
        return EvidenceDesk(
            decoder=self, reader=self, catalogue=IamCatalogue(), telemetry=self.telemetry, clock=lambda: self.now
        )


ENCODED = "You are not authorized to perform this operation. Encoded authorization failure message: " + "Zm9vYmFy" * 30
DETAILED = (
    "User: arn:aws:sts::111122223333:assumed-role/app/s is not authorized to perform: iam:GetRole on resource: role x "
    "because no identity-based policy allows the iam:GetRole action. Go to https://us-east-1.console.aws.amazon.com/iam/"
    "home?region=us-east-1#/authorization-details/d3xbfwcsdoam45n7ms6nv5pl0 for complete details, or call the "
    "GetRequestAuthorizationDetails API with the following authorization id: d3xbfwcsdoam45n7ms6nv5pl0"
)


def judged(message: str) -> tuple[Verdict, Any]:
    """A verdict on a message, and its call."""
    denied = call(event_source="ec2.amazonaws.com", event_name="StopInstances", message=message)
    return classify(denied, catalogue=IamCatalogue()), denied


def test_expired_messages_do_not_stop_the_questions_at_once() -> None:
    """After a few messages in a row that cannot be decoded, no more are asked about in this batch."""
    aws = Aws()
    desk = aws.desk()
    for _ in range(MISSES_LIMIT + 3):
        completed = desk.completed(*judged(ENCODED))
    assert len(aws.asked) == MISSES_LIMIT
    assert completed.verdict.decode_status is DecodeStatus.FAILED
    assert aws.telemetry.counts["DecodeFailures", "EXPIRED_OR_INVALID"] == MISSES_LIMIT


def test_missing_permission_stops_them_at_once() -> None:
    """Where decoding is not permitted, one question says so."""
    aws = Aws(DecodeStatus.NOT_PERMITTED)
    desk = aws.desk()
    first = desk.completed(*judged(ENCODED))
    desk.completed(*judged(ENCODED))
    assert (len(aws.asked), first.verdict.decode_status) == (1, DecodeStatus.NOT_PERMITTED)
    assert first.verdict.notes == ("not decoded",)


def test_details_are_asked_for_in_the_denials_region() -> None:
    """Authorization details are fetched by their id from the Region of the denial; their absence is noted."""
    aws = Aws()
    completed = aws.desk().completed(*judged(DETAILED))
    assert aws.asked == ["d3xbfwcsdoam45n7ms6nv5pl0 in us-east-1"]
    assert (completed.verdict.notes[-1], completed.snapshot) == ("no details", None)
    assert completed.verdict.action == "iam:GetRole"


def test_questions_have_their_time() -> None:
    """When the batch has used its time, nobody is asked, and the verdict says so."""
    aws = Aws()
    desk = aws.desk()
    aws.now = BUDGET_SECONDS + 1
    assert desk.completed(*judged(ENCODED)).verdict.notes == (NO_TIME,)
    assert desk.completed(*judged(DETAILED)).verdict.notes[-1] == NO_TIME
    assert aws.asked == []


def test_nothing_to_ask() -> None:
    """A message without encoded part and without id costs no question."""
    aws = Aws()
    verdict, denied = judged("You are not authorized to perform this operation.")
    assert aws.desk().completed(verdict, denied).verdict is verdict
    assert aws.asked == []


def test_environment() -> None:
    """The variables become one typed value; what a function needs and lacks is named."""
    given = read_environment({"TABLE_NAME": "t", "REDRESS_SETTINGS": '{"auto_start": false}'})
    assert (given.table_name, given.settings.auto_start, given.dead_letter_queue_url) == ("t", False, "")
    given.need("table_name")
    with pytest.raises(ValueError, match="DEAD_LETTER_QUEUE_URL is not set"):
        given.need("table_name", "dead_letter_queue_url")
    with pytest.raises(ValueError, match="unknown setting"):
        read_environment({"REDRESS_SETTINGS": '{"colour": "red"}'})


def test_environment_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is read at the first use, and then no more."""
    environment.cache_clear()
    monkeypatch.setenv("TABLE_NAME", "first")
    assert environment().table_name == "first"
    monkeypatch.setenv("TABLE_NAME", "second")
    assert environment().table_name == "first"
    environment.cache_clear()


def test_metrics_are_added_up(capsys: pytest.CaptureFixture[str]) -> None:
    """Counts are written once for a batch, times one by one, in CloudWatch's embedded format."""
    with Observed() as observed:
        observed.count("Denials", 2, kind="QUOTA")
        observed.count("Denials", 3, kind="QUOTA")
        observed.count("TimeToFixSeconds", 1.5)
        observed.count("TimeToFixSeconds", 2.5)
        observed.info("new finding", finding_id="f-1")
        observed.warning("has to wait")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metrics = [line for line in lines if "_aws" in line]
    assert [line.get("TimeToFixSeconds") for line in metrics] == [[1.5], [2.5], None]
    assert (metrics[2]["Denials"], metrics[2]["kind"], metrics[2]["service"]) == ([5.0], "QUOTA", "redress")
    assert metrics[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Redress"


def test_metrics_survive_a_crash(capsys: pytest.CaptureFixture[str]) -> None:
    """What was counted before a crash is written all the same."""

    def crashes() -> None:
        with Observed() as observed:
            observed.count("Denials", kind="QUOTA")
            raise KeyError

    with pytest.raises(KeyError):
        crashes()
    assert '"Denials":[1.0]' in capsys.readouterr().out.replace(" ", "")
