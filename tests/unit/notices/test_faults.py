"""Whatever goes wrong at whatever call of λ notify, each notice reaches each topic once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from redress.domain.errors import Retry
from redress.domain.words import ProposalStatus, State
from tests.unit.notices.world import CHAT, FINDINGS, SECURITY, World, counted, finding, life, minutes, moved, played

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.finding import Finding


def story() -> list[tuple[Finding | None, Finding]]:
    """A finding's whole life with a storm and a claim in it, and another finding in between."""
    first = finding(1)
    stormy = counted(first, 40)
    asked = moved(moved(stormy, State.PROPOSED, proposal_id="p-1"), State.AWAITING_APPROVAL, proposal_id="p-1")
    taken = counted(moved(asked, State.AWAITING_APPROVAL), 2_000, after=minutes(30))
    claimed = replace(counted(taken, 2_100, after=minutes(31)), claimed_by="ana", edits=1)
    applying = moved(claimed, State.APPLYING)
    fixed = moved(applying, State.FIXED)
    other = life(finding(2), moved(finding(2), State.SUSPICIOUS))
    images = life(
        first, stormy, moved(stormy, State.PROPOSED, proposal_id="p-1"), asked, taken, claimed, applying, fixed
    )
    return [images[0], other[0], *images[1:4], other[1], *images[4:]]


def play(faults: Mapping[int, str] | None = None) -> World:
    """The story with these faults."""
    return played(story(), ProposalStatus.READY, faults)


CLEAN = play()
CALLS = len(CLEAN.calls)
POINT = ["published", "write"]


def everything(world: World) -> list[dict[str, int]]:
    """How often each notice went where."""
    return [dict(world.notices(topic)) for topic in (FINDINGS, SECURITY, CHAT)]


def test_the_story() -> None:
    """A finding is told when new, asked about, counted, claimed and fixed; nothing is told twice or owed."""
    assert [len(each) for each in everything(CLEAN)] == [7, 1, 8]
    assert all(set(each.values()) == {1} for each in everything(CLEAN))
    assert CLEAN.owed() == []


@pytest.mark.parametrize("number", range(CALLS))
@pytest.mark.parametrize("fault", ["kill", "throttle"])
def test_a_fault_at_any_call(number: int, fault: str) -> None:
    """One fault anywhere loses no notice, and doubles one only between SNS's acceptance and its mark."""
    world = play({number: fault})
    assert [set(each) for each in everything(world)] == [set(each) for each in everything(CLEAN)]
    repeats = sum(count - 1 for each in everything(world) for count in each.values())
    died = fault == "kill" and CLEAN.calls[number - 1 : number + 1] == POINT
    assert repeats == int(died or CLEAN.calls[number] == "published")
    assert world.owed() == []


@settings(max_examples=60, deadline=None)
@given(faults=st.dictionaries(st.integers(0, 3 * CALLS), st.sampled_from(["kill", "throttle"]), max_size=25))
@example(faults=dict.fromkeys(range(0, 2 * CALLS, 7), "kill"))
def test_any_combination_of_faults(faults: Mapping[int, str]) -> None:
    """Any number of faults together lose nothing, and double no more than fell on that one point."""
    world = play(faults)
    assert [set(each) for each in everything(world)] == [set(each) for each in everything(CLEAN)]
    assert sum(count - 1 for each in everything(world) for count in each.values()) <= world.excused
    assert world.owed() == []


@settings(max_examples=40, deadline=None)
@given(again=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 10)), max_size=6))
def test_replays(again: list[tuple[int, int]]) -> None:
    """The stream may bring any stretch again, at any time later: nothing is told again."""
    world = World()
    world.proposals["p-1"] = ProposalStatus.READY
    changes = story()
    world.deliver(*changes)
    for start, length in again:
        world.now += minutes(3)
        world.deliver(*changes[start : start + length])
    assert everything(world) == everything(CLEAN)


def away(_: str) -> None:
    """SNS does not answer."""
    raise Retry("SNS is away")


def test_what_the_stream_gives_up_is_sent_by_the_schedule() -> None:
    """SNS is away until the stream has given up on the record: the notice is owed, and sent later, as it was."""
    world = World()
    world.topics.enter = away
    assert world.deliver((None, finding(1)), patience=10) == 1
    assert world.owed() == ["NOTICE#STATE#000001"]
    world.topics.enter = lambda _: None
    assert world.sweep(after=minutes(5)) == 0  # the stream may still be at it
    assert world.sweep(after=minutes(11)) == 1
    assert set(world.notices().values()) == {1}
    assert world.sweep(after=minutes(60)) == 0


def test_a_proposal_read_late_decides_the_same() -> None:
    """A notice that was begun while a person had to start the fix is finished though somebody did meanwhile."""
    proposed = moved(finding(1), State.PROPOSED, proposal_id="p-1")
    world = World()
    world.proposals["p-1"] = ProposalStatus.MANUAL
    world.topics.enter = away
    world.deliver((finding(1), proposed), patience=1)
    world.topics.enter = lambda _: None
    world.proposals["p-1"] = ProposalStatus.WAITING
    world.sweep(after=minutes(60))
    assert set(world.notices().values()) == {1}
