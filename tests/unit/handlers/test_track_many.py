"""λ track with many findings: what is due is never behind what is not, and SSM is asked only where it knows more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters import findings_table
from redress.adapters.findings_items import item_of, key_of
from redress.adapters.table_writes import Key
from redress.domain.lifecycle_execution import Execution, Progress
from redress.domain.proposal import seal
from redress.domain.words import PolicyIs, ProposalStatus, State
from redress.handlers.track import track
from tests.fakes_telemetry import Quiet
from tests.runbook_world import RESTORE, World, proposal, ready_world
from tests.unit.handlers.tracking import desk, event, run, waiting

if TYPE_CHECKING:
    from collections.abc import Callable

MANY = 60


class Killed(BaseException):
    """The process ends here."""


class Ssm:
    """Says of every execution that it succeeded, and remembers what it was asked."""

    def __init__(self, limit: int = 10_000) -> None:
        self.asked: list[str] = []
        self.started: list[str] = []
        self.limit = limit

    def get(self, execution_id: str) -> Execution:
        """Answers until its patience ends."""
        self.asked.append(execution_id)
        if len(self.asked) > self.limit:
            raise Killed
        return Execution(execution_id=execution_id, document="x", progress=Progress.SUCCEEDED)

    def start(self, _: str, *, proposal_id: str, digest: str, token: str) -> str:
        """Remembers the proposal."""
        del digest, token
        self.started.append(proposal_id)
        return "e-restore"

    def stop(self, _: str) -> None:
        """Does nothing."""


def fid(number: int) -> str:
    """Returns the id of the finding with this number."""
    return f"f-{number:020x}"


def filled(count: int, state: State, *, of: Callable[[int], dict[str, Any]] = lambda _: {}) -> World:
    """Returns a world of so many findings in this state, the first one oldest; ``of`` changes single ones."""
    world = ready_world()
    world.deny()
    plain, now = world.finding(), world.clock.now()
    world.items.clear()
    for number in range(count):
        at = now - timedelta(hours=40) + timedelta(seconds=number)
        given: dict[str, Any] = {"fixed_at": at, "changed_at": at, "last_seen": at, **of(number)}
        last = replace(plain.last, event_time=given["last_seen"])
        finding = replace(plain, finding_id=fid(number), state=state, first_seen=given["last_seen"], last=last, **given)
        world.items[key_of(fid(number))] = item_of(finding, frozenset({b"12345678"}))
    return world


def applied(world: World, number: int, **marks: object) -> str:
    """Files an applied proposal for a finding; returns its id."""
    drawn = seal({**proposal(world, finding_ids=[fid(number)]).content, "number": number})
    finding = world.finding(fid(number))
    changed = replace(finding, proposal_id=drawn.proposal_id, policy_is=PolicyIs.AFTER)
    world.items[key_of(fid(number))] = item_of(changed, frozenset({b"12345678"}))
    key = Key(pk=f"PROPOSAL#{drawn.proposal_id}", sk="PROPOSAL")
    content = drawn.content
    world.items[key] = {
        "pk": key.pk,
        "sk": key.sk,
        "body": drawn.body,
        "digest": drawn.digest,
        "status": "APPLIED",
        "state": "PROPOSAL#APPLIED",
        "last_seen": content["created_at"],
        "principal": content["principal"]["arn"],
        "finding_ids": [fid(number)],
        "created_at": content["created_at"],
        "expires_at": content["expires_at"],
        "execution_id": f"e-{number}",
        "applied_at": "2026-11-19T00:00:00Z",
        **marks,
    }
    return drawn.proposal_id


def tracked(world: World, ssm: Ssm | None = None) -> Ssm:
    """Runs λ track's schedule once."""
    ssm = ssm or Ssm()
    track({}, desk=replace(desk(world), executions=ssm), now=world.clock.now(), telemetry=Quiet())
    return ssm


def test_a_fix_under_watch_costs_no_call() -> None:
    """SSM is asked nothing of fixes that stand, and their proposals are read once."""
    world = filled(MANY, State.FIXED)
    for number in range(MANY):
        applied(world, number)
    assert tracked(world).asked == []
    assert list(world.proposals.every(ProposalStatus.APPLIED)) == []
    world.store.calls.clear()
    assert tracked(world).asked == []
    assert "write" not in world.store.calls


def test_what_is_taken_back_is_found_without_an_event() -> None:
    """A fix that was put by is listed again while a runbook takes it back, and after that."""
    world = ready_world()
    drawn = world.file(proposal(world))
    world.applied(drawn)
    run(world)
    assert world.item(drawn)["state"] == "PROPOSAL#APPLIED#PUT_BY"
    back = world.start(drawn, RESTORE)
    world.run()
    world.sign(back)
    while not world.item(drawn).get("restoring_by"):
        world.runner.step()
    assert world.item(drawn)["state"] == "PROPOSAL#APPLIED"
    world.run()
    run(world)
    assert world.finding().state is State.RESTORED
    asked = Ssm()
    tracked(world, asked)
    world.clock.move(days=2)
    tracked(world, asked)
    assert (world.item(drawn)["status"], world.item(drawn)["state"]) == ("RESTORED", "PROPOSAL#RESTORED#PUT_BY")
    assert asked.asked == []


def test_what_was_taken_back_while_nobody_looked_is_told() -> None:
    """After days without λ track, a finding that missed its restore hears of it before the proposal is put by."""
    world = ready_world()
    drawn = world.file(proposal(world))
    world.applied(drawn)
    run(world)
    back = world.start(drawn, RESTORE)
    world.run()
    world.sign(back)
    world.run()
    assert (world.item(drawn)["status"], world.finding().state) == ("RESTORED", State.FIXED)
    world.clock.move(days=3)
    run(world)
    assert world.finding().state is State.RESTORED
    assert world.item(drawn)["state"] == "PROPOSAL#RESTORED#PUT_BY"


def test_what_begins_to_be_taken_back_is_not_put_by() -> None:
    """Between the reading and the writing a restore may have begun."""
    world = ready_world()
    drawn = world.file(proposal(world))
    world.applied(drawn)
    stored = world.proposals.get(drawn.proposal_id)
    assert stored
    world.item(drawn)["restoring_by"] = "e-9"
    world.proposals.put_by(stored)
    assert world.item(drawn)["state"] == "PROPOSAL#APPLIED"


def test_lifetimes_end_however_slow_ssm_is() -> None:
    """A run that is cut off while it follows executions has taken back, closed and unmuted what was due."""
    world = filled(MANY, State.AWAITING_APPROVAL)
    for number in range(MANY):
        applied(world, number)
    overdue = applied(world, 0, remove_at="2026-11-21T11:00:00Z")
    ssm = Ssm(limit=3)
    with pytest.raises(Killed):
        tracked(world, ssm)
    assert ssm.started == [overdue]


@pytest.fixture
def ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than ten findings of a state are looked at."""
    monkeypatch.setattr(findings_table, "LISTED_LIMIT", 10)
    monkeypatch.setattr(findings_table, "PAGE", 4)


@pytest.mark.usefixtures("ten")
def test_the_oldest_fixes_close_first() -> None:
    """Newer ones that are not due yet do not hide those that are."""
    now = ready_world().clock.now()
    old = now - timedelta(hours=100)
    due = {"fixed_at": old, "changed_at": old, "last_seen": old}
    world = filled(30, State.FIXED, of=lambda number: due if number < 12 else {})
    for _ in range(2):
        tracked(world)
    assert [number for number in range(30) if world.finding(fid(number)).state is State.CLOSED] == list(range(12))


@pytest.mark.usefixtures("ten")
@pytest.mark.parametrize("over", [0, 15, 29])
def test_every_silence_ends_by_its_date(over: int) -> None:
    """However many are silent, and wherever in the list it stands."""
    now = ready_world().clock.now()
    far = now + timedelta(days=300)
    world = filled(30, State.MUTED, of=lambda number: {"muted_until": now if number == over else far})
    tracked(world)
    assert [number for number in range(30) if world.finding(fid(number)).state is State.OPEN] == [over]


def test_one_unreadable_proposal_stops_nothing() -> None:
    """What cannot be read is named and counted; a lifetime ends and a finding closes all the same."""
    world = filled(2, State.FIXED, of=lambda _: {"fixed_at": None, "changed_at": ready_world().clock.now()})
    bad = applied(world, 0)
    overdue = applied(world, 1, remove_at="2026-11-21T11:00:00Z")
    for status in ("APPLIED", "RESTORED", "READY", "WAITING", "APPLYING"):
        key = Key(pk=f"PROPOSAL#{bad}", sk="PROPOSAL")
        world.items[key] |= {"status": status, "state": f"PROPOSAL#{status}", "expires_at": "2026-13-01"}
        assert tracked(world).started == [overdue]


def test_one_unreadable_mark_stops_nothing() -> None:
    """Neither does a mark that nobody writes."""
    world = ready_world()
    drawn, execution = waiting(world)
    world.sign(execution)
    world.run()
    run(world, event(execution))
    world.item(drawn)["restored_at"] = "2026-13-01"
    world.item(drawn)["status"], world.item(drawn)["state"] = "RESTORED", "PROPOSAL#RESTORED"
    assert run(world).counts["ReconcileFaults"] == 1
