"""The SSM operations of documents and Automation, for the server that owns the wire.

Contract with the server (``X-Amz-Target: AmazonSSM.<operation>``, JSON 1.1):

- ``OPERATIONS`` holds the operations that are answered here; anything else of SSM is the emulator's.
- Authorize first: ``service.resources_for(operation, payload)`` returns ``(action, resource ARN)`` pairs, all of
  which the caller must be allowed; it never raises.
- Then ``status, body = service.handle(operation, payload, caller)``; it never raises for a bad call. Send
  ``json.dumps(body)`` with ``Content-Type: application/x-amz-json-1.1``. It is quick (milliseconds; starting an
  automation assumes its role once), so it may run in a thread of the event loop's executor.
- Effects run on daemon threads. They call the sandbox's own endpoint, so the server must go on serving meanwhile.

See ``AutomationService.of`` for what the server has to bring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.automation import authorizing
from sandbox.automation.document_operations import DocumentOperations
from sandbox.automation.documents import Documents
from sandbox.automation.engine import Engine
from sandbox.automation.errors import Code, Refusal
from sandbox.automation.execution_operations import ExecutionOperations
from sandbox.automation.launching import Launcher, Limits
from sandbox.automation.performer import RolePerformer
from sandbox.automation.ports import SystemClock
from sandbox.automation.runners import Threads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.automation.caller import Caller
    from sandbox.automation.execution import Place
    from sandbox.automation.ports import Clock, CredentialsSource, EventSink

OPERATIONS: Final = frozenset(
    {
        "CreateDocument",
        "DeleteDocument",
        "DescribeAutomationExecutions",
        "DescribeAutomationStepExecutions",
        "DescribeDocument",
        "GetAutomationExecution",
        "GetCalendarState",
        "GetDocument",
        "ListDocuments",
        "SendAutomationSignal",
        "StartAutomationExecution",
        "StopAutomationExecution",
        "UpdateDocument",
        "UpdateDocumentDefaultVersion",
    }
)
"""What is answered here; the server lets every other SSM operation fall through."""


class AutomationService:
    """Answers the operations in ``OPERATIONS``."""

    def __init__(
        self,
        *,
        documents: Documents,
        engine: Engine,
        credentials: CredentialsSource,
        place: Place,
        limits: Limits | None = None,
    ) -> None:
        self.engine = engine
        self.documents = documents
        self._place = place
        self._launcher = Launcher(
            documents=documents, engine=engine, credentials=credentials, place=place, limits=limits or Limits()
        )
        self._operations: Mapping[str, Callable[[Mapping[str, object], Caller], dict[str, object]]] = {
            **DocumentOperations(documents=documents, clock=engine.clock).table,
            **ExecutionOperations(engine=engine, launcher=self._launcher).table,
        }

    @classmethod
    def of(  # noqa: PLR0913 - the seams of one service
        cls,
        *,
        credentials: CredentialsSource,
        sink: EventSink,
        endpoint: str,
        python: str,
        place: Place,
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> AutomationService:
        """Returns a running service with threads and a clock; call ``engine.close()`` at the end.

        Args:
            credentials: Assumes roles for ssm.amazonaws.com.
            sink: Where status-change events go.
            endpoint: URL of the sandbox, which API calls and scripts of runbooks go to.
            python: Interpreter that has boto3, for scripts (environment variable REDRESS_PYTHON).
            place: Account, Region and partition.
            clock: Default: the machine's.
            limits: Default: AWS's.

        """
        clock = clock or SystemClock()
        performer = RolePerformer(credentials=credentials, endpoint=endpoint, region=place.region, python=python)
        engine = Engine(performer=performer, clock=clock, sink=sink, runner=Threads())
        engine.run_clock()
        documents = Documents(clock=clock)
        return cls(documents=documents, engine=engine, credentials=credentials, place=place, limits=limits)

    def handle(self, operation: str, payload: Mapping[str, object], caller: Caller) -> tuple[int, dict[str, object]]:
        """Returns the HTTP status and the JSON body of the answer; errors in the wire's shape."""
        perform = self._operations.get(operation, _unknown_operation)
        try:
            return 200, perform(payload, caller)
        except Refusal as refusal:
            return 400, dict(refusal.body())

    def resources_for(self, operation: str, payload: Mapping[str, object]) -> list[tuple[str, str]]:
        """Returns the (action, resource ARN) pairs that the caller must be allowed, all of them."""
        pairs = [(f"ssm:{operation}", arn) for arn in authorizing.resources(operation, payload, self._place)]
        role = self._launcher.role_to_pass(payload) if operation == "StartAutomationExecution" else None
        return [*pairs, ("iam:PassRole", role)] if role else pairs


def _unknown_operation(_payload: Mapping[str, object], _caller: Caller) -> dict[str, object]:
    raise Refusal(Code.VALIDATION, "The operation is not answered here")
