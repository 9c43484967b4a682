"""SSM Automation: starts, reads and stops executions of the two runbooks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.errors import Refused, Retry
from redress.domain.lifecycle_execution import Decision, Execution, Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

APPROVAL = "aws:approve"
EXECUTION_TAG = "redress:proposal"
STATUSES: Mapping[str, Progress] = {
    **dict.fromkeys(("Success", "CompletedWithSuccess"), Progress.SUCCEEDED),
    **dict.fromkeys(("Failed", "CompletedWithFailure", "Exited"), Progress.FAILED),
    **dict.fromkeys(("Cancelled", "Canceled"), Progress.CANCELLED),
    **dict.fromkeys(("Waiting", "PendingApproval"), Progress.WAITING),
    "TimedOut": Progress.TIMED_OUT,
    "Rejected": Progress.REJECTED,
}
"""Every other status of the API (Pending, InProgress, Cancelling, Approved, ...) means that it still runs."""
LONGEST_MESSAGE = 600
_FULL = {"AutomationExecutionLimitExceeded", "AutomationExecutionLimitExceededException"}
_NOT_FOUND = {"AutomationExecutionNotFound", "AutomationExecutionNotFoundException"}
_OVER = {"InvalidAutomationStatusUpdate", "InvalidAutomationStatusUpdateException"}
_NEVER = {
    "AutomationDefinitionNotFound",
    "AutomationDefinitionNotFoundException",
    "InvalidAutomationExecutionParameters",
    "InvalidAutomationExecutionParametersException",
    "IdempotentParameterMismatch",
}


class Automations:
    """The executions of our runbooks.

    Every method raises ``Retry`` where SSM is busy, full or away: what was to be started stays in its queue.
    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - boto3 clients have no static type here
        self._client = client

    def start(self, document: str, *, proposal_id: str, digest: str, token: str) -> str:
        """Returns the id of the execution, the same one for the same token.

        Raises:
            Refused: SSM will never start it: no such document, or the token was used for something else.

        """
        answer = self._call(
            "start_automation_execution",
            DocumentName=document,
            Parameters={"ProposalId": [proposal_id], "Digest": [digest]},
            ClientToken=token,
            Tags=[{"Key": EXECUTION_TAG, "Value": proposal_id}],
        )
        return str(answer["AutomationExecutionId"])

    def get(self, execution_id: str) -> Execution:
        """Returns the execution as it is now; ``GONE`` where SSM does not know it."""
        answer = self._call("get_automation_execution", gone_is_fine=True, AutomationExecutionId=execution_id)
        if not answer:
            return Execution(execution_id=execution_id, document="", progress=Progress.GONE)
        return execution_of(answer["AutomationExecution"])

    def stop(self, execution_id: str) -> None:
        """Cancels the execution; no fault if it has ended already."""
        self._call("stop_automation_execution", gone_is_fine=True, AutomationExecutionId=execution_id, Type="Cancel")

    def _call(self, operation: str, *, gone_is_fine: bool = False, **arguments: object) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = getattr(self._client, operation)(**arguments)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code"))
            if gone_is_fine and code in _NOT_FOUND | _OVER:
                return {}
            if code in _NEVER:
                raise Refused(f"SSM refuses {operation}: {error}") from error
            raise Retry(f"SSM {'is full' if code in _FULL else 'did not answer'}: {error}") from error
        except BotoCoreError as error:
            raise Retry(f"SSM did not answer: {error}") from error
        return answer


def execution_of(answer: Mapping[str, Any]) -> Execution:
    """Returns the execution that GetAutomationExecution describes."""
    steps = answer.get("StepExecutions", [])
    failed: Mapping[str, Any] = next((step for step in steps if step["StepStatus"] in {"Failed", "TimedOut"}), {})
    return Execution(
        execution_id=answer["AutomationExecutionId"],
        document=answer.get("DocumentName", ""),
        progress=STATUSES.get(answer["AutomationExecutionStatus"], Progress.RUNNING),
        proposal_id=_parameter(answer, "ProposalId"),
        digest=_parameter(answer, "Digest"),
        sign_by=_sign_by(steps),
        min_approvals=_min_approvals(steps),
        decisions=tuple(_decisions(steps)),
        failed_step=failed.get("StepName", ""),
        failure=_message(failed.get("FailureMessage") or answer.get("FailureMessage") or ""),
        started_at=_started(answer.get("ExecutionStartTime")),
    )


def _parameter(answer: Mapping[str, Any], name: str) -> str:
    return str(next(iter(answer.get("Parameters", {}).get(name, [])), ""))


def _started(at: object) -> datetime | None:
    return at.astimezone(UTC) if isinstance(at, datetime) else None


def _sign_by(steps: Iterable[Mapping[str, Any]]) -> datetime | None:
    """Returns when SSM stops waiting, where a step waits for a signature and SSM says since when."""
    waiting = (step for step in steps if step.get("Action") == APPROVAL and step["StepStatus"] == "Waiting")
    ends = [
        since + timedelta(seconds=int(step["TimeoutSeconds"]))
        for step in waiting
        if (since := _started(step.get("ExecutionStartTime"))) and "TimeoutSeconds" in step
    ]
    return min(ends, default=None)


def _min_approvals(steps: Iterable[Mapping[str, Any]]) -> int:
    """Returns how many signatures the first approval step asks for, 1 where SSM does not say."""
    inputs = [step.get("Inputs", {}) for step in steps if step.get("Action") == APPROVAL]
    least = str(inputs[0].get("MinRequiredApprovals", "1")) if inputs else "1"
    return int(least) if least.isdecimal() else 1


def _message(failure: str) -> str:
    """Returns a failure without the traceback and the advice that SSM puts around a script's words."""
    said = failure.split("Please refer to Automation Service", maxsplit=1)[0].rsplit("Refusal", 1)[-1]
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    crashed = "Traceback" in failure and "Refusal" not in failure
    return (lines[-1] if crashed else " ".join(lines)).lstrip("-: ").rstrip(" .")[:LONGEST_MESSAGE]


def _decisions(steps: Iterable[Mapping[str, Any]]) -> Iterable[Decision]:
    for step in steps:
        for text in step.get("Outputs", {}).get("ApproverDecisions", []):
            value = json.loads(text) if text else []
            yield from (_decision(entry) for entry in (value if isinstance(value, list) else [value]))


def _decision(entry: Mapping[str, Any]) -> Decision:
    """Returns one decision; SSM's documentation shows the keys in either case."""
    plain = {key.lower(): str(value) for key, value in entry.items()}
    at = plain.get("approvaldecisiontime", "")
    return Decision(
        approver=plain.get("approver", "somebody"),
        approved=plain.get("decision", "").lower() in {"approve", "approved"},
        comment=plain.get("comment", ""),
        at=datetime.fromisoformat(at).astimezone(UTC) if at else None,
    )
