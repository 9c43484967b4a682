"""Somebody who can write the table plants proposals of his own, and wants them in IAM with as few signatures as he can.

He may write any item, and he can compute any digest. What he cannot do is change SSM's records or sign.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters.table_writes import Key
from redress.domain.proposal import Proposal, canonical_json, seal, sha256
from tests.runbook_world import ACCOUNT, RESTORE, ROLE, World, allow, content, document, proposal, ready_world

if TYPE_CHECKING:
    from collections.abc import Mapping

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-role-orders-service"
EVIL = document(allow("iam:*", "*"))
BEFORE = {"exists": True, "version_id": "v1", "attached": True}


@pytest.fixture
def world() -> World:
    """A world where the attacker's role has one small fix, honestly asked for and signed."""
    found = ready_world()
    found.applied(found.file(proposal(found, allow("s3:GetObject"))))
    found.iam.writes.clear()
    return found


def plant(world: World, body: Mapping[str, Any], **marks: object) -> Proposal:
    """Writes a proposal as if it had been signed and applied, and puts it on top of the principal's."""
    planted = seal(body)
    key = Key(pk=f"PROPOSAL#{planted.proposal_id}", sk="PROPOSAL")
    world.items[key] = {
        "pk": key.pk,
        "sk": key.sk,
        "item_type": "proposal",
        "body": planted.body,
        "digest": planted.digest,
        "execution_id": "11111111-2222-4333-8444-555555555555",
        "status": "APPLIED",
        "state": "PROPOSAL#APPLIED",
        "applied_at": f"{world.clock.now() - timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}",
        "finding_ids": [],
        **marks,
    }
    pointer = Key(pk=f"TARGET#{ROLE}", sk="APPLIED")
    world.items[pointer] = {"pk": pointer.pk, "sk": pointer.sk, "proposal_id": planted.proposal_id}
    return planted


def in_force(world: World) -> Any:  # noqa: ANN401 - a policy document
    """Returns the document that the role's policy holds now."""
    policy = world.iam.policies[POLICY]
    return json.loads(policy.versions[policy.default])


@pytest.mark.parametrize("hours", [0, 1])
def test_t08_planted_proposal_cannot_bring_in_a_document_by_being_taken_back(world: World, hours: int) -> None:
    """A proposal planted as applied, expired or not, grants nothing when it is 'restored', and nobody is asked to."""
    live = world.iam.policies[POLICY].versions["v1"]
    past = {**BEFORE, "document_sha256": sha256(canonical_json(json.loads(EVIL)))}
    body = content(world, document=live, pre_image=past, remove_after_hours=hours)
    planted = plant(world, body, snapshot=json.dumps({"text": EVIL, "versions": []}))
    asked = len(world.asked)
    execution = world.start(planted, RESTORE)
    world.run()
    assert in_force(world) == json.loads(live)
    assert (world.status(execution), world.iam.writes, len(world.asked)) == ("Failed", [], asked)
    assert "SSM knows of no signature for this" in world.failure(execution)
