"""λ track: whatever the events do, findings end up knowing what SSM and IAM hold."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain.errors import Retry
from redress.domain.lifecycle_occurrences import Muted
from redress.domain.words import PolicyIs, ProposalStatus, State
from redress.handlers import track as track_module
from redress.handlers.track import Desk, track
from tests.fakes_iam import fault
from tests.fakes_telemetry import Quiet
from tests.runbook_world import ANA, RESTORE, World, allow, proposal, ready_world

if TYPE_CHECKING:
    from redress.domain.proposal import Proposal


@pytest.fixture
def world() -> World:
    """A world with the role."""
    return ready_world()


def desk(world: World) -> Desk:
    """Returns λ track's collaborators in this world."""
    return Desk(
        proposals=world.proposals,
        findings=world.findings,
        executions=world.automations,
        settings=world.settings,
        restore_document=RESTORE,
    )


def run(world: World, event: dict[str, Any] | None = None) -> Quiet:
    """Runs λ track once; without an event, its schedule."""
    telemetry = Quiet()
    track(event or {}, desk=desk(world), now=world.clock.now(), telemetry=telemetry)
    return telemetry


def event(execution: str) -> dict[str, Any]:
    """Returns a status-change event."""
    return {"source": "aws.ssm", "detail": {"ExecutionId": execution, "Status": "Success"}}


def waiting(world: World) -> tuple[Proposal, str]:
    """Returns a proposal that waits for a signature, and its execution."""
    drawn = world.file(proposal(world))
    execution = world.start(drawn)
    world.run()
    run(world)
    return drawn, execution


def test_a_request_that_waits_shows_on_the_finding(world: World) -> None:
    """A proposal that a person started is noticed by the reconcile."""
    _, execution = waiting(world)
    assert (world.finding().state, world.finding().execution_id) == (State.AWAITING_APPROVAL, execution)


def test_a_success_is_a_fix_with_its_signers(world: World) -> None:
    """The finding says by whom, when, and that IAM holds the change; the time is measured."""
    drawn, execution = waiting(world)
    world.clock.move(minutes=10)
    world.sign(execution)
    world.run()
    telemetry = run(world, event(execution))
    found = world.finding()
    assert (found.state, found.approved_by, found.policy_is) == (State.FIXED, (ANA,), PolicyIs.AFTER)
    assert found.fixed_at == world.clock.now()
    assert telemetry.counts["TimeToFixSeconds"] == 600
    assert world.item(drawn)["status"] == "APPLIED"


def test_the_change_in_progress_is_shown(world: World) -> None:
    """Between the signatures and the end the finding is APPLYING."""
    drawn, execution = waiting(world)
    world.sign(execution)
    while world.item(drawn)["status"] != "APPLYING":
        world.runner.step()
    telemetry = run(world, event(execution))
    assert (world.finding().state, world.finding().approved_by) == (State.APPLYING, (ANA,))
    assert "TimeToApprovalSeconds" in telemetry.counts


def test_a_rejection_carries_the_comment(world: World) -> None:
    """Who said no, and why, is on the finding."""
    drawn, execution = waiting(world)
    world.sign(execution, reject=True, comment="use the shared role")
    world.run()
    run(world, event(execution))
    found = world.finding()
    assert (found.state, found.actor) == (State.REJECTED, ANA)
    assert found.cause == f"{ANA} rejected it: use the shared role"
    assert world.item(drawn)["status"] == "REJECTED"


def test_a_time_out_is_an_expiry(world: World) -> None:
    """Nobody signed."""
    drawn, execution = waiting(world)
    world.pass_time(days=1, seconds=1)
    run(world, event(execution))
    assert (world.finding().state, world.item(drawn)["status"]) == (State.EXPIRED, "EXPIRED")


def test_a_cancel_before_the_change_is_a_failure_that_changed_nothing(world: World) -> None:
    """The finding says that IAM is as before."""
    drawn, execution = waiting(world)
    world.stop(execution)
    world.run()
    run(world, event(execution))
    found = world.finding()
    assert (found.state, found.policy_is) == (State.FAILED, PolicyIs.BEFORE)
    assert found.cause == "the execution was cancelled; nothing was changed"
    assert world.item(drawn)["status"] == "FAILED"


def test_a_failed_change_says_both_causes(world: World) -> None:
    """What failed, and that the pre-image is back."""
    _, execution = waiting(world)
    world.iam.denied_probes = {"s3:PutObject"}
    world.sign(execution)
    world.run()
    run(world, event(execution))
    found = world.finding()
    assert (found.state, found.policy_is) == (State.FAILED, PolicyIs.BEFORE)
    assert "still denied" in found.cause
    assert "IAM is as it was before" in found.cause


def test_a_refusal_says_why(world: World) -> None:
    """What the runbook refused before it asked anybody is the cause."""
    drawn = world.file(proposal(world))
    world.iam.principals.clear()
    execution = world.start(drawn)
    world.proposals.move(
        drawn.proposal_id, to=ProposalStatus.WAITING, when=(ProposalStatus.READY,), execution_id=execution
    )
    world.run()
    run(world)
    assert "does not exist any more; nothing was changed" in world.finding().cause


def test_duplicate_and_late_events_change_nothing(world: World) -> None:
    """The hundredth event of an execution is as good as the first."""
    _, execution = waiting(world)
    world.sign(execution)
    world.run()
    for _ in range(3):
        run(world, event(execution))
        run(world)
    assert world.finding().state is State.FIXED
    trail = [(line["from"], line["to"]) for line in world.findings.audit_trail(world.finding().finding_id)]
    assert trail == [("OPEN", "PROPOSED"), ("PROPOSED", "AWAITING_APPROVAL"), ("AWAITING_APPROVAL", "FIXED")]


def test_without_any_event_the_reconcile_finds_out(world: World) -> None:
    """SSM's events are best effort."""
    drawn = world.file(proposal(world))
    world.applied(drawn)
    run(world)
    assert world.finding().state is State.FIXED


def test_an_execution_of_nobodys_is_passed_over(world: World) -> None:
    """An event of an execution that no proposal belongs to changes nothing."""
    drawn, _ = waiting(world)
    other = world.start(drawn)
    world.run()
    run(world, event(other))
    run(world, event("11111111-2222-3333-4444-555555555555"))
    assert world.finding().state is State.AWAITING_APPROVAL


def test_a_fault_brings_the_event_again(world: World) -> None:
    """When SSM does not answer, Lambda retries the event."""
    _, execution = waiting(world)

    def busy(_: str) -> None:
        raise fault("ThrottlingException")

    world.ssm.before = busy
    with pytest.raises(Retry):
        run(world, event(execution))


def test_one_fault_does_not_stop_the_reconcile(world: World) -> None:
    """What cannot be followed now is left for the next time; the rest goes on."""
    drawn, _ = waiting(world)
    world.item(drawn)["approved_by"] = 7
    world.deny("f-other")
    world.happens(Muted(cause="noise", until=world.clock.now()), "f-other")
    telemetry = run(world)
    assert telemetry.warnings
    assert world.finding("f-other").state is State.OPEN


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


def test_a_silence_ends(world: World) -> None:
    """A mute ends by its date."""
    world.deny()
    world.happens(Muted(cause="noise", until=world.clock.now() + timedelta(hours=1)))
    run(world)
    assert world.finding().state is State.MUTED
    world.clock.move(hours=1)
    run(world)
    assert world.finding().state is State.OPEN


def test_handle_binds_the_real_collaborators(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """The entry point makes its desk on the first event."""
    monkeypatch.setattr(track_module, "_desk", lambda: desk(world))
    _, execution = waiting(world)
    world.sign(execution)
    world.run()
    track_module.handle(event(execution), None)
    assert world.finding().state is State.FIXED
