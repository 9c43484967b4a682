"""The classifier on records that nobody here wrote."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.classify import classify
from redress.domain.denied_call import DeniedCall, NotADenial
from redress.domain.explain import explain
from redress.domain.fingerprint import fingerprint
from redress.domain.parse import parse_record
from tests.unit.why import corpus

CATALOGUE = IamCatalogue()
NOT_DENIALS = [name for name in corpus.sources() if "near_miss" in name or "success" in name]
DENIALS = [name for name in corpus.sources() if name not in NOT_DENIALS]


@pytest.mark.parametrize("name", NOT_DENIALS)
def test_no_near_miss_and_no_success_is_called_a_denial(name: str) -> None:
    """Throttling, limits, missing things, dry runs and successes are no denials."""
    called = [line["record"].get("errorCode") for line in corpus.lines(name) if _is_denial(line["record"])]
    assert called == []


@pytest.mark.parametrize("name", DENIALS)
def test_every_denial_becomes_a_verdict_that_can_be_told(name: str) -> None:
    """Each denied call of the corpus has a verdict, three sentences and a fingerprint."""
    for line in corpus.lines(name):
        call = parse_record(line["record"])
        assert isinstance(call, DeniedCall)
        verdict = classify(call, catalogue=CATALOGUE)
        assert all((explain(verdict).what, explain(verdict).why, explain(verdict).meaning))
        assert fingerprint(verdict, call)[0].startswith("f-")


def test_every_label_is_right() -> None:
    """Principal, action, resource, layer, effect and policy agree with every label that states them."""
    wrong = [
        (name, stated, found)
        for source in DENIALS
        for line in corpus.lines(source)
        for label in _labels()[(line["source"], line["record"].get("eventID"))]
        for name, (stated, found) in _compared(label, line["record"]).items()
        if stated != found
    ]
    assert wrong == []


def _is_denial(record: dict[str, Any]) -> bool:
    return not isinstance(parse_record(record), NotADenial)


def _labels() -> dict[tuple[str, str], list[dict[str, Any]]]:
    by_event: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for label in corpus.lines("labels.jsonl"):
        by_event[(label["source"], label["eventID"])].append(label)
    return by_event


def _compared(label: dict[str, Any], record: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    call = parse_record(record)
    assert isinstance(call, DeniedCall)
    verdict = classify(call, catalogue=CATALOGUE)
    found = {
        "principal": verdict.principal.arn,
        "action": verdict.action,
        "resource": verdict.resource,
        "layer": verdict.layer,
        "effect": verdict.effect,
        "policy_arn": verdict.policy_arn,
    }
    return {name: (label[name], value) for name, value in found.items() if name in label}
