"""Step ``put_back``: a step after the signatures failed or was cancelled; IAM goes back to the pre-image."""

import json
from typing import Any

import boto3

from infra.runbook_scripts.stored import move, now, outputs_of, release_lock
from infra.runbook_scripts.way_back import walk_back

UNDONE = {
    "BEFORE": "IAM is as it was before",
    "CHANGED_BY_OTHERS": "somebody else changed the policy meanwhile, so it was left alone: look at it",
}


def put_back(events: dict[str, Any], _context: object) -> dict[str, str]:
    """Returns what failed and what IAM holds now; changes nothing unless this execution had its orders."""
    table, iam, ssm = boto3.resource("dynamodb").Table(events["TableName"]), boto3.client("iam"), boto3.client("ssm")
    steps = ssm.get_automation_execution(AutomationExecutionId=events["ExecutionId"])["AutomationExecution"]
    undo, cause = ordered(steps["StepExecutions"]), failure(steps["StepExecutions"])
    policy_is = walk_back(iam, undo, float(events["PatienceSeconds"])) if undo else "BEFORE"
    outcome = f"{cause}; {UNDONE[policy_is]}"
    marks = {"status": "FAILED", "failure": outcome[:2000], "policy_is": policy_is, "failed_at": now()}
    move(table, events["ProposalId"], events["ExecutionId"], ("WAITING", "APPLYING", "APPLIED"), marks)
    if undo:  # without orders there is no lock either: recheck gives its own back
        release_lock(table, undo["body"]["principal"]["arn"], events["ExecutionId"])
    return {"Outcome": outcome, "PolicyIs": policy_is}


def ordered(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Returns what ``recheck`` ordered in this execution, from SSM's record of it, or an empty dict.

    SSM's record and not the table: whoever could tamper with the table must not steer the way back.
    """
    undo: dict[str, Any] = json.loads(outputs_of(steps, "recheck").get("Undo", ["{}"])[0])
    return undo


def failure(steps: list[dict[str, Any]]) -> str:
    """Returns which step ended how, with its message."""
    for step in reversed(steps):
        if step["StepStatus"] in {"Failed", "TimedOut"}:
            return f"step {step['StepName']} failed: {_first_line(step.get('FailureMessage', step['StepStatus']))}"
    return "the execution was cancelled"


def _first_line(text: str) -> str:
    said = text.rsplit("Refusal", 1)[-1]  # SSM puts a traceback before the message
    return " ".join(said.split()).lstrip("-: ")[:600]
