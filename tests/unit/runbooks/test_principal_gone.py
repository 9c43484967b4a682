"""The way back of a fix whose principal was deleted meanwhile, or deleted and made again under its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.runbook_world import ACCOUNT, RESTORE, ROLE, World, allow, proposal, ready_world

if TYPE_CHECKING:
    from redress.domain.proposal import Proposal

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-us-east-1-role-orders-service"
FATES = ("deleted", "made anew")


def befall(world: World, fate: str) -> None:
    """Deletes the role, with its attachments as IAM does, and may make another of the same name."""
    world.iam.delete(ROLE)
    if fate == "made anew":
        world.iam.add_role(ROLE)


def taken_back(world: World, applied: Proposal) -> str:
    """Returns how a restore ends, signed where it asks."""
    execution = world.start(applied, RESTORE)
    world.run()
    if world.status(execution) == "Waiting":
        world.sign(execution)
        world.run()
    assert world.status(execution) in {"Success", "Failed"}
    return world.failure(execution) or str(world.item(applied)["status"])


@pytest.mark.parametrize("fate", FATES)
def test_its_policy_is_deleted(fate: str) -> None:
    """Nothing of the fix is left, and nobody of the same name is given or loses anything."""
    world = ready_world()
    applied = world.file(proposal(world))
    world.applied(applied)
    befall(world, fate)
    assert taken_back(world, applied) == "RESTORED"
    assert (world.iam.policies, world.iam.attached) == ({}, set())


@pytest.mark.parametrize("fate", FATES)
def test_its_policy_gets_the_version_from_before(fate: str) -> None:
    """Fixes that lie on one another are taken back one by one, to the end."""
    world = ready_world()
    lower = world.file(proposal(world, allow("s3:GetObject")))
    world.applied(lower)
    upper = world.file(proposal(world, allow("s3:GetObject"), allow()))
    world.applied(upper)
    befall(world, fate)
    assert taken_back(world, upper) == "RESTORED"
    assert "s3:PutObject" not in world.iam.policies[POLICY].versions[world.iam.policies[POLICY].default]
    assert taken_back(world, lower) == "RESTORED"
    assert (world.iam.policies, world.iam.attached) == ({}, set())


@pytest.mark.parametrize("fate", FATES)
def test_a_lifetime_ends_without_a_signature(fate: str) -> None:
    """What was to go by itself goes, whatever became of its principal."""
    world = ready_world()
    applied = world.file(proposal(world, remove_after_hours=1))
    world.applied(applied)
    befall(world, fate)
    world.pass_time(hours=2)
    asked = len(world.asked)
    assert taken_back(world, applied) == "RESTORED"
    assert (len(world.asked), world.iam.policies) == (asked, {})


def test_somebody_else_of_the_name_who_has_the_policy_loses_it() -> None:
    """A policy that somebody attached to the new principal is taken from it with the fix."""
    world = ready_world()
    applied = world.file(proposal(world))
    world.applied(applied)
    befall(world, "made anew")
    world.iam.attached.add((ROLE, POLICY))
    assert taken_back(world, applied) == "RESTORED"
    assert (world.iam.policies, world.iam.attached) == ({}, set())


def test_a_detached_policy_of_the_same_principal_is_somebodys_change() -> None:
    """Where the principal is the one that was fixed, whoever detached the policy is told of, and nothing is undone."""
    world = ready_world()
    applied = world.file(proposal(world))
    world.applied(applied)
    world.iam.attached.clear()
    assert "it was detached" in taken_back(world, applied)
    assert POLICY in world.iam.policies
