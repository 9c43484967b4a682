"""What the runbooks read and write of a proposal: its sealed body, its status, the lock of its principal."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

Client = Any  # boto3 makes its clients at run time: there is no class to name
OVER = {
    *("Success", "TimedOut", "Cancelled", "Failed", "Rejected", "CompletedWithSuccess", "CompletedWithFailure"),
    "Exited",
}
MOST_STEPS = 50
"""On one page of DescribeAutomationStepExecutions; no runbook has more."""


class Refusal(Exception):  # noqa: N818 - named for the decision, not the fault
    """A rule forbids going on; the text goes to the approver and the finding."""


def require(fact: object, otherwise: str) -> None:
    """Raises a refusal unless the fact holds."""
    if not fact:
        raise Refusal(otherwise)


def canonical(value: object) -> str:
    """Returns the JSON text that digests are made of (the same as redress.domain.proposal.canonical_json)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.replace("}" * 2, "} }").replace("}" * 2, "} }")


def sha256(text: str) -> str:
    """Returns the lower-case hex digest."""
    return hashlib.sha256(text.encode()).hexdigest()


def parsed(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a text or what SSM made of it
    """Returns an object that SSM hands on between steps, whether as JSON text or read already."""
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found


def words_of(failure: str) -> str:
    """Returns a step's failure message without the traceback and the advice that SSM puts around it."""
    said = failure.split("Please refer to Automation Service", maxsplit=1)[0].rsplit("Refusal", 1)[-1]
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    text = " ".join(lines) if "Refusal" in failure or "Traceback" not in failure else lines[-1]
    return text.lstrip("-: ").rstrip(" .")[:600]


def now() -> str:
    """Returns the time as the table writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def code_of(error: ClientError) -> str:
    """Returns the AWS error code."""
    return str(error.response.get("Error", {}).get("Code", ""))


def read(table: Client, pk: str, sk: str) -> dict[str, Any]:
    """Returns the item as it is now, or an empty dict."""
    found: dict[str, Any] = table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item", {})
    return found


def sealed(table: Client, proposal_id: str, digest: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns the proposal's item and its body, which is byte for byte what the digest was made of."""
    item = read(table, f"PROPOSAL#{proposal_id}", "PROPOSAL")
    require(item, f"there is no proposal {proposal_id}")
    text = str(item.get("body", ""))
    same = digest == item.get("digest") == sha256(text) and proposal_id == f"p-{digest[:20]}"
    require(same, "the stored proposal is not the one with this digest")
    body: dict[str, Any] = json.loads(text)
    return item, body


def outputs_of(steps: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Returns the outputs of that step as SSM recorded them, or an empty dict if it never ran."""
    return next((step.get("Outputs", {}) for step in steps if step["StepName"] == name), {})


def execution_of(ssm: Client, execution_id: str) -> dict[str, Any]:
    """Returns SSM's record of the execution with all of its steps, of which SSM may leave some out at first."""
    found: dict[str, Any] = ssm.get_automation_execution(AutomationExecutionId=execution_id)["AutomationExecution"]
    if found.get("StepExecutionsTruncated"):
        steps = ssm.describe_automation_step_executions(AutomationExecutionId=execution_id, MaxResults=MOST_STEPS)
        found["StepExecutions"] = steps["StepExecutions"]
    return found


def check_in_force(ssm: Client, execution: dict[str, Any]) -> None:
    """Refuses if another version of the runbook is in force by now than the one that this execution runs.

    Whoever may start a runbook may start any version of it, and a request may wait while a newer one is deployed:
    approvers who were taken off the list stand in the older one.
    """
    name, own = execution["DocumentName"], execution["DocumentVersion"]
    new = ssm.describe_document(Name=name)["Document"]["DefaultVersion"]
    require(own == new, f"version {new} of {name} is in force by now, not {own}")


def is_over(ssm: Client, execution_id: str) -> bool:
    """Returns whether that execution can change nothing any more."""
    try:
        found = ssm.get_automation_execution(AutomationExecutionId=execution_id)
    except ClientError as error:
        if code_of(error) in {"AutomationExecutionNotFound", "AutomationExecutionNotFoundException"}:
            return True  # SSM forgets executions after 30 days
        raise
    return found["AutomationExecution"]["AutomationExecutionStatus"] in OVER


def take_lock(table: Client, ssm: Client, principal: str, proposal_id: str, me: str) -> None:
    """Makes this execution the only one that may change the principal, or refuses."""
    key = {"pk": f"TARGET#{principal}", "sk": "LOCK"}
    holder = str(read(table, key["pk"], key["sk"]).get("execution_id", me))
    free = holder == me or is_over(ssm, holder)
    require(free, f"execution {holder} is changing the same principal")
    lock = {**key, "execution_id": me, "proposal_id": proposal_id, "taken_at": int(datetime.now(UTC).timestamp())}
    try:
        table.put_item(
            Item=lock,
            ConditionExpression="attribute_not_exists(pk) OR execution_id = :me OR execution_id = :holder",
            ExpressionAttributeValues={":me": me, ":holder": holder},
        )
    except ClientError as error:
        require(code_of(error) != "ConditionalCheckFailedException", "another execution took the lock first")
        raise


def release_lock(table: Client, principal: str, me: str) -> None:
    """Gives the lock back if this execution holds it."""
    try:
        table.delete_item(
            Key={"pk": f"TARGET#{principal}", "sk": "LOCK"},
            ConditionExpression="execution_id = :me",
            ExpressionAttributeValues={":me": me},
        )
    except ClientError as error:
        if code_of(error) != "ConditionalCheckFailedException":
            raise


def on_top(table: Client, principal: str) -> str:
    """Returns the id of the newest proposal that is applied to the principal, or an empty string.

    Each applied proposal names the one below it; those that failed or were taken back are passed over. A chain
    that leads back into itself was made by hand, and stops the execution.
    """
    name = str(read(table, f"TARGET#{principal}", "APPLIED").get("proposal_id", ""))
    passed = ""
    while name:
        require(name not in passed, "a circle of proposals")
        passed += name
        item = read(table, f"PROPOSAL#{name}", "PROPOSAL")
        if item.get("status") in {"APPLIED", "APPLYING"}:
            return name
        name = str(item.get("previous", ""))
    return ""


def move(table: Client, proposal_id: str, me: str, was: tuple[str, ...], to: dict[str, Any]) -> bool:
    """Sets the status and more of a proposal that stands where expected; returns whether it did.

    Only the execution that the proposal belongs to may move it; one that belongs to none becomes this one's.
    """
    changes = {**to, "state": f"PROPOSAL#{to['status']}", "execution_id": to.get("execution_id", me)}
    names = {f"#{name}": name for name in changes} | {"#status": "status", "#execution_id": "execution_id"}
    states = {f":was{number}": state for number, state in enumerate(was)}
    try:
        table.update_item(
            Key={"pk": f"PROPOSAL#{proposal_id}", "sk": "PROPOSAL"},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
            ConditionExpression=f"#status IN ({', '.join(states)}) AND "
            "(attribute_not_exists(#execution_id) OR #execution_id = :me)",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={**{f":{name}": value for name, value in changes.items()}, **states, ":me": me},
        )
    except ClientError as error:
        if code_of(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True
