"""The CloudTrail recorder: every denied call of any client becomes an event on the default bus.

A denial is known in two ways: MiniStack's enforcement refused the request (heard, with the exact
action and resource), or a service answered with a code that stands for a denial (role trust,
queue and topic policies). The event follows the response, as on AWS, where it comes later.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import re
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sandbox.completion import complete_trust
from sandbox.delivery import deliver
from sandbox.emulator import account, enter, listen, region
from sandbox.event_names import GLOBAL, event_name, source_of
from sandbox.exchange import CALL, Call, Reply
from sandbox.http_errors import ServiceError, error_of
from sandbox.record import DeniedRequest, record_of
from sandbox.request_parameters import parameters_of, recorded
from sandbox.service_models import operation_of
from sandbox.user_identity import user_identity

if TYPE_CHECKING:
    from sandbox.emulator import Heard
    from sandbox.exchange import App, Message, Receive, Scope, Send

_LOG: Final = logging.getLogger("redress.recorder")
_REFUSALS: Final = frozenset({400, 401, 403})
_RESOURCE: Final = re.compile(r"on resource: \"?(arn:[^\s\"]+)")


def recording(inner: App) -> App:
    """Returns the app with each denial that it answers recorded."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        call = scope.get(CALL)
        if call is None:
            await inner(scope, receive, send)
            return
        heard = listen(call)
        held = _HeldError(send)
        await inner(scope, receive, held)
        if held.reply is None:
            return
        reply = _identified(held.reply if heard.last else complete_trust(call, held.reply))
        await reply.send(send, length=call.method != "HEAD")
        sighting = _sighting(call, reply, heard)
        if sighting:
            await asyncio.to_thread(record, sighting)

    return app


class _HeldError:
    """Passes a response on, except an error, which it keeps whole."""

    def __init__(self, send: Send) -> None:
        self.reply: Reply | None = None
        self._send = send
        self._start: Message | None = None
        self._chunks: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in _REFUSALS:
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._keep(self._start, message)

    def _keep(self, start: Message, message: Message) -> None:
        self._chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start.get("headers", [])}
            self.reply = Reply(status=start["status"], headers=headers, body=b"".join(self._chunks))


def _request_id(reply: Reply) -> str:
    return reply.header("x-amzn-requestid") or reply.header("x-amz-request-id")


def _identified(reply: Reply) -> Reply:
    """Returns the reply with a request id, which MiniStack leaves out of denials."""
    if _request_id(reply):
        return reply
    return replace(reply, headers={**reply.headers, "x-amzn-requestid": str(uuid.uuid4())})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A denied call and what was answered."""

    call: Call
    reply: Reply
    error: ServiceError
    resource: str
    when: str


def _sighting(call: Call, reply: Reply, heard: Heard) -> Sighting | None:
    error = error_of(reply)
    if error is None and heard.last:
        error = ServiceError(code="AccessDenied", message=heard.message)  # HEAD: no body to read
    if error is None or not error.denial:
        return None
    named = _RESOURCE.search(error.message or "")
    resource = heard.last.resource if heard.last else named[1] if named else "*"
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Sighting(call=call, reply=reply, error=error, resource=resource, when=now)


def record(sighting: Sighting) -> None:
    """Delivers the CloudTrail event of a denied call."""
    call = sighting.call
    enter(call)
    operation = operation_of(call)
    source = source_of(call, operation)
    credential = call.credential
    denied = DeniedRequest(
        source=source,
        operation=operation.name if operation else "",
        name=event_name(source, call, operation),
        region="us-east-1" if source in GLOBAL else region(),
        account=account(),
        identity=user_identity(credential.access_key if credential else None),
        parameters=recorded(parameters_of(call, operation), operation),
        resource=sighting.resource,
        error_code=sighting.error.code,
        message=sighting.error.message,
        request_id=_request_id(sighting.reply),
        source_ip=call.client,
        user_agent=call.headers.get("user-agent", ""),
        when=sighting.when,
    )
    if not deliver(record_of(denied)):
        _LOG.warning("the event of %s %s is too large for the bus", source, denied.name)
