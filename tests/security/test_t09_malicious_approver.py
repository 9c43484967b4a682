"""An approver signs for himself, signs twice, or signs as somebody else."""

from __future__ import annotations

from contextlib import suppress

import pytest
from botocore.exceptions import ClientError

from tests.runbook_world import ACCOUNT, ANA, BEN, ROLE, SIGNERS, World, proposal, ready_world

GUARDED = {"verdict": "TWO_APPROVERS", "hits": [{"rule": "pass-role", "verdict": "TWO_APPROVERS", "reason": "x"}]}
STS = f"arn:aws:sts::{ACCOUNT}:assumed-role"


def asked(world: World, **changes: object) -> str:
    """Returns an execution that waits for a signature."""
    execution = world.start(world.file(proposal(world, **changes)))
    world.run()
    return execution


@pytest.mark.parametrize("session", ["i-0123", "ana", "break-glass"])
def test_t09_malicious_approver_cannot_approve_his_own_denial(session: str) -> None:
    """The denied role is refused as its own approver, whatever the session calls itself."""
    world = ready_world(Approvers=[ROLE, ANA])
    execution = asked(world)
    world.sign(execution, f"{STS}/orders-service/{session}")
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (ANA, ANA),
        (f"{STS}/signers/ana", f"{STS}/signers/ben"),
        (ANA, f"arn:aws:iam::{ACCOUNT}:user/Ana"),
    ],
)
def test_t09_malicious_approver_cannot_sign_twice(first: str, second: str) -> None:
    """One person gives one signature, under another session name or spelling as well."""
    world = ready_world(SecondApprovers=[ANA, BEN, SIGNERS])
    execution = asked(world, guard=GUARDED)
    world.sign(execution, first)
    world.run()
    with suppress(ClientError):  # SSM refuses it already
        world.sign(execution, second)
    world.run()
    assert world.status(execution) != "Success"
    assert world.iam.writes == []


@pytest.mark.parametrize("who", [f"arn:aws:iam::{ACCOUNT}:user/eve", ANA.replace(ACCOUNT, "444455556666"), f"{ANA}x"])
def test_t09_malicious_approver_not_on_the_list_is_refused_past_ssm(who: str) -> None:
    """Somebody who got past SSM's own list does not get past the runbook's."""
    world = ready_world()
    execution = asked(world)
    world.forge_decision(execution, who)
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])


def test_t09_malicious_approver_needs_the_minimum_of_different_people() -> None:
    """Two signatures of one role are one where two are asked for."""
    world = ready_world(MinApprovals=2)
    execution = asked(world)
    for who in ("ana", "ben"):
        with suppress(ClientError):
            world.sign(execution, f"{STS}/signers/{who}")
        world.run()
    assert world.status(execution) != "Success"
    assert world.iam.writes == []
