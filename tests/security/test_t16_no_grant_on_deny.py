"""Somebody hopes that an Allow gets him around a wall."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from redress.domain.target import NamedPolicy
from redress.domain.words import Effect, Evidence, Kind, Layer, NoFixReason, Owner
from tests.unit.fix import builders

LAYERS = [layer for layer in Layer if layer not in {Layer.IDENTITY_BASED_POLICY, Layer.UNKNOWN}]
QUARANTINE = NamedPolicy(name="arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3", document=builders.allow())


@pytest.mark.parametrize("layer", list(Layer))
def test_t16_no_grant_on_deny_of_any_layer(layer: Layer) -> None:
    """An explicit deny, wherever it stands, never ends in a proposal."""
    denied = builders.finding(layer=layer, effect=Effect.EXPLICIT_DENY)
    assert builders.plan(denied).proposal is None


@pytest.mark.parametrize("layer", LAYERS)
def test_t16_no_grant_on_deny_by_a_limit(layer: Layer) -> None:
    """What an SCP, a boundary, a session policy, an endpoint or the resource does not allow is not granted here."""
    plan = builders.plan(builders.finding(layer=layer))
    assert plan.proposal is None
    ((_, answer),) = plan.no_fixes
    assert answer.owner is not None


def test_t16_no_grant_on_deny_behind_the_missing_allow() -> None:
    """Where a Deny, unseen by the message, stands behind the missing Allow, the proof stops the fix."""
    wall = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    target = builders.target("s3:GetObject", policies=(NamedPolicy(name="inline:wall", document=wall),))
    plan = builders.plan(builders.finding(), on=target, prove=builders.evaluated)
    assert plan.proposal is None
    assert [answer.reason for _, answer in plan.no_fixes] == [NoFixReason.STILL_DENIED]


def test_t16_no_grant_on_deny_behind_a_boundary() -> None:
    """A boundary that does not let the call through stops the fix as well."""
    boundary = NamedPolicy(name="arn:aws:iam::111122223333:policy/b", document=builders.allow("ec2:*"))
    plan = builders.plan(builders.finding(), on=builders.target(boundary=boundary), prove=builders.evaluated)
    assert plan.proposal is None


def test_t16_no_grant_on_deny_for_a_quarantined_principal() -> None:
    """A principal whose key leaked is granted nothing."""
    plan = builders.plan(builders.finding(), on=builders.target("s3:GetObject", policies=(QUARANTINE,)))
    assert plan.proposal is None


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": Evidence.NONE},
        {"kind": Kind.UNKNOWN, "layer": Layer.UNKNOWN, "effect": Effect.UNKNOWN, "evidence": Evidence.NONE},
        {"kind": Kind.CREDENTIALS},
    ],
    ids=str,
)
def test_t16_no_grant_on_deny_that_nobody_understands(changes: dict[str, Any]) -> None:
    """Without evidence that an identity policy lacks an Allow there is no fix."""
    assert builders.plan(builders.finding(**changes)).proposal is None


@pytest.mark.parametrize("tags", [{"redress:protected": "yes"}, {"redress:protected": ""}])
def test_t16_no_grant_on_deny_of_the_operator(tags: dict[str, str]) -> None:
    """A principal that the operator protected is not changed."""
    plan = builders.plan(builders.finding(), on=builders.target("s3:GetObject", tags=tags))
    assert [answer.reason for _, answer in plan.no_fixes] == [NoFixReason.PROTECTED_PRINCIPAL]


TRAIL = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"
OWN_ROLE = "arn:aws:iam::111122223333:role/redress/Redress-Automation"


@pytest.mark.parametrize(
    ("action", "resource", "changes"),
    [
        ("cloudtrail:StopLogging", TRAIL, {"layer": Layer.SERVICE_CONTROL_POLICY, "effect": Effect.EXPLICIT_DENY}),
        ("cloudtrail:StopLogging", TRAIL, {"layer": Layer.PERMISSIONS_BOUNDARY}),
        ("cloudtrail:StopLogging", TRAIL, {"effect": Effect.EXPLICIT_DENY}),
        ("cloudtrail:StopLogging", TRAIL, {"evidence": Evidence.NONE}),
        ("sts:AssumeRole", OWN_ROLE, {"layer": Layer.RESOURCE_BASED_POLICY, "kind": Kind.ROLE_TRUST}),
    ],
    ids=["SCP", "boundary", "identity", "no evidence", "trust of Redress's own role"],
)
def test_t16_no_grant_on_deny_by_a_patch(action: str, resource: str, changes: dict[str, Any]) -> None:
    """For what the guard blocks nobody is handed the text that makes an exception, and the security team is told."""
    ((_, answer),) = builders.plan(builders.finding(action, resource, **changes)).no_fixes
    assert (answer.owner, answer.patch) == (Owner.SECURITY_TEAM, ())
    assert "No patch is written" in answer.detail


def test_t16_no_grant_on_deny_by_a_patch_that_one_person_commits() -> None:
    """Where the guard would ask for two signatures, the answer with the patch says that two should agree."""
    functions = [f"arn:aws:lambda:us-east-1:111122223333:function:{'f' * 55}{number:02}" for number in range(20)]
    long = builders.finding("lambda:UpdateFunctionCode", functions[0], seen=functions)
    walled = builders.finding(
        "iam:CreateAccessKey", "arn:aws:iam::111122223333:user/a", layer=Layer.PERMISSIONS_BOUNDARY
    )
    for finding in (long, walled):
        ((_, answer),) = builders.plan(finding).no_fixes
        assert answer.patch
        assert "Two people should agree before a patch is committed" in answer.detail


def test_t16_no_grant_on_deny_says_what_an_exception_opens() -> None:
    """Whoever merges a condition into a Deny reads that it spares the principal all that the statement denies."""
    ((_, answer),) = builders.plan(
        builders.finding(layer=Layer.SERVICE_CONTROL_POLICY, effect=Effect.EXPLICIT_DENY)
    ).no_fixes
    assert "spares the principal all that it denies" in dict(answer.patch)["terraform"]


def test_t16_no_grant_on_deny_by_a_patch_that_lets_a_stranger_in() -> None:
    """Whoever knocks at a resource from another account is named as a stranger where the owner is handed a patch."""
    stranger = builders.principal("arn:aws:iam::999988887777:role/auditor")
    usual: dict[str, Any] = {"layer": Layer.RESOURCE_BASED_POLICY, "kind": Kind.RESOURCE_POLICY, "principal": stranger}
    finding = builders.finding("s3:GetObject", "arn:aws:s3:::payroll/a.csv", **usual)
    ((_, foreign),) = builders.plan(replace(finding, last=replace(finding.last, account=builders.ACCOUNT))).no_fixes
    assert foreign.patch
    assert "a principal of another account (999988887777)" in foreign.detail
    ((_, own),) = builders.plan(finding).no_fixes
    assert "another account" not in own.detail


def test_t16_no_grant_on_deny_of_a_call_known_by_its_event_alone() -> None:
    """Where the record names nothing but the call, what switches off the watching is the security team's as well."""
    unsaid: dict[str, Any] = {
        "kind": Kind.UNKNOWN,
        "layer": Layer.UNKNOWN,
        "effect": Effect.UNKNOWN,
        "evidence": Evidence.NONE,
    }
    bare = builders.finding(None, None, source="cloudtrail.amazonaws.com", event="StopLogging", **unsaid)
    ((_, answer),) = builders.plan(bare).no_fixes
    assert answer.owner is Owner.SECURITY_TEAM
