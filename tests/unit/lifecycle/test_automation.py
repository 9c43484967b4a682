"""SSM Automation's words, read into the domain's."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.session import get_session

from redress.adapters.automation import STATUSES, Automations, execution_of
from redress.domain.errors import Refused, Retry
from redress.domain.lifecycle_execution import Progress
from tests.fakes_iam import fault

if TYPE_CHECKING:
    from collections.abc import Callable

API_STATUSES = get_session().get_service_model("ssm").shape_for("AutomationExecutionStatus").metadata["enum"]
TRACEBACK = 'Traceback (most recent call last):\n  File "x"\n\n'
ADVICE = "Please refer to Automation Service Troubleshooting Guide for more diagnosis details."
ANA = "arn:aws:iam::111122223333:user/ana"


class FakeClient:
    """Answers with the same, or raises the same, always."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.calls: list[dict[str, Any]] = []

    def __getattr__(self, _: str) -> Callable[..., object]:
        return self._call

    def _call(self, **arguments: Any) -> object:  # noqa: ANN401 - as boto3
        self.calls.append(arguments)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def answer(**changes: object) -> dict[str, Any]:
    """Returns an AutomationExecution."""
    return {"AutomationExecutionId": "e-1", "AutomationExecutionStatus": "Success", "StepExecutions": [], **changes}


def approve_step(*decisions: dict[str, str]) -> dict[str, Any]:
    """Returns an approval step as SSM shows it."""
    said = [json.dumps(each) for each in decisions]
    return {"StepName": "approve", "StepStatus": "Success", "Outputs": {"ApproverDecisions": said}}


@pytest.mark.parametrize("status", API_STATUSES)
def test_every_status_of_the_api_means_something(status: str) -> None:
    """An ended execution is over, and no other is."""
    progress = execution_of(answer(AutomationExecutionStatus=status)).progress
    ended = {"Success", "TimedOut", "Cancelled", "Failed", "Rejected", "CompletedWithSuccess", "CompletedWithFailure"}
    assert progress.is_over == (status in ended | {"Exited"})


def test_both_spellings_of_cancelled_are_known() -> None:
    """The events' documentation writes Canceled, the API Cancelled."""
    assert {STATUSES["Canceled"], STATUSES["Cancelled"]} == {Progress.CANCELLED}


def test_who_signed_and_when() -> None:
    """Decisions are read in order, their time where SSM gives it."""
    first = {"Approver": ANA, "Decision": "Approve", "ApprovalDecisionTime": "2026-11-21T12:00:00.5Z", "Comment": "ok"}
    found = execution_of(answer(StepExecutions=[approve_step(first, {"approver": "ben", "decision": "Approved"})]))
    assert found.approved_by == (ANA, "ben")
    assert found.approved_at == datetime(2026, 11, 21, 12, 0, 0, 500_000, tzinfo=UTC)
    assert found.rejection is None


def test_who_said_no() -> None:
    """A rejection is found with its comment."""
    said = approve_step(
        {"Approver": ANA, "Decision": "Approve"}, {"Approver": "ben", "Decision": "Reject", "Comment": "no"}
    )
    found = execution_of(answer(StepExecutions=[said]))
    assert found.rejection
    assert (found.rejection.approver, found.rejection.comment) == ("ben", "no")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Refusal: the proposal is APPLIED", "the proposal is APPLIED"),
        (
            f"Step fails. {TRACEBACK}Refusal - the proposal\nexpired. {ADVICE}",
            "the proposal expired",
        ),
        (f"{TRACEBACK}KeyError: 'x'", "KeyError: 'x'"),
        ("An error occurred (AccessDenied)", "An error occurred (AccessDenied)"),
    ],
)
def test_a_failure_is_told_in_the_scripts_own_words(message: str, said: str) -> None:
    """SSM's traceback and advice are left out."""
    step = {"StepName": "load", "StepStatus": "Failed", "FailureMessage": message}
    found = execution_of(answer(StepExecutions=[step]))
    assert (found.failed_step, found.failure) == ("load", said)


def test_starting_hands_over_id_digest_token_and_tag() -> None:
    """Nothing else goes to the runbook."""
    client = FakeClient({"AutomationExecutionId": "e-1"})
    assert Automations(client).start("Doc", proposal_id="p-1", digest="d", token="t") == "e-1"
    assert client.calls == [
        {
            "DocumentName": "Doc",
            "Parameters": {"ProposalId": ["p-1"], "Digest": ["d"]},
            "ClientToken": "t",
            "Tags": [{"Key": "redress:proposal", "Value": "p-1"}],
        }
    ]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (fault("ThrottlingException"), Retry),
        (fault("AutomationExecutionLimitExceededException"), Retry),
        (fault("InternalServerError"), Retry),
        (EndpointConnectionError(endpoint_url="x"), Retry),
        (fault("AutomationDefinitionNotFoundException"), Refused),
        (fault("InvalidAutomationExecutionParametersException"), Refused),
        (fault("IdempotentParameterMismatch"), Refused),
    ],
)
def test_each_error_is_a_decision(error: Exception, expected: type[Exception]) -> None:
    """Busy or full: try again; impossible: tell the operator."""
    with pytest.raises(expected):
        Automations(FakeClient(error)).start("Doc", proposal_id="p-1", digest="d", token="t")


def test_an_execution_that_ssm_forgot_is_gone() -> None:
    """After 30 days SSM knows nothing; that is an answer, not a fault."""
    found = Automations(FakeClient(fault("AutomationExecutionNotFoundException"))).get("e-1")
    assert found.progress is Progress.GONE


@pytest.mark.parametrize("code", ["AutomationExecutionNotFoundException", "InvalidAutomationStatusUpdateException"])
def test_stopping_what_is_over_is_no_fault(code: str) -> None:
    """Whoever stops twice, or too late, is not bothered."""
    Automations(FakeClient(fault(code))).stop("e-1")


def test_when_it_was_started() -> None:
    """In UTC; where SSM does not say, nobody knows."""
    at = datetime(2026, 11, 21, 13, tzinfo=timezone(timedelta(hours=1)))
    assert execution_of(answer(ExecutionStartTime=at)).started_at == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert execution_of(answer()).started_at is None
