"""What gets no fix: each case of tests/cases/fix/refusals.json, and the totality of the tables behind it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain.denied_call import Principal
from redress.domain.no_fix import DETAIL_OF, OWNER_OF
from redress.domain.patch_elsewhere import no_fix_at_sight
from redress.domain.settings import Settings
from redress.domain.target import NamedPolicy
from redress.domain.words import Effect, Evidence, Kind, Layer, NoFixReason, PrincipalType, State
from tests.unit.fix import builders

if TYPE_CHECKING:
    from redress.domain.finding import NoFix

CASES = json.loads((Path(__file__).parents[2] / "cases" / "fix" / "refusals.json").read_text())
ENUMS = {"kind": Kind, "layer": Layer, "effect": Effect, "evidence": Evidence}


def answer_to(case: dict[str, Any]) -> NoFix:
    """Returns what the plan answers to the case's finding."""
    principal = _principal(case)
    changes: dict[str, Any] = {name: enum(case[name]) for name, enum in ENUMS.items() if name in case}
    names = {name: case[name] for name in ("action", "resource", "event") if name in case}
    found = builders.finding(**names, **changes, principal=principal, policy_arn=case.get("policy_arn"))
    found = replace(found, state=State(case.get("state", "OPEN")))
    if "recorded_in" in case:
        found = replace(found, last=replace(found.last, account=case["recorded_in"]))
    policies = tuple(NamedPolicy(name=name, document={"Statement": []}) for name in case.get("policies", []))
    on = builders.target(
        of=principal,
        tags=case.get("tags"),
        exists=case.get("exists", True),
        policies=policies,
        unique_id=case.get("unique_id_now"),
    )
    settings = Settings.from_json(json.dumps(case.get("settings", {})))
    result = builders.plan(found, on=on, settings=settings)
    assert result.proposal is None
    assert result.covered == ()
    return dict(result.no_fixes)[found.finding_id]


def _principal(case: dict[str, Any]) -> Principal:
    arn = case.get("principal", builders.ROLE.arn)
    return Principal(
        type=PrincipalType(case.get("principal_type", "ROLE")),
        arn=arn,
        account=builders.ACCOUNT,
        unique_id=case.get("unique_id"),
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_denial_that_no_identity_policy_may_mend_gets_its_reason_and_owner(case: dict[str, Any]) -> None:
    """Each case ends without a grant, with the reason, the owner and the formats of its patch."""
    answer = answer_to(case)
    assert (answer.reason, answer.owner) == (case["reason"], case["owner"])
    assert case.get("detail", answer.detail) == answer.detail
    if "patch" in case:
        assert [name for name, _ in answer.patch] == case["patch"]


def test_every_reason_has_an_owner_and_a_sentence() -> None:
    """No reason is without an owner or without words."""
    assert set(OWNER_OF) == set(DETAIL_OF) == set(NoFixReason)


@pytest.mark.parametrize("layer", [layer for layer in Layer if layer is not Layer.IDENTITY_BASED_POLICY])
@pytest.mark.parametrize("effect", list(Effect))
@pytest.mark.parametrize("kind", list(Kind))
def test_no_other_layer_is_ever_granted(layer: Layer, effect: Effect, kind: Kind) -> None:
    """Whatever the kind says, a denial by another layer than the identity policies gets no grant."""
    assert builders.plan(builders.finding(layer=layer, effect=effect, kind=kind)).proposal is None


def test_what_can_be_known_without_a_look_up_is_answered_at_sight() -> None:
    """A finding whose evidence settles it is answered without a target, with the same patch."""
    found = builders.finding(kind=Kind.RESOURCE_POLICY, layer=Layer.RESOURCE_BASED_POLICY)
    answer = no_fix_at_sight(found)
    assert answer == builders.plan(found).no_fix_of(found.finding_id)
    assert no_fix_at_sight(builders.finding()) is None


def test_findings_of_two_principals_are_a_mistake() -> None:
    """A plan for one principal refuses another's findings outright."""
    stranger = builders.finding(principal=builders.principal(f"arn:aws:iam::{builders.ACCOUNT}:role/other"))
    with pytest.raises(ValueError, match="one principal"):
        builders.plan(stranger, on=builders.target())
