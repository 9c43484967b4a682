"""Step ``load``: is the proposal what its digest says, open, and still about the world as it is?"""

import os
from typing import Any

import boto3

from infra.runbook_scripts.message import message
from infra.runbook_scripts.proposal_checks import check_grants, checked
from infra.runbook_scripts.signers import needs_second
from infra.runbook_scripts.stored import Refusal, check_in_force, move

OPEN = ("READY", "MANUAL", "WAITING")


def load(events: dict[str, Any], _context: object) -> dict[str, str]:
    """Returns the approval message and which further steps this proposal needs."""
    table, iam, ssm = boto3.resource("dynamodb").Table(events["TableName"]), boto3.client("iam"), boto3.client("ssm")
    me = events["ExecutionId"]
    check_in_force(ssm, ssm.get_automation_execution(AutomationExecutionId=me)["AutomationExecution"])
    item, body, found = checked(table, iam, events, OPEN)
    check_grants(body, found)
    asked = message(body, found, {**events, "Region": os.environ.get("AWS_REGION", events["Region"])})
    if not move(table, events["ProposalId"], me, OPEN, {"status": "WAITING"}):
        raise Refusal(f"another execution took up this proposal, which was {item['status']}")
    return {
        "Message": asked,
        "Calendar": "yes" if events["Calendars"] else "no",
        "TwoPeople": "yes" if needs_second(body) else "no",
    }
