"""The accuracy bar, on records that nobody here wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.classify import classify
from redress.domain.denied_call import DeniedCall
from redress.domain.fingerprint import fingerprint
from redress.domain.parse import parse_record
from redress.domain.words import Kind
from scripts import accuracy
from tests.unit.why import corpus

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reasons.md"


@pytest.fixture(scope="module")
def tallies() -> dict[str, accuracy.Tally]:
    """What was counted, by source."""
    corpus.lines("labels.jsonl")
    return {tally.source: tally for tally in accuracy.measure(corpus.CORPUS)}


def test_no_source_misses_the_bar(tallies: dict[str, accuracy.Tally]) -> None:
    """No exception, no stated fact that the verdict has otherwise, no near miss or success called a denial."""
    assert [(tally.source, tally.example) for tally in tallies.values() if tally.missed] == []


def test_the_bar_is_measured_on_labels(tallies: dict[str, accuracy.Tally]) -> None:
    """Every label meets its record, so that nothing is right for want of being looked at."""
    assert tallies["labels without a record"].mistaken == 0
    assert sum(tally.stated for name, tally in tallies.items() if name != "messages") == 374


def test_the_command_prints_and_exits_by_the_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """``make accuracy`` succeeds on the corpus, and says where there is none."""
    corpus.lines("labels.jsonl")
    assert accuracy.main([]) == 0
    assert "facts stated" in capsys.readouterr().out
    assert accuracy.main(["/nonexistent"]) == 2


def test_the_page_has_the_figures(tallies: dict[str, accuracy.Tally]) -> None:
    """docs/reasons.md says what the command prints, row by row."""
    page = PAGE.read_text(encoding="utf-8")
    wanted = [
        f"| {tally.source} | {tally.records:,} | {tally.denials:,} | {tally.with_layer:,} | {tally.stated:,} "
        f"| {tally.wrong:,} | {tally.mistaken:,} | {tally.exceptions:,} |"
        for tally in tallies.values()
    ]
    assert [row for row in wanted if row not in page] == []


def test_a_storm_is_a_handful_of_findings() -> None:
    """Ten thousand refusals of one AWS service by one bucket are a few findings, not ten thousand."""
    catalogue = IamCatalogue()
    kinds = set()
    findings = set()
    for line in corpus.lines("records/Yamato-Security__suzaku-sample-data.jsonl.gz"):
        call = parse_record(line["record"])
        assert isinstance(call, DeniedCall)
        verdict = classify(call, catalogue=catalogue)
        findings.add(fingerprint(verdict, call)[0])
        kinds.add(verdict.kind)
    assert len(findings) <= 12
    assert Kind.AWS_SERVICE_CALLER in kinds
