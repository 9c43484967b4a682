"""The documentation of guard and proposal says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from redress.domain import suspicion
from redress.domain.guard import escalation_paths
from tests.unit.fix import builders

ROOT = Path(__file__).parents[3]
GUARD = (ROOT / "docs" / "guard.md").read_text()
PROPOSAL = (ROOT / "docs" / "proposal.md").read_text()
SOURCES = [*(ROOT / "lambdas/redress/domain/guard").glob("*.py"), ROOT / "lambdas/redress/adapters/access_analyzer.py"]
_BEFORE = r"(?:rule=|UNANSWERED = |_block\(|_note\(|_unless_passed\(answer, |^        )"
RULE = re.compile(_BEFORE + r'"([a-z]+(?:-[a-z]+)+|[a-z]{8,})",?', re.MULTILINE)


def rows(text: str) -> set[str]:
    """Returns what stands in back-ticks at the beginning of table rows."""
    first = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    return {name for cell in first for name in re.findall(r"`([^`]+)`", cell)}


def test_every_rule_of_the_guard_has_a_row() -> None:
    """Each rule that the code can name is in the table, and the table names no other."""
    named = {name for path in SOURCES for name in RULE.findall(path.read_text())}
    signals = set(rows(GUARD.split("## Suspicion")[1]))
    assert rows(GUARD.split("## Suspicion")[0]) == named
    assert not signals & named


def test_every_signal_has_a_row_with_its_points() -> None:
    """The points in the table are those of the code."""
    points = dict(re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", GUARD, re.MULTILINE))
    coded = re.findall(r'Signal\(\s*name="([a-z-]+)", points=([A-Z_]+)', Path(str(suspicion.__file__)).read_text())
    assert points == {name: str(getattr(suspicion, constant)) for name, constant in coded}


def test_the_number_of_published_paths_is_right() -> None:
    """The page counts the published paths as the table does."""
    assert f"all {len(escalation_paths.PUBLISHED)} published paths" in GUARD


def test_every_field_of_the_body_has_a_row() -> None:
    """Each field of a sealed proposal is described, and no other."""
    proposal = builders.plan(builders.finding()).proposal
    assert proposal is not None
    body = PROPOSAL.split("## The body")[1].split("## Patches")[0]
    assert rows(body) == set(proposal.content)
