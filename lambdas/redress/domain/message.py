"""What an access-denied message says, read part by part.

The text is the strongest evidence that most records hold, and parts of it are the caller's own
(session name, object key, parameter name). AWS puts its reason after those, and only one reason:
a text with two is a text that somebody else had a hand in, and states nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from redress.domain import message_grammar as grammar
from redress.domain.grammar import looks_like_arn
from redress.domain.look_alikes import LOOK_ALIKES, REMARKS
from redress.domain.message_reason import Reason, reason_in
from redress.domain.resource_names import arn_of_name, names_pathless, queue_arn
from redress.domain.values import dataclass
from redress.domain.words import DecodeStatus, Effect, Kind, Layer

if TYPE_CHECKING:
    import re

_CUT = range(1020, 1041)
_PATHLESS = "The message names the resource without its path; an ARN built from it holds if there is none."
_ANONYMOUS = "An anonymous caller has no policies: those of the resource, and of the way to it, decide."
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


def read_message(text: str) -> MessageParts:
    """Returns the parts of an access-denied message, the SDK's or CloudTrail's form of it.

    Args:
        text: errorMessage; only the first 16,384 characters are read.

    """
    parts = _read(text[:LONGEST])
    if "\n" in text and parts.layer is Layer.UNKNOWN and not parts.ambiguous:
        joined = _read(" ".join(text[:LONGEST].split()))
        return joined if joined.layer is not Layer.UNKNOWN else parts
    return parts


@lru_cache(maxsize=2048)
def _read(whole: str) -> MessageParts:
    label, status, encoded = _encoded_in(whole)
    link, authorization_id = _link_in(whole)
    said = grammar.SAYS.search(whole)
    tail = whole[said.end() :] if said else whole
    named = (said and _action_said(said)) or _action_elsewhere(whole)
    reason = reason_in(tail, named)
    principal = _principal_in(whole[: said.start()]) if said else None
    action = named or reason.allowed
    end = reason.start if reason.start is not None else min(label, link) - (len(whole) - len(tail))
    # Where the text is cut before a reason or an encoded part begins, the resource may be cut too.
    torn = reason.start is None and min(label, link) == len(whole) and _is_cut(whole)
    resource_text = (
        None if reason.doubt or torn else _resource_in(tail[: max(end, 0)], complete=reason.start is not None)
    )
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
        ambiguous=reason.doubt is not None,
        notes=_notes(reason, resource_text, whole) if said else _notes(reason, None, "") + _remarks(whole),
    )


def _notes(reason: Reason, resource_text: str | None, said: str) -> tuple[str, ...]:
    if reason.doubt:
        return (reason.doubt,)
    if reason.layer is Layer.UNKNOWN and grammar.ANONYMOUS in said:
        return (_ANONYMOUS,)
    return (_PATHLESS,) if resource_text and names_pathless(resource_text) else ()


def _remarks(text: str) -> tuple[str, ...]:
    return tuple(remark for words, remark in REMARKS if words in text)


def _encoded_in(text: str) -> tuple[int, DecodeStatus, str | None]:
    at = text.rfind(grammar.ENCODED_LABEL)
    if at < 0:
        return len(text), DecodeStatus.NO_MESSAGE, None
    rest = text[at + len(grammar.ENCODED_LABEL) :].strip()
    blob = rest.split(None, 1)[0] if rest else ""
    # A bare encoded part never went through CloudTrail.
    cut = _is_cut(text) if at > 0 else text.endswith("...")
    if cut or not grammar.WHOLE_BLOB.fullmatch(blob):
        return at, DecodeStatus.TRUNCATED, None
    return at, DecodeStatus.PRESENT, blob


def _is_cut(text: str) -> bool:
    # CloudTrail cuts at 1 KB, dots included; a longer text never went through it.
    return text.endswith("...") or len(text) in _CUT


def _link_in(text: str) -> tuple[int, str | None]:
    found = list(grammar.AUTHORIZATION_ID.finditer(text))
    if not found:
        return len(text), None
    at = text.rfind(grammar.DETAILS_LINK, 0, found[-1].start())
    return (at if at >= 0 else found[-1].start()), found[-1].group(1)


def _principal_in(head: str) -> str | None:
    found = grammar.PRINCIPAL.search(head)
    return (found.group(1) or found.group(2)) if found else None


def _action_said(said: re.Match[str]) -> str | None:
    action: str = said.group(1) or said.group(2)
    return None if action.endswith("*") else action


def _action_elsewhere(text: str) -> str | None:
    found = grammar.API_PREFIX.match(text) or grammar.CALLED_FOR.search(text)
    if found:
        return found.group(1)
    if grammar.LINKED_ROLE in text:
        return "iam:CreateServiceLinkedRole"
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
    for mark in grammar.TAILS:
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


def _look_alike(text: str, reason: Reason, *, said: bool) -> Kind | None:
    # A text that names an action may hold any words in the names of things.
    if said or reason.doubt:
        if grammar.ASSUMED_BY_SERVICE in text and not text.startswith("User:"):
            return Kind.ROLE_TRUST
        return Kind.SERVICE_SETTING if reason.public else None
    return next((kind for words, kind in LOOK_ALIKES if words in text), None)
