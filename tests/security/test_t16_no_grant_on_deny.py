"""Somebody hopes that an Allow gets him around a wall."""

from __future__ import annotations

from typing import Any

import pytest

from redress.domain.target import NamedPolicy
from redress.domain.words import Effect, Evidence, Kind, Layer, NoFixReason
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
