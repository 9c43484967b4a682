"""Two Regions of one account: one IAM, but each Redress has its own table, locks and executions."""

from __future__ import annotations

import itertools

import pytest

from tests.runbook_world import ACCOUNT, RESTORE, ROLE, World, allow, proposal, ready_world

HERE, THERE = "us-east-1", "eu-west-1"


def policy_of(region: str) -> str:
    """Returns the ARN of the role's fix policy of a Region."""
    return f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-{region}-role-orders-service"


@pytest.fixture
def regions() -> tuple[World, World]:
    """Two worlds over one IAM."""
    here, there = ready_world(HERE), ready_world(THERE)
    there.iam = here.iam
    there.numbers = itertools.count(1_000)  # executions of two Regions never share an id
    return here, there


def test_each_region_takes_its_own_fix_back(regions: tuple[World, World]) -> None:
    """What one Region applied can be taken back after another applied its own, which stays as it was signed."""
    here, there = regions
    mine, theirs = here.file(proposal(here)), there.file(proposal(there, allow("ec2:DescribeInstances", "*")))
    here.applied(mine)
    there.applied(theirs)
    execution = here.start(mine, RESTORE)
    here.run()
    here.sign(execution)
    here.run()
    assert here.status(execution) == "Success", here.failure(execution)
    assert here.iam.attached == {(ROLE, policy_of(THERE))}
    assert {arn: list(each.versions.values()) for arn, each in here.iam.policies.items()} == {
        policy_of(THERE): [theirs.content["document"]]
    }
    assert (here.item(mine)["status"], there.item(theirs)["status"]) == ("RESTORED", "APPLIED")


def test_a_lifetime_ends_though_another_region_wrote_since(regions: tuple[World, World]) -> None:
    """A fix whose lifetime is over goes without a signature, whatever another Region applied meanwhile."""
    here, there = regions
    mine = here.file(proposal(here, remove_after_hours=1))
    here.applied(mine)
    there.applied(there.file(proposal(there)))
    here.pass_time(hours=2)
    execution = here.start(mine, RESTORE)
    here.run()
    assert here.status(execution) == "Success", here.failure(execution)
    assert here.iam.attached == {(ROLE, policy_of(THERE))}


def test_what_one_region_applies_does_not_outdate_what_another_asks_for(regions: tuple[World, World]) -> None:
    """A request that waits for a signature in one Region stays good while another Region changes its own policy."""
    here, there = regions
    waiting = here.start(here.file(proposal(here)))
    here.run()
    there.applied(there.file(proposal(there)))
    here.sign(waiting)
    here.run()
    assert here.status(waiting) == "Success", here.failure(waiting)
    assert here.iam.attached == {(ROLE, policy_of(HERE)), (ROLE, policy_of(THERE))}
