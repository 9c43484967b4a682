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


def plain(text: str, limit: int = 200) -> str:
    """Returns an event's text made harmless, its double quotes made single ones: those are ours."""
    return harmless(text, limit).replace('"', "'")


def quoted(text: str, limit: int = 200) -> str:
    """Returns plain text between double quotes."""
    return f'"{plain(text, limit)}"'
