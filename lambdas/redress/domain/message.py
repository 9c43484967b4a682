"""What an access-denied message says, read part by part.

The text is the strongest evidence that most records hold, and parts of it are the caller's own
(session name, object key, parameter name). AWS puts its reason after those, and only one reason:
a text with two is a text that somebody else had a hand in, and states nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from redress.domain import message_grammar as grammar
from redress.domain.grammar import looks_like_arn
from redress.domain.resource_names import arn_of_name, names_pathless, queue_arn
from redress.domain.words import DecodeStatus, Effect, Kind, Layer

_CUT = range(1020, 1041)
_QUOTED = (' on resource: "', ' on resource "')
LONGEST = 16_384
"""Characters of a message that are read; CloudTrail cuts it at 1,024."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageParts:
    """The parts of one message; None and UNKNOWN where it doesn't say.

    Attributes:
        principal: ARN that the message gives to ``User:`` (of a session, without the role's path).
        action: As the message spells it.
        resource: Full ARN or ``*``.
        resource_text: What stands after ``on resource:``, ARN or not.
        role_trust: Whether the layer is the trust policy of a role.
        look_alike: The kind of trouble, where the text says that no permission is missing.
        ambiguous: The text holds more than one reason, so none is believed.
        notes: What the reader of these parts must know, one sentence each.
        encoded: The encoded message, where it is whole.

    """

    principal: str | None = None
    action: str | None = None
    resource: str | None = None
    resource_text: str | None = None
    layer: Layer = Layer.UNKNOWN
    effect: Effect = Effect.UNKNOWN
    role_trust: bool = False
    policy_arn: str | None = None
    authorization_id: str | None = None
    decode_status: DecodeStatus = DecodeStatus.NO_MESSAGE
    encoded: str | None = None
    look_alike: Kind | None = None
    ambiguous: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reason:
    layer: Layer = Layer.UNKNOWN
    effect: Effect = Effect.UNKNOWN
    role_trust: bool = False
    policy_arn: str | None = None
    allowed: str | None = None
    start: int | None = None
    public: bool = False
    ambiguous: bool = False


_UNSAID = _Reason()


def read_message(text: str) -> MessageParts:
    """Returns the parts of an access-denied message, the SDK's or CloudTrail's form of it.

    Args:
        text: errorMessage; only the first 16,384 characters are read.

    """
    return _read(text[:LONGEST])


@lru_cache(maxsize=2048)
def _read(whole: str) -> MessageParts:
    label, status, encoded = _encoded_in(whole)
    link, authorization_id = _link_in(whole)
    said = grammar.SAYS.search(whole)
    tail = whole[said.end() :] if said else whole
    reason = _reason_in(tail)
    principal = _principal_in(whole[: said.start()]) if said else None
    action = (said and (said.group(1) or said.group(2))) or _action_elsewhere(whole) or reason.allowed
    end = reason.start if reason.start is not None else min(label, link) - (len(whole) - len(tail))
    resource_text = None if reason.ambiguous else _resource_in(tail[: max(end, 0)], complete=reason.start is not None)
    return MessageParts(
        principal=principal,
        action=action,
        resource=_full(resource_text, principal, action) or _resource_elsewhere(whole),
        resource_text=resource_text,
        layer=reason.layer,
        effect=reason.effect,
        role_trust=reason.role_trust,
        policy_arn=reason.policy_arn,
        authorization_id=authorization_id,
        decode_status=status,
        encoded=encoded,
        look_alike=_look_alike(whole, reason, said=said is not None),
        ambiguous=reason.ambiguous,
        notes=_notes(reason, resource_text),
    )


def _notes(reason: _Reason, resource_text: str | None) -> tuple[str, ...]:
    if reason.ambiguous:
        return ("The message holds two reasons, so the caller wrote at least one of them: none is believed.",)
    if resource_text and names_pathless(resource_text):
        return ("The message names the resource without its path; an ARN built from it holds if there is none.",)
    return ()


def _encoded_in(text: str) -> tuple[int, DecodeStatus, str | None]:
    at = text.rfind(grammar.ENCODED_LABEL)
    if at < 0:
        return len(text), DecodeStatus.NO_MESSAGE, None
    rest = text[at + len(grammar.ENCODED_LABEL) :].strip()
    blob = rest.split(None, 1)[0] if rest else ""
    # CloudTrail cuts at 1 KB, dots included; a longer text never went through it, nor did a bare encoded part.
    cut = text.endswith("...") or (len(text) in _CUT and at > 0)
    if cut or not grammar.WHOLE_BLOB.fullmatch(blob):
        return at, DecodeStatus.TRUNCATED, None
    return at, DecodeStatus.PRESENT, blob


def _link_in(text: str) -> tuple[int, str | None]:
    found = list(grammar.AUTHORIZATION_ID.finditer(text))
    if not found:
        return len(text), None
    at = text.rfind(grammar.DETAILS_LINK, 0, found[-1].start())
    return (at if at >= 0 else found[-1].start()), found[-1].group(1)


def _reason_in(tail: str) -> _Reason:
    found = list(grammar.REASON.finditer(tail))
    if not found:
        return _UNSAID
    match = found[0]
    if len(found) > 1 or _is_quoted(tail, match.start()) or not grammar.AFTER_REASON.match(tail, match.end()):
        return _Reason(ambiguous=True)
    layer, effect = _layer_and_effect(match.groupdict())
    name = (match["implicit"] or match["explicit"] or "").lower()
    return _Reason(
        layer=layer,
        effect=effect,
        role_trust=name == "role trust policy",
        policy_arn=_policy_arn(match["arn"]),
        allowed=match["allowed"] if match["allowed"] and ":" in match["allowed"] else None,
        start=match.start(),
        public=(match["other"] or "").lower().startswith("public"),
    )


def _is_quoted(tail: str, at: int) -> bool:
    # S3 quotes the resource, and AWS's reason stands behind the closing quote. Before that, or where
    # the closing quote was cut off, what looks like a reason is a part of the object's key.
    if not tail.startswith(_QUOTED):
        return False
    opening, closing = tail.find('"'), tail.rfind('"')
    return opening == closing or at < closing


def _layer_and_effect(said: dict[str, str | None]) -> tuple[Layer, Effect]:
    if said["implicit"]:
        return _layer(said["implicit"]), Effect.IMPLICIT_DENY
    if said["transitively"]:
        return Layer.SERVICE_CONTROL_POLICY, Effect.EXPLICIT_DENY
    if said["unsaid"]:
        return _layer(said["unsaid"]), Effect.UNKNOWN
    if said["endpoint"]:
        return Layer.VPC_ENDPOINT_POLICY, Effect.UNKNOWN
    other = (said["other"] or "").lower()
    if other:
        return next((layer, effect) for start, layer, effect in grammar.OTHER_REASONS if other.startswith(start))
    return _layer(said["explicit"] or ""), Effect.EXPLICIT_DENY


def _layer(name: str) -> Layer:
    return grammar.LAYER_NAMES.get(name.lower(), Layer.UNKNOWN)


def _policy_arn(text: str | None) -> str | None:
    arn = (text or "").rstrip(".,;)*")
    return arn if ":policy/" in arn and looks_like_arn(arn) else None


def _principal_in(head: str) -> str | None:
    found = grammar.PRINCIPAL.search(head)
    return (found.group(1) or found.group(2)) if found else None


def _action_elsewhere(text: str) -> str | None:
    found = grammar.API_PREFIX.match(text)
    if found:
        return found.group(1)
    return "lambda:InvokeFunction" if text.startswith("Not authorized to invoke function [") else None


def _resource_in(text: str, *, complete: bool) -> str | None:
    """Returns what the message names after ``on resource``; ``complete`` if a reason follows it."""
    found = grammar.ON_RESOURCE.match(text)
    if found is None:
        return None
    name = text[found.end() :].strip()
    if name[:1] in {'"', "`", "'"}:
        return name[1:].rpartition('"')[0] if name.count('"') > 1 else name[1:].rstrip("'`")
    return (name if complete else _without_sdk_tail(name)) or None


def _without_sdk_tail(text: str) -> str:
    for mark in (" (Service:", " (retry", " status code:", "\n"):
        text = text.partition(mark)[0]
    return text.rstrip(".,;'`")


def _full(text: str | None, principal: str | None, action: str | None) -> str | None:
    if text is None or text == "*":
        return text
    if looks_like_arn(text):
        return text
    parts = principal.split(":", 5) if principal else []
    if len(parts) < 6:  # noqa: PLR2004 - an ARN has six parts
        return arn_of_name(text, action, partition=None, account=None)
    return arn_of_name(text, action, partition=parts[1], account=parts[4])


def _resource_elsewhere(text: str) -> str | None:
    found = grammar.QUEUE_URL.search(text)
    if found:
        return queue_arn(found)
    named = grammar.BRACKETED.search(text)
    return named.group(1) if named and looks_like_arn(named.group(1)) else None


def _look_alike(text: str, reason: _Reason, *, said: bool) -> Kind | None:
    # A text that names an action may hold any words in the names of things.
    if said or reason.ambiguous:
        return Kind.SERVICE_SETTING if reason.public else None
    return next((kind for words, kind in grammar.LOOK_ALIKES if words in text), None)
