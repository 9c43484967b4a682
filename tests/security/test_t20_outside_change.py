"""Somebody changes the policy while a fix is proposed, signed, written, verified or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from redress.domain.proposal import seal
from redress.domain.target import RedressPolicy
from redress.domain.words import NoFixReason
from tests.runbook_world import ACCOUNT, RESTORE, ROLE, World, allow, content, document, proposal, ready_world
from tests.unit.fix import builders

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.automation.happenings import Perform

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-us-east-1-role-orders-service"
OUTSIDE = document(allow("s3:DeleteBucket", "*"))


def another_version(world: World) -> None:
    """Somebody writes a version."""
    world.iam.policies[POLICY].add(OUTSIDE, default=True)


def somewhere_else(world: World) -> None:
    """Somebody attaches the policy to his own role."""
    world.iam.attached.add((f"arn:aws:iam::{ACCOUNT}:role/attacker", POLICY))


def off(world: World) -> None:
    """Somebody detaches it."""
    world.iam.attached.discard((ROLE, POLICY))


CHANGES: tuple[Callable[[World], None], ...] = (another_version, somewhere_else, off)


@pytest.fixture
def world() -> World:
    """A world where a first fix is in force."""
    found = ready_world()
    found.applied(found.file(proposal(found, allow("s3:GetObject"))))
    found.iam.writes.clear()
    return found


@pytest.mark.parametrize("change", CHANGES)
def test_t20_outside_change_before_the_signature(world: World, change: Callable[[World], None]) -> None:
    """What was signed for another world is not written into this one."""
    execution = world.start(world.file(proposal(world, allow("s3:GetObject"), allow())))
    world.run()
    change(world)
    world.sign(execution)
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])


USER = f"arn:aws:iam::{ACCOUNT}:user/robots/nightly"


def made_anew(world: World, arn: str) -> None:
    """Somebody deletes the principal and makes one of the same name, which he may use."""
    world.iam.delete(arn)
    (world.iam.add_role if ":role/" in arn else world.iam.add_user)(arn)


@pytest.mark.parametrize("principal", [ROLE, USER])
@pytest.mark.parametrize("asked", [0, 1], ids=["before anybody is asked", "before the signature"])
def test_t20_outside_change_of_the_principal_itself(principal: str, asked: int) -> None:
    """A role or user made anew under the name of the one that was denied is given nothing."""
    world = ready_world()
    world.iam.add_user(USER)
    filed = world.file(proposal(world, principal=principal))
    execution = world.start(filed) if asked else ""
    world.run()
    made_anew(world, principal)
    execution = execution or world.start(filed)
    world.run()
    if asked:
        world.sign(execution)
        world.run()
    assert (world.status(execution), world.iam.writes, len(world.asked)) == ("Failed", [], asked)
    assert "was made anew since" in world.failure(execution)


def test_t20_outside_change_of_the_principal_while_it_is_given_the_policy() -> None:
    """A role made anew at the last moment has the policy until the verification, and loses it again at once."""
    world = ready_world()
    execution = world.start(world.file(proposal(world)))
    world.run()

    def swap(order: Perform) -> str:
        if order.step == "attach_role":
            made_anew(world, ROLE)
        return ""

    world.fails = swap
    world.sign(execution)
    world.run()
    assert world.status(execution) == "Failed"
    assert (world.iam.attached, world.iam.policies) == (set(), {})
    assert "was made anew since" in world.item_failure()


def test_t20_outside_change_is_not_seen_in_proposals_that_name_no_id(world: World) -> None:
    """A proposal from before ids were sealed is applied as it was."""
    body = content(world, allow("s3:GetObject"), allow())
    del body["principal"]["unique_id"]
    assert world.applied(world.file(seal(body)))


def test_t20_outside_change_between_write_and_verification(world: World) -> None:
    """A version that somebody writes right after ours fails the verification, and is left alone."""
    execution = world.start(world.file(proposal(world, allow("s3:GetObject"), allow())))
    world.run()

    def meddle(order: Perform) -> str:
        if order.step == "verify" and OUTSIDE not in world.iam.policies[POLICY].versions.values():
            another_version(world)
        return ""

    world.fails = meddle
    world.sign(execution)
    world.run()
    policy = world.iam.policies[POLICY]
    assert world.status(execution) == "Failed"
    assert policy.versions[policy.default] == OUTSIDE
    assert "somebody else changed the policy" in world.item_failure()


def test_t20_outside_change_is_not_overwritten_by_a_restore(world: World) -> None:
    """Taking a fix back never drops what somebody else wrote since."""
    fix = world.file(proposal(world, allow("s3:GetObject"), allow()))
    world.applied(fix)
    another_version(world)
    during = world.iam.image()
    execution = world.start(fix, RESTORE)
    world.run()
    assert world.status(execution) == "Failed"
    assert world.iam.image() == during


def existing(text: str, *, attached: bool = True, elsewhere: int = 0) -> RedressPolicy:
    """Returns a policy of Redress's name that somebody made before Redress did."""
    return RedressPolicy(
        arn=f"arn:aws:iam::{builders.ACCOUNT}:policy/redress/redress-us-east-1-role-app",
        version_id="v1",
        document=text,
        versions=("v1",),
        attached=attached,
        elsewhere=elsewhere,
    )


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (existing(OUTSIDE, attached=False), NoFixReason.GUARD_BLOCKED),
        (existing(document(allow("iam:*", "*")), attached=False), NoFixReason.GUARD_BLOCKED),
        (existing(document(), elsewhere=1), NoFixReason.POLICY_CHANGED_BY_OTHERS),
        (existing("{}"), NoFixReason.POLICY_CHANGED_BY_OTHERS),
        (existing('{"Version":"2012-10-17","Statement":[{"Resource":"{{x}}"}]}'), NoFixReason.POLICY_CHANGED_BY_OTHERS),
    ],
)
def test_t20_outside_change_ahead_of_the_first_fix(policy: RedressPolicy, reason: NoFixReason) -> None:
    """A policy laid in wait under Redress's name is neither attached nor added to."""
    plan = builders.plan(builders.finding(), on=builders.target("s3:GetObject", redress=policy))
    assert plan.proposal is None
    assert {answer.reason for _, answer in plan.no_fixes} == {reason}


@pytest.mark.parametrize("sid", ["Own", "RedressF" + "0" * 20])
def test_t20_outside_change_disguised_as_ours_is_looked_at_as_new(sid: str) -> None:
    """A wide statement with a Sid like ours, in an unattached policy, meets the guard as if it were asked for."""
    wide = {"Sid": sid, "Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    policy = existing(document(wide), attached=False)
    plan = builders.plan(builders.finding(), on=builders.target("s3:GetObject", redress=policy))
    assert plan.proposal is None
