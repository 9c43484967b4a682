"""``redress dlq``: reasons are found wherever they are, and nothing is lost on the way back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from redress_cli import aws
from redress_cli.main import main

OUTPUTS = {
    "DenialsQueueUrl": "q/denials",
    "DenialsDeadLetterQueueUrl": "q/dead",
    "RuleDeadLetterQueueUrl": "q/rules",
    "FunctionDeadLetterQueueUrl": "q/functions",
}
GAVE_UP = json.dumps(
    {
        "requestContext": {
            "functionArn": "arn:aws:lambda:us-east-1:111122223333:function:Redress-Notify:$LATEST",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 3,
        }
    }
)


class FakeQueues:
    """SQS in a dictionary; a message that was looked at stays hidden, and ``fails`` names an operation that does."""

    def __init__(self) -> None:
        self.queues: dict[str, list[dict[str, Any]]] = {url: [] for url in OUTPUTS.values()}
        self.hidden: set[str] = set()
        self.fails = ""

    def put(self, url: str, body: str, **attributes: str) -> str:
        """Returns the id of a new message."""
        message_id = f"m-{sum(map(len, self.queues.values()))}"
        given = {name: {"StringValue": value, "DataType": "String"} for name, value in attributes.items()}
        message = {
            "MessageId": message_id,
            "ReceiptHandle": f"r-{message_id}",
            "Body": body,
            "MessageAttributes": given,
        }
        self.queues[url].append(message)
        return message_id

    def receive_message(
        self,
        *,
        QueueUrl: str,  # noqa: N803
        MaxNumberOfMessages: int,  # noqa: N803
        WaitTimeSeconds: int = 0,  # noqa: N803
        **_: object,
    ) -> dict[str, Any]:
        """Returns messages that nobody is looking at; who does not wait gets none, as of a short queue he may."""
        self._maybe_fail("receive")
        if not WaitTimeSeconds:
            return {}
        seen = [each for each in self.queues[QueueUrl] if each["MessageId"] not in self.hidden][:MaxNumberOfMessages]
        self.hidden.update(each["MessageId"] for each in seen)
        return {"Messages": seen} if seen else {}

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> dict[str, Any]:  # noqa: N803
        """Appends a message."""
        self._maybe_fail("send")
        return {"MessageId": self.put(QueueUrl, MessageBody)}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803
        """Forgets a message."""
        self._maybe_fail("delete")
        self.queues[QueueUrl] = [each for each in self.queues[QueueUrl] if each["ReceiptHandle"] != ReceiptHandle]

    def bodies(self, url: str) -> list[str]:
        """Returns what is in a queue."""
        return [each["Body"] for each in self.queues[url]]

    def _maybe_fail(self, operation: str) -> None:
        if self.fails == operation:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    """The queues of a deployment, empty."""
    fake = FakeQueues()
    monkeypatch.setattr(aws.Deployment, "client", lambda _self, _service: fake)
    monkeypatch.setattr(aws.Deployment, "outputs", OUTPUTS)
    return fake


@pytest.mark.parametrize(
    ("url", "body", "attributes", "reason"),
    [
        ("q/dead", "{", {"reason": "the message is no JSON"}, "the message is no JSON"),
        ("q/dead", "{}", {}, "triage failed on it again and again; its log says why"),
        ("q/rules", "{}", {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "no"}, "NO_PERMISSIONS: no"),
        ("q/functions", GAVE_UP, {}, "Redress-Notify: RetryAttemptsExhausted after 3 tries"),
        ("q/functions", "{", {}, "a function gave up on it; its log says why"),
        ("q/functions", "[]", {}, "a function gave up on it; its log says why"),
    ],
)
def test_each_message_has_its_reason(
    queues: FakeQueues, capsys: pytest.CaptureFixture[str], url: str, body: str, attributes: dict[str, str], reason: str
) -> None:
    """The reason stands behind the message's id, on one line."""
    message_id = queues.put(url, body, **attributes)
    assert main(["dlq"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert message_id in line
    assert line.endswith(reason)


def test_nothing_dead_is_said(queues: FakeQueues, capsys: pytest.CaptureFixture[str]) -> None:
    """Empty queues are a sentence for people and nothing for programs."""
    del queues
    assert main(["dlq"]) == 0
    assert capsys.readouterr().out == "no dead letters\n"
    assert main(["dlq", "--json"]) == 0
    assert capsys.readouterr().out == ""


def test_programs_get_whole_bodies(queues: FakeQueues, capsys: pytest.CaptureFixture[str]) -> None:
    """With ``--json`` each message is one object with everything in it."""
    body = "x" * 5_000
    message_id = queues.put("q/dead", body, reason="too long\nto say")
    assert main(["dlq", "--json", "--queue", "denials"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "queue": "denials",
        "message_id": message_id,
        "reason": "too long\nto say",
        "body": body,
    }


def test_a_hostile_reason_stays_on_its_line(queues: FakeQueues, capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters of a reason do not reach the terminal."""
    queues.put("q/dead", "{", reason="x\x1b[2J\nforged line\u202e")
    main(["dlq"])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.isprintable()


def test_replay_sends_again_and_empties(queues: FakeQueues) -> None:
    """Every replayable message is in triage's queue as it was, and no longer dead."""
    queues.put("q/dead", "one", reason="r")
    queues.put("q/rules", "two")
    assert main(["dlq", "replay", "--yes"]) == 0
    assert queues.bodies("q/denials") == ["one", "two"]
    assert queues.bodies("q/dead") == queues.bodies("q/rules") == []


def test_replay_of_one_message_leaves_the_others(queues: FakeQueues) -> None:
    """``--message`` picks."""
    keep, send = (queues.put("q/dead", body, reason="r") for body in ("keep", "send"))
    assert main(["dlq", "replay", "--yes", "--message", send]) == 0
    assert queues.bodies("q/denials") == ["send"]
    assert [each["MessageId"] for each in queues.queues["q/dead"]] == [keep]


def test_positions_in_the_stream_are_not_replayed(queues: FakeQueues, capsys: pytest.CaptureFixture[str]) -> None:
    """What functions gave up on stays, and the person is told why."""
    queues.put("q/functions", GAVE_UP)
    assert main(["dlq", "replay", "--yes"]) == 1
    assert queues.bodies("q/functions") == [GAVE_UP]
    assert "scheduled runs pick up" in capsys.readouterr().err


def test_events_for_functions_are_not_replayed(queues: FakeQueues, capsys: pytest.CaptureFixture[str]) -> None:
    """What EventBridge could not hand to a function is no denial: triage would put it aside, and alarm again."""
    target = "arn:aws:lambda:us-east-1:111122223333:function:Redress-ApprovalsTrackFunction"
    queues.put("q/rules", "event", ERROR_CODE="THROTTLED", TARGET_ARN=target)
    queues.put(
        "q/rules", "denial", ERROR_CODE="NO_PERMISSIONS", TARGET_ARN="arn:aws:sqs:us-east-1:111122223333:Denials"
    )
    assert main(["dlq", "replay", "--yes"]) == 1
    assert queues.bodies("q/denials") == ["denial"]
    assert queues.bodies("q/rules") == ["event"]
    assert "1 were for functions and stay" in capsys.readouterr().err


def test_more_than_a_batch_is_read(queues: FakeQueues, capsys: pytest.CaptureFixture[str]) -> None:
    """Reading goes on until the queue has nothing new, or the limit is reached."""
    for number in range(37):
        queues.put("q/dead", str(number), reason="r")
    assert main(["dlq", "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 37


@pytest.mark.parametrize("operation", ["receive", "send", "delete"])
def test_a_fault_loses_nothing(queues: FakeQueues, capsys: pytest.CaptureFixture[str], operation: str) -> None:
    """Whatever AWS refuses is one sentence, and the message is in one of the two queues at least."""
    queues.put("q/dead", "one", reason="r")
    queues.fails = operation
    assert main(["dlq", "replay", "--yes"]) == 2
    assert capsys.readouterr().err.startswith("redress: ")
    assert "one" in [*queues.bodies("q/dead"), *queues.bodies("q/denials")]


def test_without_a_terminal_nobody_agrees(queues: FakeQueues, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script has to say ``--yes``."""
    queues.put("q/dead", "one", reason="r")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(["dlq", "replay"]) == 2
    assert queues.bodies("q/denials") == []
