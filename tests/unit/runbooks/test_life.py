"""Anything may happen to a proposal, in any order: IAM ends as before or as signed, and the finding says which.

People sign, reject, cancel and take back; steps fail before or after their effect; Lambdas and scripts are killed;
events are lost and repeated; newer proposals and people from outside come between. The runbooks are the shipped
ones, run by the sandbox's engine one task at a time; λ start and λ track are the real code over a table in memory.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from redress.domain.errors import RedressError
from redress.domain.lifecycle import next_state, reopens
from redress.domain.lifecycle_occurrences import DeniedAgain, Proposed
from redress.domain.words import PolicyIs, ProposalStatus, State
from redress.handlers import start as start_handler
from redress.handlers import track as track_handler
from sandbox.automation.words import Action
from tests.fakes_iam import Policy, fault
from tests.fakes_telemetry import Quiet
from tests.runbook_world import (
    ACCOUNT,
    ANA,
    APPLY,
    BEN,
    BUCKET,
    FINDING,
    RESTORE,
    ROLE,
    allow,
    document,
    proposal,
    ready_world,
)

if TYPE_CHECKING:
    from redress.domain.proposal import Proposal
    from sandbox.automation.happenings import Perform

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-role-orders-service"
GUARDED = {"verdict": "TWO_APPROVERS", "hits": []}
OUTSIDE = document({"Sid": "outside", **allow("sqs:SendMessage", "*")})
CLEAN_UP_HOURS = 80


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Faults:
    """What goes wrong next: the n-th call from now, before or after its effect, as an error or as a kill."""

    countdown: int = 0
    when: str = "before"
    kill: bool = False
    acts: list[str] = field(default_factory=list)

    def act(self, _order: Perform) -> str:
        """Says whether the engine's next act fails."""
        return self.acts.pop() if self.acts else ""

    def before(self, _operation: str) -> None:
        """Counts a call, and fails it when its turn has come."""
        self.countdown -= 1
        if self.countdown == 0 and self.when == "before":
            self._raise()

    def after(self, _operation: str) -> None:
        """Fails a call whose effect is done."""
        if self.countdown == 0 and self.when == "after":
            self._raise()

    def _raise(self) -> None:
        if self.kill:
            raise Killed
        raise fault("ThrottlingException")


class Life(RuleBasedStateMachine):
    """One role, its proposals, and everything that can come between."""

    def __init__(self) -> None:
        super().__init__()
        self.world = ready_world()
        self.world.deny(FINDING)
        self.faults = Faults()
        self.world.fails = self.faults.act
        self.proposals: list[Proposal] = []
        self.early = ""
        self.attached_before = False
        self.signed: dict[str, list[str]] = {}
        self.delivered = 0
        self.meddled = False
        world = self.world
        self.start_desk = start_handler.Desk(
            proposals=world.proposals,
            findings=world.findings,
            executions=world.automations,
            settings=world.settings,
            document=APPLY,
            pause=world.clock.sleep,
        )
        self.track_desk = track_handler.Desk(
            proposals=world.proposals,
            findings=world.findings,
            executions=world.automations,
            settings=world.settings,
            restore_document=RESTORE,
        )

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
        if next_state(self.world.finding().state, Proposed) is None:
            return
        statements = [allow(resource=f"{BUCKET}/{each}/*") for each in range(number + 1)]
        guard = {"guard": GUARDED} if two else {}
        drawn = proposal(self.world, *statements, remove_after_hours=hours, **guard)
        self.world.file(drawn, ProposalStatus.MANUAL if manual else ProposalStatus.READY)
        self.proposals.append(drawn)

    @rule(countdown=st.integers(0, 12), when=st.sampled_from(["before", "after"]), kill=st.booleans())
    def run_start(self, *, countdown: int, when: str, kill: bool) -> None:
        """λ start runs, and something may go wrong in the middle."""
        with self._trouble(countdown, when, kill=kill):
            start_handler.start({}, desk=self.start_desk, now=self.world.clock.now(), telemetry=Quiet())

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
        start_handler.start({}, desk=self.start_desk, now=self.world.clock.now(), telemetry=Quiet())
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
        if not reject:
            (digest,) = self.world.execution(execution)["Parameters"]["Digest"]
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
        self._track(dict(self.world.events[at]), countdown, "before", kill=kill)

    @rule()
    def lose_events(self) -> None:
        """Events that have not arrived yet never will."""
        self.delivered = len(self.world.events)

    @rule(countdown=st.integers(0, 20), when=st.sampled_from(["before", "after"]), kill=st.booleans())
    def reconcile(self, *, countdown: int, when: str, kill: bool) -> None:
        """λ track's schedule."""
        self._track({}, countdown, when, kill=kill)

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

    # --- what must hold --------------------------------------------------------------------------------------

    @invariant()
    def nothing_unsigned_is_ever_in_force(self) -> None:
        """At every moment the attached document was signed, or somebody else wrote it."""
        found = self.world.iam.policies.get(POLICY)
        if found and (ROLE, POLICY) in self.world.iam.attached:
            text = found.versions[found.default]
            assert text in self._not_ours() or any(
                self._is_signed(each) for each in self.proposals if _document(each) == text
            )

    def _not_ours(self) -> set[str]:
        early = {document(allow(resource=f"{BUCKET}/early/{number}")) for number in range(6)}
        return {OUTSIDE, *early}

    def teardown(self) -> None:
        """After every run, once all has come to rest: IAM and the table agree."""
        self.faults.acts, self.faults.countdown = [], 0
        self._come_to_rest()
        going = [each for each in self.world.service.engine.all() if not each.has_ended]
        assert not going, going
        self._iam_is_what_the_table_says()
        self._the_finding_says_which()

    def _iam_is_what_the_table_says(self) -> None:
        last = self._last_applied()
        found = self.world.iam.policies.get(POLICY)
        holds = found.versions[found.default] if found else None
        if not self.meddled:
            assert (holds or "") == (_document(last) if last else self.early)
            assert ((ROLE, POLICY) in self.world.iam.attached) == (last is not None or self.attached_before)
        for execution in self.world.service.engine.all():
            for run in execution.steps.values():
                if run.ended and run.action is not Action.BRANCH:
                    event(f"{execution.document_name} {run.name} {run.status}")
        event(f"the finding ended {self.world.finding().state}, meddled {self.meddled}")
        for status in [self.world.item(each)["status"] for each in self.proposals]:
            event(f"a proposal ended {status}")
        statuses = {self.world.item(each)["status"] for each in self.proposals}
        assert statuses <= {"APPLIED", "RESTORED", "REJECTED", "EXPIRED", "SUPERSEDED", "FAILED"}, statuses

    def _the_finding_says_which(self) -> None:
        found = self.world.finding()
        if found.proposal_id is None or found.state is State.REOPENED:
            return
        mine = next(each for each in self.proposals if each.proposal_id == found.proposal_id)
        item = self.world.item(mine)
        assert (
            found.state.value
            in {
                "APPLIED": {"FIXED", "CLOSED"},
                "RESTORED": {"RESTORED"},
                "REJECTED": {"REJECTED"},
                "EXPIRED": {"EXPIRED"},
                "FAILED": {"FAILED"},
            }[item["status"]]
        ), (found.state, item["status"])
        if item["status"] in {"APPLIED", "RESTORED"}:
            assert found.policy_is is (PolicyIs.AFTER if item["status"] == "APPLIED" else PolicyIs.BEFORE)
        if item["status"] == "FAILED":
            assert found.policy_is == item.get("policy_is", "BEFORE")
            assert self.meddled or found.policy_is is PolicyIs.BEFORE

    def _last_applied(self) -> Proposal | None:
        items = [(self.world.item(each), each) for each in self.proposals]
        applied = [
            (item["applied_at"], number) for number, (item, _) in enumerate(items) if item["status"] == "APPLIED"
        ]
        versions = [(int(items[number][0]["version_id"][1:]), number) for _, number in applied]
        return self.proposals[max(versions)[1]] if versions else None

    def _is_signed(self, drawn: Proposal) -> bool:
        people = set(self.signed.get(drawn.digest, ()))
        return len(people) >= (2 if drawn.content["guard"] == GUARDED else 1)

    def _come_to_rest(self) -> None:
        for _ in range(CLEAN_UP_HOURS):
            self.world.run()
            self._track({}, 0, "before", kill=False)
            if not self._under_way():
                break
            self.world.clock.move(hours=1)
            self.world.service.engine.tick()
        self._track({}, 0, "before", kill=False)

    def _under_way(self) -> bool:
        open_ones = {"READY", "MANUAL", "WAITING", "APPLYING"}
        items = [self.world.item(each) for each in self.proposals]
        going = [each for each in self.world.service.engine.all() if not each.has_ended]
        timed = [item for item in items if item["status"] == "APPLIED" and item.get("remove_at")]
        cut_off = [item for item in items if item["status"] == "APPLIED" and item.get("restoring_by")]
        return bool(going or cut_off or (timed and not self.meddled) or [i for i in items if i["status"] in open_ones])

    # --- how -------------------------------------------------------------------------------------------------

    def _step(self) -> None:
        self.world.runner.step()

    def _track(self, event: dict[str, object], countdown: int, when: str, *, kill: bool) -> None:
        with self._trouble(countdown, when, kill=kill):
            track_handler.track(event, desk=self.track_desk, now=self.world.clock.now(), telemetry=Quiet())

    def _trouble(self, countdown: int, when: str, *, kill: bool) -> Trouble:
        self.faults.countdown, self.faults.when, self.faults.kill = countdown, when, kill
        return Trouble(self)


@dataclass
class Trouble:
    """While it is entered, calls of the Lambdas fail as planned; what they may raise is swallowed."""

    life: Life

    def __enter__(self) -> None:
        world, faults = self.life.world, self.life.faults
        world.store.before = self._store
        world.ssm.before, world.ssm.after = faults.before, faults.after

    def _store(self, operation: str) -> None:
        if operation != "written":
            self.life.faults.before(operation)
        else:
            self.life.faults.after(operation)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        world = self.life.world
        world.store.before = world.ssm.before = world.ssm.after = lambda _: None
        self.life.faults.countdown = 0
        return kind is None or issubclass(kind, (Killed, RedressError)) or kind.__name__ == "ClientError"


def _document(drawn: Proposal) -> str:
    return str(json.loads(drawn.body)["document"])


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes longer than reading thirty steps
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )


TestLife = Life.TestCase
TestLife.settings = _settings(60)


class LongLife(Life):
    """The same, long."""


TestLongLife = pytest.mark.slow(LongLife.TestCase)
TestLongLife.settings = _settings(2_500)
