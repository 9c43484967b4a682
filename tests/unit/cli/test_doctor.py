"""``redress doctor`` says what is missing, with the exit code that a script can use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from redress.domain.coverage import EVEN_READS
from redress_cli.aws import Deployment
from redress_cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

TRAIL = {"Name": "all", "TrailARN": "arn:aws:cloudtrail:us-east-1:111122223333:trail/all"}
SELECTORS = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [{"Type": "AWS::S3::Object"}]}]
OUTPUTS = {
    "TableName": "table",
    "DenialRuleName": "rule",
    "ApplyDocument": "Redress-ApplyPolicyFix",
    "RestoreDocument": "Redress-RestorePolicy",
    "DenialsDeadLetterQueueUrl": "https://sqs/denials",
    "RuleDeadLetterQueueUrl": "https://sqs/rules",
}
WELL: dict[str, Any] = {
    "describe_trails": {"trailList": [TRAIL]},
    "get_trail_status": {"IsLogging": True},
    "get_event_selectors": {"EventSelectors": SELECTORS},
    "describe_rule": {"State": EVEN_READS},
    "describe_document": {"Document": {"DefaultVersion": "4", "LatestVersion": "4"}},
    "get_queue_attributes": {"Attributes": {"ApproximateNumberOfMessages": "0"}},
    "query": {"Items": []},
    "describe_regions": {"Regions": [{"RegionName": "us-east-1"}, {"RegionName": "eu-west-1"}]},
    "get_caller_identity": {"Arn": "arn:aws:iam::111122223333:user/ana"},
    "describe_stacks": {
        "Stacks": [
            {
                "StackStatus": "CREATE_COMPLETE",
                "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in OUTPUTS.items()],
            }
        ]
    },
}


class FakeAws:
    """Answers every service's operations by name; an exception is raised."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.meta = type("Meta", (), {"region_name": "us-east-1"})

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**_: object) -> object:
            answer = self.answers[operation]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What AWS answers, well unless a test changes it."""
    answers = dict(WELL)
    monkeypatch.setattr(Deployment, "client", lambda *_: FakeAws(answers))
    monkeypatch.setattr("redress_cli.doctor._client", lambda *_: FakeAws(answers))
    return answers


def denied() -> ClientError:
    """A refusal."""
    return ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "Operation")


def test_all_is_well(answers: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing missing is exit code 0, and what was not asked about is said."""
    del answers
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "Nothing is missing." in out
    assert "--all-regions" in out


def test_a_gap(answers: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """A gap is exit code 1, with its remedy."""
    answers["describe_rule"] = {"State": "DISABLED"}
    assert main(["doctor", "--json", "--all-regions"]) == 1
    (gap,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert gap["missing"] == "RULE_DISABLED"
    assert set(gap) == {"missing", "detail", "remedy"}


@pytest.mark.parametrize(
    "operation",
    [
        *("describe_trails", "get_trail_status", "get_event_selectors", "describe_document", "get_queue_attributes"),
        "query",
    ],
)
def test_a_look_that_is_refused(answers: dict[str, Any], operation: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What may not be looked at is never well."""
    answers[operation] = denied()
    assert main(["doctor"]) == 1
    assert "COULD_NOT_LOOK" in capsys.readouterr().out


def test_a_runbook_that_was_not_promoted(answers: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """An older version of the runbooks in force is a gap: its approvers are those of its day."""
    answers["describe_document"] = {"Document": {"DefaultVersion": "3", "LatestVersion": "4"}}
    assert main(["doctor", "--json"]) == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [gap["missing"] for gap in found] == ["RUNBOOK_OUTDATED", "RUNBOOK_OUTDATED"]
    assert found[0]["detail"].startswith("Redress-ApplyPolicyFix: version 3 is in force, 4 is the newest;")


def test_runbooks_that_the_stack_does_not_name(answers: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Where the stack does not say what its runbooks are called, nothing is known of them."""
    answers["describe_stacks"] = {
        "Stacks": [
            {
                "StackStatus": "CREATE_COMPLETE",
                "Outputs": [
                    {"OutputKey": name, "OutputValue": value}
                    for name, value in OUTPUTS.items()
                    if name != "RestoreDocument"
                ],
            }
        ]
    }
    assert main(["doctor"]) == 1
    assert "the stack has no output RestoreDocument" in capsys.readouterr().out


def test_regions_that_are_refused(answers: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Asked for all Regions, and not allowed to list them, the doctor says so."""
    answers["describe_regions"] = denied()
    assert main(["doctor", "--all-regions"]) == 1
    assert "the account's Regions" in capsys.readouterr().out


def test_no_stack(answers: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Without the stack there is nothing to look at: exit code 2."""
    answers["describe_stacks"] = denied()
    assert main(["doctor"]) == 2
    assert "cannot read the stack" in capsys.readouterr().err
