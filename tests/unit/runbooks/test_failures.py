"""Whatever fails or is cancelled, wherever: IAM ends as the pre-image or as the signed change, and it is said which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.runbook_world import ACCOUNT, APPLY, BUCKET, RESTORE, ROLE, World, allow, proposal, ready_world

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redress.domain.proposal import Proposal
    from sandbox.automation.happenings import Perform

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-us-east-1-role-orders-service"
USER = f"arn:aws:iam::{ACCOUNT}:user/people/carl"


def _new() -> tuple[World, Proposal]:
    world = ready_world()
    return world, world.file(proposal(world))


def _next_version() -> tuple[World, Proposal]:
    world = ready_world()
    world.applied(world.file(proposal(world, allow("s3:GetObject"))))
    return world, world.file(proposal(world, allow("s3:GetObject"), allow()))


def _sixth_version() -> tuple[World, Proposal]:
    world = ready_world()
    for number in range(5):
        world.applied(world.file(proposal(world, allow(resource=f"{BUCKET}/{number}/*"))))
    return world, world.file(proposal(world))


def _detached() -> tuple[World, Proposal]:
    world, signed = _next_version()
    world.iam.attached.clear()
    del signed
    return world, world.file(proposal(world, allow("s3:GetObject"), allow()))


def _attach_only() -> tuple[World, Proposal]:
    world = ready_world()
    world.applied(world.file(proposal(world)))
    world.iam.attached.clear()
    return world, world.file(proposal(world))


def _user() -> tuple[World, Proposal]:
    world = ready_world()
    world.iam.add_user(USER)
    return world, world.file(proposal(world, principal=USER))


SCENES: Mapping[str, Callable[[], tuple[World, Proposal]]] = {
    "a new policy": _new,
    "the next version": _next_version,
    "the sixth version": _sixth_version,
    "a detached policy": _detached,
    "only the attachment": _attach_only,
    "a user": _user,
}
CHANGING = (
    *("recheck", "prune_version", "create_policy", "create_version", "attach_role", "attach_user"),
    *("verify", "record", "release"),
)
TAKING_BACK = ("recheck", "detach_role", "detach_user", "set_previous", "delete_version", "delete_policy", "settle")


def _fail(step: str, when: str, times: int = 1_000) -> Callable[[Perform], str]:
    left = [times]

    def fails(order: Perform) -> str:
        if order.step != step or not left[0]:
            return ""
        left[0] -= 1
        return when

    return fails


def _signed(world: World, signed: Proposal, document: str = APPLY) -> str:
    execution = world.start(signed, document)
    world.run()
    world.sign(execution)
    return execution


def _settled(world: World, signed: Proposal, before: object) -> str:
    """Returns what the table says IAM holds, which must be so, with no lock left behind for long."""
    held, item = world.iam.image(), world.item(signed)
    if item["status"] in {"APPLIED", "FAILED", "RESTORED"}:
        assert item["policy_is"] == ("AFTER" if item["status"] == "APPLIED" else "BEFORE")
        assert (held == before) == (item["policy_is"] == "BEFORE")
    else:
        assert held == before
    return str(item["status"])


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", CHANGING)
@pytest.mark.parametrize("scene", SCENES)
def test_a_step_that_fails_for_good_restores_the_pre_image(scene: str, step: str, when: str) -> None:
    """Every step after the signatures may fail, before its effect or after it."""
    world, signed = SCENES[scene]()
    before = world.iam.image()
    execution = _signed(world, signed)
    world.fails = _fail(step, when)
    world.run()
    ran = any(
        run["StepName"] == step and "ExecutionEndTime" in run for run in world.execution(execution)["StepExecutions"]
    )
    succeeded = not ran or step == "release"
    assert world.status(execution) == ("Success" if succeeded else "Failed")
    assert _settled(world, signed, before) == ("APPLIED" if succeeded else "FAILED")


@pytest.mark.parametrize("step", ["recheck", "record", "release"])
def test_a_script_that_fails_once_is_tried_again(step: str) -> None:
    """Scripts that only read, or that may run twice, are retried."""
    for when in ("before", "after"):
        world, signed = _next_version()
        execution = _signed(world, signed)
        world.fails = _fail(step, when, times=1)
        world.run()
        assert (world.status(execution), world.item(signed)["status"]) == ("Success", "APPLIED")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("scene", "step"), [("a new policy", "attach_role"), ("a user", "attach_user")])
def test_an_attachment_that_is_throttled_costs_nobody_a_second_signature(scene: str, step: str, when: str) -> None:
    """IAM takes a moment to know a new policy, and may throttle: attaching twice is attaching once."""
    world, signed = SCENES[scene]()
    execution = _signed(world, signed)
    world.fails = _fail(step, when, times=2)
    world.run()
    assert (world.status(execution), world.item(signed)["status"]) == ("Success", "APPLIED")


@pytest.mark.parametrize("steps", range(20))
@pytest.mark.parametrize("scene", SCENES)
def test_cancelling_at_any_moment_ends_in_one_state(scene: str, steps: int) -> None:
    """A cancel is answered by the way back, wherever it comes."""
    world, signed = SCENES[scene]()
    before = world.iam.image()
    execution = _signed(world, signed)
    for _ in range(steps):
        world.runner.step()
    world.stop(execution)
    world.run()
    status = _settled(world, signed, before)
    assert status in {"WAITING", "FAILED", "APPLIED"}
    assert world.status(execution) == "Cancelled" or status == "APPLIED"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", CHANGING)
@pytest.mark.parametrize("scene", SCENES)
def test_a_way_back_that_fails_too_is_walked_by_the_restore_runbook(scene: str, step: str, when: str) -> None:
    """When put_back fails as well, the restore runbook finishes its work, unasked and unsigned."""
    world, signed = SCENES[scene]()
    before = world.iam.image()
    execution = _signed(world, signed)
    one, two = _fail(step, when), _fail("put_back", when)
    world.fails = lambda order: one(order) or two(order)
    world.run()
    world.fails = lambda _: ""
    if world.item(signed)["status"] != "APPLYING":
        assert world.status(execution) in {"Success", "Failed"}
        return
    assert world.status(execution) == "Failed"
    restore = world.start(signed, RESTORE)
    world.run()
    assert world.status(restore) == "Success", world.failure(restore)
    assert _settled(world, signed, before) == "RESTORED"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", TAKING_BACK)
@pytest.mark.parametrize("scene", SCENES)
def test_a_restore_that_fails_is_finished(scene: str, step: str, when: str) -> None:
    """A change of the restore runbook that fails is finished by settle, or by the next run without a new signature."""
    world, signed = SCENES[scene]()
    before = world.iam.image()
    world.applied(signed)
    after = world.iam.image()
    restore = _signed(world, signed, RESTORE)
    world.fails = _fail(step, when)
    world.run()
    world.fails = lambda _: ""
    if world.item(signed)["status"] == "APPLIED":
        again = world.start(signed, RESTORE)
        world.run()
        if world.status(again) == "Waiting":
            assert world.iam.image() == after
            world.sign(again)
            world.run()
        assert world.status(again) == "Success", world.failure(again)
    else:
        assert world.status(restore) == "Success"
    assert _settled(world, signed, before) == "RESTORED"


@pytest.mark.parametrize("steps", range(24))
@pytest.mark.parametrize("scene", SCENES)
def test_cancelling_a_restore_leaves_nothing_half_done_for_long(scene: str, steps: int) -> None:
    """A cancelled restore is finished at once, or by the next run without a new signature."""
    world, signed = SCENES[scene]()
    before = world.iam.image()
    world.applied(signed)
    restore = _signed(world, signed, RESTORE)
    for _ in range(steps):
        world.runner.step()
    world.stop(restore)
    world.run()
    if world.item(signed)["status"] == "APPLIED" and world.item(signed).get("restoring_by"):
        again = world.start(signed, RESTORE)
        world.run()
        assert world.status(again) == "Success", world.failure(again)
    assert _settled(world, signed, before) in {"RESTORED", "APPLIED"}


@pytest.mark.parametrize("meanwhile", ["default", "not default", "detached", "deleted", "attached elsewhere"])
@pytest.mark.parametrize("step", ["create_policy", "create_version", "attach_role", "verify"])
@pytest.mark.parametrize("scene", ["a new policy", "the next version"])
def test_somebody_else_is_never_overwritten(scene: str, step: str, meanwhile: str) -> None:
    """A change from outside during the apply is left alone by the way back, and reported."""
    world, signed = SCENES[scene]()
    before = world.iam.image()
    execution = _signed(world, signed)
    touched: list[object] = []

    def fails(order: Perform) -> str:
        if order.step == "put_back" and not touched:
            touched.append(_meddle(world, meanwhile))
        return "after" if order.step == step else ""

    world.fails = fails
    world.run()
    if not touched:
        return
    assert world.status(execution) == "Failed"
    if world.item(signed)["policy_is"] == "BEFORE":
        world.iam.attached.discard((f"{ROLE}-2", POLICY))  # somebody else's attachment stays, whatever it grants
        assert world.iam.image() in (before, touched[0])
    else:
        assert world.iam.image() == touched[0]


def _meddle(world: World, how: str) -> object:
    policy = world.iam.policies.get(POLICY)
    if policy and how in {"default", "not default"}:
        policy.add('{"Version":"2012-10-17","Statement":[]}', default=how == "default")
    if how == "detached":
        world.iam.attached.clear()
    if how == "deleted":
        world.iam.attached.clear()
        world.iam.policies.pop(POLICY, None)
    if policy and how == "attached elsewhere":
        world.iam.attached.add((f"{ROLE}-2", POLICY))
    return world.iam.image()
