"""The error code and message of a response, whatever the protocol it is written in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.exchange import Reply

_CODE: Final = re.compile(rb"<Code>([^<]*)</Code>")
_MESSAGE: Final = re.compile(rb"<Message>([^<]*)</Message>", re.DOTALL)
DENIAL_CODES: Final = re.compile(
    r"AccessDenied(Exception|Fault)?|(Client\.)?UnauthorizedOperation(Exception)?|AuthorizationError(Exception)?"
    r"|UnauthorizedException|ForbiddenException|AuthorizationException|NotAuthorized|UnauthorizedAccess"
    r"|KMSAccessDenied(Exception)?|KmsAccessDenied(Exception)?|\w+AccessDeniedException"
)
"""Codes of permission denials; credentials that fail are no denial, and CloudTrail records none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceError:
    """What a service said went wrong."""

    code: str
    message: str | None

    @property
    def denial(self) -> bool:
        """Returns whether the code stands for a permission denial."""
        return bool(DENIAL_CODES.fullmatch(self.code))


def error_of(reply: Reply) -> ServiceError | None:
    """Returns the error that a response reports, or None."""
    if reply.body.lstrip()[:1] == b"{":
        return _json_error(reply)
    code = _CODE.search(reply.body)
    if code:
        message = _MESSAGE.search(reply.body)
        return ServiceError(code=_text(code[1]), message=message and _text(message[1]))
    named = reply.header("x-amzn-errortype").partition(":")[0]
    return ServiceError(code=named, message=None) if named else None


def _json_error(reply: Reply) -> ServiceError | None:
    try:
        body = json.loads(reply.body)
    except ValueError:
        return None
    raw = body.get("__type") or body.get("code") or body.get("Code") or reply.header("x-amzn-errortype")
    code = str(raw or "").partition(":")[0].rpartition("#")[2]
    message = body.get("message") or body.get("Message")
    return ServiceError(code=code, message=message and str(message)) if code else None


def _text(raw: bytes) -> str:
    return unescape(raw.decode("utf-8", "replace"))
