"""The status-change events of Automation, as EventBridge carries them.

Shapes: systems-manager userguide, "Amazon EventBridge event examples for Systems Manager". Events exist for the
statuses that AWS lists, so an execution that begins or waits announces nothing. Cancelled is spelled Canceled here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.automation.happenings import Announce
from sandbox.automation.words import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.automation.execution import Execution, StepRun

SOURCE: Final = "aws.ssm"
EXECUTION_CHANGED: Final = "EC2 Automation Execution Status-change Notification"
STEP_CHANGED: Final = "EC2 Automation Step Status-change Notification"
_SPELLING: Final = {Status.CANCELLED: "Canceled"}


def execution_ended(execution: Execution) -> Announce:
    """Returns the event of an execution that has ended."""
    times = _times(execution.started, execution.ended or execution.started)
    detail = {**_subject(execution), "Status": _spelled(execution.status), **times, "ExecutedBy": execution.executed_by}
    return Announce(detail_type=EXECUTION_CHANGED, detail=detail, resources=resources(execution))


def step_ended(execution: Execution, run: StepRun) -> Announce:
    """Returns the event of a step that has ended; the times are those of the step."""
    started = run.started or execution.started
    times = _times(started, run.ended or started)
    step = {"StepName": run.name, "Action": run.action.value}
    detail = {**_subject(execution), "Status": _spelled(run.status), **times, **step}
    return Announce(detail_type=STEP_CHANGED, detail=detail, resources=resources(execution))


def resources(execution: Execution) -> tuple[str, str]:
    """Returns the ARNs of the execution and of its definition."""
    definition = f"automation-definition/{execution.document_name}:{execution.document_version}"
    return execution.place.ssm_arn(f"automation-execution/{execution.id}"), execution.place.ssm_arn(definition)


def _subject(execution: Execution) -> Mapping[str, object]:
    return {
        "ExecutionId": execution.id,
        "Definition": execution.document_name,
        "DefinitionVersion": float(execution.document_version),
    }


def _times(started: datetime, ended: datetime) -> Mapping[str, object]:
    milliseconds = round((ended - started).total_seconds() * 1000, 3)
    return {"StartTime": _spoken(started), "EndTime": _spoken(ended), "Time": milliseconds}


def _spoken(moment: datetime) -> str:
    """Returns e.g. ``Nov 29, 2016 7:43:26 PM``, whatever the process's locale."""
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[moment.month - 1]
    half = "AM" if moment.hour < 12 else "PM"  # noqa: PLR2004 - noon
    return f"{month} {moment.day}, {moment.year} {moment.hour % 12 or 12}:{moment:%M:%S} {half}"


def _spelled(status: Status) -> str:
    return _SPELLING.get(status, status.value)
