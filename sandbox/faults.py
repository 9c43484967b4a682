"""Faults on order: throttling, 5xx, time-outs and lost answers, per API, set by root over HTTP.

``POST /_redress/faults`` with a JSON list replaces the rules, ``GET`` returns them with how often each
struck, ``DELETE`` forgets them. A rule: ``{"service": "dynamodb", "operation": "TransactWriteItems",
"fault": "throttle" | "error" | "delay" | "lose_reply" | "lose_request", "probability": 1.0, "times": 3,
"seconds": 0.0, "caller": "glob of the access key's principal ARN"}``; ``service`` and ``operation`` take globs.
A delay lets the call through; a lost reply lets it take effect and then drops the connection.
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from sandbox import emulator, iam_state
from sandbox.exchange import CALL, Call, Reply
from sandbox.service_models import operation_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.exchange import App, Message, Receive, Scope, Send

PATH: Final = "/_redress/faults"
KINDS: Final = ("throttle", "error", "delay", "lose_reply", "lose_request")
_JSON: Final = {"content-type": "application/json"}


@dataclass(slots=True, kw_only=True)
class FaultRule:
    """One kind of fault for the calls that it matches.

    Attributes:
        times: How often it may still strike; None for no limit.
        struck: How often it has.

    """

    fault: str
    service: str = "*"
    operation: str = "*"
    caller: str = "*"
    probability: float = 1.0
    times: int | None = None
    seconds: float = 0.0
    struck: int = field(default=0)

    def strikes(self, service: str, operation: str, caller: str) -> bool:
        """Returns whether it strikes this call, and counts it."""
        matches = fnmatchcase(service, self.service) and fnmatchcase(operation, self.operation)
        if not matches or not fnmatchcase(caller, self.caller) or self.times == 0:
            return False
        if random.random() >= self.probability:  # noqa: S311 - chance, not a secret
            return False
        self.struck += 1
        self.times = None if self.times is None else self.times - 1
        return True


_RULES: Final[list[FaultRule]] = []


def faulty(inner: App) -> App:
    """Returns the app with the faults that were ordered."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        call = scope.get(CALL)
        if call is None:
            await inner(scope, receive, send)
        elif call.path == PATH:
            await _ordered(call).send(send)
        else:
            rule = _striking(call) if _RULES else None
            await _strike(rule, call, inner, (scope, receive, send))

    return app


def _striking(call: Call) -> FaultRule | None:
    operation = operation_of(call)
    credential = call.credential
    service = operation.service.name if operation else credential.service if credential else ""
    name, caller = operation.name if operation else "", _principal(call)
    return next((rule for rule in _RULES if rule.strikes(service, name, caller)), None)


def _principal(call: Call) -> str:
    emulator.enter(call)
    credential = call.credential
    found = iam_state.credential_of(credential.access_key) if credential else None
    return str(found.principal_arn) if found else ""


async def _strike(rule: FaultRule | None, call: Call, inner: App, asgi: tuple[Scope, Receive, Send]) -> None:
    scope, receive, send = asgi
    if rule is not None and rule.fault == "delay":
        await asyncio.sleep(rule.seconds)
    if rule is None or rule.fault == "delay":
        await inner(scope, receive, send)
    elif rule.fault in {"throttle", "error"}:
        await _refusal(rule.fault, call).send(send)
    else:
        await _lose(rule.fault, inner, asgi)


async def _lose(fault: str, inner: App, asgi: tuple[Scope, Receive, Send]) -> None:
    scope, receive, send = asgi
    if fault == "lose_reply":
        await inner(scope, receive, _nowhere)
    # Without a length the body goes out in chunks, and a client notices that the last one never came.
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
    raise ConnectionResetError("ordered by a fault rule: the server now closes the connection")


async def _nowhere(_: Message) -> None:
    return


def _refusal(fault: str, call: Call) -> Reply:
    status, code = (400, "ThrottlingException") if fault == "throttle" else (500, "InternalServerError")
    message = "Rate exceeded" if fault == "throttle" else "We encountered an internal error. Please try again."
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
    _RULES[:] = rules
    return _listing()


def _is_root(call: Call) -> bool:
    emulator.enter(call)
    credential = call.credential
    return credential is not None and emulator.is_root(credential.access_key)


def _listing() -> Reply:
    return Reply(status=200, headers=_JSON, body=json.dumps([asdict(rule) for rule in _RULES]).encode())


def _read(body: bytes) -> list[FaultRule]:
    given = json.loads(body or b"[]")
    if not isinstance(given, list):
        raise ValueError("a JSON list of rules is expected")
    return [_rule(item) for item in given]


def _rule(given: Mapping[str, Any]) -> FaultRule:
    known = {each.name for each in fields(FaultRule)} - {"struck"}
    unknown = sorted(set(given) - known)
    if unknown or given.get("fault") not in KINDS:
        raise ValueError(f"a rule has a fault of {', '.join(KINDS)} and only {', '.join(sorted(known))}")
    return FaultRule(**given)
