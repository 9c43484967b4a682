"""The filters of DescribeAutomationExecutions and DescribeAutomationStepExecutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.automation.durations import read_timestamp
from sandbox.automation.errors import Code, Refusal
from sandbox.automation.views import step_execution_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.automation.execution import Execution, StepRun


def passes(execution: Execution, key: str, values: list[str]) -> bool:
    """Returns whether an execution passes a filter: any of the values will do.

    Raises:
        Refusal: The filter is not supported here, or a value can't be read.

    """
    if key == "DocumentNamePrefix":
        return execution.document_name.startswith(tuple(values))
    if key in {"StartTimeBefore", "StartTimeAfter"}:
        return _is_in_time(execution.started, key, values)
    if key == "TagKey":
        return any(name in values for name, _ in execution.tags)
    current = execution.document.steps[execution.current].action.value if execution.current else ""
    exact = {
        "ExecutionStatus": execution.status.value,
        "ExecutionId": execution.id,
        "CurrentAction": current,
        "AutomationType": "Local",
    }
    return _is_exactly(exact, key, values)


def step_passes(execution: Execution, run: StepRun, key: str, values: list[str]) -> bool:
    """Returns whether a step passes a filter.

    Raises:
        Refusal: The filter is not supported here, or a value can't be read.

    """
    if key in {"StartTimeBefore", "StartTimeAfter"}:
        return run.started is not None and _is_in_time(run.started, key, values)
    exact = {
        "StepExecutionStatus": run.status.value,
        "StepExecutionId": step_execution_id(execution, run.name),
        "StepName": run.name,
        "Action": run.action.value,
    }
    return _is_exactly(exact, key, values)


def _is_exactly(exact: Mapping[str, str], key: str, values: list[str]) -> bool:
    if key not in exact:
        raise Refusal(Code.FILTER_KEY, f"The filter {key} is not supported here")
    return exact[key] in values


def _is_in_time(moment: datetime, key: str, values: list[str]) -> bool:
    try:
        bound = read_timestamp(values[0])
    except ValueError as error:
        raise Refusal(Code.FILTER_VALUE, f"{key}: {error}") from error
    return moment <= bound if key == "StartTimeBefore" else moment >= bound
