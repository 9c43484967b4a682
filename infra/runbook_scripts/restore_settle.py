"""Step ``settle``: IAM is as it was before the proposal."""

from typing import Any

import boto3

from infra.runbook_scripts.stored import move, parsed, require
from infra.runbook_scripts.way_back import walk_back


def settle(events: dict[str, Any], _context: object) -> dict[str, str]:
    """Returns what IAM holds, having finished whatever the steps before left undone."""
    table, undo = boto3.resource("dynamodb").Table(events["TableName"]), parsed(events["Undo"])
    policy_is = walk_back(boto3.client("iam"), undo, float(events["PatienceSeconds"]))
    if policy_is != "BEFORE":  # so that nobody tries again unasked
        marks = {"status": undo["status"], "restoring_by": "", "execution_id": undo["owner"]}
        move(table, undo["proposal_id"], undo["owner"], (undo["status"],), marks)
    require(policy_is == "BEFORE", "somebody else changed the policy meanwhile, so it was left alone: look at it")
    return {"PolicyIs": policy_is}
