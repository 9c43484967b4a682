"""``make deploy`` says what is missing before it tries anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from infra.knobs import Knobs
from scripts import deploy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class FakeSession:
    """An account: answers by service and operation, or the fault that is raised instead."""

    def __init__(self, region: str | None, answers: Mapping[str, object]) -> None:
        self.region_name = region
        self._answers = answers

    def client(self, service: str) -> Any:  # noqa: ANN401 - stands for any boto3 client
        """Returns the client of a service."""
        return FakeClient(service, self._answers)


class FakeClient:
    """One service of the account."""

    def __init__(self, service: str, answers: Mapping[str, object]) -> None:
        self._service = service
        self._answers = answers

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
        answer = self._answers[f"{self._service}.{operation}"]

        def call(**_: object) -> object:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def refused(code: str) -> ClientError:
    """Returns AWS's refusal."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


TRAIL = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/all"
READY: dict[str, object] = {
    "sts.get_caller_identity": {"Account": "111122223333"},
    "ssm.get_parameter": {"Parameter": {"Value": "30"}},
    "cloudtrail.describe_trails": {
        "trailList": [{"TrailARN": "arn:aws:cloudtrail:eu-central-1:111122223333:trail/all"}]
    },
    "cloudtrail.get_trail_status": {"IsLogging": True},
    "lambda.get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 1_000}},
}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts an account in place of AWS."""

    def use(region: str | None = "eu-central-1", **changes: object) -> None:
        answers = READY | {name.replace("__", "."): answer for name, answer in changes.items()}
        monkeypatch.delenv("AWS_REGION", raising=False)
        monkeypatch.setattr(boto3.session, "Session", lambda region_name: FakeSession(region_name or region, answers))

    return use


def wanting(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Returns the exit code and the words of a check."""
    code = deploy.main(["--check"])
    return code, capsys.readouterr().out


def test_a_ready_account_lacks_nothing_fatal(account: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """With credentials, Region, bootstrap and trail the check passes."""
    account()
    code, said = wanting(capsys)
    assert code == 0
    assert "nothing that the deployment needs is missing" in said


SSO = "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef"


@pytest.mark.parametrize(
    ("approvers", "second", "noted"),
    [
        (("role/Ops",), (), True),
        (("role/Ops",), ("role/Ops",), True),
        (("user/ana",), (), True),
        (("role/Ops",), ("role/Leads",), False),
        (("role/Ops", "user/ana"), (), False),
        ((SSO,), (), False),
    ],
)
def test_one_role_alone_is_noted(
    account: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    approvers: tuple[str, ...],
    second: tuple[str, ...],
    noted: bool,  # noqa: FBT001 - a case's value
) -> None:
    """Where all signatures would count as one person's, the check says that fixes for two people cannot be applied."""
    account()
    monkeypatch.setattr(deploy, "_knobs", lambda: Knobs(approvers=approvers, second_approvers=second))
    code, said = wanting(capsys)
    assert (code, "two sessions of one role are one person" in said) == (0, noted)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"region": None}, "missing: a Region"),
        ({"sts__get_caller_identity": NoCredentialsError()}, "missing: AWS credentials that work"),
        ({"ssm__get_parameter": refused("ParameterNotFound")}, "missing: the CDK's bootstrap stack"),
        ({"ssm__get_parameter": {"Parameter": {"Value": "3"}}}, "missing: a bootstrap stack newer than version 3"),
    ],
)
def test_what_would_fail_is_named(
    account: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    word: str,
) -> None:
    """Each thing that the deployment would fail without is named, and the exit code is 1."""
    account(**changes)
    code, said = wanting(capsys)
    assert code == 1
    assert word in said


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"cloudtrail__describe_trails": {"trailList": []}}, "note: no trail logs here; Redress would see nothing"),
        ({"cloudtrail__get_trail_status": {"IsLogging": False}}, "note: no trail logs here; Redress would see nothing"),
        ({"cloudtrail__describe_trails": refused("AccessDenied")}, "note: the trails can't be seen from here"),
    ],
)
def test_what_would_leave_redress_blind_is_noted(
    account: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    word: str,
) -> None:
    """A missing trail does not stop the deployment, but is said; a failed look-up is not read as fine."""
    account(**changes)
    code, said = wanting(capsys)
    assert code == 0
    assert word in said


def test_the_region_of_the_environment_counts(
    account: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """AWS_REGION names the Region, as it does for the CDK."""
    account(region=None)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    code, said = wanting(capsys)
    assert code == 0
    assert "Region eu-west-1" in said


@pytest.mark.parametrize(("limit", "said"), [(1_000, False), (50, False), (49, True), (10, True)])
def test_a_small_account_is_told_what_a_flood_would_take(
    account: Callable[..., None], capsys: pytest.CaptureFixture[str], limit: int, *, said: bool
) -> None:
    """Where triage may take more than a fifth of Lambda's concurrency, that is said, and does not stop anybody."""
    account(lambda__get_account_settings={"AccountLimit": {"ConcurrentExecutions": limit}})
    code, words = wanting(capsys)
    assert code == 0
    assert (f"note: room: this account runs {limit} functions at once" in words) is said
    assert ("reserved_concurrency is refused" in words) is said


def test_concurrency_that_may_not_be_seen_is_not_taken_for_enough(
    account: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A failed look-up is said."""
    account(lambda__get_account_settings=refused("AccessDenied"))
    code, said = wanting(capsys)
    assert (code, "note: permission to see Lambda's concurrency" in said) == (0, True)


class Documents:
    """SSM's two documents by name, each with its default and its newest version."""

    def __init__(self, **versions: tuple[str, str]) -> None:
        self.versions = {name.replace("_", "-"): found for name, found in versions.items()}
        self.waiting: list[dict[str, str]] = []

    def client(self, _service: str) -> Documents:
        """Returns SSM."""
        return self

    def describe_document(self, *, Name: str) -> dict[str, object]:  # noqa: N803 - boto3's
        """Returns the versions."""
        if Name not in self.versions:
            raise refused("InvalidDocument")
        default, newest = self.versions[Name]
        return {"Document": {"DefaultVersion": default, "LatestVersion": newest}}

    def get_paginator(self, operation: str) -> Documents:
        """Returns what lists executions."""
        assert operation == "describe_automation_executions"
        return self

    def paginate(self, *, Filters: list[dict[str, object]]) -> list[dict[str, object]]:  # noqa: N803 - boto3's
        """Returns the executions that wait, one on each page."""
        named = {each["Key"]: each["Values"] for each in Filters}
        assert named["ExecutionStatus"] == ["Waiting"]
        found = [each for each in self.waiting if [each["DocumentName"]] == named["DocumentNamePrefix"]]
        return [{"AutomationExecutionMetadataList": [each]} for each in found]

    def update_document_default_version(self, *, Name: str, DocumentVersion: str) -> None:  # noqa: N803 - boto3's
        """Puts a version in force."""
        self.versions[Name] = (DocumentVersion, self.versions[Name][1])


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch, account: Callable[..., None]) -> Callable[[Documents], int]:
    """Deploys to a ready account, where the CDK succeeds and leaves these documents."""

    def run(documents: Documents) -> int:
        account()
        monkeypatch.setattr(deploy, "deploy", lambda *, ask, mend: 0 if ask and not mend else 1)
        monkeypatch.setattr(deploy, "put_in_force", _after(documents, deploy.put_in_force, monkeypatch))
        return deploy.main([])

    return run


def _after(documents: Documents, real: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    def run() -> int:
        monkeypatch.setattr(boto3.session, "Session", lambda region_name: documents if region_name is None else None)
        return real()

    return run


def test_a_deployment_puts_its_runbooks_in_force(
    deployed: Callable[[Documents], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """A version that CloudFormation did not make the default is made so, and it is said."""
    documents = Documents(Redress_ApplyPolicyFix=("3", "4"), Redress_RestorePolicy=("2", "2"))
    assert deployed(documents) == 0
    assert documents.versions == {"Redress-ApplyPolicyFix": ("4", "4"), "Redress-RestorePolicy": ("2", "2")}
    said = capsys.readouterr().out
    assert "Redress-ApplyPolicyFix: version 4 is in force now" in said
    assert "Redress-RestorePolicy" not in said


def test_runbooks_that_cannot_be_seen_are_no_success(
    deployed: Callable[[Documents], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nobody can tell which runbook is in force, the deployment does not end well."""
    assert deployed(Documents()) == 1
    assert "an old runbook may still be in force" in capsys.readouterr().out


def test_a_deployment_names_the_requests_that_it_made_worthless(
    deployed: Callable[[Documents], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever waits for a signature by an older runbook would sign for nothing."""
    documents = Documents(Redress_ApplyPolicyFix=("3", "4"), Redress_RestorePolicy=("2", "2"))
    documents.waiting = [
        {"AutomationExecutionId": f"e-{name}-{version}", "DocumentName": f"Redress-{name}", "DocumentVersion": version}
        for name, version in (("ApplyPolicyFix", "3"), ("ApplyPolicyFix", "4"), ("RestorePolicy", "2"))
    ]
    assert deployed(documents) == 0
    said = capsys.readouterr().out
    assert "execution e-ApplyPolicyFix-3 asked for a signature by version 3 of Redress-ApplyPolicyFix" in said
    assert "stop-automation-execution --automation-execution-id e-ApplyPolicyFix-3" in said
    assert "e-ApplyPolicyFix-4" not in said
    assert "e-RestorePolicy-2" not in said
