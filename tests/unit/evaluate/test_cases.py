"""Every rule of AWS's evaluation logic, as cases in files: tests/cases/evaluate/*.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain.decision import NonMatch, Outcome
from redress.domain.evaluate import evaluate
from redress.domain.words import Layer
from tests.evaluation_cases import policies_of, request_of

if TYPE_CHECKING:
    from redress.domain.decision import Decision

FOLDER = Path(__file__).parents[2] / "cases" / "evaluate"
CASES = [(path.stem, case) for path in sorted(FOLDER.glob("*.json")) for case in json.loads(path.read_text())]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{stem}: {case['name']}") for stem, case in CASES])
def test_decision(case: dict[str, Any]) -> None:
    """The outcome, the layer and, where the case says so, statement, keys, layers and reasons are as expected."""
    decision = evaluate(request_of(case["request"]), policies_of(case["policies"]))
    expected = case["expected"]
    assert {key: seen(decision, key) for key in expected} == expected


def seen(decision: Decision, key: str) -> object:
    """Returns one part of a decision in the form that cases give it."""
    statement = decision.statement
    parts: dict[str, object] = {
        "outcome": decision.outcome.value,
        "layer": decision.layer.value,
        "statement": f"{statement.policy} {statement.label}" if statement else None,
        "missing_context": list(decision.missing_context),
        "unknown_layers": [layer.value for layer in decision.unknown_layers],
        "reasons": sorted({entry.reason.value for entry in decision.trace if entry.reason}),
    }
    return parts[key]


def test_names_are_unique() -> None:
    """Each case has a name of its own in its file."""
    assert len({(stem, case["name"]) for stem, case in CASES}) == len(CASES)


def test_every_outcome_layer_and_reason_has_a_case() -> None:
    """No outcome, layer or reason of the closed lists is without a case."""
    decisions = [evaluate(request_of(case["request"]), policies_of(case["policies"])) for _, case in CASES]
    assert {decision.outcome for decision in decisions} == set(Outcome)
    assert {decision.layer for decision in decisions} == set(Layer) - {Layer.UNKNOWN}
    assert {entry.reason for decision in decisions for entry in decision.trace} == {*NonMatch, None}


def test_every_case_names_the_page_that_settles_it() -> None:
    """Each case says which page its rule comes from."""
    assert all(case["source"].startswith(("https://docs.aws.amazon.com/", "https://repost.aws/")) for _, case in CASES)
