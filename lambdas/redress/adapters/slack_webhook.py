"""Slack's incoming webhooks, by the standard library's HTTP client: no redirects, no address in any error.

docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: 200 ``ok``; 400 ``invalid_payload``; 403, 404 and
410 for addresses that are revoked or of channels that are gone; 429 with ``Retry-After`` above one message a second.
"""

from __future__ import annotations

import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError

from redress.domain.errors import Retry
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from email.message import Message

ANSWER_LIMIT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What Slack said.

    Attributes:
        status: HTTP status.
        retry_after: Seconds that Slack asks to wait, or None.
        text: The beginning of the body (``ok``, ``invalid_blocks``, …).

    """

    status: int
    retry_after: float | None = None
    text: str = ""


class SlackWebhook:
    """Posts to addresses that the caller has checked."""

    def __init__(self, opener: urllib.request.OpenerDirector | None = None) -> None:
        """Takes another opener for tests."""
        self._opener = opener or urllib.request.build_opener(_NoRedirects())

    def post(self, address: str, body: bytes, *, seconds: float) -> Answer:
        """Posts JSON; returns the answer, whatever its status.

        Raises:
            Retry: No answer came within these seconds.

        """
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "redress"}
        request = urllib.request.Request(address, data=body, headers=headers, method="POST")  # noqa: S310 - the caller checked that it is https
        try:
            with self._opener.open(request, timeout=seconds) as answer:
                return _answer(answer.status, answer.headers, answer.read(ANSWER_LIMIT))
        except HTTPError as error:
            with error:
                return _answer(error.code, error.headers, error.read(ANSWER_LIMIT))
        except (OSError, HTTPException) as error:
            raise Retry(f"Slack did not answer: {type(error).__name__}") from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follows none: the address is a secret, and the notice is for its host alone."""


def _answer(status: int, headers: Message, body: bytes) -> Answer:
    return Answer(status=status, retry_after=_seconds(headers.get("Retry-After")), text=body.decode("utf-8", "replace"))


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() and text.isascii() else None
