"""Redress's own roles as the target, and its blind eye for them as a hiding place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from redress.domain.denied_call import Principal
from redress.domain.eligible import by_principal
from redress.domain.words import GuardVerdict, NoFixReason, PrincipalType
from redress.handlers.triage_intake import is_own
from tests.infra.event_pattern import matches
from tests.runbook_world import ACCOUNT, proposal, ready_world
from tests.unit.fix import builders
from tests.unit.handlers.test_triage import World, event, record

if TYPE_CHECKING:
    from typing import Any

OWN = f"arn:aws:iam::{ACCOUNT}:role/redress/system/Redress-Automation"


def issued_by(arn: str) -> dict[str, Any]:
    """Returns the record of a denial of a session of this role."""
    made = record()
    made["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] = arn
    return made


@pytest.mark.parametrize("name", ["redress/system/x", "redress/y"])
def test_t14_own_roles_are_never_targets(name: str) -> None:
    """No finding of a role under Redress's path gets a fix."""
    answer = by_principal(builders.principal(f"arn:aws:iam::{ACCOUNT}:role/{name}"))
    assert answer is not None
    assert answer.reason is NoFixReason.REDRESS_ROLE


def test_t14_own_roles_are_refused_by_the_runbook_too() -> None:
    """A planted proposal for one of Redress's roles is refused before anybody is asked."""
    world = ready_world()
    world.iam.add_role(OWN)
    execution = world.start(world.file(proposal(world, principal=OWN)))
    world.run()
    assert (world.status(execution), world.asked, world.iam.writes) == ("Failed", [], [])
    assert "is protected" in world.failure(execution)


def test_t14_own_roles_denials_are_ignored() -> None:
    """What Redress itself is denied becomes no finding."""
    world = World()
    world.deliver(event(issued_by(OWN)))
    assert list(world.store.of_kind("FINDING")) == []


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:role/x:role/redress/evil",
        f"arn:aws:iam::{ACCOUNT}:role/redress-evil",
        f"arn:aws:iam::{ACCOUNT}:role/team/redress/evil",
        f"arn:aws:iam::{ACCOUNT}:user/role/redress/evil",
    ],
)
def test_t14_own_roles_are_no_hiding_place(arn: str) -> None:
    """A role that merely looks like one of ours is seen, by the rule's pattern and by triage."""
    world = World()
    assert not is_own(Principal(type=PrincipalType.ROLE, arn=arn))
    world.deliver(event(issued_by(arn)))
    assert len(list(world.store.of_kind("FINDING"))) == 1
    excluded = {"arn": [{"anything-but": {"prefix": f"arn:aws:iam::{ACCOUNT}:role/redress/"}}]}
    assert matches(excluded, {"arn": arn})


@pytest.mark.parametrize(
    "resource",
    ["role/redress/system/x", "policy/redress/redress-us-east-1-role-app", "user/redress/x", "policy/redress/system/y"],
)
@pytest.mark.parametrize("action", ["iam:PassRole", "iam:CreatePolicyVersion", "iam:UpdateAssumeRolePolicy"])
def test_t14_own_roles_are_out_of_everybodys_reach(action: str, resource: str) -> None:
    """No grant ever reaches Redress's own roles and policies."""
    plan = builders.plan(builders.finding(action, f"arn:aws:iam::{builders.ACCOUNT}:{resource}"))
    assert plan.proposal is None
    assert plan.guard is None or plan.guard.verdict is GuardVerdict.BLOCK
