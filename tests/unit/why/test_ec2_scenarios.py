"""The EC2 scenarios: each is told apart, with the step that helps and who can take it."""

from __future__ import annotations

from typing import Any

import pytest

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.classify import classify
from redress.domain.denied_call import DeniedCall
from redress.domain.envelopes import records_in
from redress.domain.explain import explain
from redress.domain.explain_no_denial import explain_no_denial, kind_of_no_denial
from redress.domain.kinds import KINDS
from redress.domain.parse import parse_record
from tests.unit.why.cases import cases, named

CASES = cases("ec2_scenarios.json")


def told(record: object) -> dict[str, Any]:
    """Returns what is said of a record, as far as the cases state it."""
    (inner,) = records_in(record)
    parsed = parse_record(inner)
    if not isinstance(parsed, DeniedCall):
        kind, words = kind_of_no_denial(parsed), explain_no_denial(parsed)
        owner = KINDS[kind].owner if kind else None
        return {"denied": False, "reason": parsed.reason, "kind": kind, "owner": owner} | (
            {"next_step": words.next_step} if words else {}
        )
    verdict = classify(parsed, catalogue=IamCatalogue())
    return {
        "denied": True,
        "reason": None,
        "kind": verdict.kind,
        "owner": KINDS[verdict.kind].owner,
        "action": verdict.action,
        "resource": verdict.resource,
        "next_step": explain(verdict).next_step,
        "notes": list(verdict.notes),
    }


@pytest.mark.parametrize("case", CASES, ids=named)
def test_each_scenario_has_its_kind_its_step_and_its_owner(case: dict[str, Any]) -> None:
    """What is said is what a person who knows the scenario would say."""
    said = told(case["record"])
    assert said == {name: case["expected"][name] for name in said}


def test_a_lifecycle_policy_is_named() -> None:
    """The event of a lifecycle policy names no role and no action; what it names is said first."""
    record = next(case["record"] for case in CASES if "own event" in case["name"])
    verdict = classify(_denied(record), catalogue=IamCatalogue())
    assert explain(verdict).what == (
        "A lifecycle policy of account 111122223333 stopped with an error: "
        '"arn:aws:dlm:us-east-1:111122223333:policy/policy-0123456789abcdef".'
    )


def _denied(record: object) -> DeniedCall:
    (inner,) = records_in(record)
    parsed = parse_record(inner)
    assert isinstance(parsed, DeniedCall)
    return parsed
