"""Step ``recheck``: everything again under the lock; then the orders for the steps after it."""

from contextlib import ExitStack
from typing import Any

import boto3

from infra.runbook_scripts.live import digest_of
from infra.runbook_scripts.restore_checks import checked
from infra.runbook_scripts.stored import (
    canonical,
    check_in_force,
    execution_of,
    move,
    outputs_of,
    release_lock,
    require,
    sealed,
    take_lock,
)


def recheck(events: dict[str, Any], _context: object) -> dict[str, str]:
    """Returns what the next steps take away, once this execution holds the lock and may."""
    table, iam, ssm = boto3.resource("dynamodb").Table(events["TableName"]), boto3.client("iam"), boto3.client("ssm")
    execution = execution_of(ssm, events["ExecutionId"])
    check_in_force(ssm, execution)
    _, body = sealed(table, events["ProposalId"], events["Digest"])
    principal, me = body["principal"]["arn"], events["ExecutionId"]
    take_lock(table, ssm, principal, events["ProposalId"], me)
    with ExitStack() as refused:
        refused.callback(release_lock, table, principal, me)
        undo, found, unasked = checked(table, iam, ssm, events)
        require(unasked or approved(execution["StepExecutions"]), "nobody approved taking it back")
        orders = ordered(undo, found)
        marks = {"status": undo["status"], "restoring_by": me, "execution_id": undo["owner"]}
        require(move(table, events["ProposalId"], undo["owner"], (undo["status"],), marks), "the proposal moved on")
        refused.pop_all()
    return orders


def approved(steps: list[dict[str, Any]]) -> bool:
    """Returns whether SSM's record says that the approval step of this execution was approved."""
    return bool(outputs_of(steps, "approve").get("ApprovalStatus") == ["Approved"])


def ordered(undo: dict[str, Any], found: dict[str, Any]) -> dict[str, str]:
    """Returns the arguments of the changing steps; ``How`` says which of them run."""
    body = undo["body"]
    before, written = body["pre_image"], digest_of(body["document"])
    old = [version for version, digest in found["versions"].items() if digest == before["document_sha256"]]
    return {
        "How": how(before, found, old, written),
        "Old": old[-1] if old else "none",
        "New": found["version_id"] or "none",
        "Detach": body["principal"]["type"].lower() if found["attached"] and not before["attached"] else "nothing",
        "PolicyArn": body["policy"]["arn"],
        "PrincipalName": body["principal"]["name"],
        "Undo": canonical(undo),
    }


def how(before: dict[str, Any], found: dict[str, Any], old: list[str], written: str) -> str:
    """Returns ``remove``, ``previous``, or ``settle`` for the rare ways that the last script step takes alone."""
    if not before["exists"]:
        return "remove" if len(found["versions"]) == 1 else "settle"
    plain = old and found["exists"] and found["versions"][found["version_id"]] == written != before["document_sha256"]
    return "previous" if plain else "settle"
