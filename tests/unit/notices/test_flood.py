"""Thousands of denials are a handful of notices; nothing is told per denial."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redress.domain.noticing_flood import SPENT, WINDOW, Crowd, How, Told, count_due, join, threshold_of
from redress.domain.words import ProposalStatus, State
from tests.denials import NOON, PRINCIPAL
from tests.unit.notices.world import SECURITY, World, counted, finding, life, minutes, moved, of

if TYPE_CHECKING:
    from redress.domain.finding import Finding

THRESHOLDS = [(0, 0), (1, 0), (9, 0), (10, 10), (99, 10), (100, 100), (999, 100), (1_000, 1_000), (123_456, 100_000)]


@pytest.mark.parametrize(("count", "expected"), THRESHOLDS)
def test_thresholds(count: int, expected: int) -> None:
    """Counts are told at powers of ten, from ten on."""
    assert threshold_of(count) == expected


DUE = [
    ("never told", 10, None, State.OPEN, 10),
    ("below ten", 9, None, State.OPEN, 0),
    ("told before", 50, Told(threshold=10, seen=NOON - WINDOW), State.OPEN, 0),
    ("within the window", 100, Told(threshold=10, seen=NOON - WINDOW + timedelta(seconds=1)), State.OPEN, 0),
    ("after the window", 100, Told(threshold=10, seen=NOON - WINDOW), State.OPEN, 100),
    ("several at once", 54_321, Told(threshold=10, seen=NOON - WINDOW), State.NO_FIX, 10_000),
    ("muted", 100, None, State.MUTED, 0),
]


@pytest.mark.parametrize(("count", "told", "state", "expected"), [row[1:] for row in DUE], ids=[row[0] for row in DUE])
def test_which_count_is_due(count: int, told: Told | None, state: State, expected: int) -> None:
    """The highest threshold passed and not told, once a window; never of a muted finding."""
    assert count_due(finding(count=count, state=state), told) == expected


def test_a_burst() -> None:
    """Three are told one by one, the fourth for all others, the rest are silent; a new window begins anew."""
    crowd: Crowd | None = None
    told: list[How] = []
    for number in range(7):
        how, crowd = join(crowd, str(number), NOON + timedelta(seconds=number))
        told.append(how)
    assert told == [How.SINGLE] * 3 + [How.BURST] + [How.SILENT] * 3
    assert join(crowd, "late", NOON - timedelta(minutes=3))[0] is How.SILENT
    assert join(crowd, "next", NOON + WINDOW)[0] is How.SINGLE


@given(members=st.lists(st.integers(0, 12), max_size=40))
def test_a_burst_decides_once(members: list[int]) -> None:
    """Asked again about the same member, a burst says the same, and never tells more than its share."""
    crowd: Crowd | None = None
    said: dict[int, How] = {}
    for member in members:
        how, crowd = join(crowd, str(member), NOON)
        assert said.setdefault(member, how) is how
    assert sum(how is not How.SILENT for how in said.values()) <= SPENT


def storm(total: int, *, step: int, seconds: float = 60) -> list[tuple[Finding | None, Finding]]:
    """The images of a finding that is denied so often within so many seconds, and gets its proposal meanwhile."""
    counts = [1, *range(step, total, step), total]
    images = [counted(finding(), count, after=timedelta(seconds=seconds * count / total)) for count in counts]
    for at, state in ((len(images) // 3, State.PROPOSED), (len(images) // 3 + 1, State.AWAITING_APPROVAL)):
        images[at:] = [moved(each, state, proposal_id="p-1") for each in images[at:]]
    return life(*images)


@pytest.mark.parametrize("batch", [1, 7, 100])
@pytest.mark.parametrize("step", [1, 100])
def test_a_storm(batch: int, step: int) -> None:
    """2,000 denials within a minute are three notices: new, a count, the request for a signature."""
    world = World()
    world.proposals["p-1"] = ProposalStatus.READY
    changes = storm(2_000, step=step)
    for start in range(0, len(changes), batch):
        world.deliver(*changes[start : start + batch])
    assert len(world.notices()) <= 3
    assert set(world.notices().values()) == {1}


def test_the_count_after_the_storm() -> None:
    """A denial after the window tells how many there were, even if no more than one came since."""
    world = World()
    world.proposals["p-1"] = ProposalStatus.READY
    for each in storm(10_000, step=100):
        world.deliver(each)
    before, old = len(world.topics.sent), storm(10_000, step=100)[-1][1]
    world.deliver((old, counted(old, 10_001, after=minutes(15))))
    assert len(world.topics.sent) == before + 2
    assert "10,001" in world.texts()[-1]


@settings(max_examples=40, deadline=None)
@given(
    counts=st.lists(st.integers(1, 10**6), min_size=1, max_size=60),
    gaps=st.lists(st.integers(0, 900), min_size=60, max_size=60),
)
def test_counts_are_paced(counts: list[int], gaps: list[int]) -> None:
    """However denials come, two counts of one finding are a window apart, and grow."""
    world = World(chat="")
    at, images = 0, []
    for count, gap in zip(sorted(counts), gaps, strict=False):
        at += gap
        images.append(counted(finding(), count, after=timedelta(seconds=at)))
    told: list[tuple[int, timedelta]] = []
    for change in life(*images):
        before = len(world.topics.sent)
        world.deliver(change)
        if change[0] is not None and len(world.topics.sent) > before:
            told.append((threshold_of(change[1].count), change[1].last_seen - NOON))
    assert all(first[0] < then[0] and then[1] - first[1] >= WINDOW for first, then in pairwise(told))


def test_first_sight_in_bulk() -> None:
    """What the notice of first sight says of the count is not told again at once."""
    world = World()
    world.deliver(*life(counted(finding(), 120), counted(finding(), 130), counted(finding(), 999)))
    assert len(world.notices()) == 1


def test_a_principal_in_trouble() -> None:
    """Fifty new findings of one role within a minute are four notices, the last of which stands for the rest."""
    world = World()
    world.deliver(*((None, finding(number, changed_at=NOON + timedelta(seconds=number))) for number in range(50)))
    assert len(world.notices()) == SPENT
    assert "burst" in world.subjects()[-1].lower()
    said = f"Press redress findings --principal {PRINCIPAL.arn} --region us-east-1 # what it was denied"
    assert said in " ".join(world.texts()[-1].split())
    world.deliver((None, finding(99, changed_at=NOON + WINDOW)))
    assert len(world.notices()) == SPENT + 1


def test_principals_do_not_share_a_burst() -> None:
    """Each role has its own, as long as they are denied different things."""
    world = World()
    for number in range(20):
        each = of(f"role-{number}", finding(number))
        world.deliver((None, replace(each, verdict=replace(each.verdict, action=f"s3:Action{number}"))))
    assert len(world.notices()) == 20


def test_states_do_not_share_a_burst() -> None:
    """A burst of new findings hides no request for a signature, and one proposal's failures not another's."""
    world = World()
    new = [finding(number) for number in range(10)]
    world.deliver(*((None, each) for each in new))
    for proposal in ("p-1", "p-2"):
        failed = [moved(each, State.FAILED, proposal_id=proposal) for each in new[:2]]
        world.deliver(*zip(new[:2], failed, strict=True))
        new = [replace(each, state_version=each.state_version + 1) for each in new]
    assert len(world.notices()) == SPENT + 4


def test_suspicion_of_many_findings() -> None:
    """A principal under suspicion is one burst for the security topic."""
    world = World()
    new = [finding(number) for number in range(30)]
    world.deliver(*((each, moved(each, State.SUSPICIOUS)) for each in new))
    assert len(world.notices(SECURITY)) == SPENT


@pytest.mark.parametrize("counts", [(10, 100, 1_000)])
def test_muted_findings_are_silent(counts: tuple[int, ...]) -> None:
    """Being muted is told, then nothing is, until the silence ends."""
    muted = moved(finding(), State.MUTED, muted_until=NOON + timedelta(hours=1))
    images = [muted, *(counted(muted, count, after=minutes(15 * number)) for number, count in enumerate(counts))]
    world = World()
    world.deliver(*life(finding(), *images))
    assert len(world.notices()) == 2
    ended = moved(images[-1], State.OPEN, after=minutes(60))
    world.deliver((images[-1], ended))
    assert len(world.notices()) == 4  # open again, and how often it was denied meanwhile


def test_a_threshold_is_told_once_in_a_findings_life() -> None:
    """However long a finding lives, what DynamoDB may have deleted meanwhile tells no threshold twice."""
    world = World()
    first = finding(1)
    many = counted(first, 150, after=minutes(30))
    world.deliver((None, first), (first, many))
    for days in (31, 400):
        world.now = NOON + timedelta(days=days)
        gone = [
            key
            for key, item in world.store.items.items()
            if item.get("ttl", world.now.timestamp()) < world.now.timestamp()
        ]
        for key in gone:
            del world.store.items[key]
        world.deliver((many, counted(first, 150 + days, after=timedelta(days=days))))
    assert len(world.texts()) == 2


def test_a_finding_that_was_deleted_begins_anew() -> None:
    """What was told of its count before it was deleted says nothing of the new one."""
    world = World()
    first = finding(1)
    world.deliver((None, first), (first, counted(first, 150, after=minutes(30))))
    world.now = NOON + timedelta(days=300)
    later = replace(first, first_seen=world.now)
    world.deliver((later, replace(counted(later, 20, after=timedelta(days=300)), first_seen=world.now)))
    assert len(world.texts()) == 3
