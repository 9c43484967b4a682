"""λ start: nothing is started twice, nothing is lost, and never more than may wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain.codec import iso
from redress.domain.errors import Refused, Retry
from redress.domain.lifecycle_occurrences import Muted, Suspected
from redress.domain.settings import Settings
from redress.domain.words import ProposalStatus, State
from redress.handlers import start as start_module
from redress.handlers.start import Desk, start
from tests.fakes_iam import fault
from tests.fakes_telemetry import Quiet
from tests.runbook_world import ACCOUNT, APPLY, World, allow, proposal, ready_world

if TYPE_CHECKING:
    from redress.domain.proposal import Proposal


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def world() -> World:
    """A world with the role."""
    return ready_world()


def desk(world: World, **changes: Any) -> Desk:  # noqa: ANN401 - any field
    """Returns λ start's collaborators in this world."""
    plain = Desk(
        proposals=world.proposals,
        findings=world.findings,
        executions=world.automations,
        settings=world.settings,
        document=APPLY,
        pause=world.clock.sleep,
    )
    return replace(plain, **changes)


def run(world: World, **changes: Any) -> Quiet:  # noqa: ANN401 - any field
    """Runs λ start once; returns what it told."""
    telemetry = Quiet()
    start(desk=desk(world, **changes), now=world.clock.now(), telemetry=telemetry)
    return telemetry


def principals(world: World, count: int) -> list[Proposal]:
    """Returns so many ready proposals, each of another user."""
    made = []
    for number in range(count):
        user = f"arn:aws:iam::{ACCOUNT}:user/u{number}"
        world.iam.add_user(user)
        made.append(world.file(proposal(world, principal=user, finding_ids=[f"f-{number:020}"])))
        world.clock.move(seconds=1)
    return made


def executions(world: World) -> list[str]:
    """Returns the ids of all executions."""
    return [each.id for each in world.service.engine.all()]


def test_a_ready_proposal_is_started_and_its_finding_waits(world: World) -> None:
    """The proposal waits in its execution, and the finding awaits approval."""
    ready = world.file(proposal(world))
    run(world)
    (execution,) = executions(world)
    assert world.item(ready)["status"] == "WAITING"
    assert world.item(ready)["execution_id"] == execution
    assert (world.finding().state, world.finding().execution_id) == (State.AWAITING_APPROVAL, execution)


def test_the_execution_is_tagged_with_its_proposal(world: World) -> None:
    """Cost and permissions can go by the tag."""
    ready = world.file(proposal(world))
    run(world)
    (execution,) = world.service.engine.all()
    assert execution.tags == (("redress:proposal", ready.proposal_id),)


def test_what_a_person_must_start_is_left_alone(world: World) -> None:
    """MANUAL proposals wait for a person."""
    world.file(proposal(world), ProposalStatus.MANUAL)
    run(world)
    assert executions(world) == []


def test_an_expired_proposal_is_not_started(world: World) -> None:
    """Past its time a ready proposal stays where it is; λ track ends it."""
    world.file(proposal(world, expires_at="2026-11-21T11:00:00Z"))
    run(world)
    assert executions(world) == []


def test_a_principal_under_suspicion_gets_nothing(world: World) -> None:
    """The finding is looked at before the start."""
    world.file(proposal(world))
    world.happens(Suspected(cause="a sweep"))
    run(world)
    assert executions(world) == []


def _muted(world: World, number: int) -> None:
    world.happens(Muted(cause="noise", until=world.clock.now() + timedelta(days=9)), f"f-{number:020}")


def test_what_nobody_wants_holds_nobody_up(world: World) -> None:
    """Room goes to the oldest that are wanted; muted and suspected ones before them cost no place and no pause."""
    made = principals(world, 5)
    _muted(world, 0)
    world.happens(Suspected(cause="burst"), f"f-{1:020}")
    before = world.clock.now()
    telemetry = run(world, settings=Settings(max_waiting_approvals=2))
    assert [world.item(each)["status"] for each in made] == ["READY", "READY", "WAITING", "WAITING", "READY"]
    assert telemetry.counts["ProposalsHeld"] == 1
    assert (world.clock.now() - before).total_seconds() == 1


def test_what_ssm_refuses_holds_nobody_up(world: World) -> None:
    """Room goes to the next one, after the pause that SSM needs."""
    made = principals(world, 3)

    class Choosy:
        def __getattr__(self, name: str) -> object:
            return getattr(world.automations, name)

        def start(self, document: str, **given: str) -> str:
            if given["proposal_id"] == made[0].proposal_id:
                raise Refused("the token was used for something else")
            return world.automations.start(document, **given)

    before = world.clock.now()
    run(world, executions=Choosy(), settings=Settings(max_waiting_approvals=1))
    assert [world.item(each)["status"] for each in made] == ["READY", "WAITING", "READY"]
    assert (world.clock.now() - before).total_seconds() == 1


def test_ssm_is_not_asked_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many it refuses, one run ends in time."""
    monkeypatch.setattr(start_module, "ASKED_PER_RUN", 2)
    asked: list[str] = []

    class Never:
        def start(self, _document: str, **given: str) -> str:
            asked.append(given["proposal_id"])
            raise Refused("no such document")

    principals(world, 4)
    run(world, executions=Never())
    assert len(asked) == 2


@pytest.mark.parametrize("attribute", ["expires_at", "policy_is"])
def test_one_unreadable_proposal_stops_no_other(world: World, attribute: str) -> None:
    """It is passed over, named in the log and counted."""
    made = principals(world, 2)
    world.item(made[0])[attribute] = "2026-13-01"
    telemetry = run(world)
    assert [world.item(each)["status"] for each in made] == ["READY", "WAITING"]
    assert telemetry.counts["ReconcileFaults"] == 1
    assert made[0].proposal_id in telemetry.warnings[0]


def test_no_more_than_the_cap_wait(world: World) -> None:
    """What is over the cap stays ready, and is started when there is room."""
    made = principals(world, 4)
    capped = Settings(max_waiting_approvals=2)
    telemetry = run(world, settings=capped)
    run(world, settings=capped)
    assert [world.item(each)["status"] for each in made] == ["WAITING", "WAITING", "READY", "READY"]
    assert telemetry.counts["ProposalsHeld"] == 2
    world.run()
    world.sign(world.item(made[0])["execution_id"])
    world.run()
    run(world, settings=capped)
    assert [world.item(each)["status"] for each in made] == ["APPLIED", "WAITING", "WAITING", "READY"]


def test_one_start_a_second(world: World) -> None:
    """SSM takes one start a second: the second one waits for it."""
    principals(world, 3)
    before = world.clock.now()
    run(world)
    assert (world.clock.now() - before).total_seconds() == 2


@pytest.mark.parametrize("code", ["ThrottlingException", "AutomationExecutionLimitExceededException"])
def test_what_ssm_does_not_take_stays_ready(world: World, code: str) -> None:
    """A full or busy SSM loses nothing; the next run starts it."""
    made = principals(world, 2)

    def refuse(operation: str) -> None:
        if operation == "start_automation_execution":
            raise fault(code)

    world.ssm.before = refuse
    assert run(world).warnings
    assert [world.item(each)["status"] for each in made] == ["READY", "READY"]
    world.ssm.before = lambda _: None
    run(world)
    assert [world.item(each)["status"] for each in made] == ["WAITING", "WAITING"]


def test_killed_after_the_start_the_next_run_finds_the_same_execution(world: World) -> None:
    """The token is made of the digest, so a retry starts no second one."""
    ready = world.file(proposal(world))

    def kill(operation: str) -> None:
        if operation == "start_automation_execution":
            raise Killed

    world.ssm.after = kill
    with pytest.raises(Killed):
        run(world)
    world.ssm.after = lambda _: None
    assert world.item(ready)["status"] == "READY"
    run(world)
    (execution,) = executions(world)
    assert world.item(ready)["execution_id"] == execution


@pytest.mark.parametrize("write", range(1, 12))
def test_killed_at_any_write_the_next_runs_finish_it(world: World, write: int) -> None:
    """Wherever λ start dies, one execution runs and everybody knows it."""
    ready = world.file(proposal(world))
    left = [write]

    def kill(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    world.store.before = kill
    try:
        run(world)
    except Killed:
        world.run()
    world.store.before = lambda _: None
    run(world)
    assert len(executions(world)) == 1
    assert world.item(ready)["status"] == "WAITING"


def test_a_proposal_that_a_person_started_meanwhile_is_not_started_twice(world: World) -> None:
    """Of two executions of one proposal, ours is stopped."""
    ready = world.file(proposal(world))
    stale = world.proposals.get(ready.proposal_id)
    by_hand = world.start(ready)
    world.run()

    class Stale:
        def __getattr__(self, name: str) -> object:
            return getattr(world.proposals, name)

        def every(self, status: ProposalStatus, **_: object) -> list[object]:
            return [stale] if status is ProposalStatus.READY else []

    run(world, proposals=Stale())
    world.run()
    ours = next(each for each in executions(world) if each != by_hand)
    assert (world.status(ours), world.status(by_hand)) == ("Cancelled", "Waiting")
    assert world.item(ready)["execution_id"] == by_hand


def replaced(world: World) -> str:
    """Returns the execution that waits for a signature under a proposal which a newer one has replaced."""
    old = world.file(proposal(world))
    run(world)
    world.run()
    world.file(proposal(world, allow("s3:GetObject")), ProposalStatus.MANUAL)
    return str(world.item(old)["execution_id"])


class Stopping:
    """SSM that notes what it is asked to stop, and may be busy."""

    def __init__(self, fault: Retry | None = None) -> None:
        self.asked: list[str] = []
        self.fault = fault

    def stop(self, execution_id: str) -> None:
        """Stops it, or is busy."""
        self.asked.append(execution_id)
        if self.fault:
            raise self.fault


def test_a_replaced_proposals_execution_is_stopped(world: World) -> None:
    """The table tells of the replaced proposal; its waiting request is cancelled."""
    execution = replaced(world)
    assert world.status(execution) == "Waiting"
    run(world)
    world.run()
    assert world.status(execution) == "Cancelled"


def test_a_replaced_proposal_is_looked_at_once(world: World) -> None:
    """What is cancelled is not cancelled again with every run."""
    execution, ssm = replaced(world), Stopping()
    run(world, executions=ssm)
    run(world, executions=ssm)
    assert ssm.asked == [execution]


def test_a_proposal_that_was_replaced_before_its_start_needs_no_stop(world: World) -> None:
    """Where there is no execution, there is none to cancel."""
    world.file(proposal(world))
    world.file(proposal(world, allow("s3:GetObject")), ProposalStatus.MANUAL)
    ssm = Stopping()
    run(world, executions=ssm)
    assert (ssm.asked, world.proposals.to_cancel(10)) == ([], ())


def test_a_stop_that_fails_is_tried_again_by_the_next_run(world: World) -> None:
    """A busy SSM loses nothing, and holds up no start of others."""
    execution = replaced(world)
    (other,) = principals(world, 1)

    class Busy:
        def __getattr__(self, name: str) -> object:
            return getattr(world.automations, name)

        def stop(self, _: str) -> None:
            raise Retry("busy")

    assert run(world, executions=Busy()).warnings
    assert (world.status(execution), world.item(other)["status"]) == ("Waiting", "WAITING")
    run(world)
    world.run()
    assert world.status(execution) == "Cancelled"


def test_what_has_run_out_by_itself_is_no_longer_tried(world: World) -> None:
    """A stop that SSM never takes is given up when even the latest request would be over."""
    execution, ssm = replaced(world), Stopping(Retry("AccessDenied"))
    run(world, executions=ssm)
    world.clock.move(days=3, seconds=1)
    assert run(world, executions=ssm).warnings == []
    assert (ssm.asked, world.proposals.to_cancel(10)) == ([execution], ())


def test_only_so_many_are_stopped_in_one_run(world: World) -> None:
    """A run that has many to stop leaves time to start others."""
    for number in range(start_module.STOPS_PER_RUN + 2):
        user = f"arn:aws:iam::{ACCOUNT}:user/v{number}"
        world.iam.add_user(user)
        for _ in range(2):
            finding_ids = [f"f-9{number:019}"]
            world.file(proposal(world, principal=user, finding_ids=finding_ids), ProposalStatus.MANUAL)
    run(world)
    assert len(world.proposals.to_cancel(100)) == 2
    run(world)
    assert world.proposals.to_cancel(100) == ()


def test_handle_binds_the_real_collaborators(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """The entry point makes its desk on the first event."""
    monkeypatch.setattr(start_module, "_desk", lambda: desk(world))
    ready = world.file(proposal(world, expires_at="2126-01-01T00:00:00Z"))
    start_module.handle({}, None)
    assert world.item(ready)["status"] == "WAITING"


@pytest.mark.parametrize(("hours", "waits"), [(1, 1), (24, 24), (48, 48), (72, 48)])
def test_the_finding_says_until_when_it_can_be_signed(world: World, hours: int, waits: int) -> None:
    """As long as SSM waits, and never longer than the proposal can be applied."""
    expires = world.clock.now() + timedelta(hours=48)
    world.file(proposal(world, expires_at=iso(expires)))
    asked_at = world.clock.now()
    run(world, settings=replace(world.settings, approval_timeout_seconds=3_600 * hours))
    assert world.finding().sign_by == asked_at + timedelta(hours=waits)
