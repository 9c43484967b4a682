"""Why a call was denied, as the message says it: the last part of the text, and the one that AWS alone should write."""

from __future__ import annotations

from redress.domain import message_grammar as grammar
from redress.domain.grammar import looks_like_arn
from redress.domain.values import dataclass
from redress.domain.words import Effect, Layer

_QUOTED = (' on resource: "', ' on resource "')
_TWO = "The message holds two reasons, so the caller wrote at least one of them: none is believed."
_FOLLOWED = (
    "What follows the reason in the message is not AWS's, so the caller may have written all of it: it is not believed."
)
_CUT_OFF = (
    "The message is cut off where its reason stands, and the caller may have placed it there: it is not believed."
)
_OTHER_SERVICE = "The reason in the message is about another service than the denied action: it is not believed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """The reason in a message.

    Attributes:
        allowed: The action that it says is not allowed.
        start: Where it begins in the text that was searched.
        public: It is about S3's Block Public Access.
        doubt: Why it is not believed, one sentence; None where it is.

    """

    layer: Layer = Layer.UNKNOWN
    effect: Effect = Effect.UNKNOWN
    role_trust: bool = False
    policy_arn: str | None = None
    allowed: str | None = None
    start: int | None = None
    public: bool = False
    doubt: str | None = None


_UNSAID = Reason()


def reason_in(tail: str, action: str | None) -> Reason:
    """Returns the reason in what follows the denied action; doubted where somebody else may have written it."""
    found = list(grammar.REASON.finditer(tail))
    if not found:
        return _UNSAID
    match = found[0]
    if len(found) > 1 or _is_quoted(tail, match.start()):
        return Reason(doubt=_TWO)
    if not grammar.AFTER_REASON.match(tail, match.end()):
        return Reason(doubt=_FOLLOWED)
    if match["implicit"] and grammar.CUT_BEHIND.fullmatch(tail, match.end()):
        return Reason(doubt=_CUT_OFF)
    allowed = match["allowed"] if match["allowed"] and ":" in match["allowed"] else None
    if allowed and action and _service(allowed) != _service(action):
        return Reason(doubt=_OTHER_SERVICE)
    layer, effect = _layer_and_effect(match.groupdict())
    name = (match["implicit"] or match["explicit"] or "").lower()
    return Reason(
        layer=layer,
        effect=effect,
        role_trust=name == "role trust policy",
        policy_arn=_policy_arn(match["arn"]),
        allowed=allowed,
        start=match.start(),
        public=(match["other"] or "").lower().startswith("public"),
    )


def _service(action: str) -> str:
    # AWS misspells the rest at times (codecommit:ListRespositories).
    return action.partition(":")[0].lower()


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
    if not text or text.endswith("..."):
        return None  # cut off
    arn = text.rstrip(".,;)*")
    return arn if ":policy/" in arn and looks_like_arn(arn) else None
