"""Findings change only from the version that the change was based on, each change with its line in the trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from redress.adapters import findings_table
from redress.adapters.findings_activity import subject_of
from redress.adapters.findings_table import FindingsTable
from redress.domain.denied_call import Principal
from redress.domain.errors import StaleState
from redress.domain.lifecycle import advance
from redress.domain.lifecycle_occurrences import Muted, Proposed, Suspected
from redress.domain.words import PrincipalType, State
from tests.denials import NOON, ROLE, group_of
from tests.fakes import FakeStore

if TYPE_CHECKING:
    from redress.domain.finding import Finding

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def findings() -> FindingsTable:
    """An empty table."""
    return FindingsTable(FakeStore())


def made(findings: FindingsTable, number: int = 0, seconds: float = 0) -> Finding:
    """A stored finding of one denial."""
    share = group_of({f"e-{number}": seconds}, finding_id=f"f-{number:020x}")
    findings.activity.note([share], NOON)
    return findings.record(share, now=NOON).finding


def test_change_and_its_trail(findings: FindingsTable) -> None:
    """A change of state is stored with its line in the audit trail."""
    before = made(findings)
    after = advance(before, Proposed(proposal_id="p-1", cause="drawn up"), LATER)
    findings.change(before, after)
    assert findings.get(before.finding_id) == after
    (line,) = findings.audit_trail(before.finding_id)
    told = {name: line[name] for name in ("from", "to", "actor", "cause", "at")}
    assert told == {
        "from": "OPEN",
        "to": "PROPOSED",
        "actor": "redress",
        "cause": "drawn up",
        "at": "2026-11-21T13:00:00Z",
    }


def test_stale_changes_are_refused(findings: FindingsTable) -> None:
    """Of two changes based on the same version one wins; the other changes nothing and leaves no line."""
    before = made(findings)
    findings.change(before, advance(before, Suspected(cause="burst"), LATER))
    with pytest.raises(StaleState):
        findings.change(before, advance(before, Proposed(proposal_id="p-1", cause="late"), LATER))
    with pytest.raises(StaleState):
        findings.amend(before, replace(before, claimed_by="me"))
    assert len(findings.audit_trail(before.finding_id)) == 1


def test_edits_are_not_lost(findings: FindingsTable) -> None:
    """Of an edit and a change of state based on the same finding the second is refused, whichever it is."""
    before = made(findings)
    findings.amend(before, replace(before, claimed_by="me"))
    with pytest.raises(StaleState):
        findings.change(before, advance(before, Suspected(cause="burst"), LATER))
    with pytest.raises(StaleState):
        findings.amend(before, replace(before, notes=("note",)))
    now = findings.get(before.finding_id)
    assert now
    findings.change(now, advance(now, Suspected(cause="burst"), LATER))
    after = findings.get(before.finding_id)
    assert after
    assert (after.claimed_by, after.state) == ("me", State.SUSPICIOUS)


def test_counting_and_changing_do_not_disturb_each_other(findings: FindingsTable) -> None:
    """A change based on an older count keeps the newer count, and counting keeps the newer state."""
    before = made(findings)
    stored = findings.known([before.finding_id])[before.finding_id]
    findings.change(before, advance(before, Muted(until=LATER, cause="noise"), NOON))
    findings.record(group_of({"e-late": 70}, before.finding_id), now=NOON, stored=stored)
    now = findings.get(before.finding_id)
    assert now
    assert (now.state, now.count, now.muted_until) == (State.MUTED, 2, LATER)
    findings.amend(now, replace(now, count=1, claimed_by="arn:aws:iam::111122223333:user/oncall"))
    after = findings.get(before.finding_id)
    assert after == replace(now, claimed_by="arn:aws:iam::111122223333:user/oncall", edits=1)


def test_lists_by_state(findings: FindingsTable) -> None:
    """Findings are listed by state, newest first, page by page; those that left meanwhile are not."""
    for number in range(5):
        made(findings, number, number * 3600)
    gone = findings.get(f"f-{3:020x}")
    assert gone
    findings.change(gone, advance(gone, Suspected(cause="burst"), LATER))
    first = findings.by_state(State.OPEN, limit=2)
    assert [finding.finding_id[-1] for finding in first.findings] == ["4", "2"]
    second = findings.by_state(State.OPEN, limit=2, start=first.next_start)
    assert [finding.finding_id[-1] for finding in second.findings] == ["1", "0"]
    assert [finding.finding_id[-1] for finding in findings.every(State.OPEN)] == ["4", "2", "1", "0"]
    assert len(list(findings.every(State.OPEN, at_most=1))) == 1
    oldest = findings.every(State.OPEN, at_most=2, oldest_first=True)
    assert [finding.finding_id[-1] for finding in oldest] == ["0", "1"]


def test_lists_by_principal(findings: FindingsTable) -> None:
    """A principal's findings are listed at once, in the states that are asked for."""
    mine = [made(findings, number, number) for number in range(3)]
    findings.change(mine[1], advance(mine[1], Suspected(cause="burst"), LATER))
    assert [finding.finding_id[-1] for finding in findings.by_principal(ROLE)] == ["2", "1", "0"]
    assert [finding.finding_id[-1] for finding in findings.by_principal(ROLE, [State.SUSPICIOUS])] == ["1"]
    assert findings.by_principal("arn:aws:iam::111122223333:role/nobody") == ()


def test_a_principal_hides_none_of_its_findings(findings: FindingsTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, all are listed, in few calls."""
    monkeypatch.setattr(findings_table, "LISTED_LIMIT", 10)
    monkeypatch.setattr(findings_table, "PAGE", 10)
    for number in range(25):
        made(findings, number, number)
    assert len(findings.by_principal(ROLE)) == 25


def test_listed_findings_that_never_came(findings: FindingsTable) -> None:
    """A listing whose finding was never written, because its writer died, is skipped."""
    findings.activity.note([group_of({"e-1": 0})], NOON)
    assert findings.by_principal(ROLE) == ()


def test_expiry(findings: FindingsTable) -> None:
    """A settled finding may be given an end, which any later change of state takes away, and nothing else does."""
    before = made(findings)
    settled = replace(before, state=State.CLOSED, state_version=before.state_version + 1)
    findings.change(before, settled, expires=LATER)
    (key,) = (key for key in findings._store.items if key.sk == "FINDING")  # type: ignore[attr-defined]

    def ends() -> object:
        return (findings._store.get(key) or {}).get("ttl")

    findings.amend(settled, replace(settled, claimed_by="ana"))
    late = group_of({"e-late": -60})
    assert findings.record(late, now=LATER, stored=findings.known([before.finding_id])[before.finding_id]).counted == 1
    assert ends() == int(LATER.timestamp())
    now = findings.get(before.finding_id)
    assert now
    findings.change(now, advance(now, Suspected(cause="burst"), LATER))
    assert ends() is None


def test_texts_beside_a_finding(findings: FindingsTable) -> None:
    """A text that is kept beside a finding comes back as it was."""
    findings.keep("f-1", "RAW#e-1", '{"a": 1}', until=LATER)
    assert (findings.kept("f-1", "RAW#e-1"), findings.kept("f-1", "RAW#e-2")) == ('{"a": 1}', None)


SUBJECTS = [
    (Principal(arn=ROLE, session_arn="x"), ROLE),
    (Principal(session_arn="arn:aws:sts::111122223333:federated-user/x"), "arn:aws:sts::111122223333:federated-user/x"),
    (Principal(unique_id="AIDAEXAMPLE"), "AIDAEXAMPLE"),
    (Principal(type=PrincipalType.AWS_SERVICE, invoked_by="ec2.amazonaws.com"), "ec2.amazonaws.com"),
    (Principal(account="111122223333"), "unknown:111122223333"),
]


@pytest.mark.parametrize(("principal", "subject"), SUBJECTS)
def test_every_principal_has_a_name(principal: Principal, subject: str) -> None:
    """A principal is listed under the most that is known of it."""
    assert subject_of(principal) == subject
