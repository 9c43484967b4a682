"""Counting is exact under any delivery: repeated, reordered, concurrent, cut off at any point."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redress.adapters.findings_table import FindingsTable
from redress.domain.counting import OPEN_LIMIT, STEP_LIMIT, mark
from redress.domain.errors import Retry
from tests.denials import NOON, denial, group, group_of
from tests.fakes import FakeStore

FINDING = "f-" + "0" * 20


class Killed(BaseException):
    """The process ends here."""


class World:
    """A table and the workers that deliver batches to it, one inside another or killed half-way."""

    def __init__(self, choices: list[int]) -> None:
        self.store = FakeStore(self._before)
        self.findings = FindingsTable(self.store, pause=lambda _: None)
        self.waiting: list[dict[str, float]] = []
        self.delivered: dict[str, float] = {}
        self._choices = list(choices)
        self._depth = 0

    def deliver(self, batch: dict[str, float]) -> None:
        """One worker takes the batch; when it is killed or gives up, the batch comes again later."""
        self._depth += 1
        try:
            known = self.findings.known([FINDING])
            self.findings.record(group_of(batch), now=NOON, stored=known.get(FINDING))
            self.delivered |= batch
        except (Killed, Retry):
            self.waiting.append(batch)
        finally:
            self._depth -= 1

    def _before(self, _: str) -> None:
        choice = self._choices.pop() if self._choices else 0
        if choice == 1:
            raise Killed
        if choice == 2 and self.waiting and self._depth < 6:
            self.deliver(self.waiting.pop(0))


EVENTS = st.integers(0, 60).map(lambda number: f"e-{number}")
TIMES = {f"e-{number}": float(number * 7 % 40) for number in range(61)}
BATCHES = st.lists(st.sets(EVENTS, min_size=1, max_size=25), min_size=1, max_size=12)
CHOICES = st.lists(st.sampled_from([0, 0, 0, 1, 2, 2]), max_size=80)


@settings(max_examples=300, deadline=None)
@given(batches=BATCHES, choices=CHOICES)
def test_exact_under_any_delivery(batches: list[set[str]], choices: list[int]) -> None:
    """Whatever is repeated, interleaved or killed, the count is the number of distinct events."""
    world = World(choices)
    world.waiting = [{event: TIMES[event] for event in sorted(batch)} for batch in batches]
    while world.waiting:
        world.deliver(world.waiting.pop(0))
    finding = FindingsTable(FakeStore(items=world.store.items)).get(FINDING)
    assert finding
    assert finding.count == len(set().union(*batches))
    assert finding.last_seen == NOON + timedelta(seconds=max(TIMES[event] for event in set().union(*batches)))
    assert finding.first_seen == NOON + timedelta(seconds=min(TIMES[event] for event in set().union(*batches)))


@settings(max_examples=60, deadline=None)
@given(batches=BATCHES, choices=CHOICES)
def test_ledger_and_open_set_hold_each_event_once(batches: list[set[str]], choices: list[int]) -> None:
    """Every counted event has its mark in the open set or in one sealed set, and nowhere else."""
    world = World(choices)
    world.waiting = [{event: TIMES[event] for event in batch} for batch in batches]
    while world.waiting:
        world.deliver(world.waiting.pop(0))
    sealed = [item["marks"] for item in world.store.of_kind("SEEN#")]
    (finding,) = world.store.of_kind("FINDING")
    marks = [each for part in [*sealed, finding.get("seen", set())] for each in part]
    assert sorted(marks) == sorted(mark(event) for event in set().union(*batches))


def test_one_write_for_a_batch() -> None:
    """A batch of one finding costs one write, however many events it has."""
    store = FakeStore()
    findings = FindingsTable(store)
    findings.record(group_of({f"a-{n}": n for n in range(100)}), now=NOON)
    stored = findings.known([FINDING])[FINDING]
    store.calls.clear()
    findings.record(group_of({f"b-{n}": 100 + n for n in range(100)}), now=NOON, stored=stored)
    assert store.calls.count("write") == 1
    assert "query" not in store.calls


def test_repeats_cost_no_write() -> None:
    """A batch that was counted before writes nothing."""
    store = FakeStore()
    findings = FindingsTable(store)
    batch = group_of({f"a-{n}": n for n in range(30)})
    findings.record(batch, now=NOON)
    findings.record(group_of({f"b-{n}": n for n in range(30)}), now=NOON, stored=findings.known([FINDING])[FINDING])
    store.calls.clear()
    again = findings.record(batch, now=NOON, stored=findings.known([FINDING])[FINDING])
    assert (again.counted, again.finding.count, store.calls.count("write")) == (0, 60, 0)


def test_copies_of_one_call_count_once() -> None:
    """The caller's and the owner's copy of a call share an id and are one denial."""
    findings = FindingsTable(FakeStore())
    both = [denial(event, shared_event_id="shared") for event in ("callers", "owners")]
    findings.record(group(both[0]), now=NOON)
    second = findings.record(group(*both), now=NOON, stored=findings.known([FINDING])[FINDING])
    assert (second.counted, second.finding.count) == (0, 1)


def test_more_than_one_step() -> None:
    """A batch bigger than a step is counted in several writes."""
    findings = FindingsTable(FakeStore())
    recorded = findings.record(group_of({f"e-{n}": n % 3 for n in range(2 * STEP_LIMIT + 5)}), now=NOON)
    assert (recorded.counted, recorded.finding.count, recorded.is_new) == (2 * STEP_LIMIT + 5, 2 * STEP_LIMIT + 5, True)


def test_late_repeat_of_an_old_event() -> None:
    """An event that comes again after many newer ones is still known."""
    findings = FindingsTable(FakeStore())
    for hour in range(20):
        batch = group_of({f"{hour}-{n}": hour * 3600 + n for n in range(OPEN_LIMIT)})
        findings.record(batch, now=NOON, stored=findings.known([FINDING]).get(FINDING))
    again = findings.record(
        group_of({"0-3": 3, "7-1": 7 * 3600 + 1}), now=NOON, stored=findings.known([FINDING])[FINDING]
    )
    assert (again.counted, again.finding.count) == (0, 20 * OPEN_LIMIT)


def test_gives_up_as_retry() -> None:
    """Where others always come first, the batch goes back to its queue."""
    store = FakeStore()
    findings = FindingsTable(store, pause=lambda _: None)
    findings.record(group_of({"e-0": 0}), now=NOON)
    (item,) = store.of_kind("FINDING")

    def others(operation: str) -> None:
        if operation == "write":
            item["count"] += 1

    store.before = others
    with pytest.raises(Retry, match="changed by others"):
        findings.record(group_of({"e-1": 1}), now=NOON, stored=findings.known([FINDING])[FINDING])


def test_marks_are_short_and_stable() -> None:
    """A mark is eight bytes and the same on every machine."""
    assert mark("4b1d9b7e-9f0b-4d5e-8a4c-2f4b7a6d1c11").hex() == "c40f961b90c12e4c"
