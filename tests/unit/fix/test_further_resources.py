"""On what else the same action will be checked: each case of tests/cases/fix/further_resources.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from redress.domain.further_resources import CHECKED_TOGETHER, further_resources
from redress.domain.proposal import Statement
from tests.unit.fix import builders

CASES = json.loads((Path(__file__).parents[2] / "cases" / "fix" / "further_resources.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_the_same_call_or_the_next_one_is_checked_on_is_named(case: dict[str, Any]) -> None:
    """Types that a call names together, further Regions and later runs are told; what is granted is not."""
    statement = Statement(sid="RedressF" + "0" * 20, actions=(case["action"],), resources=tuple(case["granted"]))
    assert list(further_resources([statement], builders.CATALOGUE, builders.REGION)) == case["further"]


@pytest.mark.parametrize("action", sorted(CHECKED_TOGETHER))
def test_types_that_are_checked_together_are_types_of_the_action(action: str) -> None:
    """A misspelt type would never be named."""
    assert set(CHECKED_TOGETHER[action]) <= {kind.name for kind in builders.CATALOGUE.resource_types(action)}
