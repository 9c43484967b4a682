"""StartAutomationExecution, SendAutomationSignal, … and what shows executions."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.automation import parameters, requests, scope, views
from sandbox.automation.errors import Code, Refusal
from sandbox.automation.execution import Execution, Place, StepRun
from sandbox.automation.filters import passes, step_passes
from sandbox.automation.happenings import Signalled, Stopped
from sandbox.automation.performer import SERVICE
from sandbox.automation.ports import CannotAssume
from sandbox.automation.throttle import Bucket
from sandbox.automation.variables import Unresolved
from sandbox.automation.words import SIGNAL_COMMENT, Signal

if TYPE_CHECKING:
    from sandbox.automation.caller import Caller
    from sandbox.automation.document import Document
    from sandbox.automation.documents import Documents, Entry, Version
    from sandbox.automation.engine import Engine
    from sandbox.automation.ports import CredentialsSource

Payload = Mapping[str, object]
_TOKEN: Final = re.compile(r"[a-fA-F0-9]{8}-([a-fA-F0-9]{4}-){3}[a-fA-F0-9]{12}")
_ROLE: Final = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_NOT_HERE: Final = (
    "AlarmConfiguration",
    "MaxConcurrency",
    "MaxErrors",
    "TargetLocations",
    "TargetLocationsURL",
    "TargetMaps",
    "TargetParameterName",
    "Targets",
)
MAX_TAGS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Quotas of the account (facts: DOCS:general/latest/gr/ssm); the burst is our reading of a token bucket.

    Attributes:
        running: How many executions may be running or waiting at once: 100, and 400 more that only wait.

    """

    starts_per_second: float = 1.0
    burst: int = 3
    running: int = 100
    waiting: int = 400


class ExecutionOperations:
    """The operations on executions."""

    def __init__(
        self, *, documents: Documents, engine: Engine, credentials: CredentialsSource, place: Place, limits: Limits
    ) -> None:
        self._documents = documents
        self._engine = engine
        self._credentials = credentials
        self._place = place
        self._limits = limits
        self._bucket = Bucket(rate=limits.starts_per_second, burst=limits.burst, clock=engine.clock)
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[Payload, str]] = {}
        self.table: Mapping[str, Callable[[Payload, Caller], dict[str, object]]] = {
            "StartAutomationExecution": self._start,
            "GetAutomationExecution": self._get,
            "DescribeAutomationExecutions": self._describe,
            "DescribeAutomationStepExecutions": self._describe_steps,
            "SendAutomationSignal": self._signal,
            "StopAutomationExecution": self._stop,
        }

    def role_to_pass(self, operation: str, payload: Payload) -> str | None:
        """Returns the role that the caller of StartAutomationExecution passes to SSM, or None."""
        if operation != "StartAutomationExecution":
            return None
        try:
            _, _, document = self._definition(payload)
            values = parameters.read(document, parameters.read_map("Parameters", payload.get("Parameters") or {}))
            return self._role(document, values)
        except Refusal:
            return None  # the call itself will be refused, with its reason

    # --- starting ------------------------------------------------------------------------------------------

    def _start(self, payload: Payload, caller: Caller) -> dict[str, object]:
        if not self._bucket.take():
            raise Refusal(Code.THROTTLING, "Rate exceeded")
        with self._lock:
            known = self._known(payload)
            if known is None:
                known = self._engine.begin(self._new(payload, caller)).id
                self._remember(payload, known)
        return {"AutomationExecutionId": known}

    def _known(self, payload: Payload) -> str | None:
        token = requests.optional(payload, "ClientToken")
        if token is None:
            return None
        if not _TOKEN.fullmatch(token):
            raise Refusal(Code.VALIDATION, "ClientToken must be a UUID of 36 characters")
        before, execution_id = self._tokens.get(token.lower(), (None, None))
        if before is not None and before != _without_token(payload):
            raise Refusal(Code.IDEMPOTENT_MISMATCH, "The ClientToken was used with other parameters")
        return execution_id

    def _remember(self, payload: Payload, execution_id: str) -> None:
        token = requests.optional(payload, "ClientToken")
        if token:
            self._tokens[token.lower()] = (_without_token(payload), execution_id)

    def _new(self, payload: Payload, caller: Caller) -> Execution:
        _check_supported(payload)
        entry, version, document = self._definition(payload)
        given = parameters.read_map("Parameters", payload.get("Parameters") or {})
        values = parameters.read(document, given)
        role_arn = self._role(document, values)
        execution_id = str(uuid.uuid4())
        self._check_assumable(role_arn, f"Automation-{execution_id}")
        self._check_limits()
        return Execution(
            id=execution_id,
            document=document,
            document_name=entry.name,
            document_version=str(version.number),
            parameters=values,
            given=given,
            executed_by=caller.arn,
            role_arn=role_arn,
            started=self._engine.clock.now(),
            place=self._place,
            steps={name: StepRun(name=name, action=step.action) for name, step in document.steps.items()},
            tags=_tags(payload),
        )

    def _definition(self, payload: Payload) -> tuple[Entry, Version, Document]:
        name, wanted = requests.text(payload, "DocumentName"), requests.optional(payload, "DocumentVersion")
        try:
            entry, version = self._documents.version(name, wanted)
        except Refusal as refusal:
            missing = refusal.code is Code.DOCUMENT
            code = Code.DEFINITION_NOT_FOUND if missing else Code.DEFINITION_VERSION_NOT_FOUND
            raise Refusal(code, refusal.message) from refusal
        if not version.content.runbook:
            raise Refusal(Code.DEFINITION_NOT_FOUND, f"{entry.name} is no Automation document")
        return entry, version, version.content.runbook

    def _role(self, document: Document, values: Mapping[str, object]) -> str:
        try:
            arn = scope.role_arn(document.assume_role, values, self._place, self._engine.clock.now())
        except Unresolved as error:
            raise Refusal(Code.EXECUTION_PARAMETERS, str(error)) from error
        if not _ROLE.fullmatch(arn):
            raise Refusal(Code.EXECUTION_PARAMETERS, "The format of the supplied assume role ARN is not valid.")
        return arn

    def _check_assumable(self, role_arn: str, session_name: str) -> None:
        try:
            self._credentials.assume_as_service(role_arn, session_name, SERVICE)
        except CannotAssume as error:
            text = f"The defined assume role is unable to be assumed. {error}"
            raise Refusal(Code.EXECUTION_PARAMETERS, text) from error

    def _check_limits(self) -> None:
        going = sum(not execution.has_ended for execution in self._engine.all())
        if going >= self._limits.running + self._limits.waiting:
            text = "The number of simultaneously running Automation executions exceeded the allowable limit."
            raise Refusal(Code.EXECUTION_LIMIT, text)

    # --- looking and steering ------------------------------------------------------------------------------

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


def _without_token(payload: Payload) -> Payload:
    return {name: value for name, value in payload.items() if name != "ClientToken"}


def _check_supported(payload: Payload) -> None:
    found = [name for name in _NOT_HERE if payload.get(name)]
    if found:
        raise Refusal(Code.EXECUTION_PARAMETERS, f"Not supported here: {', '.join(found)}")
    if payload.get("Mode", "Auto") != "Auto":
        raise Refusal(Code.EXECUTION_PARAMETERS, "Only the mode Auto is supported here")


def _tags(payload: Payload) -> tuple[tuple[str, str], ...]:
    given = payload.get("Tags") or []
    if not isinstance(given, list) or len(given) > MAX_TAGS:
        raise Refusal(Code.EXECUTION_PARAMETERS, f"Tags must be a list of at most {MAX_TAGS}")
    return tuple((str(one.get("Key")), str(one.get("Value"))) for one in given if isinstance(one, Mapping))
