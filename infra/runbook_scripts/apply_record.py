"""Step ``record``: the proposal is APPLIED, with what a restore needs to know."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from infra.runbook_scripts.stored import move, now, require, sealed


def record(events: dict[str, Any], _context: object) -> dict[str, str]:
    """Returns when the change was recorded; a second run finds it recorded and changes nothing."""
    table, me = boto3.resource("dynamodb").Table(events["TableName"]), events["ExecutionId"]
    item, body = sealed(table, events["ProposalId"], events["Digest"])
    if item["status"] == "APPLIED" and item["execution_id"] == me:
        return {"AppliedAt": item["applied_at"]}
    applied_at = now()
    marks = {"status": "APPLIED", "applied_at": applied_at, "version_id": events["VersionId"], "policy_is": "AFTER"}
    moved = move(table, events["ProposalId"], me, ("APPLYING",), {**marks, **_expiry(body, applied_at)})
    require(moved, f"the proposal is {item['status']}, no longer this execution's to record")
    return {"AppliedAt": applied_at}


def _expiry(body: dict[str, Any], applied_at: str) -> dict[str, str]:
    hours = int(body.get("remove_after_hours") or 0)
    ends = datetime.fromisoformat(applied_at).astimezone(UTC) + timedelta(hours=hours)
    return {"remove_at": ends.strftime("%Y-%m-%dT%H:%M:%SZ")} if hours else {}
