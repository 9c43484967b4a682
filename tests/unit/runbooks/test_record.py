"""SSM's record of an execution, which the runbooks read their own past from."""

from __future__ import annotations

from typing import Any

import pytest

from infra.runbook_scripts.stored import MOST_STEPS, OVER
from infra.runbooks import FOLDER, load
from redress.adapters.automation import STATUSES
from tests.fakes_ssm import FakeSsm
from tests.runbook_world import APPLY, RESTORE, World, proposal, ready_world


class CutShort(FakeSsm):
    """SSM, which says with each execution that it has left steps out, and which gives them when asked for them."""

    def get_automation_execution(self, **call: object) -> dict[str, Any]:
        """Returns an execution without steps."""
        found = self._call("get_automation_execution", dict(call))
        found["AutomationExecution"] |= {"StepExecutions": [], "StepExecutionsTruncated": True}
        return found


@pytest.fixture
def world() -> World:
    """A world whose SSM leaves out steps."""
    world = ready_world()
    world.ssm = CutShort(world.service, "arn:aws:sts::111122223333:assumed-role/redress-start/start")
    return world


def test_signatures_and_orders_are_found_where_ssm_leaves_out_steps(world: World) -> None:
    """A fix is applied and taken back as ever (API reference: AutomationExecution, StepExecutionsTruncated)."""
    signed = world.file(proposal(world))
    world.applied(signed)
    execution = world.start(signed, RESTORE)
    world.run()
    world.sign(execution)
    world.run()
    assert world.status(execution) == "Success", world.failure(execution)
    assert world.iam.policies == {}


def test_the_way_back_is_found_where_ssm_leaves_out_steps(world: World) -> None:
    """What was written is put back, and nobody is told that nothing had been written."""
    signed = world.file(proposal(world))
    world.fails = lambda order: "after" if order.step == "attach_role" else ""
    execution = world.start(signed)
    world.run()
    world.sign(execution)
    world.run()
    assert world.status(execution) == "Failed"
    assert world.iam.policies == {}
    assert "injected after attach_role" in world.item_failure()


@pytest.mark.parametrize("name", [APPLY, RESTORE])
def test_one_page_holds_all_steps(name: str) -> None:
    """DescribeAutomationStepExecutions gives so many at once."""
    assert len(load(FOLDER / f"{name}.yaml")["mainSteps"]) <= MOST_STEPS


def test_an_execution_is_over_for_the_runbook_where_it_is_for_lambda() -> None:
    """Or a lock would be held for ever by an execution that λ track has long told of; SSM's API writes Cancelled."""
    assert {status for status, progress in STATUSES.items() if progress.is_over} - {"Canceled"} == OVER
