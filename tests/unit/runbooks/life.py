"""What a life of proposals runs on, what goes wrong in it, and what must hold at its end (see test_life)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import event
from hypothesis.stateful import RuleBasedStateMachine, invariant

from redress.domain.errors import RedressError
from redress.domain.lifecycle import next_state
from redress.domain.lifecycle_occurrences import Cleared, MuteEnded
from redress.domain.words import PolicyIs, ProposalStatus, State
from redress.handlers import start as start_handler
from redress.handlers import track as track_handler
from redress.handlers.propose_answers import Answers
from sandbox.automation.words import Action
from tests.fakes_iam import fault
from tests.fakes_telemetry import Quiet
from tests.runbook_world import (
    ACCOUNT,
    APPLY,
    BUCKET,
    FINDING,
    RESTORE,
    ROLE,
    allow,
    document,
    ready_world,
)

if TYPE_CHECKING:
    from redress.domain.proposal import Proposal
    from sandbox.automation.happenings import Perform

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-us-east-1-role-orders-service"
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


class LifeChecks(RuleBasedStateMachine):
    """One role and its proposals; the rules are the subclass's."""

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

    # --- what must hold --------------------------------------------------------------------------------------

    @invariant()
    def nothing_unsigned_is_ever_in_force(self) -> None:
        """At every moment the attached document was signed, or somebody else wrote it."""
        found = self.world.iam.policies.get(POLICY)
        if found and (ROLE, POLICY) in self.world.iam.attached:
            text = found.versions[found.default]
            assert text in self._not_ours() or any(
                self._is_signed(each) for each in self.proposals if document_of(each) == text
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
        self._look_again()
        self._iam_is_what_the_table_says()
        self._the_finding_says_which()

    def _look_again(self) -> None:
        """Whatever is muted or suspected is looked at again, by λ propose too."""
        for news in (Cleared(cause="it was me"), MuteEnded(cause="by hand")):
            if next_state(self.world.finding().state, type(news)):
                self.world.happens(news)
        found, current = self.world.finding(), self.world.proposals.current(ROLE)
        if found.state is State.OPEN:
            answers = Answers(
                findings=self.world.findings,
                proposals=self.world.proposals,
                settings=self.world.settings,
                telemetry=Quiet(),
                now=self.world.clock.now(),
                wake=lambda: None,
            )
            settled = answers.settled((found,), current)
            in_force = current.proposal.proposal_id if current and current.status is ProposalStatus.APPLIED else None
            assert bool(settled) == (in_force is not None and in_force == found.proposal_id)

    def _iam_is_what_the_table_says(self) -> None:
        last = self._last_applied()
        found = self.world.iam.policies.get(POLICY)
        holds = found.versions[found.default] if found else None
        if not self.meddled:
            assert (holds or "") == (document_of(last) if last else self.early)
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
        if found.proposal_id is None or found.state in {State.OPEN, State.REOPENED}:
            return  # λ propose answers it anew
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
            self.track({}, 0, "before", kill=False)
            if not self._under_way():
                break
            self.world.clock.move(hours=1)
            self.world.service.engine.tick()
        self.track({}, 0, "before", kill=False)
        self.world.run()  # what the schedule has started just now

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

    def track(self, event: dict[str, object], countdown: int, when: str, *, kill: bool) -> None:
        """Runs λ track on an event, or its schedule, in trouble."""
        with self.trouble(countdown, when, kill=kill):
            track_handler.track(event, desk=self.track_desk, now=self.world.clock.now(), telemetry=Quiet())

    def trouble(self, countdown: int, when: str, *, kill: bool) -> Trouble:
        """Returns the trouble for the next run of a Lambda."""
        self.faults.countdown, self.faults.when, self.faults.kill = countdown, when, kill
        return Trouble(self)


@dataclass
class Trouble:
    """While it is entered, calls of the Lambdas fail as planned; what they may raise is swallowed."""

    life: LifeChecks

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


def document_of(drawn: Proposal) -> str:
    """Returns the document that a proposal would write."""
    return str(json.loads(drawn.body)["document"])
