"""Step ``release``: the next execution may change the principal."""

from typing import Any

import boto3

from infra.runbook_scripts.stored import parsed, release_lock


def release(events: dict[str, Any], _context: object) -> dict[str, str]:
    """Gives the lock back; if this never runs, a later execution sees that this one is over and takes it."""
    table = boto3.resource("dynamodb").Table(events["TableName"])
    principal = parsed(events["Undo"])["body"]["principal"]["arn"]
    release_lock(table, principal, events["ExecutionId"])
    return {}
