"""Anything may happen to a proposal, in any order: IAM ends as before or as signed, and the finding says which.

People sign, reject, cancel and take back; steps fail before or after their effect; Lambdas and scripts are killed;
events are lost and repeated; newer proposals and people from outside come between. The runbooks are the shipped
ones, run by the sandbox's engine one task at a time; λ start and λ track are the real code over a table in memory.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from redress.adapters.proposals_table import OPEN
from redress.domain.lifecycle import next_state
from redress.domain.lifecycle_occurrences import (
    Cleared,
    DeniedAgain,
    Muted,
    MuteEnded,
    Occurrence,
    Proposed,
    Suspected,
)
from redress.domain.reopening import reopens
from redress.domain.words import ProposalStatus, State
from redress.handlers import start as start_handler
from tests.fakes_iam import Policy
from tests.fakes_telemetry import Quiet
from tests.runbook_world import (
    ANA,
    APPLY,
    BEN,
    BUCKET,
    NOON,
    RESTORE,
    ROLE,
    allow,
    document,
    proposal,
)
from tests.unit.runbooks.life import GUARDED, OUTSIDE, POLICY, LifeChecks

AWAY = (
    Suspected(cause="burst"),
    Cleared(cause="it was me"),
    Muted(cause="noise", until=NOON + timedelta(hours=9)),
    MuteEnded(cause="by hand"),
)


class Life(LifeChecks):
    """Everything that can come between."""

    @initialize(versions=st.sampled_from([0, 0, 1, 2, 5]), attached=st.sampled_from([True, True, False]))
    def begin(self, *, versions: int, attached: bool) -> None:
        """Some fixes were applied before; the policy may have been detached since."""
        for number in range(versions):
            self.early = document(allow(resource=f"{BUCKET}/early/{number}"))
            policy = self.world.iam.policies.setdefault(POLICY, Policy(arn=POLICY))
            policy.add(self.early, default=True)
        self.attached_before = bool(versions) and attached
        if self.attached_before:
            self.world.iam.attached.add((ROLE, POLICY))
        self._propose_if_open()

    # --- people and Lambdas --------------------------------------------------------------------------------

    @rule(
        number=st.integers(0, 3),
        manual=st.booleans(),
        two=st.booleans(),
        hours=st.sampled_from([0, 0, 0, 5]),
    )
    def propose(self, *, number: int, manual: bool, two: bool, hours: int) -> None:
        """λ propose draws up a change of the policy as it is now."""
        current = self.world.proposals.current(ROLE)
        is_busy = current is not None and current.status is ProposalStatus.APPLYING
        if is_busy or next_state(self.world.finding().state, Proposed) is None:
            return
        statements = [allow(resource=f"{BUCKET}/{each}/*") for each in range(number + 1)]
        guard = {"guard": GUARDED} if two else {}
        drawn = proposal(self.world, *statements, remove_after_hours=hours, **guard)
        self.world.file(drawn, ProposalStatus.MANUAL if manual else ProposalStatus.READY)
        self.proposals.append(drawn)

    @rule(countdown=st.integers(0, 12), when=st.sampled_from(["before", "after"]), kill=st.booleans())
    def run_start(self, *, countdown: int, when: str, kill: bool) -> None:
        """λ start runs, and something may go wrong in the middle."""
        with self.trouble(countdown, when, kill=kill):
            start_handler.start(desk=self.start_desk, now=self.world.clock.now(), telemetry=Quiet())

    @precondition(lambda self: self.proposals)
    @rule(number=st.integers(0, 9))
    def start_by_hand(self, number: int) -> None:
        """A person starts the runbook for any proposal, wise or not."""
        self.world.start(self.proposals[number % len(self.proposals)])

    @precondition(lambda self: self.proposals)
    @rule(number=st.integers(0, 9))
    def take_back(self, number: int) -> None:
        """A person asks to take back any proposal."""
        self.world.start(self.proposals[number % len(self.proposals)], RESTORE)

    @rule(
        who=st.sampled_from([ANA, BEN]), reject=st.sampled_from([False, False, False, True]), number=st.integers(0, 9)
    )
    def sign(self, *, who: str, reject: bool, number: int) -> None:
        """An approver answers one of the requests that wait."""
        waiting = [each.id for each in self.world.service.engine.all() if each.status == "Waiting"]
        if waiting:
            self._sign(waiting[number % len(waiting)], who, reject=reject)

    @rule(two=st.booleans(), hours=st.sampled_from([0, 0, 5]))
    def sail(self, *, two: bool, hours: int) -> None:
        """Things take their course to the end."""
        self._set_out(two=two, hours=hours)
        self.world.run()

    @rule(at=st.integers(0, 40), acts=st.sampled_from([["before"], ["after"], ["before", "after"], ["after"] * 3]))
    def sail_into_trouble(self, *, at: int, acts: list[str]) -> None:
        """Things take their course, and some acts fail."""
        self._set_out(two=False, hours=0)
        for _ in range(at):
            self.world.runner.step()
        self.faults.acts = list(acts)
        self.world.run()
        self.faults.acts = []

    @rule(at=st.integers(0, 40), loses=st.booleans())
    def sail_and_stop(self, *, at: int, loses: bool) -> None:
        """Things take their course, until a worker dies or somebody cancels."""
        self._set_out(two=False, hours=0)
        for _ in range(at):
            self.world.runner.step()
        if loses and self.world.runner.ready:
            self.world.runner.drop(self.world.runner.ready[0])
        else:
            self.cancel(at)

    @precondition(lambda self: self.proposals)
    @rule(
        at=st.integers(0, 40), acts=st.sampled_from([[], ["before"], ["after"], ["after"] * 3]), cancels=st.booleans()
    )
    def sail_back(self, *, at: int, acts: list[str], cancels: bool) -> None:
        """The newest proposal is taken back, perhaps with trouble."""
        self.world.start(self.proposals[-1], RESTORE)
        self.world.run()
        self._sign_all()
        for _ in range(at):
            self.world.runner.step()
        self.faults.acts = list(acts)
        if cancels:
            self.cancel(at)
        self.world.run()
        self.faults.acts = []

    def _set_out(self, *, two: bool, hours: int) -> None:
        """Whatever is ready is started, whatever waits is signed."""
        self._propose_if_open(two=two, hours=hours)
        start_handler.start(desk=self.start_desk, now=self.world.clock.now(), telemetry=Quiet())
        self.world.run()
        self._sign_all()
        if two:
            self.world.run()
            self._sign_all()

    def _sign_all(self) -> None:
        for each in self.world.service.engine.all():
            if each.status == "Waiting":
                self._sign(each.id, BEN if each.current == "approve_second" else ANA, reject=False)

    def _propose_if_open(self, *, two: bool = False, hours: int = 0) -> None:
        settled = {State.OPEN, State.REOPENED, State.FAILED, State.EXPIRED, State.REJECTED, State.RESTORED}
        if self.world.finding().state in settled:
            self.propose(number=len(self.proposals) % 4, manual=False, two=two, hours=hours)

    def _sign(self, execution: str, who: str, *, reject: bool) -> None:
        found = self.world.execution(execution)
        if not reject and found["DocumentName"] == APPLY:
            (digest,) = found["Parameters"]["Digest"]
            self.signed.setdefault(digest, []).append(who)
        self.world.sign(execution, who, reject=reject, comment="no" if reject else "")

    @rule(number=st.integers(0, 9))
    def cancel(self, number: int) -> None:
        """Somebody cancels an execution."""
        going = [each.id for each in self.world.service.engine.all() if not each.has_ended]
        if going:
            self.world.stop(going[number % len(going)])

    @rule()
    def deny_again(self) -> None:
        """The call is denied once more."""
        self.world.clock.move(seconds=5)
        found, now = self.world.finding(), self.world.clock.now()
        if reopens(found, now):
            self.world.happens(DeniedAgain(cause="denied again", event_time=now))

    @rule(news=st.sampled_from(AWAY))
    def look_away_or_back(self, news: Occurrence) -> None:
        """The principal is suspected or cleared, the finding muted or unmuted, whatever goes on meanwhile."""
        if next_state(self.world.finding().state, type(news)):
            self.world.happens(news)

    @rule()
    def stand_again(self) -> None:
        """λ propose finds that the proposal which the finding had left still stands."""
        found = self.world.finding()
        current = self.world.proposals.current(ROLE)
        if current and found.state in {State.OPEN, State.REOPENED} and current.status in OPEN:
            self.world.happens(Proposed(cause="it still stands", proposal_id=current.proposal.proposal_id))

    # --- the machinery -------------------------------------------------------------------------------------

    @rule(steps=st.integers(1, 25), acts=st.lists(st.sampled_from(["", "", "", "before", "after"]), max_size=4))
    def work(self, *, steps: int, acts: list[str]) -> None:
        """SSM goes on for a while, and acts may fail."""
        self.faults.acts = list(acts)
        for _ in range(steps):
            self._step()
        self.faults.acts = []

    @rule(number=st.integers(0, 9))
    def interleave(self, number: int) -> None:
        """Another execution than the oldest goes on by one task."""
        ready = self.world.runner.ready
        if ready:
            self.world.runner.step(ready[number % len(ready)])

    @rule()
    def lose_a_task(self) -> None:
        """A worker of SSM dies with its task: the step times out later."""
        ready = self.world.runner.ready
        if ready:
            self.world.runner.drop(ready[0])

    @rule(repeat=st.booleans(), countdown=st.integers(0, 12), kill=st.booleans())
    def deliver(self, *, repeat: bool, countdown: int, kill: bool) -> None:
        """The next status event arrives at λ track, or an old one once more."""
        if not self.world.events:
            return
        at = 0 if repeat else min(self.delivered, len(self.world.events) - 1)
        self.delivered = max(self.delivered, at + 1)
        self.track(dict(self.world.events[at]), countdown, "before", kill=kill)

    @rule()
    def lose_events(self) -> None:
        """Events that have not arrived yet never will."""
        self.delivered = len(self.world.events)

    @rule(countdown=st.integers(0, 20), when=st.sampled_from(["before", "after"]), kill=st.booleans())
    def reconcile(self, *, countdown: int, when: str, kill: bool) -> None:
        """λ track's schedule."""
        self.track({}, countdown, when, kill=kill)

    @rule(minutes=st.sampled_from([1, 1, 5, 5, 61, 13 * 60, 25 * 60, 49 * 60]))
    def pass_time(self, minutes: int) -> None:
        """Time passes."""
        self.world.clock.move(minutes=minutes)
        self.world.service.engine.tick()

    @precondition(lambda self: POLICY in self.world.iam.policies)
    @rule(how=st.sampled_from(["version", "default", "detach", "attach", "delete"]))
    def meddle(self, how: str) -> None:
        """Somebody changes the policy behind everybody's back."""
        self.meddled = True
        policy = self.world.iam.policies[POLICY]
        if how == "version" and len(policy.versions) < 5:
            policy.add(OUTSIDE, default=True)
        if how == "default":
            policy.default = next(iter(policy.versions))
        if how == "detach":
            self.world.iam.attached.discard((ROLE, POLICY))
        if how == "attach":
            self.world.iam.attached.add((ROLE, POLICY))
        if how == "delete":
            self.world.iam.attached.clear()
            del self.world.iam.policies[POLICY]


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes longer than reading thirty steps
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )


TestLife = Life.TestCase
TestLife.settings = _settings(150)


class LongLife(Life):
    """The same, long."""


TestLongLife = pytest.mark.slow(LongLife.TestCase)
TestLongLife.settings = _settings(2_500)
