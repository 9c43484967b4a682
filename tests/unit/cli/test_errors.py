"""What a person is told when a command can't do what was asked."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.errors import Refused
from redress.domain.lifecycle import TRANSITIONS, advance
from redress.domain.lifecycle_occurrences import IN_WORDS, Muted
from redress.domain.words import State
from redress_cli.advised import advised
from redress_cli.aws import Deployment
from redress_cli.main import main
from tests.unit.fix import builders

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = {"OutputKey": "TableName", "OutputValue": "table"}
URL = {"endpoint_url": "https://cloudformation.nowhere.amazonaws.com"}


def answer(code: str, operation: str = "DescribeStacks") -> ClientError:
    """Returns an error that AWS answers with."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


class FakeAws:
    """A stack whose table answers as told; nothing is in it."""

    def __init__(self, stacks: object, items: object) -> None:
        self.meta = type("Meta", (), {"region_name": "eu-west-1"})
        self.describe_stacks = _answering(stacks)
        self.get_item = _answering(items)
        self.get_caller_identity = _answering({"Arn": "arn:aws:iam::111122223333:user/ana"})


def _answering(what: object) -> Callable[..., object]:
    def call(**_: object) -> object:
        if isinstance(what, Exception):
            raise what
        return what

    return call


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command that fails; returns what it says."""

    def run(*words: str, stacks: object = None, items: object = None) -> str:
        fake = FakeAws(stacks or {"Stacks": [{"Outputs": [TABLE]}]}, items or {})
        monkeypatch.setattr(Deployment, "client", lambda *_: fake)
        assert main(words) == 2
        return capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (exceptions.NoCredentialsError(), "log in as for the AWS CLI"),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="expired"), "log in as for the AWS CLI"),
        (exceptions.SSOTokenLoadError(profile_name="x", error_msg="expired"), "log in as for the AWS CLI"),
        (answer("ExpiredToken"), "log in as for the AWS CLI"),
        (answer("AccessDenied"), "your credentials may not do this"),
        (exceptions.EndpointConnectionError(**URL, error="x"), "check the network, the Region, and --endpoint-url"),
        (exceptions.ConnectTimeoutError(**URL, error="x"), "check the network, the Region, and --endpoint-url"),
        (answer("ValidationError"), "is it deployed in this Region?"),
        (exceptions.NoRegionError(), "--region"),
        (exceptions.ProfileNotFound(profile="x"), "--profile"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_the_advice_is_for_the_error_at_hand(said: Callable[..., str], error: Any, advice: str) -> None:  # noqa: ANN401 - errors of two trees
    """Whoever has no credentials isn't asked about the Region, and the other way round."""
    told = said("findings", stacks=error)
    assert told.startswith("redress: cannot read the stack Redress, eu-west-1: ")
    assert advice in told
    assert ("deployed in this Region" in told) == ("deployed in this Region" in advice)


def test_an_error_without_advice_stands_for_itself() -> None:
    """Nothing is made up."""
    assert advised(answer("Throttling")) == str(answer("Throttling"))
    assert advised(BotoCoreError()) == str(BotoCoreError())


def test_a_table_that_is_gone_is_said_to_be_gone(said: Callable[..., str]) -> None:
    """Where the stack names a table that is not there, that is what is said."""
    told = said("show", "f-0a1b", items=answer("ResourceNotFoundException", "GetItem"))
    assert "GetItem" in told
    assert "a part of the stack is gone" in told


@pytest.mark.parametrize("name", ["f-0a1b", "p-0a1b"])
@pytest.mark.parametrize("command", ["show", "approve"])
def test_what_is_not_there_is_said_with_where_it_was_looked_for(
    said: Callable[..., str], command: str, name: str
) -> None:
    """Most often it is another Region's; no command sends to itself."""
    told = said(command, name)
    assert re.fullmatch(
        rf"redress: no (finding|proposal) {name} in stack Redress, eu-west-1: is it another Region's\? \(--region\)\n",
        told,
    )


@pytest.mark.parametrize(("command", "begin"), [("approve", "f- or p-"), ("show", "f-"), ("claim", "f-")])
def test_a_name_that_is_none_is_told_how_names_look(said: Callable[..., str], command: str, begin: str) -> None:
    """Ids can be told by how they begin."""
    assert f"ids begin with {begin}; `redress findings` lists them" in said(command, "nope")


@pytest.mark.parametrize("number", ["0", "-1", "many"])
@pytest.mark.parametrize("command", ["findings", "dlq"])
def test_a_limit_below_one_is_refused(command: str, number: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing listed because nothing was asked for would look like nothing there."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--limit", number])
    assert ended.value.code == 2
    assert "--limit" in capsys.readouterr().err


def test_what_can_not_happen_is_said_in_words() -> None:
    """The refusal names the finding's state and what was asked for, as people say it."""
    muted = Muted(cause="known", until=datetime(2027, 1, 1, tzinfo=UTC))
    with pytest.raises(Refused, match=r"^a finding that is FIXED can't be muted$"):
        advance(builders.finding(state=State.FIXED), muted, builders.NOW)
    assert set(IN_WORDS) == set(TRANSITIONS)


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    """``redress --version`` says which one is installed."""
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"redress {project['project']['version']}\n"


def test_an_error_is_told_without_what_a_terminal_obeys(said: Callable[..., str]) -> None:
    """Whatever name stands in an error, a person's terminal gets letters, and the error's own lines."""
    told = said("show", "f-\x1b]0;owned\x07\x9b2J\u202eabc")
    assert "abc" in told
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(told)
