"""STS: decodes encoded authorization messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.decoded import DecodeAnswer, MalformedDecodedMessage, read_decoded
from redress.domain.words import DecodeStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

_INVALID = (
    "AWS could not decode the message: it has expired, belongs to another account, or was altered.",
    "Repeat the call to get a fresh message, and decode it in the account that was denied.",
)
_NOT_PERMITTED = (
    "Redress may not decode the message: sts:DecodeAuthorizationMessage was denied.",
    'Allow sts:DecodeAuthorizationMessage on "*" for the role of Redress; it reads, and changes nothing.',
)
_REFUSALS = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_EXPIRED = frozenset({"InvalidAuthorizationMessageException", "InvalidAuthorizationMessage", "ValidationError"})


class DecodingClient(Protocol):
    """The call of boto3's ``sts`` client that is made here."""

    def decode_authorization_message(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's


class StsDecoder:
    """Decodes by sts:DecodeAuthorizationMessage (at most 10,240 characters; same account; expires)."""

    def __init__(self, client: DecodingClient) -> None:
        self._client = client

    def decode(self, encoded: str) -> DecodeAnswer:
        """Returns the decoded message, or why there is none and what would help; it never raises for AWS's faults."""
        try:
            answer = self._client.decode_authorization_message(EncodedMessage=encoded)
            return DecodeAnswer(status=DecodeStatus.DECODED, decoded=read_decoded(str(answer.get("DecodedMessage"))))
        except ClientError as error:
            return _of_error(error.response.get("Error", {}).get("Code", ""))
        except (BotoCoreError, MalformedDecodedMessage) as error:
            return _failed(type(error).__name__)


def _of_error(code: str) -> DecodeAnswer:
    if code in _EXPIRED:
        return DecodeAnswer(status=DecodeStatus.EXPIRED_OR_INVALID, notes=_INVALID)
    if code in _REFUSALS:
        return DecodeAnswer(status=DecodeStatus.NOT_PERMITTED, notes=_NOT_PERMITTED)
    return _failed(code)


def _failed(cause: str) -> DecodeAnswer:
    notes = (
        f"Decoding the message failed ({cause}).",
        "Nothing was concluded from that; the next denial of this kind is decoded anew.",
    )
    return DecodeAnswer(status=DecodeStatus.FAILED, notes=notes)
