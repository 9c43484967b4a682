"""Counting and changes of state side by side, over any history: both stay exact."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from redress.adapters.findings_table import FindingsTable
from redress.domain.counting import mark
from redress.domain.errors import Retry, StaleState
from redress.domain.words import State
from tests.denials import NOON, group_of
from tests.fakes import FakeStore

if TYPE_CHECKING:
    from redress.adapters.findings_items import Stored
    from redress.domain.finding import Finding

FINDING = "f-" + "0" * 20
EVENTS = st.sets(st.integers(0, 400), min_size=1, max_size=40)


class Killed(BaseException):
    """The process ends here."""


class Counting(RuleBasedStateMachine):
    """Batches come in any order, again and again, from workers that know an older or a newer finding, or die."""

    def __init__(self) -> None:
        super().__init__()
        self.store = FakeStore()
        self.findings = FindingsTable(self.store, pause=lambda _: None)
        self.counted: set[int] = set()
        self.unsure: set[int] = set()
        self.remembered: Stored | None = None
        self.seen_state: Finding | None = None
        self.changes = 0

    def _at(self, number: int) -> float:
        """Seconds after noon; a fifth of all events share one second, a few are hours off."""
        return 30.0 if number % 5 == 0 else number * 37 % 900 + (number % 41 == 0) * 7_200

    def _record(self, numbers: set[int], stored: Stored | None) -> None:
        group = group_of({f"e-{number}": self._at(number) for number in numbers})
        try:
            self.findings.record(group, now=NOON, stored=stored)
        except (Killed, Retry):
            self.unsure |= numbers - self.counted
        else:
            self.counted |= numbers
            self.unsure -= numbers

    @rule(numbers=EVENTS)
    def deliver(self, numbers: set[int]) -> None:
        """A worker reads the finding and counts a batch."""
        self._record(numbers, self.findings.known([FINDING]).get(FINDING))

    @rule(numbers=EVENTS)
    def deliver_from_memory(self, numbers: set[int]) -> None:
        """A worker that read the finding long ago counts a batch."""
        self._record(numbers, self.remembered)

    @rule()
    def remember(self) -> None:
        """A slow worker reads the finding."""
        self.remembered = self.findings.known([FINDING]).get(FINDING)
        self.seen_state = self.remembered.finding if self.remembered else None

    @rule(numbers=EVENTS, at=st.integers(1, 6), word=st.sampled_from(["write", "written", "get", "query"]))
    def die(self, numbers: set[int], at: int, word: str) -> None:
        """A worker dies before or after one of its calls."""
        calls: list[str] = []

        def kill(operation: str) -> None:
            calls.append(operation)
            if operation == word and len(calls) >= at:
                raise Killed

        stored = self.findings.known([FINDING]).get(FINDING)
        self.store.before = kill
        self._record(numbers, stored)
        self.store.before = lambda _: None

    @precondition(lambda self: self.unsure)
    @rule()
    def redeliver(self) -> None:
        """What was not acknowledged comes again."""
        self._record(set(self.unsure), self.findings.known([FINDING]).get(FINDING))

    @precondition(lambda self: self.seen_state)
    @rule(state=st.sampled_from(State))
    def change_state(self, state: State) -> None:
        """Somebody changes the state, based on what he read when he last looked."""
        assert self.seen_state
        before, now = self.seen_state, self.findings.get(FINDING)
        assert now
        after = replace(
            before, state=state, state_version=before.state_version + 1, changed_at=NOON + timedelta(hours=1)
        )
        try:
            self.findings.change(before, after)
        except StaleState:
            assert now.state_version != before.state_version
        else:
            assert now.state_version == before.state_version
            self.changes += 1

    @invariant()
    def every_event_counts_once(self) -> None:
        """The count is the number of events acknowledged, and at most those whose worker died besides."""
        finding = self.findings.get(FINDING)
        if finding is None:
            assert not self.counted
            return
        known = [each for item in self.store.of_kind("SEEN#") for each in item["marks"]]
        known += next(iter(self.store.of_kind("FINDING"))).get("seen", ())
        assert len(known) == len(set(known)) == finding.count
        assert {mark(f"e-{number}") for number in self.counted} <= set(known)
        assert set(known) <= {mark(f"e-{number}") for number in self.counted | self.unsure}

    @invariant()
    def every_change_has_its_line(self) -> None:
        """The version is one more than the changes that went through, and each has one line in the trail."""
        finding = self.findings.get(FINDING)
        if finding:
            assert finding.state_version == self.changes + 1
            assert len(self.findings.audit_trail(FINDING)) == self.changes


TestCounting = Counting.TestCase
TestCounting.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
