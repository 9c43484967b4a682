"""What the Automation service needs, faked, and a world that a test plays in step by step."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict, deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.automation.caller import Caller
from sandbox.automation.documents import Documents
from sandbox.automation.engine import Engine
from sandbox.automation.execution import Execution, Place
from sandbox.automation.happenings import AskApprovers, Failed, Outcome, Perform, Succeeded
from sandbox.automation.launching import Limits
from sandbox.automation.ports import CannotAssume, Credentials
from sandbox.automation.runners import Stepped
from sandbox.automation.service import AutomationService
from tests.unit.automation.wire import strangers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/redress/system/automation"
START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
CREDENTIALS = Credentials(access_key_id="test", secret_access_key="test", session_token="token")


def person(name: str) -> Caller:
    """Returns a caller: a full ARN, ``role/session``, or a user's name."""
    if name.startswith("arn:"):
        return Caller(arn=name, account=ACCOUNT)
    if "/" in name:
        return Caller(arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}", account=ACCOUNT)
    return Caller(arn=f"arn:aws:iam::{ACCOUNT}:user/{name}", account=ACCOUNT)


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        """Returns where it was put."""
        return self.at

    def advance(self, seconds: float) -> None:
        """Moves it on."""
        self.at += timedelta(seconds=seconds)


class ScriptedPerformer:
    """Answers each step with what the test has laid down, then with an empty success."""

    def __init__(self) -> None:
        self.answers: dict[str, deque[Outcome]] = defaultdict(deque)
        self.orders: list[Perform] = []
        self.interrupted: list[int] = []

    def perform(self, order: Perform) -> Outcome:
        """Returns the next answer of the step."""
        self.orders.append(order)
        answers = self.answers[order.step]
        nothing: object = None if isinstance(order.act, AskApprovers) else {}
        return answers.popleft() if answers else Succeeded(result=nothing)

    def interrupt(self, execution_id: str, ticket: int) -> None:
        """Notes the ticket."""
        assert execution_id
        self.interrupted.append(ticket)

    @property
    def performed(self) -> list[str]:
        """Returns the steps that acted, requests to approvers apart."""
        return [order.step for order in self.orders if not isinstance(order.act, AskApprovers)]


class RecordingSink:
    """Keeps the events."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, object], tuple[str, ...]]] = []

    def emit(self, source: str, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]) -> None:
        """Keeps an event."""
        assert source == "aws.ssm"
        self.events.append((detail_type, detail, tuple(resources)))

    @property
    def statuses(self) -> list[str]:
        """Returns e.g. ``ask Failed`` for steps and ``Rejected`` for executions, in order."""
        return [
            " ".join(str(detail[key]) for key in ("StepName", "Status") if key in detail)
            for _, detail, _ in self.events
        ]


class Roles:
    """Lets the named roles be assumed."""

    def __init__(self, *arns: str) -> None:
        self.arns = set(arns)
        self.sessions: list[str] = []

    def assume_as_service(self, role_arn: str, session_name: str, service: str) -> Credentials:
        """Returns credentials, whatever the role, if it is one of them."""
        assert service == "ssm.amazonaws.com"
        self.sessions.append(session_name)
        if role_arn not in self.arns:
            raise CannotAssume(f"{role_arn} does not exist")
        return CREDENTIALS


def runbook(steps: Sequence[Mapping[str, Any]], **more: object) -> dict[str, object]:
    """Returns a whole document around the steps."""
    return {"schemaVersion": "0.3", "assumeRole": ROLE, "mainSteps": list(steps), **more}


class World:
    """A service whose effects run when the test says so, on a clock that the test moves."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.clock = HandClock()
        self.performer = ScriptedPerformer()
        self.sink = RecordingSink()
        self.runner = Stepped()
        self.roles = Roles(ROLE)
        self.engine = Engine(performer=self.performer, clock=self.clock, sink=self.sink, runner=self.runner)
        self.service = AutomationService(
            documents=Documents(clock=self.clock),
            engine=self.engine,
            credentials=self.roles,
            place=Place(),
            limits=limits or Limits(burst=1_000),
        )

    def call(self, operation: str, caller: str = "root", /, **payload: object) -> dict[str, Any]:
        """Returns the answer's body; a refused call fails the test."""
        status, body = self.service.handle(operation, payload, person(caller))
        assert status == 200, body
        assert strangers(operation, body) == []
        return body

    def refused(self, operation: str, caller: str = "root", /, **payload: object) -> tuple[str, str]:
        """Returns name and message of the error that the call is refused with."""
        status, body = self.service.handle(operation, payload, person(caller))
        assert status == 400, body
        return str(body["__type"]), str(body["message"])

    def create(self, document: Mapping[str, object], name: str = "Runbook") -> None:
        """Creates a document."""
        self.call("CreateDocument", Name=name, DocumentType="Automation", Content=json.dumps(document))

    def start(self, document: Mapping[str, object], **parameters: list[str]) -> str:
        """Creates a document under a new name and starts it; returns the execution's id."""
        name = f"Runbook-{uuid.uuid4()}"
        self.create(document, name)
        given: dict[str, Any] = {"Parameters": parameters} if parameters else {}
        return str(self.call("StartAutomationExecution", DocumentName=name, **given)["AutomationExecutionId"])

    def lay(self, step: str, *answers: object) -> None:
        """Lays down what the step's action answers: a result, or an Outcome."""
        outcomes = [one if isinstance(one, Succeeded | Failed) else Succeeded(result=one) for one in answers]
        self.performer.answers[step].extend(outcomes)

    def wait(self, seconds: float) -> None:
        """Lets time pass."""
        self.clock.advance(seconds)
        self.engine.tick()

    def signal(self, execution_id: str, signal: str, caller: str, comment: str = "") -> None:
        """Sends a signal."""
        said: dict[str, Any] = {"Payload": {"Comment": [comment]}} if comment else {}
        self.call("SendAutomationSignal", caller, AutomationExecutionId=execution_id, SignalType=signal, **said)

    def execution(self, execution_id: str) -> Execution:
        """Returns the execution's value."""
        found = self.engine.find(execution_id)
        assert found is not None
        return found

    def shown(self, execution_id: str) -> dict[str, Any]:
        """Returns the execution as GetAutomationExecution shows it."""
        shown = self.call("GetAutomationExecution", AutomationExecutionId=execution_id)["AutomationExecution"]
        assert isinstance(shown, dict)
        return shown
