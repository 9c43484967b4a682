"""How bad it is, by rule; and the page that says so."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain.card import compose
from redress.domain.digest import Day, Sample, digest
from redress.domain.digest_renderings import text
from redress.domain.no_fix import no_fix
from redress.domain.reopening import GRACE
from redress.domain.settings import Settings
from redress.domain.severity import RULES, Circumstances, Severity, circumstances_of, severity_of, tagged
from redress.domain.words import Kind, NoFixReason, State
from redress_cli.findings import table_of
from tests.unit.card.cards import PLACE, finding_of, told_of

if TYPE_CHECKING:
    from redress.domain.finding import Finding

PAGE = Path(__file__).resolve().parents[3] / "docs" / "notices.md"
ROW = re.compile(r"\| (\d+) \| ([A-Z]+) \| (.+?) \| .+? \|")
PRODUCTION = Circumstances(production=True)


def finding(kind: Kind = Kind.MISSING_PERMISSION, **changes: Any) -> Finding:  # noqa: ANN401 - fields of any type
    """Returns a finding; ``changes`` of its newest sighting go there."""
    found = finding_of(kind)
    sighted = {name: changes.pop(name) for name in ("read_only", "session_name", "source_ip") if name in changes}
    return replace(found, last=replace(found.last, **sighted), **changes)


def answered(reason: NoFixReason, *, denied_after: timedelta) -> Finding:
    """Returns a finding with this answer, whose call was denied so long after it."""
    found = finding(state=State.NO_FIX, no_fix=no_fix(reason), read_only=False)
    return replace(found, last_seen=found.changed_at + denied_after)


CASES: list[tuple[int, Finding, Circumstances]] = [
    (1, finding(Kind.QUARANTINED_KEY, state=State.FIXED), Circumstances()),
    (2, finding(state=State.SUSPICIOUS), PRODUCTION),
    (3, finding(state=State.FIXED, read_only=False), PRODUCTION),
    (3, finding(state=State.MUTED), PRODUCTION),
    (3, finding(state=State.REJECTED), PRODUCTION),
    (3, finding(state=State.RESTORED, read_only=False), PRODUCTION),
    (4, answered(NoFixReason.ALREADY_ALLOWED, denied_after=timedelta(0)), PRODUCTION),
    (4, answered(NoFixReason.ALREADY_ALLOWED, denied_after=GRACE), PRODUCTION),
    (8, answered(NoFixReason.ALREADY_ALLOWED, denied_after=GRACE + timedelta(seconds=1)), PRODUCTION),
    (8, answered(NoFixReason.GUARD_BLOCKED, denied_after=timedelta(0)), PRODUCTION),
    (5, answered(NoFixReason.PRINCIPAL_GONE, denied_after=timedelta(0)), PRODUCTION),
    (6, finding(state=State.REOPENED, read_only=True), Circumstances()),
    (6, finding(state=State.FAILED, read_only=True), Circumstances()),
    (7, finding(Kind.PROPAGATION, count=9, read_only=False), PRODUCTION),
    (8, finding(Kind.PROPAGATION, count=10, read_only=False), PRODUCTION),
    (8, finding(read_only=False), PRODUCTION),
    (9, finding(session_name="AWSCloudFormation", read_only=True), PRODUCTION),
    (9, finding(session_name="AWSCodeBuild-1a2b", read_only=True), Circumstances()),
    (9, finding(source_ip="cloudformation.amazonaws.com"), Circumstances()),
    (10, finding(read_only=True), PRODUCTION),
    (10, finding(read_only=None), PRODUCTION),
    (11, finding(read_only=True, count=100), Circumstances()),
    (12, finding(read_only=False, count=99), Circumstances()),
    (13, finding(read_only=True, count=99), Circumstances()),
    (13, finding(read_only=None), Circumstances()),
]


@pytest.mark.parametrize(("row", "found", "around"), CASES)
def test_the_first_row_that_holds_decides(row: int, found: Finding, around: Circumstances) -> None:
    """Each row by its number on the page."""
    rule = RULES[row - 1]
    assert severity_of(found, around) == (rule.severity, rule.reason)


def test_every_row_has_its_case() -> None:
    """No rule is without a finding that it decides."""
    assert {row for row, _, _ in CASES} == set(range(1, len(RULES) + 1))


def test_the_page_has_the_same_table() -> None:
    """Number, severity and reason, in the same order."""
    rows = [ROW.match(line) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    told = [(int(row[1]), row[2], row[3]) for row in rows if row]
    assert told == [(number, rule.severity, rule.reason) for number, rule in enumerate(RULES, start=1)]


@pytest.mark.parametrize(
    ("tags", "production", "owner"),
    [
        ({"environment": "production", "owner": "team-orders"}, True, "team-orders"),
        ({"env": "prod"}, True, ""),
        ({"environment": "test", "Owner": "x"}, False, ""),
        ({}, False, ""),
    ],
)
def test_tags_tell_the_circumstances(tags: dict[str, str], production: bool, owner: str) -> None:  # noqa: FBT001 - a table
    """By the operator's knobs; keys and values are told apart by their case, as IAM tells them."""
    assert circumstances_of(tags.items(), Settings()) == Circumstances(production=production, owner=owner)


def test_severities_are_four() -> None:
    """Worst first."""
    assert list(Severity) == ["CRITICAL", "HIGH", "MEDIUM", "LOW"]


def test_one_finding_has_one_severity() -> None:
    """Notice, digest and command line give the same, by what the finding remembers of its principal's tags."""
    found, proposal = told_of(Kind.MISSING_PERMISSION)
    for each, expected in ((found, "MEDIUM"), (tagged(found, PRODUCTION), "HIGH")):
        card = compose(each, proposal=proposal, place=PLACE)
        listed = text(digest(Day(at=each.last_seen, found={each.state: Sample(findings=(each,))})))
        assert (card.severity, severity_of(each)[0]) == (expected, expected)
        assert f"By severity: {expected} 1." in listed
        assert [cell for column in table_of([each]).columns for cell in column.cells][1] == expected


def test_what_the_tags_say_now_counts_where_it_is_given() -> None:
    """On first sight nobody has kept the tags yet."""
    found, _ = told_of(Kind.MISSING_PERMISSION)
    assert compose(found, proposal=None, place=PLACE, circumstances=PRODUCTION).severity == "HIGH"
    known = compose(tagged(found, Circumstances(owner="team-orders")), proposal=None, place=PLACE)
    assert {fact.label: fact.value for fact in known.facts}["Owner"] == "team-orders"
