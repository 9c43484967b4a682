"""Step ``load``: may this change be taken back, and who must agree?"""

from typing import Any

import boto3

from infra.runbook_scripts.restore_checks import checked
from infra.runbook_scripts.stored import check_in_force, execution_of


def load(events: dict[str, Any], _context: object) -> dict[str, str]:
    """Returns the approval message, and why no approval is needed where it isn't."""
    table, iam, ssm = boto3.resource("dynamodb").Table(events["TableName"]), boto3.client("iam"), boto3.client("ssm")
    check_in_force(ssm, execution_of(ssm, events["ExecutionId"]))
    undo, _, unasked = checked(table, iam, ssm, events)
    return {"Message": request(undo["body"], events), "Approval": "no" if unasked else "yes", "Because": unasked}


def request(body: dict[str, Any], events: dict[str, Any]) -> str:
    """Returns what the approver reads; every name in it passed IAM's own grammar when it was applied."""
    before = body["pre_image"]
    after = f"version {before['version_id']} is the default again" if before["exists"] else "the policy is deleted"
    return "\n".join([
        f"Redress asks to take back {events['ProposalId']} from {body['principal']['arn']}",
        f"Digest: {events['Digest']}",
        f"Policy: {body['policy']['arn']}",
        f"Afterwards: {after}" + ("" if before["attached"] else ", and it is not attached"),
        f"What it lets through until then: {len(body['probes'])} kinds of calls; redress show {events['ProposalId']}",
    ])  # fmt: skip
