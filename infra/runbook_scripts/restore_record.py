"""Step ``record``: the proposal is RESTORED."""

from typing import Any

import boto3

from infra.runbook_scripts.stored import move, now, parsed, read, release_lock, require


def record(events: dict[str, Any], _context: object) -> dict[str, str]:
    """Marks the proposal RESTORED and gives the lock back; a second run changes nothing."""
    table, me = boto3.resource("dynamodb").Table(events["TableName"]), events["ExecutionId"]
    undo, restored_at = parsed(events["Undo"]), now()
    marks = {"status": "RESTORED", "policy_is": "BEFORE", "restored_at": restored_at, "restored_by": me}
    marks["execution_id"] = undo["owner"]  # the proposal stays with the execution that applied it
    if not move(table, events["ProposalId"], undo["owner"], ("APPLIED", "APPLYING"), marks):
        status = read(table, f"PROPOSAL#{events['ProposalId']}", "PROPOSAL").get("status")
        require(status == "RESTORED", f"the proposal is {status}")
    release_lock(table, undo["body"]["principal"]["arn"], me)
    return {"RestoredAt": restored_at}
