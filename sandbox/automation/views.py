"""Executions and documents as the API shows them (JSON 1.1: moments are epoch seconds)."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Final

from sandbox.automation.words import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.automation.document import Parameter, Step
    from sandbox.automation.documents import Entry, Version
    from sandbox.automation.execution import Execution, StepRun

_COUNTED: Final = {
    "SuccessSteps": Status.SUCCESS,
    "FailedSteps": Status.FAILED,
    "CancelledSteps": Status.CANCELLED,
    "TimedOutSteps": Status.TIMED_OUT,
}


def _given(members: Mapping[str, object]) -> dict[str, object]:
    """Returns the members that have a value."""
    return {name: value for name, value in members.items() if value not in (None, "", {}, [])}


def _moment(at: datetime | None) -> float | None:
    return round(at.timestamp(), 3) if at else None


def texts(value: object) -> list[str]:
    """Returns an output's value as AutomationParameterMap has it: a list of strings, maps as JSON."""
    values = value if isinstance(value, list) else [value]
    return [one if isinstance(one, str) else json.dumps(one) for one in values]


def text_map(values: Mapping[str, object]) -> dict[str, list[str]]:
    """Returns outputs as an AutomationParameterMap."""
    return {name: texts(value) for name, value in values.items()}


def execution(one: Execution) -> dict[str, object]:
    """Returns the AutomationExecution of GetAutomationExecution."""
    steps = [step_execution(one, run) for run in one.steps.values()]
    steps_shown = {"StepExecutions": steps, "StepExecutionsTruncated": False, "ProgressCounters": _progress(one)}
    return {**_summary(one), **steps_shown, "Parameters": text_map(one.parameters)}


def metadata(one: Execution) -> dict[str, object]:
    """Returns the AutomationExecutionMetadata of DescribeAutomationExecutions."""
    return {**_summary(one), "AutomationType": "Local"}


def _summary(one: Execution) -> dict[str, object]:
    current = one.document.steps[one.current] if one.current else None
    members: dict[str, object] = {
        "AutomationExecutionId": one.id,
        "DocumentName": one.document_name,
        "DocumentVersion": one.document_version,
        "AutomationExecutionStatus": one.status.value,
        "ExecutionStartTime": _moment(one.started),
        "ExecutionEndTime": _moment(one.ended),
        "ExecutedBy": one.executed_by,
        "Mode": "Auto",
        "CurrentStepName": current.name if current else None,
        "CurrentAction": current.action.value if current else None,
        "FailureMessage": one.failure,
        "Outputs": text_map(one.outputs),
    }
    return _given(members)


def _progress(one: Execution) -> dict[str, int]:
    counts = Counter(run.status for run in one.steps.values())
    return {"TotalSteps": len(one.steps), **{name: counts[status] for name, status in _COUNTED.items()}}


def step_execution(one: Execution, run: StepRun) -> dict[str, object]:
    """Returns a StepExecution; steps that never ran stay Pending, as on AWS."""
    step = one.document.steps[run.name]
    members = {
        "StepName": run.name,
        "StepExecutionId": step_execution_id(one, run.name),
        "Action": run.action.value,
        "StepStatus": run.status.value,
        "ExecutionStartTime": _moment(run.started),
        "ExecutionEndTime": _moment(run.ended),
        "TimeoutSeconds": step.seconds,
        "OnFailure": _on_failure(step),
        "MaxAttempts": step.max_attempts,
        "Inputs": {name: json.dumps(value) for name, value in run.inputs.items()},
        "Outputs": text_map(run.outputs),
        "FailureMessage": run.failure,
        "FailureDetails": _failure_details(run),
        "NextStep": step.next_step,
        "ValidNextSteps": [step.successor] if step.successor else [],
    }
    return {**_given(members), "IsEnd": step.is_end, "IsCritical": step.is_critical}


def step_execution_id(one: Execution, name: str) -> str:
    """Returns the id of one step of one execution."""
    return str(uuid.uuid5(uuid.UUID(one.id), name))


def _on_failure(step: Step) -> str:
    return f"step:{step.failure_step}" if step.failure_step else step.on_failure.value


def _failure_details(run: StepRun) -> dict[str, object] | None:
    if not run.failure:
        return None
    return {"FailureStage": "Invocation", "FailureType": run.status.value, "Details": {"Message": [run.failure]}}


def document(entry: Entry, version: Version, owner: str) -> dict[str, object]:
    """Returns the DocumentDescription."""
    runbook = version.content.runbook
    parameters = [_parameter(one) for one in runbook.parameters.values()] if runbook else []
    members = {
        "Hash": version.digest,
        "HashType": "Sha256",
        "CreatedDate": _moment(version.created),
        "Status": "Active",
        "Description": runbook.description if runbook else "",
        "Parameters": parameters,
        "LatestVersion": str(entry.latest.number),
        "DefaultVersion": str(entry.default),
    }
    return {**_given(members), **identifier(entry, version, owner)}


def identifier(entry: Entry, version: Version, owner: str) -> dict[str, object]:
    """Returns the DocumentIdentifier of ListDocuments."""
    members = {
        "Name": entry.name,
        "Owner": owner,
        "VersionName": version.name,
        "PlatformTypes": ["Windows", "Linux", "MacOS"],
        "DocumentVersion": str(version.number),
        "DocumentType": entry.type,
        "SchemaVersion": "0.3" if version.content.runbook else None,
        "DocumentFormat": version.content.format,
        "Tags": [{"Key": key, "Value": value} for key, value in entry.tags],
    }
    return _given(members)


def _parameter(one: Parameter) -> dict[str, object]:
    default = one.default if isinstance(one.default, str) or one.default is None else json.dumps(one.default)
    members = {"Name": one.name, "Type": one.type.value, "Description": one.description, "DefaultValue": default}
    return _given(members)
