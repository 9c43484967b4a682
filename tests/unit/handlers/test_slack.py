"""λ slack: from SNS to a Slack webhook."""

from __future__ import annotations

import io
import json
import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.error import HTTPError, URLError

import pytest
from botocore.exceptions import ClientError

from redress.adapters.secrets import Secret
from redress.adapters.slack_webhook import Answer, SlackWebhook
from redress.domain.card import by_protocol, renderings
from redress.domain.errors import Refused, Retry
from redress.domain.words import Kind
from redress.handlers import slack as handler
from redress.handlers.settings import environment
from redress.handlers.slack import REMEMBERED, Desk, checked, message_of, slack
from tests.unit.card.cards import card_of, told_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = "https://hooks.slack.com/services/T000/B000/XXXX"
RENEWED = "https://hooks.slack.com/services/T000/B000/YYYY"
OK = Answer(status=200, text="ok")


@dataclass(slots=True)
class FakeSlack:
    """Answers in turn, and keeps what it was sent; a None is no answer at all."""

    answers: list[Answer | None]
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def post(self, address: str, body: bytes, *, seconds: float) -> Answer:
        """Returns the next answer."""
        assert seconds > 0
        self.sent.append((address, json.loads(body)))
        answer = self.answers.pop(0)
        if answer is None:
            raise Retry("Slack did not answer: TimeoutError")
        return answer


@dataclass(slots=True)
class FakeSecret:
    """Two texts of one secret."""

    now: str = ADDRESS
    later: str = RENEWED

    def text(self) -> str:
        """Returns the text as first read."""
        return self.now

    def renewed(self) -> str:
        """Returns the text as it is now."""
        self.now = self.later
        return self.now


@dataclass(slots=True)
class Clock:
    """Time that passes only in pauses."""

    seconds: float = 60.0
    pauses: list[float] = field(default_factory=list)

    def left(self) -> float:
        """Returns what is left."""
        return self.seconds

    def pause(self, seconds: float) -> None:
        """Lets time pass."""
        self.pauses.append(seconds)
        self.seconds -= seconds


def deliver(
    *answers: Answer | None, notice: dict[str, str] | None = None, secret: FakeSecret | None = None
) -> tuple[FakeSlack, Clock]:
    """Delivers one notice to a Slack that answers so."""
    there, clock = FakeSlack(list(answers)), Clock()
    desk = Desk(address=secret or FakeSecret(), webhook=there, left=clock.left, pause=clock.pause)
    slack({"Records": [{"Sns": notice or {"Message": "text", "Subject": "A digest"}}]}, desk=desk)
    return there, clock


def refuse(*answers: Answer | None) -> tuple[str, Clock]:
    """Returns why a notice could not be delivered."""
    clock = Clock()
    desk = Desk(address=FakeSecret(), webhook=FakeSlack(list(answers)), left=clock.left, pause=clock.pause)
    with pytest.raises((Retry, Refused)) as caught:
        slack({"Records": [{"Sns": {"Message": "text"}}]}, desk=desk)
    return f"{type(caught.value).__name__}: {caught.value}", clock


def test_a_card_is_delivered_as_blocks() -> None:
    """What SNS gives to Lambda functions holds the message that Slack gets."""
    finding, proposal = told_of(Kind.MISSING_PERMISSION)
    shown = renderings(card_of(finding, proposal), finding)
    there, _ = deliver(OK, notice={"Message": json.loads(by_protocol(shown))["lambda"]})
    assert there.sent == [(ADDRESS, json.loads(shown.slack))]


def test_other_text_is_wrapped() -> None:
    """A digest arrives with its subject as the title."""
    there, _ = deliver(OK, notice={"Subject": "Redress: the day", "Message": "3 open findings\n<!channel> ok\n"})
    (_, message), *_ = there.sent
    assert message["blocks"][0]["text"]["text"] == "Redress: the day"
    assert message["blocks"][1]["text"] == {
        "type": "plain_text", "emoji": False, "text": "3 open findings\n<!channel> ok"
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "[]", "1", '{"slack": 1}', '{"AlarmName": "x"}', "null", "\ud800"])
def test_any_text_becomes_a_message(text: str) -> None:
    """Whatever is published, Slack gets blocks without an empty text."""
    message = message_of({"Message": text})
    assert all(block["text"]["text"] for block in message["blocks"])
    json.dumps(message).encode()


def test_slack_decides_how_long_to_wait() -> None:
    """Retry-After is honoured."""
    there, clock = deliver(Answer(status=429, retry_after=7), OK)
    assert (len(there.sent), clock.pauses) == (2, [7])


def test_faults_are_retried_with_growing_pauses() -> None:
    """Errors of the server and silence alike."""
    _, clock = deliver(Answer(status=500), None, Answer(status=503), OK)
    assert clock.pauses == [1, 2, 4]


def test_what_takes_longer_than_lambda_lives_goes_back() -> None:
    """Then Lambda tries again later, and keeps the event in a queue at last."""
    told, clock = refuse(Answer(status=429, retry_after=90, text="rate_limited"))
    assert told == "Retry: Slack answered 429 rate_limited, and there is no time left to wait 90 s"
    assert clock.pauses == []


def test_slack_that_stays_silent_is_left_in_time() -> None:
    """There are never more pauses than there is time."""
    told, clock = refuse(*[None] * 20)
    assert told.startswith("Retry: Slack did not answer: TimeoutError")
    assert 30 < sum(clock.pauses) < 60


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_revoked_address_is_read_anew(status: int) -> None:
    """An operator rotates the secret; no restart is needed."""
    there, _ = deliver(Answer(status=status), OK)
    assert [address for address, _ in there.sent] == [ADDRESS, RENEWED]


def test_a_revoked_address_that_stays_is_reported() -> None:
    """The same address again would be refused again."""
    there, secret = FakeSlack([Answer(status=404, text="no_service")]), FakeSecret(later=ADDRESS)
    desk = Desk(address=secret, webhook=there, left=lambda: 60, pause=lambda _: None)
    with pytest.raises(Refused, match="404 no_service"):
        slack({"Records": [{"Sns": {"Message": "text"}}]}, desk=desk)


def test_blocks_that_slack_refuses_go_as_text() -> None:
    """A notice is not lost to a limit that we do not know."""
    there, _ = deliver(Answer(status=400, text="invalid_blocks"), OK)
    assert [set(message) for _, message in there.sent][-1] == {"text"}


def test_what_slack_never_takes_is_refused() -> None:
    """And the answer is told."""
    told, _ = refuse(Answer(status=400, text="invalid_blocks"), Answer(status=400, text="no_text"))
    assert told == "Refused: Slack does not take the notice: 400 no_text"


@pytest.mark.parametrize(
    "address",
    [
        "", "http://hooks.slack.com/services/T/B/X", "https://hooks.slack.com.evil.example/services/x",
        "https://hooks.slack.com@evil.example/x", "https://evil.example/hooks.slack.com/x", "https://hooks.slack.com/",
        "https://user:key@hooks.slack.com/services/x", "https://hooks.slack.com:8443/services/x", "file:///etc/passwd",
        "https://hooks.slack.com/services/x y", "https://hooks.slack.com/services/x\r\nHost: evil", "https://[::1",
        "https://hooks.sl\u0430ck.com/services/T/B/X", "ftp://hooks.slack.com/x", "hooks.slack.com/services/x",
    ],
)  # fmt: skip
def test_no_other_host_is_sent_a_notice(address: str) -> None:
    """Only Slack's own hosts by https; the error does not repeat what may be a secret."""
    with pytest.raises(Refused) as caught:
        checked(address)
    assert "evil" not in str(caught.value)


def test_white_space_around_an_address_is_forgiven() -> None:
    """People paste line breaks."""
    assert checked(f" {ADDRESS}\n") == ADDRESS


class FakeSecretsManager:
    """Counts how often it was asked."""

    def __init__(self, *, fails: bool = False, text: str = "") -> None:
        """Starts at none."""
        self.asked = 0
        self._text = text
        self._fails = fails

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        """Returns the address."""
        self.asked += 1
        if self._fails:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetSecretValue")
        return {"SecretString": self._text or f"{SecretId}-{self.asked}"}


def test_a_secret_is_read_once() -> None:
    """And again only when it is asked for anew."""
    manager = FakeSecretsManager()
    secret = Secret(lambda: manager, "s")
    assert [secret.text(), secret.text(), secret.renewed(), secret.text()] == ["s-1", "s-1", "s-2", "s-2"]


def test_a_secret_that_cannot_be_read_is_tried_again() -> None:
    """Throttling passes."""
    manager = FakeSecretsManager(fails=True)
    with pytest.raises(Retry, match="ThrottlingException"):
        Secret(lambda: manager, "s").text()


class Wire(urllib.request.BaseHandler):
    """Stands where urllib would open a connection."""

    handler_order = 100

    def __init__(self, outcome: HTTPError | OSError) -> None:
        """Fails so."""
        self._outcome = outcome

    def https_open(self, _: urllib.request.Request) -> None:
        """Fails."""
        raise self._outcome


def answered(status: int, **headers: str) -> HTTPError:
    """Returns what urllib raises for a status that is no success."""
    given = Message()
    for name, value in headers.items():
        given[name.replace("_", "-")] = value
    return HTTPError(ADDRESS, status, "", given, io.BytesIO(b"rate_limited"))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [({"Retry_After": "30"}, 30.0), ({}, None), ({"Retry_After": "soon"}, None), ({"Retry_After": "٣"}, None)],
)
def test_an_answer_is_read(header: dict[str, str], seconds: float | None) -> None:
    """Status, how long to wait, and the beginning of the text."""
    webhook = SlackWebhook(urllib.request.build_opener(Wire(answered(429, **header))))
    assert webhook.post(ADDRESS, b"{}", seconds=1) == Answer(status=429, retry_after=seconds, text="rate_limited")


@pytest.mark.parametrize("fault", [URLError("no route"), TimeoutError(), ConnectionResetError()])
def test_no_answer_is_worth_another_try(fault: OSError) -> None:
    """And the address stays out of the error."""
    webhook = SlackWebhook(urllib.request.build_opener(Wire(fault)))
    with pytest.raises(Retry) as caught:
        webhook.post(ADDRESS, b"{}", seconds=1)
    assert "services" not in str(caught.value)


class Local(BaseHTTPRequestHandler):
    """Answers ``/ok``, ``/moved`` and ``/slow`` as Slack would, and keeps what it was sent."""

    got: ClassVar[list[tuple[str, bytes]]] = []

    def do_POST(self) -> None:
        """Answers."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Local.got.append((self.path, body))
        self.send_response({"/moved": 302, "/slow": 429}.get(self.path, 200))
        self.send_header("Location", "/ok")
        self.send_header("Retry-After", "3")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def local() -> Iterator[str]:
    """The address of a server on this machine."""
    Local.got.clear()
    with HTTPServer(("127.0.0.1", 0), Local) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("path", "status"), [("/ok", 200), ("/moved", 302), ("/slow", 429)])
def test_the_wire(local: str, path: str, status: int) -> None:
    """One POST of the body as it is; a redirect is an answer, and is not followed."""
    answer = SlackWebhook().post(f"{local}{path}", b'{"text": "x"}', seconds=5)
    assert answer == Answer(status=status, retry_after=3, text="ok")
    assert Local.got == [(path, b'{"text": "x"}')]


class FakeContext:
    """Lambda's context with half a minute left."""

    def get_remaining_time_in_millis(self) -> int:
        """Returns what is left."""
        return 30_000


def notice(id_: str, topic: str = "arn:findings") -> dict[str, Any]:
    """Returns a notice of this id as SNS hands it over."""
    return {
        "TopicArn": topic,
        "Message": "text",
        "MessageAttributes": {"notice_id": {"Type": "String", "Value": id_}},
    }


def deliver_all(desk: Desk, *notices: dict[str, Any]) -> None:
    """Brings these notices, each by an event of its own."""
    for each in notices:
        slack({"Records": [{"Sns": each}]}, desk=desk)


def desk_of(there: FakeSlack, **more: Any) -> Desk:  # noqa: ANN401 - fields of the desk
    """Returns a desk between this Slack and a clock."""
    clock = Clock()
    return Desk(address=FakeSecret(), webhook=there, left=clock.left, pause=clock.pause, **more)


def test_what_slack_has_taken_is_not_sent_again() -> None:
    """SNS and Lambda bring some notices twice; what has no id, as an alarm, is always delivered."""
    there = FakeSlack([OK] * 5)
    desk = desk_of(there)
    deliver_all(desk, notice("n-1"), notice("n-1"), notice("n-2"), notice("n-1"), {"Message": "x"}, {"Message": "x"})
    assert len(there.sent) == 4


def test_what_slack_has_not_taken_is_tried_again() -> None:
    """Only Slack's yes counts: silence, a refusal and an address that is gone forget nothing."""
    there = FakeSlack([*[None] * 6, Answer(status=404), Answer(status=404), Answer(status=400), Answer(status=400), OK])
    delivered: dict[str, None] = {}
    for _ in range(3):
        with pytest.raises((Retry, Refused)):
            deliver_all(desk_of(there, delivered=delivered), notice("n-1"))
    assert delivered == {}
    deliver_all(desk_of(there, delivered=delivered), notice("n-1"), notice("n-1"))
    assert there.answers == []


def test_the_newest_deliveries_are_remembered() -> None:
    """A process that lives long does not remember without end."""
    there = FakeSlack([OK] * (REMEMBERED + 2))
    desk = desk_of(there)
    deliver_all(desk, *(notice(str(number)) for number in range(REMEMBERED + 1)), notice("0"), notice("5"))
    assert len(desk.delivered) == REMEMBERED


def test_the_security_topic_may_have_a_webhook_of_its_own() -> None:
    """Its notices go there and nowhere else."""
    there = FakeSlack([OK] * 3)
    desk = desk_of(there, addresses={"arn:security": FakeSecret(now=RENEWED)})
    deliver_all(desk, notice("n-1", "arn:security"), notice("n-1", "arn:findings"), notice("n-2", "arn:other"))
    assert [address for address, _ in there.sent] == [RENEWED, ADDRESS, ADDRESS]


ALARM = {
    "AlarmName": "Redress-TrackSilent",
    "AlarmDescription": "Findings no longer follow their runbooks. <!channel>",
    "NewStateValue": "ALARM",
    "NewStateReason": "no datapoints were received\nhttps://evil.example",
    "StateChangeTime": "2026-11-21T12:00:00.000+0000",
    "Region": "US East (N. Virginia)",
    "OldStateValue": "OK",
    "Trigger": {"MetricName": "Invocations"},
}


def test_an_alarm_is_told_in_words() -> None:
    """CloudWatch publishes JSON; people read its name, what it means and why it went off."""
    head, body = message_of({"Subject": "ALARM: ...", "Message": json.dumps(ALARM)})["blocks"]
    assert head["text"]["text"] == "ALARM: Redress-TrackSilent"
    assert body["text"]["type"] == "plain_text"
    assert body["text"]["text"].splitlines() == [
        "Findings no longer follow their runbooks. <!channel>",
        "Why: no datapoints were received https[:]//evil.example",
        "Since: 2026-11-21T12:00:00.000+0000",
        "Region: US East (N. Virginia)",
    ]


@pytest.mark.parametrize(
    ("own", "topic", "expected"),
    [
        ("", "arn:security", "arn:secret-1"),
        ("arn:own", "arn:security", "arn:own-1"),
        ("arn:own", "arn:findings", "arn:secret-1"),
        ("arn:own", "", "arn:own-1"),
    ],
)
def test_the_entry_point_knows_the_topics(monkeypatch: pytest.MonkeyPatch, own: str, topic: str, expected: str) -> None:
    """Each has its webhook, and what names no topic goes to the narrower circle; deliveries outlast an invocation."""
    manager, there = FakeSecretsManager(), FakeSlack([OK])
    monkeypatch.setenv("SLACK_WEBHOOK_SECRET_ARN", "arn:secret")
    monkeypatch.setenv("SLACK_SECURITY_SECRET_ARN", own)
    monkeypatch.setenv("FINDINGS_TOPIC_ARN", "arn:findings")
    monkeypatch.setenv("SECURITY_TOPIC_ARN", "arn:security")
    monkeypatch.setattr(handler, "client", lambda _: manager)
    monkeypatch.setattr(handler, "_webhook", lambda: there)
    monkeypatch.setattr(handler, "checked", lambda address: address)
    for cached in (environment, handler._kept):
        cached.cache_clear()
    for _ in range(2):
        handler.handle({"Records": [{"Sns": notice("n-1", topic)}]}, FakeContext())
    assert [address for address, _ in there.sent] == [expected]
    for cached in (environment, handler._kept):
        cached.cache_clear()


def test_the_entry_point_binds_secret_webhook_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret named by the environment, Slack, and the time that Lambda leaves."""
    manager, there = FakeSecretsManager(text=ADDRESS), FakeSlack([OK])
    monkeypatch.setenv("SLACK_WEBHOOK_SECRET_ARN", "arn:secret")
    monkeypatch.setattr(handler, "client", lambda _: manager)
    monkeypatch.setattr(handler, "_webhook", lambda: there)
    for cached in (environment, handler._kept):
        cached.cache_clear()
    handler.handle({"Records": [{"Sns": {"Message": "text"}}]}, FakeContext())
    assert [address for address, _ in there.sent] == [ADDRESS]
    for cached in (environment, handler._kept):
        cached.cache_clear()
