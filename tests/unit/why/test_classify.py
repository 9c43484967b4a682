"""From a denied call to a verdict."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.authorization_details import read_details
from redress.domain.classify import classify
from redress.domain.decoded import read_decoded
from redress.domain.denied_call import DeniedCall
from redress.domain.explain import explain
from redress.domain.kinds import KINDS, is_fixable
from redress.domain.kinds_rules import BY_LAYER
from redress.domain.parse import parse_record
from redress.domain.words import Effect, Evidence, Kind, Layer
from tests.unit.why.cases import cases, named

if TYPE_CHECKING:
    from redress.domain.verdict import Verdict

CATALOGUE = IamCatalogue()
CASES = cases("kinds")


@pytest.mark.parametrize("case", CASES, ids=named)
def test_each_case_has_its_verdict(case: dict[str, Any]) -> None:
    """Kind, layer, effect, evidence, action, resource and principal are what the evidence says."""
    verdict = verdict_of(case)
    found = {name: getattr(verdict, name) for name in case["expected"]}
    if "principal" in found:
        found["principal"] = verdict.principal.arn
    if "notes" in found:
        found["notes"] = list(verdict.notes)
    assert found == case["expected"]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_case(kind: Kind) -> None:
    """No kind stays without a record that leads to it."""
    assert any(case["expected"]["kind"] == kind for case in CASES)


@pytest.mark.parametrize("layer", Layer)
def test_every_layer_has_a_case(layer: Layer) -> None:
    """No layer stays without a record that leads to it."""
    assert any(verdict_of(case).layer is layer for case in CASES)


@pytest.mark.parametrize("evidence", sorted(set(Evidence) - {Evidence.SIMULATED}))
def test_every_source_of_evidence_has_a_case(evidence: Evidence) -> None:
    """Details, decoded message, text and nothing each decide some case; simulating is not this module's."""
    assert any(verdict_of(case).evidence is evidence for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_fix_is_possible_only_where_an_identity_policy_lacks_an_allow(case: dict[str, Any]) -> None:
    """Nothing is fixable but an implicit denial of the caller by identity-based policies, reported or stronger."""
    verdict = verdict_of(case)
    missing = verdict.layer is Layer.IDENTITY_BASED_POLICY and verdict.effect is Effect.IMPLICIT_DENY
    missing = missing and verdict.kind is not Kind.OTHER_PRINCIPAL
    assert is_fixable(verdict) == missing
    assert not missing or verdict.evidence is not Evidence.NONE


def test_every_layer_but_the_identity_policies_has_a_kind_of_its_own() -> None:
    """The table of layers leaves out only identity-based policies, where the effect decides, and UNKNOWN."""
    assert set(Layer) - set(BY_LAYER) == {Layer.IDENTITY_BASED_POLICY, Layer.UNKNOWN}


@pytest.mark.parametrize("case", CASES, ids=named)
def test_each_verdict_is_told_in_three_sentences(case: dict[str, Any]) -> None:
    """What, why and meaning are one sentence each, on one line, and the next step is the kind's."""
    verdict = verdict_of(case)
    told = explain(verdict)
    for sentence in (told.what, told.why, told.meaning):
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert ". " not in sentence
    assert told.next_step.startswith(KINDS[verdict.kind].next_step)


def verdict_of(case: dict[str, Any]) -> Verdict:
    """Returns the verdict on a case's record and further evidence."""
    call = parse_record(case["record"])
    assert isinstance(call, DeniedCall)
    return classify(
        call,
        catalogue=CATALOGUE,
        decoded=read_decoded(json.dumps(case["decoded"])) if "decoded" in case else None,
        details=read_details(case["details"]) if "details" in case else None,
    )
