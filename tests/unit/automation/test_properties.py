"""What holds for any runbook, whatever happens to it."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.automation.document import read
from sandbox.automation.errors import Refusal
from sandbox.automation.execution import Execution, Place, StepRun
from sandbox.automation.happenings import (
    Announce,
    Begun,
    Failed,
    Happening,
    Perform,
    Reported,
    Signalled,
    Stopped,
    Succeeded,
    TimePassed,
)
from sandbox.automation.machine import advance
from sandbox.automation.validate import problems
from sandbox.automation.variables import resolve
from sandbox.automation.words import ENDED, Action, Signal, Status
from tests.unit.automation.fakes import ROLE, START, runbook

CALL = {"Service": "iam", "Api": "GetRole", "RoleName": "a"}
INPUTS: dict[Action, dict[str, Any]] = {
    Action.APPROVE: {"Approvers": ["ana", "bob"], "MinRequiredApprovals": 2},
    Action.ASSERT_PROPERTY: {**CALL, "PropertySelector": "$.Role.Path", "DesiredValues": ["/"]},
    Action.BRANCH: {"Choices": [{"Variable": "{{ global:REGION }}", "StringEquals": "us-east-1", "NextStep": ""}]},
    Action.CALL_API: CALL,
    Action.INVOKE_FUNCTION: {"FunctionName": "f"},
    Action.PAUSE: {},
    Action.RUN_SCRIPT: {"Runtime": "python3.11", "Handler": "f", "Script": "def f(e, c): pass"},
    Action.SLEEP: {"Duration": "PT1H"},
    Action.WAIT_FOR_PROPERTY: {**CALL, "PropertySelector": "$.Role.Path", "DesiredValues": ["/"]},
}
RESULTS: dict[Action, Any] = {
    Action.INVOKE_FUNCTION: {"StatusCode": 200, "Payload": None},
    Action.RUN_SCRIPT: {"Payload": None},
}
AFTER_CANCEL = {Action.APPROVE, Action.PAUSE, Action.SLEEP}
SINGLE = {*AFTER_CANCEL, Action.BRANCH}


@st.composite
def runbooks(draw: st.DrawFn) -> dict[str, object]:
    """Draws valid runbooks of up to six steps that jump forward in every way there is."""
    actions = draw(st.lists(st.sampled_from(list(Action)), min_size=1, max_size=6))
    if actions[-1] is Action.BRANCH:
        actions[-1] = Action.PAUSE
    steps: list[dict[str, Any]] = []
    for number, action in enumerate(actions):
        later = [f"s{other}" for other in range(number + 1, len(actions))]
        cancellable = [name for name in later if actions[int(name[1:])] not in AFTER_CANCEL]
        step: dict[str, Any] = {"name": f"s{number}", "action": action.value, "inputs": copy.deepcopy(INPUTS[action])}
        step |= draw(properties(later, cancellable))
        if action is Action.BRANCH:
            step["inputs"]["Choices"][0]["NextStep"] = draw(st.sampled_from(later))
        if action not in SINGLE:
            step["maxAttempts"] = draw(st.integers(1, 2))
        steps.append(step)
    return runbook(steps)


@st.composite
def properties(draw: st.DrawFn, later: list[str], cancellable: list[str]) -> dict[str, object]:
    """Draws the shared properties of a step that don't contradict each other."""
    found: dict[str, object] = {}
    on_failure: str = draw(st.sampled_from(["Abort", "Continue", *(f"step:{name}" for name in later)]))
    found["onFailure"] = on_failure
    critical: bool | None = draw(st.sampled_from([None, True, False]))
    if critical is not None and on_failure != "Abort":
        found["isCritical"] = critical
    if cancellable and draw(st.sampled_from([True, False])):
        found["onCancel"] = f"step:{draw(st.sampled_from(cancellable))}"
    way = draw(st.sampled_from(["on", "next", "end"]))
    if way == "next" and later:
        found["nextStep"] = draw(st.sampled_from(later))
    if way == "end" and not on_failure.startswith("step:"):
        found["isEnd"] = True
    return found


def execution(document: dict[str, object]) -> Execution:
    """Returns an execution that has not begun."""
    made = read(document)
    return Execution(
        id="6f9619ff-8b86-d011-b42d-00c04fc964ff",
        document=made,
        document_name="Runbook",
        document_version="1",
        parameters={},
        executed_by="arn:aws:iam::000000000000:user/root",
        role_arn=ROLE,
        started=START,
        place=Place(),
        steps={name: StepRun(name=name, action=step.action) for name, step in made.steps.items()},
    )


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("report"), st.booleans()),
        st.tuples(st.just("stale"), st.booleans()),
        st.tuples(st.just("wait"), st.sampled_from([1, 30, 700, 3_601, 604_801])),
        st.tuples(st.sampled_from(["approve", "reject"]), st.sampled_from(["ana", "bob", "eve"])),
        st.tuples(st.just("resume"), st.just("eve")),
        st.tuples(st.just("cancel"), st.just("")),
    ),
    max_size=40,
)


class Play:
    """An execution, moved by hand, and all that it has asked for."""

    def __init__(self, document: dict[str, object]) -> None:
        self.execution = execution(document)
        self.at: datetime = START
        self.orders: list[Perform] = []
        self.events: list[Announce] = []
        self.out: Perform | None = None
        self.apply(Begun(at=START))

    def apply(self, happening: Happening) -> None:
        """Lets something happen; what the execution refuses must leave it as it was."""
        before = self.execution
        try:
            self.execution, effects = advance(before, happening)
        except Refusal:
            return
        for effect in effects:
            assert not before.has_ended
            if isinstance(effect, Perform):
                self.orders.append(effect)
                self.out = effect
            if isinstance(effect, Announce):
                self.events.append(effect)

    def move(self, what: str, value: Any) -> None:  # noqa: ANN401 - a drawn value
        """Makes a drawn move."""
        if what in {"report", "stale"} and self.out:
            action = self.execution.steps[self.out.step].action
            result = RESULTS.get(action, {"Role": {"Path": "/"}})
            ticket = self.out.ticket if what == "report" else self.out.ticket - 1
            outcome = Succeeded(result=result) if value else Failed(message="broken")
            self.apply(Reported(at=self.at, ticket=ticket, outcome=outcome))
        elif what == "wait":
            self.at += timedelta(seconds=value)
            self.apply(TimePassed(at=self.at))
        elif what == "cancel":
            self.apply(Stopped(at=self.at))
        elif what in {"approve", "reject", "resume"}:
            principal = f"arn:aws:iam::000000000000:user/{value}"
            self.apply(Signalled(at=self.at, signal=Signal(what.capitalize()), principal=principal))


def names(events: list[Announce]) -> list[object]:
    """Returns the steps of step events, and None for those of executions."""
    return [event.detail.get("StepName") for event in events]


@settings(max_examples=300, deadline=None)
@given(runbooks(), MOVES)
def test_machine(document: dict[str, object], moves: list[tuple[str, Any]]) -> None:
    """Steps run at most once, one action at a time; the end is final and told once; the status follows its rules."""
    assert problems(document) == []
    play = Play(document)
    for what, value in moves:
        before = play.execution
        play.move(what, value)
        if before.has_ended:
            assert play.execution == before
    final = play.execution
    tickets = [order.ticket for order in play.orders]
    assert tickets == sorted(set(tickets))
    assert sum(run.performing for run in final.steps.values()) <= 1
    ended = [name for name, run in final.steps.items() if run.status in ENDED]
    assert sorted(str(name) for name in names(play.events) if name) == sorted(ended)
    assert names(play.events).count(None) == int(final.has_ended)
    assert final.has_ended == (final.current is None)
    check_status(final)


def check_status(final: Execution) -> None:
    """Holds the status against the steps."""
    bad = [name for name, run in final.steps.items() if run.status in {Status.FAILED, Status.TIMED_OUT}]
    critical = [name for name in bad if final.document.steps[name].is_critical]
    if final.status is Status.SUCCESS:
        assert not critical
        assert not final.cancelling
    if final.status in {Status.FAILED, Status.TIMED_OUT, Status.REJECTED}:
        assert critical
        assert not final.cancelling
    assert (final.status in {Status.CANCELLED, Status.CANCELLING}) == final.cancelling
    for name, run in final.steps.items():
        is_approved = run.action is Action.APPROVE and run.status is Status.SUCCESS
        if is_approved:
            assert len({one.entry for one in run.decisions if one.signal is Signal.APPROVE}) == 2, name


@settings(max_examples=200, deadline=None)
@given(runbooks())
def test_every_run_ends(document: dict[str, object]) -> None:
    """With time alone, and nobody answering, every execution ends (a pause apart, which waits for ever)."""
    play = Play(document)
    for _ in range(40):
        play.move("wait", 2_592_001)
    waits = play.execution.current and play.execution.steps[play.execution.current].action is Action.PAUSE
    assert play.execution.has_ended or waits


@settings(max_examples=100, deadline=None)
@given(runbooks(), MOVES)
def test_nothing_after_a_rejection(document: dict[str, object], moves: list[tuple[str, Any]]) -> None:
    """After a rejection whose step doesn't say otherwise, no action is handed out any more."""
    play = Play(document)
    for what, value in moves:
        before = len(play.orders)
        current = play.execution.current
        play.move(what, value)
        run = play.execution.steps[current] if current else None
        if (
            run
            and what == "reject"
            and run.status is Status.FAILED
            and str(_step(document, run.name)["onFailure"]) == "Abort"
        ):
            assert play.execution.has_ended
            assert len(play.orders) == before


def _step(document: dict[str, Any], name: str) -> dict[str, object]:
    return next(dict(step) for step in document["mainSteps"] if step["name"] == name)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=5)
    | st.sampled_from(["{{ a }}", "step:s0", "$.a", "Abort"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Returns the paths to all parts of a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inside for found in places(item, (*path, key)))]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_document_is_judged(data: st.DataObject) -> None:
    """A runbook with any part replaced by anything is judged without an exception, and runs if nothing is wrong."""
    document: Any = json.loads(json.dumps(data.draw(runbooks())))
    document["parameters"] = {"P": {"type": "String", "default": "x"}}
    document["outputs"] = []
    path = data.draw(st.sampled_from(places(document)[1:]))
    target: Any = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = data.draw(JSON)
    if problems(document) == []:
        Play(document).move("wait", 30)


@given(st.text(), st.text())
def test_values_are_put_in_once(value: str, around: str) -> None:
    """Whatever a value holds, it arrives as it is."""
    assert resolve("{{ v }}", lambda _: value) == value
    plain = around.replace("{", "(")
    assert resolve(f"{plain}{{{{ v }}}}{plain}!", lambda _: value) == f"{plain}{value}{plain}!"
