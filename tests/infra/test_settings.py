"""Knobs: read once, checked before anything is synthesized, the same in code, cdk.json and docs."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

import pytest

from infra.environment import measure
from infra.knob_checks import CHOICES, COUNTS, RANGES, SHAPES
from infra.knobs import DEFAULTS, RUNTIME_NAMES, KnobError
from infra.settings import merge, read_knobs
from redress.domain.settings import Settings
from scripts.build_asset import ROOT

CASES = json.loads((ROOT / "tests" / "cases" / "knobs" / "refused.json").read_text())
ACCEPTED = json.loads((ROOT / "tests" / "cases" / "knobs" / "accepted.json").read_text())
SHIPPED: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]["redress"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_refused(case: dict[str, Any]) -> None:
    """Each wrong knob is one sentence that names the knob and what is wrong."""
    with pytest.raises(KnobError) as refused:
        read_knobs({"approvers": ["role/Approver"], **case["knobs"]})
    assert str(refused.value).splitlines() == case["says"]


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case["name"])
def test_accepted(case: dict[str, Any]) -> None:
    """What people would write is accepted."""
    knobs = read_knobs({"approvers": ["role/Approver"], **case["knobs"]})
    read = {name: getattr(knobs, name) for name in case["knobs"]}
    assert read == {name: tuple(value) if isinstance(value, list) else value for name, value in case["knobs"].items()}


def test_all_problems_are_told_at_once() -> None:
    """Nobody has to synthesize once per mistake."""
    with pytest.raises(KnobError) as refused:
        read_knobs({"approvers": [], "watch_hours": 0, "log_level": "LOUD"})
    assert len(str(refused.value).splitlines()) == 4


def test_the_functions_know_the_same_knobs() -> None:
    """Names and defaults of the functions' settings are those of the app."""
    assert {field.name: field.default for field in fields(Settings)} == {name: DEFAULTS[name] for name in RUNTIME_NAMES}


def test_cdk_json_states_every_knob_with_its_default() -> None:
    """Whoever looks for a knob finds it in cdk.json; approvers alone can have no default in code."""
    assert set(SHIPPED) == set(DEFAULTS)
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in DEFAULTS.items()}
    assert {name for name in SHIPPED if SHIPPED[name] != plain[name]} == {"approvers"}


def test_what_is_shipped_is_accepted() -> None:
    """cdk.json synthesizes as it is."""
    assert read_knobs(SHIPPED).approvers == ("role/RedressApprover",)


def test_every_rule_is_about_a_knob() -> None:
    """No rule speaks of a knob that does not exist, and every number has its range."""
    assert {*RANGES, *CHOICES, *COUNTS, *SHAPES} <= set(DEFAULTS)
    numbers = {name for name, value in DEFAULTS.items() if type(value) is int}
    assert numbers == {*RANGES, "log_retention_days"}


def test_every_knob_is_documented() -> None:
    """docs/configuration.md has one row per knob, with its default."""
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", (ROOT / "docs" / "configuration.md").read_text(), re.MULTILINE)
    written = {name: default.strip("`") for name, default in rows}
    assert written == {name: json.dumps(value) for name, value in SHIPPED.items()}


def test_every_example_of_the_documentation_is_accepted() -> None:
    """Whoever copies an override from docs/configuration.md can deploy with it."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    overrides = [json.loads(given) for given in re.findall(r"-c redress='(\{.*\})'", text)]
    overrides += [json.loads(given)["redress"] for given in re.findall(r"CDK_CONTEXT_JSON='(\{.*\})'", text)]
    assert len(overrides) == len(re.findall(r"^(?:npx|CDK_)", text, re.MULTILINE)) == 2
    for override in overrides:
        assert read_knobs(merge(SHIPPED, override))


@pytest.mark.parametrize(
    ("contexts", "expected"),
    [
        (({"watch_hours": 1}, None), {"watch_hours": 1}),
        (({"watch_hours": 1, "auto_start": True}, {"watch_hours": 2}), {"watch_hours": 2, "auto_start": True}),
        (({"watch_hours": 1}, '{"watch_hours": 3}'), {"watch_hours": 3}),
    ],
)
def test_later_knobs_win(contexts: tuple[object, ...], expected: dict[str, object]) -> None:
    """cdk.json first, then what the command line gives, as an object or as JSON text."""
    assert merge(*contexts) == expected


@pytest.mark.parametrize("context", ["{", "[]", 7, "text"])
def test_a_context_that_is_no_object_is_refused(context: object) -> None:
    """The message shows what an object looks like, or where the JSON breaks."""
    with pytest.raises(KnobError, match="`redress`"):
        merge({}, context)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("text", 4),
        ("ü", 2),
        ({"Ref": "AWS::AccountId"}, 12),
        ({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam"]]}, 20),
        ({"Fn::Join": [",", ["a", "b"]]}, 4),
        ({"Fn::GetAtt": ["Table", "Arn"]}, 160),
        (12, 2),
    ],
)
def test_sizes_of_variables_are_never_underestimated(value: object, size: int) -> None:
    """What a reference will be is not known, so its longest form counts."""
    assert measure(value) == size
