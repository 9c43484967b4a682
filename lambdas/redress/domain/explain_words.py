"""Words for layers, effects and evidence, and quotation marks for other people's words."""

from __future__ import annotations

from redress.domain.harmless import harmless
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
    Evidence.VERIFIED: "AWS's own evaluation of this request says so",
    Evidence.DECODED: "AWS's decoded authorization message says so",
    Evidence.REPORTED: "the error message says so",
    Evidence.SIMULATED: "the simulator says so of today's policies",
    Evidence.NONE: "no more than the event itself says so",
}

DECODE_WORDS: dict[DecodeStatus, str] = {
    DecodeStatus.TRUNCATED: "CloudTrail cut the encoded message off, so it can't be decoded.",
    DecodeStatus.EXPIRED_OR_INVALID: "The encoded message could not be decoded: expired, or of another account.",
    DecodeStatus.NOT_PERMITTED: "Redress may not decode messages here (sts:DecodeAuthorizationMessage).",
    DecodeStatus.FAILED: "Decoding the message failed for now.",
}


def plain(text: str, limit: int = 200) -> str:
    """Returns an event's text made harmless, its double quotes made single ones: those are ours."""
    return harmless(text, limit).replace('"', "'")


def quoted(text: str, limit: int = 200) -> str:
    """Returns plain text between double quotes."""
    return f'"{plain(text, limit)}"'
