"""Words for layers, effects and evidence, and the cleaning of other people's text."""

from __future__ import annotations

import re

from redress.domain.words import DecodeStatus, Evidence, Layer

LAYER_WORDS: dict[Layer, str] = {
    Layer.IDENTITY_BASED_POLICY: "identity-based policy",
    Layer.RESOURCE_BASED_POLICY: "resource-based policy",
    Layer.PERMISSIONS_BOUNDARY: "permissions boundary",
    Layer.SESSION_POLICY: "session policy",
    Layer.SERVICE_CONTROL_POLICY: "service control policy",
    Layer.RESOURCE_CONTROL_POLICY: "resource control policy",
    Layer.VPC_ENDPOINT_POLICY: "VPC endpoint policy",
    Layer.UNKNOWN: "policy that the evidence does not name",
}

EVIDENCE_WORDS: dict[Evidence, str] = {
    Evidence.VERIFIED: "verified in AWS's own evaluation of this request",
    Evidence.DECODED: "read from AWS's decoded authorization message",
    Evidence.REPORTED: "as the error message reports it",
    Evidence.SIMULATED: "simulated against today's policies",
    Evidence.NONE: "without evidence beyond the event itself",
}

DECODE_WORDS: dict[DecodeStatus, str] = {
    DecodeStatus.TRUNCATED: "CloudTrail cut the encoded message off, so it can't be decoded.",
    DecodeStatus.EXPIRED_OR_INVALID: "The encoded message could not be decoded: expired, or of another account.",
    DecodeStatus.NOT_PERMITTED: "Redress may not decode messages here (sts:DecodeAuthorizationMessage).",
    DecodeStatus.FAILED: "Decoding the message failed for now.",
}

_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]+"
)
_BLANKS = re.compile(r"\s{2,}")


def cleaned(text: str, limit: int = 200) -> str:
    """Returns text of an event for people to read: one line, no control or direction marks, cut at ``limit``."""
    seen = _BLANKS.sub(" ", _UNPRINTABLE.sub(" ", text[: 4 * limit])).strip()
    return seen if len(seen) <= limit else f"{seen[: limit - 1]}…"


def quoted(text: str, limit: int = 200) -> str:
    """Returns the cleaned text between double quotes, its own quotes made single."""
    return '"' + cleaned(text, limit).replace('"', "'") + '"'
