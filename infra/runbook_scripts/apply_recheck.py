"""Step ``recheck``: after the signatures, everything again; then the lock, and the orders for the steps after it."""

from contextlib import ExitStack
from typing import Any

import boto3

from infra.runbook_scripts.live import VERSIONS_KEPT
from infra.runbook_scripts.proposal_checks import checked, writes_nothing
from infra.runbook_scripts.signers import check_signatures
from infra.runbook_scripts.stored import (
    canonical,
    check_in_force,
    execution_of,
    move,
    now,
    on_top,
    release_lock,
    require,
    sealed,
    take_lock,
)

OPEN = ("READY", "MANUAL", "WAITING", "APPLYING")


def recheck(events: dict[str, Any], _context: object) -> dict[str, str]:
    """Returns what the next steps write, once this execution holds the lock and all checks passed under it."""
    table, iam, ssm = boto3.resource("dynamodb").Table(events["TableName"]), boto3.client("iam"), boto3.client("ssm")
    me = events["ExecutionId"]
    execution = execution_of(ssm, me)
    check_in_force(ssm, execution)
    _, body = sealed(table, events["ProposalId"], events["Digest"])
    principal = body["principal"]["arn"]
    take_lock(table, ssm, principal, events["ProposalId"], me)
    with ExitStack() as refused:
        refused.callback(release_lock, table, principal, me)
        item, body, found = checked(table, iam, events, OPEN)
        signed = check_signatures(execution, body, events)
        marks = {"status": "APPLYING", "approved_by": signed, "applying_at": now()}
        marks["snapshot"] = canonical(_snapshot(found))
        below = on_top(table, principal)
        marks["previous"] = item.get("previous", "") if below == events["ProposalId"] else below
        require(move(table, events["ProposalId"], me, OPEN, marks), "another execution took up this proposal")
        pointer = {"pk": f"TARGET#{principal}", "sk": "APPLIED", "proposal_id": events["ProposalId"]}
        table.put_item(Item=pointer)
        refused.pop_all()
    return orders(body, found, events)


def orders(body: dict[str, Any], found: dict[str, Any], events: dict[str, Any]) -> dict[str, str]:
    """Returns the arguments of the writing steps, and all that the way back needs to know."""
    same = writes_nothing(body)
    spare = [version for version in found["versions"] if version != found["version_id"]]
    undo = {"body": body, "proposal_id": events["ProposalId"], **_snapshot(found)}
    return {
        "Document": body["document"],
        "PolicyArn": body["policy"]["arn"],
        "PolicyName": body["policy"]["name"],
        "Description": f"Written by Redress: {events['ProposalId']}, execution {events['ExecutionId']}",
        "PrincipalName": body["principal"]["name"],
        "Write": "nothing" if same else "version" if found["exists"] else "create",
        "Attach": "nothing" if found["attached"] else body["principal"]["type"].lower(),
        "Prune": spare[0] if len(found["versions"]) >= VERSIONS_KEPT and not same else "nothing",
        "Undo": canonical(undo),
    }


def _snapshot(found: dict[str, Any]) -> dict[str, Any]:
    return {"text": found["text"], "versions": sorted(found["versions"])}
