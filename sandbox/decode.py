"""Encoded authorization messages: sealed with a key of this process, opened by sts:DecodeAuthorizationMessage.

Shape of the decoded text:
docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html and published samples.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import zlib
from typing import TYPE_CHECKING, Any, Final

from redress.domain.words import Effect
from sandbox import iam_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.emulator import Denial
    from sandbox.ruling import Ruling

_KEY: Final = secrets.token_bytes(32)
_NONCE: Final = 12
_SEAL: Final = 16
MOST_ENCODED: Final = 10_240


def seal(denial: Denial, ruling: Ruling) -> str:
    """Returns the encoded message of a denial."""
    return encode(json.dumps(decoded_form(denial, ruling), separators=(",", ":")))


def encode(text: str) -> str:
    """Returns the text encrypted and sealed, in URL-safe characters."""
    nonce = secrets.token_bytes(_NONCE)
    packed = _mask(nonce, zlib.compress(text.encode(), 9))
    return base64.urlsafe_b64encode(nonce + packed + _mac(nonce + packed)).decode().rstrip("=")


def decode(message: str) -> str | None:
    """Returns the text of a message that this process sealed, or None for any other."""
    if not 0 < len(message) <= MOST_ENCODED:
        return None
    try:
        raw = base64.b64decode(message + "=" * (-len(message) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    sealed, mac = raw[:-_SEAL], raw[-_SEAL:]
    if not hmac.compare_digest(mac, _mac(sealed)):
        return None
    return zlib.decompress(_mask(sealed[:_NONCE], sealed[_NONCE:])).decode()


def _mac(data: bytes) -> bytes:
    return hmac.digest(_KEY, b"seal" + data, "sha256")[:_SEAL]


def _mask(nonce: bytes, data: bytes) -> bytes:
    stream = hashlib.shake_256(_KEY + nonce).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))


def decoded_form(denial: Denial, ruling: Ruling) -> dict[str, Any]:
    """Returns what the decoded message says."""
    explicit = ruling.effect is Effect.EXPLICIT_DENY
    return {
        "allowed": False,
        "explicitDeny": explicit,
        "matchedStatements": _items([_statement(denial, ruling)] if explicit else []),
        "failures": _items([]),
        "context": {
            "principal": _principal(denial),
            "action": denial.action.partition(":")[2],
            "resource": denial.resource,
            "conditions": _items(_conditions(denial)),
        },
    }


def _principal(denial: Denial) -> dict[str, str]:
    credential = iam_state.credential_of(denial.access_key)
    found = {"id": credential.principal_id if credential else ""}
    if credential and credential.principal_name:
        found["name"] = credential.principal_name
    return {**found, "arn": denial.principal}


def _statement(denial: Denial, ruling: Ruling) -> dict[str, Any]:
    return {
        "statementId": ruling.statement or "",
        "effect": "DENY",
        "principals": _items([{"value": _principal(denial)["id"].partition(":")[0]}]),
        "principalGroups": _items([]),
        "actions": _values(ruling.actions or (denial.action,)),
        "resources": _values(ruling.resources or ("*",)),
        "conditions": _items([{"key": key, "values": _values(values)} for key, values in ruling.conditions]),
    }


def _conditions(denial: Denial) -> list[dict[str, Any]]:
    known = {
        "aws:Region": denial.region,
        "aws:Service": denial.action.partition(":")[0],
        "aws:Resource": denial.resource.rpartition(":")[2],
        "aws:Account": denial.principal.split(":")[4],
        "aws:ARN": denial.resource,
    }
    asked = {key: value for key, value in denial.context.items() if value is not None}
    return [{"key": key, "values": _values(_listed(value))} for key, value in {**asked, **known}.items()]


def _listed(value: Any) -> Iterable[str]:  # noqa: ANN401 - a context value of any kind
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value)]


def _values(values: Iterable[str]) -> Mapping[str, Any]:
    return _items([{"value": value} for value in values])


def _items(items: list[Any]) -> dict[str, Any]:
    return {"items": items}
