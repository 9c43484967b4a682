"""``redress start``: a proposal that a person must start gets as far as asking, by one execution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from redress.domain.errors import Refused
from redress.domain.words import ProposalStatus, State
from redress_cli.start import ATTEMPTS, begin
from tests.fakes_iam import fault
from tests.runbook_world import APPLY, World, proposal, ready_world
from tests.unit.handlers.tracking import run

if TYPE_CHECKING:
    from redress.domain.proposal import Proposal


def _throttled(operation: str) -> None:
    if operation == "get_role":
        raise fault("ThrottlingException")


@pytest.fixture
def world() -> World:
    """A world with the role."""
    return ready_world()


def _ended(world: World) -> tuple[Proposal, str]:
    """Returns a proposal whose execution could not read the role, and the execution."""
    drawn = world.file(proposal(world), ProposalStatus.MANUAL)
    world.iam.before = _throttled
    ended = begin(drawn, APPLY, world.automations)
    world.run()
    world.iam.before = lambda _: None
    return drawn, ended


def test_what_ended_before_it_asked_is_started_anew(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The person is told why, and gets an execution that asks; every time it happens again."""
    drawn, ended = _ended(world)
    world.iam.before = _throttled
    second = begin(drawn, APPLY, world.automations)
    world.run()
    world.iam.before = lambda _: None
    third = begin(drawn, APPLY, world.automations)
    world.run()
    run(world)
    assert len({ended, second, third}) == 3
    assert (world.item(drawn)["status"], world.item(drawn)["execution_id"]) == ("WAITING", third)
    assert world.finding().state is State.AWAITING_APPROVAL
    assert f"{ended} ended without asking anybody: " in capsys.readouterr().out


def test_two_who_start_at_once_start_one(world: World) -> None:
    """Both get the same execution, the first time and after one that ended."""
    drawn, _ = _ended(world)
    both = {begin(drawn, APPLY, world.automations) for _ in range(2)}
    world.run()
    assert {world.item(drawn)["execution_id"]} == both
    assert len(world.service.engine.all()) == 2


def test_what_never_asks_is_refused(world: World) -> None:
    """Where every execution ends at once, nobody waits for ever."""
    drawn = world.file(proposal(world), ProposalStatus.MANUAL)

    class Hopeless:
        def __getattr__(self, name: str) -> object:
            return getattr(world.automations, name)

        def get(self, execution_id: str) -> object:
            world.automations.stop(execution_id)
            world.run()
            return world.automations.get(execution_id)

    with pytest.raises(Refused, match="no execution of p-"):
        begin(drawn, APPLY, Hopeless())  # type: ignore[arg-type]  # an execution that ends at once
    assert len(world.service.engine.all()) == ATTEMPTS
