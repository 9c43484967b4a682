"""StartAutomationExecution, SendAutomationSignal, … and what shows executions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sandbox.automation import parameters, requests, views
from sandbox.automation.errors import Code, Refusal
from sandbox.automation.filters import passes, step_passes
from sandbox.automation.happenings import Signalled, Stopped
from sandbox.automation.words import SIGNAL_COMMENT, Signal

if TYPE_CHECKING:
    from sandbox.automation.caller import Caller
    from sandbox.automation.engine import Engine
    from sandbox.automation.execution import Execution
    from sandbox.automation.launching import Launcher

Payload = Mapping[str, object]


class ExecutionOperations:
    """The operations on executions."""

    def __init__(self, *, engine: Engine, launcher: Launcher) -> None:
        self._engine = engine
        self._launcher = launcher
        self.table: Mapping[str, Callable[[Payload, Caller], dict[str, object]]] = {
            "StartAutomationExecution": self._start,
            "GetAutomationExecution": self._get,
            "DescribeAutomationExecutions": self._describe,
            "DescribeAutomationStepExecutions": self._describe_steps,
            "SendAutomationSignal": self._signal,
            "StopAutomationExecution": self._stop,
        }

    def _start(self, payload: Payload, caller: Caller) -> dict[str, object]:
        return {"AutomationExecutionId": self._launcher.start(payload, caller)}

    def _find(self, payload: Payload) -> Execution:
        execution_id = requests.text(payload, "AutomationExecutionId")
        execution = self._engine.find(execution_id)
        if execution is None:
            raise Refusal(Code.EXECUTION_NOT_FOUND, f"Automation execution {execution_id} does not exist")
        return execution

    def _get(self, payload: Payload, _caller: Caller) -> dict[str, object]:
        return {"AutomationExecution": views.execution(self._find(payload))}

    def _describe(self, payload: Payload, _caller: Caller) -> dict[str, object]:
        wanted = requests.filters(payload, "Filters", ("Key", "Values"))
        found = [one for one in self._engine.all() if all(passes(one, *each) for each in wanted)]
        shown, token = requests.page(payload, found)
        listed = [views.metadata(one) for one in shown]
        return {"AutomationExecutionMetadataList": listed, **({"NextToken": token} if token else {})}

    def _describe_steps(self, payload: Payload, _caller: Caller) -> dict[str, object]:
        execution = self._find(payload)
        wanted = requests.filters(payload, "Filters", ("Key", "Values"))
        runs = [run for run in execution.steps.values() if all(step_passes(execution, run, *each) for each in wanted)]
        ordered = list(reversed(runs)) if payload.get("ReverseOrder") else runs
        shown, token = requests.page(payload, ordered)
        listed = [views.step_execution(execution, run) for run in shown]
        return {"StepExecutions": listed, **({"NextToken": token} if token else {})}

    def _signal(self, payload: Payload, caller: Caller) -> dict[str, object]:
        execution = self._find(payload)
        kind = requests.text(payload, "SignalType")
        if kind not in set(Signal):
            raise Refusal(Code.SIGNAL, f"The signal {kind} is not supported here")
        said = parameters.read_map("Payload", payload.get("Payload") or {})
        comment = " ".join(said.get(SIGNAL_COMMENT, ()))
        now = self._engine.clock.now()
        happening = Signalled(at=now, signal=Signal(kind), principal=caller.arn, comment=comment)
        self._engine.apply(execution.id, happening)
        return {}

    def _stop(self, payload: Payload, _caller: Caller) -> dict[str, object]:
        execution = self._find(payload)
        if requests.text(payload, "Type", "Cancel") != "Cancel":
            raise Refusal(Code.STATUS_UPDATE, "Only the stop type Cancel is supported here")
        self._engine.apply(execution.id, Stopped(at=self._engine.clock.now()))
        return {}
