"""λ track's schedule: what was cut off is finished, what is over ends, what is quiet closes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from redress.domain.lifecycle_occurrences import DeniedAgain, Muted
from redress.domain.words import PolicyIs, ProposalStatus, State
from tests.fakes_iam import fault
from tests.runbook_world import APPLY, RESTORE, ROLE, World, allow, proposal, ready_world
from tests.unit.handlers.tracking import event, run, waiting


@pytest.fixture
def world() -> World:
    """A world with the role."""
    return ready_world()


def test_a_cut_off_change_is_put_back_by_the_restore_runbook(world: World) -> None:
    """An execution that ends between its first write and its record is cleaned up, unasked."""
    drawn, execution = waiting(world)
    before = world.iam.image()
    world.fails = lambda order: "after" if order.step in {"attach_role", "put_back"} else ""
    world.iam.before = lambda operation: _refuse(operation, "detach_role_policy")
    world.sign(execution)
    world.run()
    world.fails = lambda _: ""
    world.iam.before = lambda _: None
    assert world.iam.image() != before
    run(world, event(execution))
    assert (world.finding().state, world.finding().policy_is) == (State.FAILED, PolicyIs.UNKNOWN)
    world.run()
    run(world)
    assert world.iam.image() == before
    assert world.item(drawn)["status"] == "RESTORED"
    assert (world.finding().state, world.finding().policy_is) == (State.RESTORED, PolicyIs.BEFORE)


def _refuse(operation: str, refused: str) -> None:
    if operation == refused:
        raise fault("ServiceFailure")


def test_a_cut_off_change_that_somebody_else_touched_is_left_alone(world: World) -> None:
    """The restore gives up, and the finding says that others changed the policy."""
    drawn, execution = waiting(world)
    world.fails = lambda order: "after" if order.step in {"attach_role", "put_back"} else ""
    world.iam.before = lambda operation: _refuse(operation, "detach_role_policy")
    world.sign(execution)
    world.run()
    world.fails = lambda _: ""
    world.iam.before = lambda _: None
    next(iter(world.iam.policies.values())).add('{"Version":"2012-10-17","Statement":[]}', default=True)
    held = world.iam.image()
    for _ in range(3):
        run(world)
        world.run()
        world.pass_time(hours=1)
    assert (world.iam.image(), world.item(drawn)["status"]) == (held, "FAILED")
    assert (world.finding().state, world.finding().policy_is) == (State.FAILED, PolicyIs.CHANGED_BY_OTHERS)
    assert len(world.service.engine.all()) == 2


def test_a_restore_shows_on_the_finding(world: World) -> None:
    """After a person took the fix back, the finding is RESTORED."""
    drawn, execution = waiting(world)
    world.sign(execution)
    world.run()
    run(world)
    back = world.start(drawn, RESTORE)
    world.run()
    world.sign(back)
    world.run()
    run(world, event(back))
    assert (world.finding().state, world.finding().policy_is) == (State.RESTORED, PolicyIs.BEFORE)


def test_a_time_boxed_fix_goes_when_its_time_is_over(world: World) -> None:
    """The signed lifetime is kept without a new signature, and not a minute before."""
    drawn = world.file(proposal(world, remove_after_hours=8))
    world.applied(drawn)
    world.pass_time(hours=7, minutes=59)
    run(world)
    world.run()
    assert world.iam.attached
    world.pass_time(minutes=2)
    run(world)
    world.run()
    run(world)
    assert not world.iam.attached
    assert world.finding().state is State.RESTORED


def _lose_role(world: World) -> None:
    world.iam.principals.clear()
    world.iam.attached.clear()


@pytest.mark.parametrize("policy_too", [False, True])
def test_a_fix_outlives_nobody(world: World, *, policy_too: bool) -> None:
    """When the role was deleted, the end of the lifetime takes the policy away too, in one restore."""
    drawn = world.file(proposal(world, remove_after_hours=1))
    world.applied(drawn)
    _lose_role(world)
    if policy_too:
        world.iam.policies.clear()
    for _ in range(30):
        world.pass_time(hours=1)
        run(world)
        world.run()
    tries = [each for each in world.service.engine.all() if each.document_name == RESTORE]
    assert [world.status(each.id) for each in tries] == ["Success"]
    assert (world.item(drawn)["status"], world.iam.policies, world.finding().state) == ("RESTORED", {}, State.RESTORED)


def test_an_older_fix_comes_back_though_the_role_is_gone(world: World) -> None:
    """The version from before is the default again, as if the role were still there."""
    world.applied(world.file(proposal(world)))
    drawn = world.file(proposal(world, allow(), allow("s3:GetObject"), remove_after_hours=1))
    world.applied(drawn)
    _lose_role(world)
    for _ in range(2):
        world.pass_time(hours=2)
        run(world)
        world.run()
    (policy,) = world.iam.policies.values()
    assert (world.item(drawn)["status"], policy.default) == ("RESTORED", "v1")


def test_a_role_that_goes_while_it_is_changed_leaves_nothing(world: World) -> None:
    """The policy that was just made for it goes again at once; no restore is needed."""
    drawn, execution = waiting(world)
    world.iam.before = lambda operation: _lose_role(world) if operation == "attach_role_policy" else None
    world.sign(execution)
    world.run()
    for _ in range(24):
        world.pass_time(hours=1)
        run(world)
        world.run()
    assert [each.document_name for each in world.service.engine.all()] == [APPLY]
    assert (world.item(drawn)["status"], world.iam.policies) == ("FAILED", {})
    assert (world.finding().state, world.finding().policy_is) == (State.FAILED, PolicyIs.BEFORE)


def test_a_role_that_was_made_anew_under_another_path_is_left_alone(world: World) -> None:
    """It is somebody else, and so is whatever it holds."""
    drawn = world.file(proposal(world, remove_after_hours=1))
    world.applied(drawn)
    held = world.iam.image()
    world.iam.principals.clear()
    world.iam.add_role(ROLE.replace("role/", "role/new/"))
    world.pass_time(hours=2)
    run(world)
    world.run()
    assert (world.item(drawn)["status"], world.iam.image()) == ("APPLIED", held)


def test_a_time_boxed_fix_below_a_newer_one_waits_for_it(world: World) -> None:
    """It is tried every hour at first and then once a day, until the newer one is gone."""
    first = world.file(proposal(world, remove_after_hours=1))
    world.applied(first)
    second = world.file(proposal(world, allow(), allow("s3:GetObject"), finding_ids=["f-other"]))
    world.applied(second)
    for _ in range(72):
        world.pass_time(hours=1)
        run(world)
        world.run()
    tries = [each for each in world.service.engine.all() if each.document_name == RESTORE]
    assert 6 <= len(tries) <= 10
    assert world.item(first)["status"] == "APPLIED"
    back = world.start(second, RESTORE)
    world.run()
    world.sign(back)
    world.run()
    world.pass_time(days=1)
    run(world)
    world.run()
    assert world.item(first)["status"] == "RESTORED"


def test_an_unstarted_proposal_expires(world: World) -> None:
    """READY and MANUAL proposals end with their time, and their findings with them."""
    drawn = world.file(proposal(world), ProposalStatus.MANUAL)
    world.clock.move(days=2, seconds=1)
    run(world)
    assert (world.item(drawn)["status"], world.finding().state) == ("EXPIRED", State.EXPIRED)
    assert world.finding().cause == "nobody started it in time"


def test_an_expiry_that_was_cut_in_half_is_finished(world: World) -> None:
    """A finding that was not told of its proposal's expiry is told by the next reconcile."""
    drawn = world.file(proposal(world), ProposalStatus.MANUAL)
    world.proposals.move(drawn.proposal_id, to=ProposalStatus.EXPIRED, when=(ProposalStatus.MANUAL,))
    run(world)
    assert world.finding().state is State.EXPIRED


def test_a_quiet_fix_closes(world: World) -> None:
    """After the watch without a denial the finding is closed."""
    world.applied(world.file(proposal(world)))
    run(world)
    world.clock.move(hours=47)
    run(world)
    assert world.finding().state is State.FIXED
    world.clock.move(hours=2)
    run(world)
    assert world.finding().state is State.CLOSED
    assert world.finding_item()["ttl"] == int((world.clock.now() + timedelta(days=90)).timestamp())
    world.happens(DeniedAgain(cause="denied again", event_time=world.clock.now() + timedelta(seconds=1)))
    assert "ttl" not in world.finding_item()


def test_an_overdue_signature_is_mentioned_once(world: World) -> None:
    """One reminder, with its own state version; then silence."""
    waiting(world)
    version = world.finding().state_version
    world.clock.move(hours=13)
    for _ in range(3):
        run(world)
        world.clock.move(minutes=5)
    found = world.finding()
    assert (found.state, found.state_version) == (State.AWAITING_APPROVAL, version + 1)
    assert found.reminded_at == world.clock.now() - timedelta(minutes=15)


def test_a_request_that_a_person_started_says_until_when_too(world: World) -> None:
    """SSM waits a day from the start; the reminder leaves that as it is."""
    asked_at = world.clock.now()
    waiting(world)
    assert world.finding().sign_by == asked_at + timedelta(days=1)
    world.clock.move(hours=13)
    run(world)
    assert world.finding().sign_by == asked_at + timedelta(days=1)


def test_a_silence_ends(world: World) -> None:
    """A mute ends by its date."""
    world.deny()
    world.happens(Muted(cause="noise", until=world.clock.now() + timedelta(hours=1)))
    run(world)
    assert world.finding().state is State.MUTED
    world.clock.move(hours=1)
    run(world)
    assert world.finding().state is State.OPEN
