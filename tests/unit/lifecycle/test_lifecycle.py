"""The life of a finding: total, written down, and never moved by stale news."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain import lifecycle_occurrences
from redress.domain.errors import Refused
from redress.domain.finding import Finding, NoFix
from redress.domain.lifecycle import TRANSITIONS, advance, next_state
from redress.domain.lifecycle_occurrences import (
    Applied,
    ApplyFailed,
    DeniedAgain,
    Muted,
    MuteEnded,
    NoFixFound,
    Occurrence,
    Proposed,
    Rejected,
    Reminded,
    Restored,
)
from redress.domain.reopening import reopens
from redress.domain.words import NoFixReason, Owner, PolicyIs, State
from tests.denials import NOON, VERDICT
from tests.unit.lifecycle.builders import finding

PAGE = Path(__file__).parents[3] / "docs" / "lifecycle.md"
LATER = NOON + timedelta(hours=1)
VALUES: dict[str, Any] = {
    "actor": "arn:aws:iam::111122223333:user/ana",
    "cause": "because",
    "proposal_id": "p-1",
    "execution_id": "e-1",
    "sign_by": LATER,
    "approved_by": ("arn:aws:iam::111122223333:user/ana",),
    "approved_at": NOON,
    "applied_at": LATER,
    "policy_is": PolicyIs.BEFORE,
    "event_time": LATER,
    "verdict": None,
    "until": LATER,
    "no_fix": NoFix(reason=NoFixReason.EXPLICIT_DENY, owner=Owner.IAM_ADMIN, detail="x"),
}
OCCURRENCES = [
    kind
    for _, kind in inspect.getmembers(lifecycle_occurrences, inspect.isclass)
    if issubclass(kind, Occurrence) and kind is not Occurrence
]


def occurrence(kind: type[Occurrence], **changes: object) -> Occurrence:
    """Returns an occurrence of this kind."""
    return kind(**{each.name: {**VALUES, **changes}[each.name] for each in fields(kind)})


def test_every_occurrence_has_a_row() -> None:
    """The table knows every kind of occurrence there is, and no other."""
    assert set(TRANSITIONS) == set(OCCURRENCES)


def test_every_state_can_be_reached_and_left() -> None:
    """No state is a dead end, and none is unreachable."""
    edges = [(start, end) for row in TRANSITIONS.values() for start, end in row.items() if start is not end]
    assert {end for _, end in edges} == set(State)
    assert {start for start, _ in edges} == set(State)


@pytest.mark.parametrize(("kind", "state"), list(product(OCCURRENCES, State)))
def test_each_pair_is_either_in_the_table_or_refused(kind: type[Occurrence], state: State) -> None:
    """What the table has moves the finding by one version and says who and why; everything else is refused."""
    before = finding(state, policy_is=PolicyIs.AFTER if kind is Restored else None)
    target = next_state(state, kind)
    if target is None:
        with pytest.raises(Refused):
            advance(before, occurrence(kind), LATER)
        return
    after = advance(before, occurrence(kind), LATER)
    assert (after.state, after.state_version, after.changed_at) == (target, 8, LATER)
    assert (after.actor, after.cause) == (VALUES["actor"], "because")
    assert (after.count, after.first_seen, after.last_seen) == (before.count, before.first_seen, before.last_seen)


@given(st.lists(st.sampled_from(OCCURRENCES), max_size=40))
def test_no_sequence_leaves_the_table(kinds: list[type[Occurrence]]) -> None:
    """Whatever is thrown at a finding, its version counts its changes and a suspicious one is never proposed."""
    now, found = NOON, finding(state_version=1)
    for number, kind in enumerate(kinds):
        now += timedelta(minutes=1)
        before = found
        try:
            found = advance(found, occurrence(kind, event_time=now, proposal_id=f"p-{number}"), now)
        except Refused:
            assert found == before
        else:
            assert found.state_version == before.state_version + 1
            assert not (before.state is State.SUSPICIOUS and found.state in {State.PROPOSED, State.APPLYING})


def test_a_denial_from_before_the_last_change_is_no_news() -> None:
    """A denial that arrives late does not reopen what was fixed after it."""
    fixed = finding(State.FIXED, changed_at=LATER)
    assert not reopens(fixed, LATER)
    with pytest.raises(Refused):
        advance(fixed, DeniedAgain(cause="again", event_time=LATER), LATER)


def test_a_denial_reopens_with_what_denies_now() -> None:
    """The finding tells the newest verdict."""
    fixed = finding(State.FIXED)
    assert reopens(fixed, LATER)
    assert not reopens(finding(State.OPEN), LATER)
    after = advance(fixed, DeniedAgain(cause="again", event_time=LATER, verdict=VERDICT), LATER)
    assert (after.state, after.verdict) == (State.REOPENED, VERDICT)


@pytest.mark.parametrize("state", [State.OPEN, State.REOPENED])
def test_a_finding_that_left_its_proposal_may_come_back_to_it(state: State) -> None:
    """After silence or suspicion the same proposal may cover the finding again; one that waits has it already."""
    again = occurrence(Proposed)
    assert advance(finding(state, proposal_id="p-1"), again, LATER).state is State.PROPOSED
    with pytest.raises(Refused):
        advance(finding(State.PROPOSED, proposal_id="p-1"), again, LATER)


@pytest.mark.parametrize(
    ("state", "changes", "fixed"),
    [
        (State.OPEN, {}, True),
        (State.OPEN, {"last_seen": LATER + timedelta(minutes=1)}, True),
        (State.OPEN, {"last_seen": LATER + timedelta(minutes=2)}, False),
        (State.OPEN, {"changed_at": LATER + timedelta(hours=1)}, True),
        (State.REOPENED, {}, True),
        (State.REOPENED, {"changed_at": LATER}, False),
    ],
)
def test_an_open_finding_is_fixed_by_what_nothing_was_denied_after(
    state: State, changes: dict[str, Any], *, fixed: bool
) -> None:
    """Late news of a change does not hide that the call was denied in spite of it."""
    before = finding(state, **changes)
    if fixed:
        assert advance(before, occurrence(Applied), LATER + timedelta(hours=2)).state is State.FIXED
    else:
        with pytest.raises(Refused):
            advance(before, occurrence(Applied), LATER + timedelta(hours=2))


def test_only_what_was_in_force_is_taken_back() -> None:
    """A finding without a fix is RESTORED where a change of its own had let the call through."""
    assert advance(finding(State.NO_FIX, policy_is=PolicyIs.AFTER), occurrence(Restored), LATER).state is State.RESTORED
    with pytest.raises(Refused):
        advance(finding(State.NO_FIX), occurrence(Restored), LATER)


def test_late_news_of_a_restore_does_not_close_what_was_denied_since() -> None:
    """A finding that was reopened after its fix was taken back stays open when the restore is reported once more."""
    restored = advance(finding(State.FIXED, policy_is=PolicyIs.AFTER), occurrence(Restored), NOON)
    again = advance(restored, occurrence(DeniedAgain), LATER)
    assert again.state is State.REOPENED
    with pytest.raises(Refused, match="says so already"):
        advance(again, occurrence(Restored), LATER)
    denied_under_the_fix = finding(State.REOPENED, policy_is=PolicyIs.AFTER)
    assert advance(denied_under_the_fix, occurrence(Restored), LATER).state is State.RESTORED


def test_a_reminder_goes_out_once() -> None:
    """The second reminder is refused."""
    once = advance(finding(State.AWAITING_APPROVAL), Reminded(cause="overdue"), LATER)
    assert once.reminded_at == LATER
    with pytest.raises(Refused):
        advance(once, Reminded(cause="overdue"), LATER)


def test_a_new_proposal_forgets_the_old_ones_runbook() -> None:
    """Execution, signatures and what IAM holds belong to the proposal that a finding has now."""
    failed = finding(State.FAILED, proposal_id="p-0", execution_id="e-0", approved_by=("x",), policy_is=PolicyIs.BEFORE)
    after = advance(failed, Proposed(cause="again", proposal_id="p-1"), LATER)
    assert (after.proposal_id, after.execution_id, after.approved_by, after.policy_is) == ("p-1", None, (), None)
    with pytest.raises(Refused):
        advance(after, Proposed(cause="again", proposal_id="p-1"), LATER)


def test_a_runbooks_end_is_noted_once_on_a_suspicious_finding() -> None:
    """Reconciling again and again does not raise the version of a finding that knows."""
    news = ApplyFailed(cause="x", execution_id="e-1", policy_is=PolicyIs.BEFORE)
    once = advance(finding(State.SUSPICIOUS), news, LATER)
    assert (once.state, once.policy_is) == (State.SUSPICIOUS, PolicyIs.BEFORE)
    with pytest.raises(Refused):
        advance(once, news, LATER)


def test_what_iam_holds_may_become_known_later() -> None:
    """A failed finding takes the news that differs from what it knew, and only that."""
    unknown = finding(State.FAILED, policy_is=PolicyIs.UNKNOWN)
    news = ApplyFailed(cause="x", execution_id="e-1", policy_is=PolicyIs.CHANGED_BY_OTHERS)
    once = advance(unknown, news, LATER)
    assert once.policy_is is PolicyIs.CHANGED_BY_OTHERS
    with pytest.raises(Refused):
        advance(once, news, LATER)


def test_a_fix_is_dated_and_signed() -> None:
    """A fixed finding says when, by whom, and that IAM holds the signed change."""
    applied = occurrence(Applied)
    after = advance(finding(State.APPLYING), applied, LATER)
    assert (after.fixed_at, after.approved_by, after.policy_is) == (LATER, VALUES["approved_by"], PolicyIs.AFTER)


def test_a_rejection_keeps_the_comment() -> None:
    """The approver's words are the cause."""
    after = advance(finding(State.AWAITING_APPROVAL), Rejected(cause="ana: too wide", execution_id="e-1"), LATER)
    assert (after.state, after.cause, after.execution_id) == (State.REJECTED, "ana: too wide", "e-1")


def test_a_silence_begins_and_ends() -> None:
    """Muting says until when; its end clears that."""
    muted = advance(finding(), Muted(cause="noise", until=LATER), NOON)
    assert muted.muted_until == LATER
    assert advance(muted, MuteEnded(cause="over"), LATER).muted_until is None


def test_a_no_fix_is_kept_until_the_next_denial() -> None:
    """The reason stands with the finding, and goes when it is denied in another way."""
    told = advance(finding(), occurrence(NoFixFound), LATER)
    assert isinstance(told, Finding)
    assert told.no_fix == VALUES["no_fix"]


def test_the_page_has_the_same_table() -> None:
    """docs/lifecycle.md lists exactly the transitions of the code."""
    rows = re.findall(r"^\| ([A-Z][\w, ]*): [^|]*\| ([A-Z_, ]+) \| ([A-Z_]+) \|$", PAGE.read_text(), re.MULTILINE)
    written = {
        (kind, start, target)
        for kinds, starts, target in rows
        for kind in kinds.split(", ")
        for start in starts.split(", ")
    }
    table = {(kind.__name__, start.value, end.value) for kind, row in TRANSITIONS.items() for start, end in row.items()}
    assert written == table


def test_the_picture_shows_only_roads_that_exist() -> None:
    """Each arrow of the diagram is a transition of the code."""
    arrows = re.findall(r"^    (\w+) --> (\w+) : (\w+)$", PAGE.read_text(), re.MULTILINE)
    table = {(start.value, end.value, kind.__name__) for kind, row in TRANSITIONS.items() for start, end in row.items()}
    assert arrows
    assert set(arrows) <= table
