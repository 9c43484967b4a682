"""``redress explain`` as a person and as a script meet it."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain.words import Owner
from redress_cli.answers import FIELDS
from redress_cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
MESSAGE = (
    "User: arn:aws:sts::111122223333:assumed-role/orders/one is not authorized to perform: s3:PutObject on resource: "
    '"arn:aws:s3:::orders/2026/a.json" because no identity-based policy allows the s3:PutObject action'
)


def record(**changes: object) -> dict[str, Any]:
    """Returns a CloudTrail record of a denied PutObject."""
    return {
        "eventVersion": "1.11",
        "eventID": "6f5c1c1e-0001-4000-8000-000000000001",
        "eventTime": "2026-11-21T02:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutObject",
        "awsRegion": "eu-central-1",
        "errorCode": "AccessDenied",
        "errorMessage": MESSAGE,
        "recipientAccountId": "111122223333",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": "arn:aws:sts::111122223333:assumed-role/orders/one",
            "accountId": "111122223333",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/team/orders"},
            },
        },
    } | changes


@pytest.fixture
def explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[Any], str]]:
    """Runs the command on a file of the given content; returns exit code, JSON lines and standard error."""

    def run(content: object, *options: str) -> tuple[int, list[Any], str]:
        path = tmp_path / "input"
        raw = content if isinstance(content, str | bytes) else json.dumps(content)
        path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
        code = main(["explain", "--json", *options, str(path)])
        printed = capsys.readouterr()
        return code, [json.loads(line) for line in printed.out.splitlines()], printed.err

    return run


def test_a_record_becomes_one_documented_object(explained: Callable[..., Any]) -> None:
    """Every documented key is there, and what the record states is right."""
    code, (answer,), _ = explained(record(), "--each")
    assert code == 0
    assert list(answer) == list(FIELDS)
    assert answer["principal"] == "arn:aws:iam::111122223333:role/team/orders"
    assert answer["action"] == "s3:PutObject"
    assert answer["resource"] == "arn:aws:s3:::orders/2026/a.json"
    assert (answer["layer"], answer["effect"]) == ("IDENTITY_BASED_POLICY", "IMPLICIT_DENY")
    assert (answer["kind"], answer["owner"]) == ("MISSING_PERMISSION", "APPROVER")


def test_repeats_are_grouped_and_counted(explained: Callable[..., Any]) -> None:
    """Denials of one fingerprint are one object with their number and times."""
    records = [record(eventID=str(number), eventTime=f"2026-11-21T02:00:0{number}Z") for number in range(5)]
    _, (answer,), _ = explained({"Records": records})
    assert answer["count"] == len(records)
    assert (answer["first_seen"], answer["last_seen"]) == ("2026-11-21T02:00:00Z", "2026-11-21T02:00:04Z")


def test_each_keeps_the_order_and_names_what_is_no_denial(explained: Callable[..., Any]) -> None:
    """With --each there is one object per record, in input order."""
    success = {key: value for key, value in record().items() if not key.startswith("error")}
    _, answers, _ = explained({"Records": [record(), success, record()]}, "--each")
    assert [answer["denied"] for answer in answers] == [True, False, True]
    assert answers[1]["reason"] == "no_error"


def test_gzip_and_json_lines_are_read(explained: Callable[..., Any]) -> None:
    """A gzipped file of JSON lines is read like any other."""
    lines = "\n".join(json.dumps(record(eventID=str(number))) for number in range(3))
    _, answers, _ = explained(gzip.compress(lines.encode()), "--each")
    assert [answer["event_id"] for answer in answers] == ["0", "1", "2"]


def test_a_message_as_text_is_explained(explained: Callable[..., Any]) -> None:
    """An error message alone is enough for a verdict."""
    code, (answer,), _ = explained(f"An error occurred (AccessDenied) when calling the PutObject operation: {MESSAGE}")
    assert code == 0
    assert (answer["action"], answer["kind"]) == ("s3:PutObject", "MISSING_PERMISSION")
    assert answer["principal"] == "arn:aws:sts::111122223333:assumed-role/orders/one"


def test_a_message_names_the_role_and_not_the_session(explained: Callable[..., Any]) -> None:
    """The session's name is no role's name."""
    _, (answer,), _ = explained(MESSAGE)
    assert answer["explanation"].startswith('The role "orders" (session one) of account 111122223333 was denied ')


def test_a_federated_user_s_message_names_no_role(explained: Callable[..., Any]) -> None:
    """Behind a federated user's session stands a user."""
    _, (answer,), _ = explained(MESSAGE.replace("assumed-role/orders/one", "federated-user/ann"))
    assert answer["explanation"].startswith('The user behind the session "ann" of account 111122223333 was denied ')


def test_a_message_for_which_nothing_can_be_proposed_says_what_would_help(explained: Callable[..., Any]) -> None:
    """What to do and who can follow from the answer that there is no fix, not from the kind of denial."""
    _, (answer,), _ = explained(MESSAGE, "--propose")
    assert (answer["no_fix"]["reason"], answer["no_fix"]["owner"]) == ("PRINCIPAL_UNKNOWN", answer["owner"])
    assert answer["no_fix"]["detail"] == "The evidence names the role but not its path, so its ARN is not certain."
    assert answer["next_step"].startswith("Give the CloudTrail record of the call")


def test_no_card_speaks_of_a_proposal_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only a card that shows a proposed statement asks for its review, and it names people in words."""
    told = {}
    for name, content, options in (
        ("plain", json.dumps(record()), ()),
        ("proposed", json.dumps(record()), ("--propose",)),
        ("none", MESSAGE, ("--propose",)),
    ):
        (tmp_path / name).write_text(content)
        main(["explain", *options, str(tmp_path / name)])
        told[name] = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "Run this again with --propose" in told["plain"]
    assert "Review the proposed statement" in told["proposed"]
    assert "the account's IAM administrators" in told["none"]
    assert not any("proposed statement" in told[name] for name in ("plain", "none"))
    assert not any(owner.value in text for text in told.values() for owner in (Owner.APPROVER, Owner.IAM_ADMIN))


def test_bad_lines_are_named_and_the_rest_goes_on(explained: Callable[..., Any]) -> None:
    """A line that is no JSON, and one that is no record, are named with position and reason; exit code 1."""
    code, answers, errors = explained(f'{json.dumps(record())}\n{{"broken": \n["no record"]\n', "--each")
    assert code == 1
    assert len(answers) == 1
    assert "line 2" in errors
    assert "is not JSON" in errors
    assert "line 3" in errors


@pytest.mark.parametrize("content", ["", "   \n", b"\xff\xfe\x00", b"\x1f\x8bnot gzip"])
def test_what_cannot_be_read_at_all_ends_with_2(explained: Callable[..., Any], content: object) -> None:
    """Input that holds nothing readable ends with exit code 2 and a reason."""
    code, answers, errors = explained(content)
    assert (code, answers) == (2, [])
    assert errors.startswith("redress: ")


def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there is one clear line."""
    assert main(["explain", "/no/such/file"]) == 2
    assert "/no/such/file: file: cannot be read: No such file" in capsys.readouterr().err


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A dash stands for standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(record()).encode())))
    assert main(["explain", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["action"] == "s3:PutObject"


def test_propose_gives_the_smallest_statement_with_proof(explained: Callable[..., Any], tmp_path: Path) -> None:
    """With the principal's policies at hand, the proof says denied before and allowed after."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    given = tmp_path / "policy.json"
    given.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    _, (answer,), _ = explained(record(), "--propose", "--policy", str(given))
    assert answer["no_fix"] is None
    (proposed,) = answer["proposal"]["statements"]
    assert (proposed["Action"], proposed["Resource"]) == ("s3:PutObject", "arn:aws:s3:::orders/2026/a.json")
    assert (answer["proposal"]["proof"]["before"], answer["proposal"]["proof"]["after"]) == ("implicitDeny", "allowed")


def test_propose_never_grants_on_an_explicit_deny(explained: Callable[..., Any]) -> None:
    """An explicit deny has a no_fix with its owner."""
    denied = MESSAGE.replace(
        "because no identity-based policy allows the s3:PutObject action",
        "with an explicit deny in a service control policy",
    )
    _, (answer,), _ = explained(record(errorMessage=denied), "--propose")
    assert answer["proposal"] is None
    assert (answer["no_fix"]["reason"], answer["no_fix"]["owner"]) == ("ORGANIZATION_GUARDRAIL", "ORGANIZATION_ADMIN")


def test_without_policies_the_proof_is_incomplete(explained: Callable[..., Any]) -> None:
    """What was not looked at is not called proven."""
    _, (answer,), _ = explained(record(), "--propose")
    assert answer["proposal"]["proof"]["complete"] is False


def test_cards_are_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json a card per distinct denial and a closing line are printed."""
    path = tmp_path / "one.json"
    path.write_text(json.dumps(record()))
    assert main(["explain", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "MISSING_PERMISSION" in printed
    assert "1 records: 1 denials, 1 distinct" in printed


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of CloudTrail records beside the checkout")
def test_every_envelope_of_the_corpus_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    """Each wrapper's records are found."""
    assert main(["explain", "--json", "--each", str(CORPUS / "envelopes")]) in {0, 1}
    assert capsys.readouterr().out.count("\n") > 10
