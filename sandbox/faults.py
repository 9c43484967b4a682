"""Faults on order: what AWS calls and deliveries can suffer, set by root over HTTP.

``POST /_redress/faults`` with a JSON list of rules (``fault_rules``) replaces those in force, ``GET`` returns them
with how often each struck, ``DELETE`` forgets them. ``fault_client.Faults`` is the way in for tests.

=================  ==========================================================================================
throttle           the call is refused with 400 ThrottlingException
error              the call is refused with 500 InternalServerError
unavailable        the call is refused with 503 ServiceUnavailable
delay              the call waits ``seconds``, then goes through: a client with less patience has left
lose_request       nothing happens, and the connection breaks
lose_reply         the call takes effect, and the connection breaks
partial            half of a batch is reported as not done (``fault_partial``)
kill_before        the Lambda worker that calls is killed before the call takes effect (``fault_workers``)
kill_after         the same, after it took effect
redeliver          a function gets a batch twice (``fault_deliveries``)
skew               the event times in a batch are off (``fault_deliveries``)
=================  ==========================================================================================
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final

from sandbox import emulator, iam_state
from sandbox.exchange import CALL, Call, Reply
from sandbox.fault_partial import Held, reduced
from sandbox.fault_rules import CALL_FAULTS, ORDERS, FaultRule, read_rule
from sandbox.fault_workers import kill_caller
from sandbox.service_models import operation_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.exchange import App, Message, Receive, Scope, Send

PATH: Final = "/_redress/faults"
_JSON: Final = {"content-type": "application/json"}
_REFUSALS: Final[Mapping[str, tuple[int, str, str]]] = {
    "throttle": (400, "ThrottlingException", "Rate exceeded"),
    "error": (500, "InternalServerError", "We encountered an internal error. Please try again."),
    "unavailable": (503, "ServiceUnavailable", "The service is unavailable. Please try again."),
}


def faulty(inner: App) -> App:
    """Returns the app with the faults that were ordered."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        call = scope.get(CALL)
        if call is None:
            await inner(scope, receive, send)
        elif call.path == PATH:
            await _ordered(call).send(send)
        else:
            rule, operation = _striking(call) if ORDERS else (None, "")
            await _strike(rule, operation, inner, (scope, receive, send))

    return app


def _striking(call: Call) -> tuple[FaultRule | None, str]:
    operation = operation_of(call)
    credential = call.credential
    service = operation.service.name if operation else credential.service if credential else ""
    name = operation.name if operation else ""
    return ORDERS.striking(CALL_FAULTS, service, name, _principal(call)), name


def _principal(call: Call) -> str:
    emulator.enter(call)
    credential = call.credential
    found = iam_state.credential_of(credential.access_key) if credential else None
    return str(found.principal_arn) if found else ""


async def _strike(rule: FaultRule | None, operation: str, inner: App, asgi: tuple[Scope, Receive, Send]) -> None:
    scope, receive, send = asgi
    if rule is not None and rule.fault == "delay":
        await asyncio.sleep(rule.seconds)
    if rule is None or rule.fault == "delay":
        await inner(scope, receive, send)
    elif rule.fault in _REFUSALS:
        await _refusal(rule.fault, scope[CALL]).send(send)
    elif rule.fault == "partial":
        held = Held()
        await inner(scope, receive, held)
        await reduced(operation, scope[CALL], held.reply).send(send)
    else:
        await _lose(rule.fault, inner, asgi)


async def _lose(fault: str, inner: App, asgi: tuple[Scope, Receive, Send]) -> None:
    scope, receive, send = asgi
    if fault in {"lose_reply", "kill_after"}:
        await inner(scope, receive, _nowhere)
    if fault in {"kill_before", "kill_after"}:
        kill_caller(scope["client"][1], _principal(scope[CALL]))
    # Without a length the body goes out in chunks, and a client notices that the last one never came.
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
    raise ConnectionResetError("ordered by a fault rule: the server now closes the connection")


async def _nowhere(_: Message) -> None:
    return


def _refusal(fault: str, call: Call) -> Reply:
    status, code, message = _REFUSALS[fault]
    if call.headers.get("x-amz-target"):
        body = json.dumps({"__type": code, "message": message}).encode()
        return Reply(status=status, headers={"content-type": "application/x-amz-json-1.0"}, body=body)
    xml = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    return Reply(status=status, headers={"content-type": "text/xml", "x-amzn-errortype": code}, body=xml.encode())


def _ordered(call: Call) -> Reply:
    if not _is_root(call):
        return Reply(status=403, headers=_JSON, body=b'{"message": "faults are ordered with the root credentials"}')
    if call.method == "GET":
        return _listing()
    try:
        rules = _read(call.body) if call.method == "POST" else []
    except (ValueError, TypeError) as error:
        return Reply(status=400, headers=_JSON, body=json.dumps({"message": str(error)}).encode())
    ORDERS.replace(rules)
    return _listing()


def _is_root(call: Call) -> bool:
    emulator.enter(call)
    credential = call.credential
    return credential is not None and emulator.is_root(credential.access_key)


def _listing() -> Reply:
    return Reply(status=200, headers=_JSON, body=json.dumps(ORDERS.shown()).encode())


def _read(body: bytes) -> list[FaultRule]:
    given = json.loads(body or b"[]")
    if not isinstance(given, list):
        raise ValueError("a JSON list of rules is expected")
    return [read_rule(item) for item in given]
