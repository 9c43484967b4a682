"""Step ``put_back``: a step after the signatures failed or was cancelled; IAM goes back to the pre-image."""

from typing import Any

import boto3

from infra.runbook_scripts.stored import execution_of, move, now, outputs_of, parsed, release_lock, words_of
from infra.runbook_scripts.way_back import walk_back

UNDONE = {
    "BEFORE": "IAM is as it was before",
    "CHANGED_BY_OTHERS": "somebody else changed the policy meanwhile, so it was left alone: look at it",
}


def put_back(events: dict[str, Any], _context: object) -> dict[str, str]:
    """Returns what failed and what IAM holds now; changes nothing unless this execution had its orders."""
    table, iam, ssm = boto3.resource("dynamodb").Table(events["TableName"]), boto3.client("iam"), boto3.client("ssm")
    steps = execution_of(ssm, events["ExecutionId"])["StepExecutions"]
    undo, cause = ordered(steps), failure(steps)
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
    return parsed(outputs_of(steps, "recheck").get("Undo", ["{}"])[0])


def failure(steps: list[dict[str, Any]]) -> str:
    """Returns which step ended how, with its message."""
    for step in reversed(steps):
        if step["StepStatus"] in {"Failed", "TimedOut"}:
            return f"step {step['StepName']} failed: {words_of(step.get('FailureMessage') or step['StepStatus'])}"
    return "the execution was cancelled"
