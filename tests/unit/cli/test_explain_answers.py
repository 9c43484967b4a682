"""What ``redress explain`` says of calls that failed for another reason, and of encoded messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from redress.domain.parse_codes import REASON_KINDS
from redress_cli.answers import Answerer
from redress_cli.decoding import CHECK, NOT_ASKED, NOT_PERMITTED, Decoding
from redress_cli.groups import KEPT, Groups
from redress_cli.main import main
from redress_cli.reading import Problem, Record
from redress_cli.texts import Encoded

if TYPE_CHECKING:
    from pathlib import Path

    from redress_cli.answers import Answer

BLOB = "aZ09-_" * 40
SAYS = "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: iam:ListRoles"
DECODED = json.dumps(
    {
        "allowed": False,
        "explicitDeny": False,
        "matchedStatements": {"items": []},
        "context": {
            "principal": {"id": "AIDA", "arn": "arn:aws:iam::111122223333:user/ann"},
            "action": "ec2:RunInstances",
            "resource": "arn:aws:ec2:eu-central-1:111122223333:instance/*",
            "conditions": {"items": []},
        },
    }
)


class FakeSts:
    """STS that answers, or fails, always the same."""

    def __init__(self, answer: str | Exception) -> None:
        self.answer = answer
        self.calls = 0

    def decode_authorization_message(self, **_: object) -> dict[str, Any]:
        """Returns the decoded message."""
        self.calls += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"DecodedMessage": self.answer}


def answer_of(item: Record | Encoded, sts: FakeSts | None = None) -> Answer:
    """Returns what the command says of one piece of input."""
    decoding = Decoding(enabled=True, client=lambda: sts) if sts else Decoding()
    answer = Answerer(decoding=decoding).answer(item)
    assert not isinstance(answer, Problem)
    return answer


def encoded() -> Encoded:
    """Returns an encoded message by itself."""
    return Encoded(source="x", position="text", text=BLOB)


def record(code: str, **changes: object) -> Record:
    """Returns a record that failed with this code."""
    value = {
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "eventID": "one",
        "errorCode": code,
        "eventTime": "2026-11-21T02:00:00Z",
    }
    return Record(source="x", position="record 1", value=value | changes)


@pytest.mark.parametrize(
    ("code", "kind", "owner"),
    [
        ("Client.VcpuLimitExceeded", "QUOTA", "CALLER"),
        ("ExpiredToken", "CREDENTIALS", "CALLER"),
        ("Client.RequestLimitExceeded", "THROTTLED", "CALLER"),
        ("Server.InsufficientInstanceCapacity", "CAPACITY", "CALLER"),
        ("OptInRequired", "SERVICE_NOT_ENABLED", "CALLER"),
        ("Client.OperationNotPermitted", "SERVICE_SETTING", "RESOURCE_OWNER"),
    ],
)
def test_trouble_that_is_no_denial_has_its_kind(code: str, kind: str, owner: str) -> None:
    """A failed call that no policy refused says which kind of trouble it is, and what to do."""
    fields = answer_of(record(code)).fields()
    assert (fields["denied"], fields["kind"], fields["owner"]) == (False, kind, owner)
    assert fields["explanation"].startswith("RunInstances of ec2.amazonaws.com failed, but no policy refused it.")
    assert code in fields["explanation"]
    assert fields["next_step"]


@pytest.mark.parametrize(
    ("said", "kind", "why"),
    [
        ("The role defined for the function cannot be assumed by Lambda.", "ROLE_TRUST", "can't assume the role"),
        (
            "The provided execution role does not have permissions to call ReceiveMessage on SQS",
            "OTHER_PRINCIPAL",
            "the role that it names lacks a permission; the caller was not refused",
        ),
    ],
)
def test_trouble_with_a_role_that_was_handed_on_is_not_said_to_be_nobodys(said: str, kind: str, why: str) -> None:
    """Where a role's trust or permissions are behind a failed call, the explanation says so."""
    fields = answer_of(record("InvalidParameterValueException", errorMessage=said)).fields()
    assert (fields["denied"], fields["kind"]) == (False, kind)
    assert why in fields["explanation"]
    assert "no policy refused it" not in fields["explanation"]


def test_nothing_to_act_on_has_no_kind() -> None:
    """A call that succeeded, or that named a thing which is not there, has a reason only."""
    for code, reason in (("", "no_error"), ("NoSuchEntityException", "not_found")):
        fields = answer_of(record(code)).fields()
        assert {name for name, value in fields.items() if value is not None} == {"event_id", "denied", "reason"}
        assert fields["reason"] == reason
        assert REASON_KINDS[reason] is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("An error occurred (ThrottlingException) when calling the ListRoles operation: Rate exceeded", "throttled"),
        ("(Service: AmazonEC2; Status Code: 400; Error Code: RequestExpired; Request ID: 1)", "credentials"),
        ("api error NoSuchEntity: The role cannot be found", "not_found"),
        (f"An error occurred (AccessDenied) when calling the ListRoles operation: {SAYS}", None),
        (f"An error occurred (ValidationException) when calling the X operation: {SAYS} on resource: *", None),
        ("Access Denied", None),
    ],
)
def test_the_code_around_a_message_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, reason: str | None
) -> None:
    """The code that an SDK puts around a copied message decides whether it is a denial; refusing words overrule it."""
    path = tmp_path / "text"
    path.write_text(text)
    assert main(["explain", "--json", "--each", str(path)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert (json.loads(line)["denied"], json.loads(line)["reason"]) == (reason is None, reason)


def test_an_encoded_message_alone_says_what_to_do() -> None:
    """Without --decode nothing is known of it, and the next step is to decode it."""
    fields = answer_of(encoded()).fields()
    assert (fields["kind"], fields["decode_status"], fields["decoded"]) == ("UNKNOWN", "PRESENT", None)
    assert "--decode" in fields["next_step"]
    assert fields["notes"] == [NOT_ASKED]
    assert fields["event_id"] is None


def test_a_decoded_message_is_told_in_sentences() -> None:
    """With --decode the decoded message stands in ``decoded``, a sentence each, and in the verdict."""
    sts = FakeSts(DECODED)
    fields = answer_of(encoded(), sts).fields()
    assert (fields["evidence"], fields["action"], fields["effect"]) == ("DECODED", "ec2:RunInstances", "IMPLICIT_DENY")
    assert fields["decode_status"] == "DECODED"
    assert fields["decoded"][0].startswith('"arn:aws:iam::111122223333:user/ann" asked for ec2:RunInstances on ')


def test_a_decoded_message_is_on_the_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card shows the decoded message in plain words."""
    monkeypatch.setattr("redress_cli.explain.Decoding", lambda enabled: Decoding(enabled, lambda: FakeSts(DECODED)))
    path = tmp_path / "text"
    path.write_text(BLOB)
    assert main(["explain", "--decode", str(path)]) == 0
    assert "asked for ec2:RunInstances" in " ".join(capsys.readouterr().out.replace("│", " ").split())


@pytest.mark.parametrize(
    ("fault", "status", "note"),
    [
        (NoCredentialsError(), "FAILED", CHECK),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "X"), "NOT_PERMITTED", NOT_PERMITTED[1]),
        (
            ClientError({"Error": {"Code": "InvalidAuthorizationMessageException", "Message": ""}}, "X"),
            "EXPIRED_OR_INVALID",
            "Repeat the call to get a fresh message, and decode it in the account that was denied.",
        ),
    ],
)
def test_what_cannot_be_decoded_says_why_and_what_helps(fault: Exception, status: str, note: str) -> None:
    """A failure to decode names its cause and remedy, and nothing is concluded from it."""
    fields = answer_of(encoded(), FakeSts(fault)).fields()
    assert (fields["decode_status"], fields["decoded"], fields["evidence"]) == (status, None, "NONE")
    assert fields["notes"][-1] == note


def test_each_distinct_message_is_decoded_once() -> None:
    """The same encoded message in many records costs one call."""
    sts = FakeSts(DECODED)
    answerer = Answerer(decoding=Decoding(enabled=True, client=lambda: sts))
    for _ in range(3):
        answerer.answer(encoded())
    assert sts.calls == 1


def test_times_and_counts_go_on_when_no_more_answers_are_kept() -> None:
    """First and last seen are those of all denials, in whatever order they came."""
    groups = Groups()
    for number in (*range(KEPT, -1, -1), KEPT + 7):
        when = f"2026-11-21T03:{number // 60:02}:{number % 60:02}Z"
        groups.add(answer_of(record("AccessDenied", eventID=str(number), eventTime=when)))
    (group,) = groups.denials()
    assert (group.count, len(group.answers)) == (KEPT + 2, KEPT)
    assert group.times() == ("2026-11-21T03:00:00Z", "2026-11-21T03:00:57Z")
