"""Operations that the sandbox answers itself, before MiniStack sees the call.

Each answer checks the caller's signature and permission exactly as MiniStack does for its own
operations, so that a denial of one of these is a denial like any other.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sandbox import emulator
from sandbox.exchange import CALL, Call, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.exchange import App, Middleware, Receive, Scope, Send

Respond: TypeAlias = Callable[[Call], Reply | None]
"""Returns the reply, or None to leave the call to MiniStack; runs in a thread with the call's context entered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One group of operations.

    Attributes:
        wants: Whether a call is one of them; cheap, since every call is asked.

    """

    wants: Callable[[Call], bool]
    respond: Respond


def answering(answers: tuple[Answer, ...]) -> Middleware:
    """Returns a layer that answers what one of the answers wants."""

    def layer(inner: App) -> App:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            call = scope.get(CALL)
            wanted = next((answer for answer in answers if call is not None and answer.wants(call)), None)
            reply = await asyncio.to_thread(_entered, wanted.respond, call) if wanted and call else None
            if reply is None:
                await inner(scope, receive, send)
            else:
                await reply.send(send)

        return app

    return layer


def _entered(respond: Respond, call: Call) -> Reply | None:
    emulator.enter(call)
    return respond(call)


def refused(
    call: Call,
    action: str,
    service: str,
    resource: str = "*",
    context: Mapping[str, str] | None = None,
) -> Reply | None:
    """Returns the refusal of a caller that may not do the action on the resource, or None if it may."""
    denied = emulator.authorize(call, action, service, resource, context or {})
    if denied is None:
        return None
    status, headers, body = emulator.refusal(call, action, service, denied, resource, new_request_id())
    return Reply(status=status, headers=headers, body=body)


def new_request_id() -> str:
    """Returns a fresh request id."""
    return str(uuid.uuid4())


def action_of(call: Call) -> str:
    """Returns the ``Action`` of a query-protocol call, or an empty text."""
    if call.method != "POST" and "Action" not in call.query:
        return ""
    return (call.form.get("Action") or [""])[0]
