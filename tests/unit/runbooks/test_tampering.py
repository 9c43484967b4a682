"""Whoever changes anything between proposal and apply changes nothing in IAM."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest

from redress.adapters.table_writes import Key
from redress.domain.proposal import Proposal, canonical_json, sha256
from tests.runbook_world import (
    ACCOUNT,
    ANA,
    BEN,
    RESTORE,
    ROLE,
    World,
    allow,
    document,
    proposal,
    ready_world,
)

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-us-east-1-role-orders-service"
EVIL = document(allow("iam:*", "*"))

Tampering = Callable[[World, Proposal], None]


def _body(**changes: object) -> Tampering:
    def tamper(world: World, signed: Proposal) -> None:
        item = world.item(signed)
        item["body"] = canonical_json({**json.loads(item["body"]), **changes})

    return tamper


def _body_and_digest(**changes: object) -> Tampering:
    def tamper(world: World, signed: Proposal) -> None:
        _body(**changes)(world, signed)
        item = world.item(signed)
        item["digest"] = sha256(item["body"])
        world.items[Key(pk=f"TARGET#{ROLE}", sk="CURRENT")]["digest"] = item["digest"]

    return tamper


def _item(**changes: object) -> Tampering:
    return lambda world, signed: world.item(signed).update(changes)


def _current(**changes: object) -> Tampering:
    return lambda world, _: world.items[Key(pk=f"TARGET#{ROLE}", sk="CURRENT")].update(changes)


def _outside_version(world: World, _: Proposal) -> None:
    world.iam.policies[POLICY].add(EVIL, default=True)


def _outside_default(world: World, _: Proposal) -> None:
    world.iam.policies[POLICY].add(document(allow("s3:GetObject")), default=False)
    world.iam.policies[POLICY].default = "v2"


def _outside_detach(world: World, _: Proposal) -> None:
    world.iam.attached.clear()


def _outside_delete(world: World, _: Proposal) -> None:
    world.iam.attached.clear()
    del world.iam.policies[POLICY]


def _role_replaced(world: World, _: Proposal) -> None:
    world.iam.principals["role", "orders-service"] = f"arn:aws:iam::{ACCOUNT}:role/other/orders-service"


def _role_deleted(world: World, _: Proposal) -> None:
    del world.iam.principals["role", "orders-service"]


def _forgotten(world: World, signed: Proposal) -> None:
    del world.items[Key(pk=f"PROPOSAL#{signed.proposal_id}", sk="PROPOSAL")]


TAMPERINGS: Mapping[str, Tampering] = {
    "the document": _body(document=EVIL),
    "the document, with a fitting stored digest": _body_and_digest(document=EVIL),
    "the statements": _body(statements=[]),
    "the principal": _body(principal={"type": "ROLE", "name": "admin", "arn": f"arn:aws:iam::{ACCOUNT}:role/admin"}),
    "the policy": _body(policy={"arn": f"arn:aws:iam::{ACCOUNT}:policy/admins", "name": "admins", "path": "/"}),
    "the pre-image": _body(pre_image={"exists": False, "version_id": "", "document_sha256": "", "attached": False}),
    "the guard's verdict": _body_and_digest(guard={"verdict": "NOTE", "hits": []}),
    "the expiry": _body(expires_at="2036-01-01T00:00:00Z"),
    "the probes": _body(probes=[]),
    "a space": lambda world, signed: world.item(signed).update(body=world.item(signed)["body"] + " "),
    "the digest": _item(digest="0" * 64),
    "the digest of the current proposal": _current(digest="0" * 64),
    "the status": _item(status="REJECTED"),
    "the owner": _item(execution_id="11111111-2222-3333-4444-555555555555"),
    "the live document": _outside_version,
    "the live default version": _outside_default,
    "the live attachment": _outside_detach,
    "the live policy": _outside_delete,
    "the role, made anew elsewhere": _role_replaced,
    "the role, deleted": _role_deleted,
    "the whole proposal": _forgotten,
}


@pytest.fixture
def world() -> World:
    """A world where a first proposal is applied already."""
    found = ready_world()
    found.applied(found.file(proposal(found, allow("s3:GetObject"))))
    found.iam.writes.clear()
    return found


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_before_the_request_is_caught(world: World, what: str) -> None:
    """What was changed between proposing and starting is never shown, let alone applied."""
    signed = world.file(proposal(world))
    TAMPERINGS[what](world, signed)
    asked = len(world.asked)
    execution = world.start(signed)
    world.run()
    assert world.status(execution) == "Failed"
    assert (len(world.asked), world.iam.writes) == (asked, [])


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_while_the_request_waits_is_caught(world: World, what: str) -> None:
    """What was changed between showing and signing is never applied."""
    signed = world.file(proposal(world))
    execution = world.start(signed)
    world.run()
    TAMPERINGS[what](world, signed)
    during = world.iam.image()
    world.sign(execution)
    world.run()
    assert world.status(execution) == "Failed"
    assert world.iam.writes == []
    assert world.iam.image() == during


@pytest.mark.parametrize("what", [what for what in TAMPERINGS if not what.startswith(("the live", "the role"))])
def test_tampering_after_the_last_check_cannot_steer_anything(world: World, what: str) -> None:
    """Once the orders are given, only they count: it ends with the signed change, or with the pre-image."""
    signed = world.file(proposal(world))
    execution = world.start(signed)
    world.run()
    before = world.iam.image()
    world.sign(execution)
    while "CreatePolicyVersion" not in world.iam_calls[1:]:
        assert world.runner.step()
    TAMPERINGS[what](world, signed)
    world.run()
    holds = json.loads(world.iam.policies[POLICY].versions[world.iam.policies[POLICY].default])
    applied = holds == json.loads(signed.content["document"])
    assert applied == (world.status(execution) == "Success")
    assert applied or world.iam.image() == before


@pytest.mark.parametrize("approver", [f"arn:aws:iam::{ACCOUNT}:user/mallory", f"arn:aws:iam::{ACCOUNT}:role/orders"])
def test_a_signer_who_is_not_on_the_list_is_caught_though_ssm_took_him(approver: str) -> None:
    """If somebody gets a signature past SSM, the names on the runbook's own list decide."""
    world = ready_world()
    execution = world.start(world.file(proposal(world)))
    world.run()
    world.forge_decision(execution, approver)
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])
    assert "may not sign" in world.item_failure()


def test_a_stored_list_of_approvers_is_ignored() -> None:
    """Who signed is read from SSM, not from the table."""
    world = ready_world(MinApprovals=2)
    signed = world.file(proposal(world))
    execution = world.start(signed)
    world.run()
    world.item(signed)["approved_by"] = [ANA, BEN]
    world.sign(execution)
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Waiting", [])


def test_a_forged_snapshot_cannot_bring_in_a_document(world: World) -> None:
    """A restore writes the old document that SSM recorded, whatever the table says it was."""
    before = json.loads(world.iam.policies[POLICY].versions["v1"])
    signed = world.file(proposal(world))
    world.applied(signed)
    world.item(signed)["snapshot"] = json.dumps({"text": EVIL, "versions": []})
    world.iam.policies[POLICY].versions.pop("v1")  # pruned meanwhile: the text is all that is left
    execution = world.start(signed, RESTORE)
    world.run()
    world.sign(execution)
    world.run()
    assert world.status(execution) == "Success"
    assert json.loads(world.iam.policies[POLICY].versions[world.iam.policies[POLICY].default]) == before
    assert EVIL not in world.iam.policies[POLICY].versions.values()
