"""What time alone makes of findings and proposals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from redress.domain.expiry import has_expired, must_be_removed
from redress.domain.lifecycle_execution import Execution, Progress
from redress.domain.lifecycle_outcome import outcome
from redress.domain.lifecycle_proposal import FiledProposal, restore_token, start_token
from redress.domain.settings import Settings
from redress.domain.starting import agenda
from redress.domain.watch import due
from redress.domain.words import ProposalStatus, State
from tests.denials import NOON
from tests.unit.lifecycle.builders import finding


def filed(number: int = 0, **changes: Any) -> FiledProposal:  # noqa: ANN401 - any field
    """Returns a proposal that was made so many minutes after noon."""
    plain = {
        "proposal_id": f"p-{number}",
        "digest": "d",
        "status": ProposalStatus.READY,
        "principal": "arn:aws:iam::111122223333:role/app",
        "finding_ids": ("f-1",),
        "created_at": NOON + timedelta(minutes=number),
        "expires_at": NOON + timedelta(days=2),
    }
    return FiledProposal(**{**plain, **changes})


@pytest.mark.parametrize(("waiting", "started"), [(0, 3), (1, 2), (3, 0), (9, 0)])
def test_the_oldest_go_first_within_the_cap(waiting: int, started: int) -> None:
    """The rest is held, in order."""
    plan = agenda(ready=[filed(3), filed(1), filed(2), filed(0)], waiting=waiting, cap=3, now=NOON)
    assert [each.proposal_id for each in plan.queue] == ["p-0", "p-1", "p-2", "p-3"]
    assert plan.room == started


@pytest.mark.parametrize("status", [each for each in ProposalStatus if each is not ProposalStatus.READY])
def test_only_ready_proposals_are_started(status: ProposalStatus) -> None:
    """Every other status stays."""
    assert agenda(ready=[filed(status=status)], waiting=0, cap=9, now=NOON).queue == ()


@pytest.mark.parametrize("status", ProposalStatus)
def test_only_unstarted_proposals_expire(status: ProposalStatus) -> None:
    """What waits for a signature is ended by SSM's clock and the runbook's own check."""
    later = NOON + timedelta(days=2)
    assert has_expired(filed(status=status), later) == (status in {ProposalStatus.READY, ProposalStatus.MANUAL})
    assert not has_expired(filed(status=status), later - timedelta(seconds=1))


@pytest.mark.parametrize("status", ProposalStatus)
def test_only_applied_proposals_are_removed(status: ProposalStatus) -> None:
    """And only those with a lifetime, once it is over."""
    timed = filed(status=status, remove_at=NOON)
    assert must_be_removed(timed, NOON) == (status is ProposalStatus.APPLIED)
    assert not must_be_removed(timed, NOON - timedelta(seconds=1))
    assert not must_be_removed(filed(status=status), NOON)


def test_tokens_are_the_same_for_the_same_work() -> None:
    """One start per digest; one restore per hour, and per day once it has failed for six hours."""
    assert start_token("a") == start_token("a") != start_token("b")
    assert len(start_token("a")) == 36
    hours = [restore_token("a", NOON + timedelta(hours=hour), NOON) for hour in range(36)]
    assert len(set(hours[:6])) == 6
    assert len(set(hours[6:12])) == 1
    assert len(set(hours[12:36])) == 1
    assert restore_token("a", NOON + timedelta(minutes=59)) == restore_token("a", NOON)


@pytest.mark.parametrize("state", State)
def test_time_moves_only_what_it_should(state: State) -> None:
    """A year later the quiet fix closes, the waiting approval is overdue, the silence is over; nothing else moves."""
    later = NOON + timedelta(days=365)
    news = due(finding(state, muted_until=NOON), Settings(), later)
    moved = {State.FIXED: "StayedQuiet", State.AWAITING_APPROVAL: "Reminded", State.MUTED: "MuteEnded"}
    assert (type(news).__name__ if news else None) == moved.get(state)


def test_a_denial_after_the_fix_starts_the_watch_anew() -> None:
    """Quiet is counted from the newest denial, also one that did not reopen."""
    noisy = finding(State.FIXED, fixed_at=NOON, last_seen=NOON + timedelta(hours=40))
    assert due(noisy, Settings(), NOON + timedelta(hours=50)) is None
    assert due(noisy, Settings(), NOON + timedelta(hours=88))


def test_a_mute_without_an_end_stays() -> None:
    """Only a date ends a silence."""
    assert due(finding(State.MUTED), Settings(), NOON + timedelta(days=999)) is None


@pytest.mark.parametrize(("hours", "actor", "told"), [(6, "schedule", True), (4, "redress", False)])
def test_a_fix_that_went_because_its_time_was_over_says_so(hours: int, actor: str, told: bool) -> None:  # noqa: FBT001 - a table
    """The finding names the end of the signed time; a fix that a person takes back before has no such cause."""
    changes: dict[str, Any] = {
        "remove_at": NOON + timedelta(hours=5),
        "restored_at": NOON + timedelta(hours=hours),
        "restored_by": "e-2",
    }
    execution = Execution(execution_id="e-1", document="", progress=Progress.SUCCEEDED)
    found = outcome(filed(status=ProposalStatus.RESTORED, **changes), execution).occurrence
    assert found
    assert (found.actor, "the time that was signed for it ended 2026-11-21 17:00 UTC" in found.cause) == (actor, told)
    assert "taken back by execution e-2" in found.cause
