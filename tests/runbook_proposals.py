"""Proposals that fit a world of ``tests.runbook_world``."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from redress.domain.proposal import Proposal, canonical_json, seal, sha256
from tests.fakes_ssm import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fakes_iam import FakeIam
    from tests.runbook_world import World

FINDING = "f-0123456789abcdef0123"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/orders-service"
BUCKET = "arn:aws:s3:::orders-archive"


def allow(action: str = "s3:PutObject", resource: str = f"{BUCKET}/2026/*") -> dict[str, Any]:
    """Returns a statement."""
    return {"Effect": "Allow", "Action": [action], "Resource": [resource]}


def document(*statements: Mapping[str, object]) -> str:
    """Returns a policy document as the planner writes it."""
    return canonical_json({"Version": "2012-10-17", "Statement": list(statements)})


def content(world: World, *statements: Mapping[str, Any], principal: str = ROLE, **changes: object) -> dict[str, Any]:
    """Returns a proposal's content that fits the world as it is."""
    wanted = statements or (allow(),)
    kind, name = principal.split(":", 5)[5].split("/", 1)[0], principal.rsplit("/", 1)[-1]
    policy_name = f"redress-{world.region}-{kind}-{name}"
    policy = f"arn:aws:iam::{ACCOUNT}:policy/redress/{policy_name}"
    probes = [{"action": each["Action"][0], "resource": each["Resource"][0], "context": []} for each in wanted]
    return {
        "schema": 1,
        "created_at": f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ}",
        "expires_at": f"{world.clock.now() + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}",
        "finding_ids": [FINDING],
        "principal": {
            "type": kind.upper(),
            "name": name,
            "arn": principal,
            "account": ACCOUNT,
            "partition": "aws",
            "unique_id": world.iam.id_of(principal),
        },
        "policy": {"arn": policy, "name": policy_name, "path": "/redress/"},
        "pre_image": pre_image(world.iam, policy, principal),
        "document": document(*wanted),
        "statements": list(wanted),
        "guard": {"verdict": "CLEAN", "hits": []},
        "proof": {
            "before": "implicitDeny",
            "after": "allowed",
            "complete": True,
            "source": "iam:SimulatePrincipalPolicy",
            "still_denied_by": None,
            "unknown_layers": [],
            "notes": [],
        },
        "probes": probes,
        "summary": "orders-service was denied s3:PutObject; its policies lack it.",
        "likely_next": [],
        "owned_by": None,
        "patches": {},
        "remove_after_hours": 0,
        "number": next(world.numbers),  # no two proposals of a test have the same digest
        **changes,
    }


def pre_image(iam: FakeIam, policy: str, principal: str) -> dict[str, Any]:
    """Returns the target as it is now."""
    if policy not in iam.policies:
        return {"exists": False, "version_id": "", "document_sha256": "", "attached": False}
    found = iam.policies[policy]
    text = canonical_json(json.loads(found.versions[found.default]))
    attached = (principal, policy) in iam.attached
    return {"exists": True, "version_id": found.default, "document_sha256": sha256(text), "attached": attached}


def proposal(world: World, *statements: Mapping[str, Any], **changes: Any) -> Proposal:  # noqa: ANN401 - any content
    """Returns a sealed proposal that fits the world as it is."""
    return seal(content(world, *statements, **changes))
