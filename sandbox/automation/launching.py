"""StartAutomationExecution: from a request to an execution that has begun."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.automation import parameters, requests, scope
from sandbox.automation.errors import Code, Refusal
from sandbox.automation.execution import Execution, Place, StepRun
from sandbox.automation.performer import SERVICE
from sandbox.automation.ports import CannotAssume
from sandbox.automation.throttle import Bucket
from sandbox.automation.variables import Unresolved

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
    """Quotas of the account (AWS: general reference, Systems Manager); the burst is a guess at AWS's small one.

    Attributes:
        running: How many executions may run at once.
        waiting: How many more may wait (approve, pause, sleep). AWS queues what is above; here it is refused.

    """

    starts_per_second: float = 1.0
    burst: int = 3
    running: int = 100
    waiting: int = 400


class Launcher:
    """Starts executions: checks, limits, idempotency."""

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

    def start(self, payload: Payload, caller: Caller) -> str:
        """Returns the id of the new execution, or of the one that the same ClientToken has started.

        Raises:
            Refusal: Too many starts or executions, or something is wrong with the request.

        """
        if not self._bucket.take():
            raise Refusal(Code.THROTTLING, "Rate exceeded")
        with self._lock:
            token = _token(payload)
            if token in self._tokens:
                return self._started_before(token, payload)
            execution_id = self._engine.begin(self._new(payload, caller)).id
            if token:
                self._tokens[token] = (_without_token(payload), execution_id)
            return execution_id

    def _started_before(self, token: str, payload: Payload) -> str:
        before, execution_id = self._tokens[token]
        if before != _without_token(payload):
            raise Refusal(Code.IDEMPOTENT_MISMATCH, "The ClientToken was used with other parameters")
        return execution_id

    def _new(self, payload: Payload, caller: Caller) -> Execution:
        _check_supported(payload)
        entry, version, document = self.definition(payload)
        values = parameters.read(document, parameters.read_map("Parameters", payload.get("Parameters") or {}))
        role_arn = self.role(document, values)
        execution_id = str(uuid.uuid4())
        self._check_assumable(role_arn, f"Automation-{execution_id}")
        self._check_limits()
        return Execution(
            id=execution_id,
            document=document,
            document_name=entry.name,
            document_version=str(version.number),
            parameters=values,
            executed_by=caller.arn,
            role_arn=role_arn,
            started=self._engine.clock.now(),
            place=self._place,
            steps={name: StepRun(name=name, action=step.action) for name, step in document.steps.items()},
            tags=_tags(payload),
        )

    def role_to_pass(self, payload: Payload) -> str | None:
        """Returns the role that the caller passes to SSM, or None where the call will be refused anyway."""
        try:
            _, _, document = self.definition(payload)
            values = parameters.read(document, parameters.read_map("Parameters", payload.get("Parameters") or {}))
            return self.role(document, values)
        except Refusal:
            return None

    def definition(self, payload: Payload) -> tuple[Entry, Version, Document]:
        """Returns the runbook that a request names.

        Raises:
            Refusal: There is no such runbook or version.

        """
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

    def role(self, document: Document, values: Mapping[str, object]) -> str:
        """Returns the ARN of the role that the runbook runs as.

        Raises:
            Refusal: It is no role ARN.

        """
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
        going = [execution for execution in self._engine.all() if not execution.has_ended]
        waiting = sum(execution.is_blocked for execution in going)
        running = len(going) - min(waiting, self._limits.waiting)
        if running >= self._limits.running:
            text = "The number of simultaneously running Automation executions exceeded the allowable limit."
            raise Refusal(Code.EXECUTION_LIMIT, text)


def _token(payload: Payload) -> str:
    token = requests.optional(payload, "ClientToken") or ""
    if token and not _TOKEN.fullmatch(token):
        raise Refusal(Code.VALIDATION, "ClientToken must be a UUID of 36 characters")
    return token.lower()


def _without_token(payload: Payload) -> Payload:
    return {name: value for name, value in payload.items() if name != "ClientToken"}


def _check_supported(payload: Payload) -> None:
    found = [name for name in _NOT_HERE if payload.get(name)]
    if found:
        raise Refusal(Code.EXECUTION_PARAMETERS, f"Not supported here: {', '.join(found)}")
    if payload.get("Mode", "Auto") != "Auto":
        raise Refusal(Code.EXECUTION_PARAMETERS, "Only the mode Auto is supported here")


def _tags(payload: Payload) -> tuple[tuple[str, str], ...]:
    tags = requests.tags(payload)
    if len(tags) > MAX_TAGS:
        raise Refusal(Code.EXECUTION_PARAMETERS, f"An execution has at most {MAX_TAGS} tags")
    return tags
