"""One HTTP exchange with the endpoint, as values, and the ASGI plumbing around it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, quote

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Middleware: TypeAlias = Callable[[App], App]

CALL: Final = "redress.call"
"""Where the scope holds the parsed request once ``with_call`` has read it."""

_CREDENTIAL: Final = re.compile(r"([^/\s=,]+)/\d{8}/([^/,]*)/([^/,]*)/aws4_request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a SigV4 signature says of itself: key id, Region and signing name."""

    access_key: str
    region: str
    service: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as it arrived; what several layers ask of it is read once.

    Attributes:
        raw_path: Percent-encoded, as signed.
        query: Decoded; every value of a repeated name.
        headers: Lower-case names; repeated ones joined by a comma.
        body: As sent, any content encoding still on it.
        client: Address of the peer.

    """

    method: str
    path: str
    raw_path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    raw_headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    client: str

    @cached_property
    def credential(self) -> Credential | None:
        """Returns the SigV4 credential of the header or the query string, or None."""
        text = self.headers.get("authorization", "") or (self.query.get("X-Amz-Credential") or [""])[0]
        found = _CREDENTIAL.search(text)
        return found and Credential(access_key=found[1], region=found[2], service=found[3])

    @cached_property
    def form(self) -> Mapping[str, list[str]]:
        """Returns the query parameters, with those of a form-encoded body under them."""
        if "x-www-form-urlencoded" not in self.headers.get("content-type", ""):
            return dict(self.query)
        body = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {**body, **self.query}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One whole response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """Returns the header's value whatever its case, or an empty text."""
        return next((value for key, value in self.headers.items() if key.lower() == name), "")

    async def send(self, send: Send, *, length: bool = True) -> None:
        """Sends the response over ASGI; its length is set to that of the body, unless it answers a HEAD."""
        headers = dict(self.headers)
        if length:
            headers = {name: value for name, value in headers.items() if name.lower() != "content-length"}
            headers["content-length"] = str(len(self.body))
        raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        await send({"type": "http.response.body", "body": self.body})


def with_call(inner: App) -> App:
    """Returns the app with each HTTP request read whole and left in the scope as a ``Call``."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await inner(scope, receive, send)
            return
        body, whole = await _read_body(receive)
        if whole:
            scope[CALL] = _call(scope, body)
            await inner(scope, _replay(body, receive), send)

    return app


async def _read_body(receive: Receive) -> tuple[bytes, bool]:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"", False
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks), True


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _call(scope: Scope, body: bytes) -> Call:
    headers: dict[str, str] = {}
    for name, value in scope.get("headers", []):
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
    return Call(
        method=scope["method"],
        path=scope["path"],
        raw_path=raw_path.decode("latin-1"),
        query=parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True),
        headers=headers,
        raw_headers=tuple(scope.get("headers", [])),
        body=body,
        client=(scope.get("client") or ("127.0.0.1",))[0],
    )
