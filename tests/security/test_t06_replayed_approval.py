"""On-call keeps an old approval, or an old runbook, for a better day."""

from __future__ import annotations

import pytest

from infra.names import APPLY_DOCUMENT
from tests.infra.roles import decide, role_of
from tests.infra.template import ACCOUNT as STACK_ACCOUNT
from tests.infra.template import REGION, Template
from tests.runbook_world import APPLY, BEN, RESTORE, World, allow, proposal, ready_world


@pytest.fixture
def world() -> World:
    """A world with the role."""
    return ready_world()


def test_t06_replayed_approval_of_an_applied_proposal(world: World) -> None:
    """A proposal is applied once: started again it is refused, though its digest fits."""
    signed = world.file(proposal(world))
    world.applied(signed)
    world.iam.writes.clear()
    execution = world.start(signed)
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])


def test_t06_replayed_approval_of_a_proposal_that_was_taken_back(world: World) -> None:
    """What was taken back does not come again with the old proposal."""
    signed = world.file(proposal(world))
    world.applied(signed)
    world.item(signed)["status"] = "RESTORED"
    world.iam.writes.clear()
    execution = world.start(signed)
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])


def test_t06_replayed_approval_of_a_replaced_proposal(world: World) -> None:
    """A signature that was asked for before a newer proposal came is worth nothing."""
    old = world.file(proposal(world))
    execution = world.start(old)
    world.run()
    world.file(proposal(world, allow("s3:GetObject")))
    world.sign(execution)
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])


@pytest.mark.parametrize("days", [2, 3])
def test_t06_replayed_approval_after_the_proposal_ran_out(world: World, days: int) -> None:
    """An expired proposal cannot be started any more."""
    signed = world.file(proposal(world))
    world.clock.move(days=days, seconds=1)
    execution = world.start(signed)
    world.run()
    assert (world.status(execution), world.asked) == ("Failed", [])


def test_t06_replayed_approval_with_another_digest(world: World) -> None:
    """The digest of one proposal does not start another."""
    one, other = proposal(world), proposal(world, allow("s3:DeleteObject"))
    world.file(one)
    world.file(other)
    answer = world.ssm.start_automation_execution(
        DocumentName=APPLY_DOCUMENT, Parameters={"ProposalId": [one.proposal_id], "Digest": [other.digest]}
    )
    world.run()
    assert world.status(str(answer["AutomationExecutionId"])) == "Failed"
    assert world.asked == []


@pytest.mark.parametrize(("version", "expected"), [("$DEFAULT", True), ("1", False), ("7", False), ("$LATEST", False)])
@pytest.mark.parametrize("holder", ["OnCall", "Start"])
def test_t06_replayed_approval_by_an_older_runbook(
    template: Template, holder: str, version: str, expected: object
) -> None:
    """No policy names an older version of the runbook where AWS asks for the version at all."""
    on = f"arn:aws:ssm:{REGION}:{STACK_ACCOUNT}:automation-definition/{APPLY_DOCUMENT}:{version}"
    one = template.one("AWS::IAM::ManagedPolicy", holder) if holder == "OnCall" else role_of(template, "StartRole")
    assert decide(one, "ssm:StartAutomationExecution", on).allowed is expected


def test_t06_replayed_approval_by_an_older_runbook_that_is_started_all_the_same(world: World) -> None:
    """An older version refuses before anybody is asked: AWS lets whoever may start a runbook start any version."""
    signed = world.file(proposal(world))
    world.deploy(APPLY, Approvers=[BEN])
    execution = world.start(signed, version="1")
    world.run()
    assert (world.status(execution), world.asked, world.iam.writes) == ("Failed", [], [])
    assert "version 2 of Redress-ApplyPolicyFix is in force by now, not 1" in world.failure(execution)
    world.applied(signed, BEN)


def test_t06_replayed_approval_that_waited_while_a_newer_runbook_was_deployed(world: World) -> None:
    """Whoever was taken off the list signs nothing that was asked for before: the list of the signature is today's."""
    signed = world.file(proposal(world))
    execution = world.start(signed)
    world.run()
    world.deploy(APPLY, Approvers=[BEN])
    world.sign(execution)
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])
    assert "version 2 of Redress-ApplyPolicyFix is in force by now, not 1" in world.item_failure()


@pytest.mark.parametrize("waits", [False, True])
def test_t06_replayed_approval_of_a_restore_by_an_older_runbook(world: World, waits: object) -> None:
    """Taking back is no different."""
    signed = world.file(proposal(world))
    world.applied(signed)
    world.iam.writes.clear()
    if not waits:
        world.deploy(RESTORE, Approvers=[BEN])
    execution = world.start(signed, RESTORE, version="1")
    world.run()
    if waits:
        world.deploy(RESTORE, Approvers=[BEN])
        world.sign(execution)
        world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])
    assert "version 2 of Redress-RestorePolicy is in force by now, not 1" in world.failure(execution)
