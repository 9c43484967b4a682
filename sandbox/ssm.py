"""SSM documents and Automation on the wire; every other SSM operation is left to MiniStack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ministack.core import responses

from sandbox import emulator, iam_state
from sandbox.answers import Answer, new_request_id, refused
from sandbox.automation.caller import Caller
from sandbox.automation.execution import Place
from sandbox.automation.service import OPERATIONS, AutomationService
from sandbox.credentials import assume_as_service
from sandbox.exchange import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.automation.ports import Credentials
    from sandbox.exchange import Call

TARGET: Final = "AmazonSSM."
PASSED_TO: Final = {"iam:PassedToService": "ssm.amazonaws.com"}


class TrustedRoles:
    """Assumes roles as Systems Manager does."""

    def assume_as_service(self, role_arn: str, session_name: str, service: str) -> Credentials:
        """Returns credentials of the role, if its trust policy lets the service."""
        return assume_as_service(role_arn, session_name, service)


class DefaultBus:
    """The default bus of one account and Region."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def emit(self, source: str, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]) -> None:
        """Puts an event of an AWS service on the bus."""
        event = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail)}
        with responses.request_scope(self._place.account, self._place.region):
            emulator.put_event({**event, "Resources": list(resources)})


def automation(*, endpoint: str, python: str) -> tuple[AutomationService, Answer]:
    """Returns the running service and what answers its operations."""
    place = Place(account=emulator.account(), region=emulator.region(), partition="aws")
    service = AutomationService.of(
        credentials=TrustedRoles(), sink=DefaultBus(place), endpoint=endpoint, python=python, place=place
    )
    return service, Answer(wants=_wants, respond=lambda call: _respond(service, call))


def _operation(call: Call) -> str:
    target = call.headers.get("x-amz-target", "")
    return target.removeprefix(TARGET) if target.startswith(TARGET) else ""


def _wants(call: Call) -> bool:
    return _operation(call) in OPERATIONS


def _respond(service: AutomationService, call: Call) -> Reply:
    operation = _operation(call)
    payload = _payload(call.body)
    if payload is None:
        return _reply(400, {"__type": "SerializationException", "Message": "a JSON object is expected"})
    for action, resource in service.resources_for(operation, payload):
        context = PASSED_TO if action == "iam:PassRole" else _tags_of(service, payload)
        refusal = refused(call, action, "ssm", resource, context)
        if refusal:
            return refusal
    return _reply(*service.handle(operation, payload, _caller(call)))


def _payload(body: bytes) -> dict[str, Any] | None:
    try:
        read = json.loads(body or b"{}")
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _tags_of(service: AutomationService, payload: Mapping[str, Any]) -> Mapping[str, str]:
    """Returns the tags of the execution that a call names, as condition keys."""
    execution = service.engine.find(str(payload.get("AutomationExecutionId", "")))
    return {f"aws:ResourceTag/{key}": value for key, value in execution.tags} if execution else {}


def _caller(call: Call) -> Caller:
    credential = call.credential
    found = iam_state.credential_of(credential.access_key) if credential else None
    arn = found.principal_arn if found else f"arn:aws:iam::{emulator.account()}:root"
    return Caller(arn=arn, account=emulator.account())


def _reply(status: int, body: Mapping[str, object]) -> Reply:
    headers = {"content-type": "application/x-amz-json-1.1", "x-amzn-requestid": new_request_id()}
    return Reply(status=status, headers=headers, body=json.dumps(body).encode())
