"""Step ``settle``: IAM is as it was before the proposal."""

import json
from typing import Any

import boto3

from infra.runbook_scripts.stored import require
from infra.runbook_scripts.way_back import walk_back


def settle(events: dict[str, Any], _context: object) -> dict[str, str]:
    """Returns what IAM holds, having finished whatever the steps before left undone."""
    policy_is = walk_back(boto3.client("iam"), json.loads(events["Undo"]), float(events["PatienceSeconds"]))
    require(policy_is == "BEFORE", "somebody else changed the policy meanwhile, so it was left alone: look at it")
    return {"PolicyIs": policy_is}
