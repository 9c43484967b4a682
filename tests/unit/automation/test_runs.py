"""Runbooks played in the state machine: one case per file of tests/cases/automation/runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.automation.happenings import Failed
from tests.unit.automation.fakes import World, runbook

CASES = Path(__file__).parents[2] / "cases" / "automation" / "runs"


def cases() -> list[Any]:
    """Returns the cases, each named by its file."""
    return [pytest.param(yaml.safe_load(path.read_text()), id=path.stem) for path in sorted(CASES.glob("*.yaml"))]


def play(world: World, execution_id: str, move: Any) -> None:  # noqa: ANN401 - a line of a case file
    """Makes one move of a case."""
    if move == "run":
        world.runner.run()
    elif move == "step":
        assert world.runner.step()
    elif move == "cancel":
        world.call("StopAutomationExecution", AutomationExecutionId=execution_id)
    else:
        ((what, value),) = move.items()
        if what == "wait":
            world.wait(value)
        else:
            name, _, comment = value.partition(": ")
            world.signal(execution_id, what.capitalize(), name, comment)


def seen(world: World, execution_id: str) -> dict[str, Any]:
    """Returns all that a case can expect."""
    execution, shown = world.execution(execution_id), world.shown(execution_id)
    return {
        "status": execution.status.value,
        "steps": {name: run.status.value for name, run in execution.steps.items()},
        "performed": world.performer.performed,
        "outputs": shown.get("Outputs", {}),
        "step_outputs": {step["StepName"]: step["Outputs"] for step in shown["StepExecutions"] if "Outputs" in step},
        "arguments": {order.step: getattr(order.act, "arguments", None) for order in world.performer.orders},
        "payloads": {order.step: getattr(order.act, "payload", None) for order in world.performer.orders},
        "messages": [order.act.message for order in world.performer.orders if hasattr(order.act, "message")],
        "failure": execution.failure,
        "failures": {name: run.failure for name, run in execution.steps.items() if run.failure},
        "attempts": {name: run.attempt for name, run in execution.steps.items()},
        "events": world.sink.statuses,
        "current": execution.current,
    }


@pytest.mark.parametrize("case", cases())
def test_run(case: dict[str, Any]) -> None:
    """The runbook ends as its case says."""
    world = World()
    for step, answers in case.get("answers", {}).items():
        world.lay(step, *[Failed(message=one["fails"]) if "fails" in one else one["gives"] for one in answers])
    execution_id = world.start(runbook(**case["runbook"]), **case.get("parameters", {}))
    for move in case["play"]:
        play(world, execution_id, move)
    found = seen(world, execution_id)
    assert {key: found[key] for key in case["expect"]} == case["expect"], case["says"]
