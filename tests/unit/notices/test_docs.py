"""What the pages for operators say is what the code has: every alarm, every state, every gap, every command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.alarms import ALARMS, AlarmFacts
from redress.domain.coverage import Missing
from redress.domain.noticing_flood import SINGLES, WINDOW
from redress.domain.words import State
from redress_cli.main import COMMANDS

DOCS = Path(__file__).parents[3] / "docs"
OPERATING = (DOCS / "operating.md").read_text()
COVERAGE = (DOCS / "coverage.md").read_text()


@pytest.mark.parametrize("facts", ALARMS, ids=[each.name for each in ALARMS])
def test_every_alarm_has_its_row(facts: AlarmFacts) -> None:
    """Meaning, first look and next step stand on the page as in the alarm's own notice."""
    assert f"| `{facts.full_name}` | {facts.meaning} | {facts.first_look} | {facts.next_step} |" in OPERATING


def test_no_row_without_an_alarm() -> None:
    """The page names no alarm that does not exist."""
    assert re.findall(r"^\| `(Redress-[^`]+)` \|", OPERATING, re.MULTILINE) == [each.full_name for each in ALARMS]


def test_every_state_has_its_row() -> None:
    """On-call people find what each state means for them."""
    assert sorted(re.findall(r"^\| `([A-Z_]+)` \|", OPERATING, re.MULTILINE)) == sorted(State)


def test_every_gap_has_its_row() -> None:
    """The page on coverage has a row for each gap, in the order of the list."""
    assert re.findall(r"^\| `([A-Z_]+)` \|", COVERAGE, re.MULTILINE) == list(Missing)


def test_commands_exist() -> None:
    """Every command that the pages name is one."""
    assert set(re.findall(r"`redress ([a-z]+)", OPERATING + COVERAGE)) <= set(COMMANDS)


def test_numbers_are_those_of_the_code() -> None:
    """The window and the share of a burst stand on the page as they are."""
    assert WINDOW.total_seconds() == 600
    assert SINGLES == 3
    assert "the first three one by one" in OPERATING
    assert "once in 10 minutes of event time" in OPERATING
