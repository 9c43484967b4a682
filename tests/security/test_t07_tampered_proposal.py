"""Somebody who can write the table changes one byte between signature and write."""

from __future__ import annotations

import json

import pytest

from redress.domain.proposal import sha256
from tests.runbook_world import ROLE, World, allow, document, proposal, ready_world

EVIL = document(allow("s3:DeleteBucket", "*"))


@pytest.fixture
def world() -> World:
    """A world with the role."""
    return ready_world()


@pytest.mark.parametrize(
    "member", ["document", "principal", "policy", "expires_at", "guard", "pre_image", "statements"]
)
@pytest.mark.parametrize("digest", [False, True])
def test_t07_tampered_proposal_is_not_applied(world: World, member: str, digest: bool) -> None:  # noqa: FBT001 - a case
    """A changed body is refused after the signature, also where the stored digest was made to fit."""
    signed = world.file(proposal(world))
    execution = world.start(signed)
    world.run()
    item = world.item(signed)
    content = json.loads(item["body"])
    content[member] = EVIL if member == "document" else {}
    item["body"] = json.dumps(content)
    if digest:
        item["digest"] = sha256(item["body"])
    world.sign(execution)
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])


@pytest.mark.parametrize("status", ["READY", "APPLYING", "APPLIED", "REJECTED", "SUPERSEDED"])
def test_t07_tampered_proposal_status_opens_nothing(world: World, status: str) -> None:
    """Whatever status is written into the table, nothing is applied without SSM's own record of a signature."""
    signed = world.file(proposal(world))
    execution = world.start(signed)
    world.run()
    world.item(signed).update(status=status, approved_by=[ROLE])
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Waiting", [])


def test_t07_tampered_proposal_after_the_last_check_changes_nothing(world: World) -> None:
    """Once the orders are given they come from SSM: the bytes written are the signed ones."""
    signed = world.file(proposal(world))
    execution = world.start(signed)
    world.run()
    world.sign(execution)
    while "CreatePolicy" not in world.iam_calls:
        assert world.runner.step()
    world.item(signed)["body"] = world.item(signed)["body"].replace("s3:PutObject", "s3:DeleteBucket")
    world.run()
    held = [text for policy in world.iam.policies.values() for text in policy.versions.values()]
    assert all("s3:DeleteBucket" not in text for text in held)
