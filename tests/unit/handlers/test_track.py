"""λ track: whatever the events do, findings end up knowing what SSM and IAM hold."""

from __future__ import annotations

import pytest

from redress.domain.errors import Retry
from redress.domain.lifecycle_occurrences import Cleared, Muted, MuteEnded, Occurrence, Suspected
from redress.domain.words import PolicyIs, ProposalStatus, State
from redress.handlers import track as track_module
from tests.fakes_iam import fault
from tests.runbook_world import ANA, NOON, RESTORE, World, proposal, ready_world
from tests.unit.handlers.tracking import desk, event, run, waiting


@pytest.fixture
def world() -> World:
    """A world with the role."""
    return ready_world()


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


@pytest.mark.parametrize(
    ("away", "back"),
    [
        (Suspected(cause="burst"), Cleared(cause="it was me")),
        (Muted(cause="noise", until=NOON), MuteEnded(cause="by hand")),
    ],
)
def test_what_is_signed_for_a_finding_that_was_away_is_recorded(
    world: World, away: Occurrence, back: Occurrence
) -> None:
    """Suspicion or silence while a signature is asked for hides neither the fix nor that it was taken back."""
    drawn = world.file(proposal(world), ProposalStatus.MANUAL)
    execution = world.start(drawn)
    world.run()
    if isinstance(away, Suspected):
        run(world)
    for each in (away, back):
        world.happens(each)
    world.clock.move(minutes=1)
    world.sign(execution)
    world.run()
    run(world, event(execution))
    assert (world.finding().state, world.finding().policy_is) == (State.FIXED, PolicyIs.AFTER)
    taken_back = world.start(drawn, RESTORE)
    world.run()
    world.sign(taken_back)
    world.run()
    run(world, event(taken_back))
    assert world.finding().state is State.RESTORED


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


def test_handle_binds_the_real_collaborators(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """The entry point makes its desk on the first event."""
    monkeypatch.setattr(track_module, "_desk", lambda: desk(world))
    _, execution = waiting(world)
    world.sign(execution)
    world.run()
    track_module.handle(event(execution), None)
    assert world.finding().state is State.FIXED
