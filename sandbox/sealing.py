"""Encoded authorization messages: sealed with a key of this process, which alone can open them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import zlib
from typing import Final

_KEY: Final = secrets.token_bytes(32)
_NONCE: Final = 12
_SEAL: Final = 16
MOST_ENCODED: Final = 10_240
"""What sts:DecodeAuthorizationMessage takes, in characters."""


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
