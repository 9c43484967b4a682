"""``redress findings``: which findings are listed, and how."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from redress.domain.finding import Finding
from redress.domain.noticing_wave import cause_of
from redress_cli import findings as command
from tests.unit.notices.world import finding, of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

    from redress.domain.words import State


ALIKE = [of(f"role-{number}", finding(number)) for number in range(60)]
OTHER = replace(finding(99), verdict=replace(finding().verdict, action="s3:DeleteObject"))


@dataclass
class FakeDesk:
    """Findings in memory, all of them open."""

    known: tuple[Finding, ...]

    @property
    def findings(self) -> FakeDesk:
        """Returns itself."""
        return self

    def every(self, state: State, *, at_most: int) -> Iterator[Finding]:
        """Yields those in this state."""
        return iter([each for each in self.known if each.state is state][:at_most])

    def by_principal(self, principal: str, states: Iterable[State]) -> tuple[Finding, ...]:
        """Returns a principal's in these states."""
        wanted = set(states)
        return tuple(each for each in self.known if each.verdict.principal.arn == principal and each.state in wanted)


def listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    """Returns what the command prints as JSON."""
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    monkeypatch.setattr(command, "Desk", lambda _: FakeDesk(known=(*ALIKE, OTHER)))
    assert command.run(parser.parse_args([*words, "--json"])) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_what_an_account_wide_notice_tells_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All findings of one cause and no other, as many as are asked for."""
    cause = cause_of(ALIKE[0]).id
    found = listed(monkeypatch, capsys, "--cause", cause, "--limit", "100")
    assert [each["finding_id"] for each in found] == [each.finding_id for each in ALIKE]
    assert len(listed(monkeypatch, capsys, "--cause", cause)) == 50
    assert [each["finding_id"] for each in listed(monkeypatch, capsys, "--cause", cause_of(OTHER).id)] == [
        OTHER.finding_id
    ]
    assert listed(monkeypatch, capsys, "--cause", "c-0") == []


def test_a_cause_of_one_principal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Both filters together."""
    words = ("--cause", cause_of(ALIKE[7]).id, "--principal", str(ALIKE[7].verdict.principal.arn))
    assert [each["finding_id"] for each in listed(monkeypatch, capsys, *words)] == [ALIKE[7].finding_id]


def test_each_has_its_severity(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """As in notices and in the digest."""
    assert {each["severity"] for each in listed(monkeypatch, capsys)} == {"LOW"}
