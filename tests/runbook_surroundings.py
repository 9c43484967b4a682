"""What runbooks act upon: IAM and the table in memory, approvers' mail, an event bus that keeps everything."""

from __future__ import annotations

import json
import traceback
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import ClientError

from sandbox.automation.happenings import AskApprovers, CallApi, Failed, Outcome, Perform, RunScript, Succeeded
from sandbox.automation.ports import Credentials
from tests.fakes_boto_table import FakeBotoTable
from tests.fakes_iam import FakeIam
from tests.fakes_ssm import ACCOUNT, FakeSsm, HandClock, HandDatetime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import CodeType

    from redress.adapters.table_writes import Item, Key


class Surroundings:
    """Performs what the Automation engine hands out.

    Attributes:
        fails: Says of an act whether it fails instead of taking effect (``before``) or although it did (``after``).
        calendar: State of every change calendar.
        asked: Approval requests that were published.
        events: Status-change events that were announced.

    """

    ssm: FakeSsm

    def __init__(self) -> None:
        self.clock = HandClock()
        self.items: dict[Key, Item] = {}
        self.table = FakeBotoTable(self.items)
        self.iam = FakeIam(ACCOUNT)
        self.iam_calls: list[str] = []
        self.events: list[Mapping[str, object]] = []
        self.asked: list[AskApprovers] = []
        self.fails: Callable[[Perform], str] = lambda _: ""
        self.calendar = "OPEN"

    # --- what the engine asks for --------------------------------------------------------------------------

    def assume_as_service(self, role_arn: str, session_name: str, service: str) -> Credentials:
        """Returns credentials of any role."""
        del role_arn, session_name, service
        return Credentials(access_key_id="A", secret_access_key="S", session_token="T")

    def emit(self, source: str, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]) -> None:
        """Keeps the event."""
        del resources
        self.events.append({"source": source, "detail-type": detail_type, "detail": detail})

    def perform(self, order: Perform) -> Outcome:
        """Performs an act, unless the test wants it to fail before or after its effect."""
        when = self.fails(order)
        if when == "before":
            return Failed(message=f"injected before {order.step}")
        outcome = self._do(order)
        return Failed(message=f"injected after {order.step}") if when == "after" else outcome

    def _do(self, order: Perform) -> Outcome:
        match order.act:
            case CallApi(service="iam", api=api, arguments=arguments):
                self.iam_calls.append(api)
                return self._called(lambda: self.iam.call(xform_name(api), dict(arguments)))
            case CallApi(api="GetCalendarState"):
                return Succeeded(result={"State": self.calendar})
            case RunScript() as act:
                return self._ran(act)
            case AskApprovers() as act:
                self.asked.append(act)
                return Succeeded()
            case act:
                return Failed(message=f"nobody does {act}")

    def _called(self, call: Callable[[], object]) -> Outcome:
        try:
            return Succeeded(result=call())
        except ClientError as error:
            return Failed(message=str(error))

    def _ran(self, act: RunScript) -> Outcome:
        names: dict[str, Any] = {"__name__": "__automation__"}
        exec(compiled(act.script), names)  # noqa: S102 - the runbook's own script
        HandDatetime.clock = self.clock
        names.update(boto3=self, time=self.clock, datetime=HandDatetime)
        try:
            returned = names[act.handler](json.loads(json.dumps(act.payload)), {})
        except Exception:  # noqa: BLE001 - whatever the script raises is its answer
            return Failed(message=traceback.format_exc())
        return Succeeded(result={"Payload": json.loads(json.dumps(returned))})

    def interrupt(self, execution_id: str, ticket: int) -> None:
        """Interrupts nothing: acts here take no time."""

    # --- what scripts know as boto3 ------------------------------------------------------------------------

    def client(self, service: str) -> object:
        """Returns the client."""
        return {"iam": self.iam, "ssm": self.ssm}[service]

    def resource(self, _service: str) -> Surroundings:
        """Returns DynamoDB."""
        return self

    def Table(self, _name: str) -> FakeBotoTable:  # noqa: N802 - boto3's name
        """Returns the table."""
        return self.table


@cache
def compiled(script: str) -> CodeType:
    """Returns the script's code."""
    return compile(script, "script.py", "exec")
