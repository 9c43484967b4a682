"""The JSON of sts:DecodeAuthorizationMessage as a value."""

from __future__ import annotations

import json
from typing import Any

from redress.domain.errors import DeadLetter
from redress.domain.grammar import is_action
from redress.domain.values import dataclass
from redress.domain.verdict import ContextValue
from redress.domain.words import DecodeStatus, Effect

PSEUDO_KEYS = frozenset({
    "aws:Resource", "aws:Account", "aws:Service", "aws:Type", "aws:ARN", "aws:ResourceBeingCreated",
})  # fmt: skip
"""Keys that the decoded message shows and no policy can use."""

_LONGEST = 256 * 1024


class MalformedDecodedMessage(DeadLetter):
    """The decoded text is not the JSON that STS answers with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedStatement:
    """One statement that matched the request; STS names neither its policy nor its condition operators.

    Attributes:
        sid: Statement id, or empty.
        conditions: Keys and values of the statement's conditions.
        of_boundary: Whether it stands in a permissions boundary (principal ``SCOPE_POLICY_ISSUER``).

    """

    sid: str
    effect: str
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    conditions: tuple[ContextValue, ...] = ()
    of_boundary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What STS says of one refused request.

    Attributes:
        effect: Explicit or implicit deny; a failed Condition of an Allow reads as implicit.
        action: With its service prefix, or None.
        principal_arn: Of the session or user.
        principal_id: ``AIDA…`` or ``AROA…:session``.
        context: Condition keys of the request, the unusable pseudo-keys left out.

    """

    allowed: bool
    effect: Effect
    action: str | None = None
    resource: str | None = None
    principal_arn: str | None = None
    principal_id: str | None = None
    matched: tuple[MatchedStatement, ...] = ()
    context: tuple[ContextValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeAnswer:
    """What became of one encoded message.

    Attributes:
        status: DECODED, EXPIRED_OR_INVALID, NOT_PERMITTED or FAILED.
        decoded: Set exactly where the status is DECODED.
        notes: Where it is not: the cause and the remedy, one sentence each.

    """

    status: DecodeStatus
    decoded: Decoded | None = None
    notes: tuple[str, ...] = ()


def read_decoded(text: str) -> Decoded:
    """Returns the value of a decoded authorization message.

    Raises:
        MalformedDecodedMessage: The text is no JSON object with a ``context``.

    """
    parsed = _parsed(text)
    context = parsed.get("context")
    if not isinstance(context, dict):
        raise MalformedDecodedMessage("the decoded message has no context")
    conditions = _conditions(context.get("conditions"))
    principal = context.get("principal")
    who = principal if isinstance(principal, dict) else {}
    return Decoded(
        allowed=_truth(parsed.get("allowed")),
        effect=Effect.EXPLICIT_DENY if _truth(parsed.get("explicitDeny")) else Effect.IMPLICIT_DENY,
        action=_action(context.get("action"), conditions),
        resource=_words(context.get("resource")),
        principal_arn=_words(who.get("arn")),
        principal_id=_words(who.get("id")),
        matched=tuple(_statement(item) for item in _items(parsed.get("matchedStatements"))),
        context=tuple(value for value in conditions if value.key not in PSEUDO_KEYS),
    )


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > _LONGEST:
        raise MalformedDecodedMessage("the decoded message is longer than STS ever sends")
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedDecodedMessage(f"the decoded message is no JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise MalformedDecodedMessage("the decoded message is no JSON object")
    return parsed


def _items(value: object) -> list[dict[str, Any]]:
    # The samples of the API reference have bare lists where the service wraps them in ``items``.
    listed = value.get("items") if isinstance(value, dict) else value
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def _values(value: object) -> tuple[str, ...]:
    return tuple(item["value"] for item in _items(value) if isinstance(item.get("value"), str))


def _conditions(value: object) -> tuple[ContextValue, ...]:
    return tuple(
        ContextValue(key=item["key"], values=_values(item.get("values")))
        for item in _items(value)
        if isinstance(item.get("key"), str)
    )


def _statement(item: dict[str, Any]) -> MatchedStatement:
    return MatchedStatement(
        sid=_words(item.get("statementId")) or "",
        effect=_words(item.get("effect")) or "",
        actions=_values(item.get("actions")),
        resources=_values(item.get("resources")),
        conditions=_conditions(item.get("conditions")),
        of_boundary="SCOPE_POLICY_ISSUER" in _values(item.get("principals")),
    )


def _action(value: object, conditions: tuple[ContextValue, ...]) -> str | None:
    # Newer messages leave out the prefix and put it into aws:Service.
    if not isinstance(value, str):
        return None
    service = next((c.values[0] for c in conditions if c.key == "aws:Service" and c.values), None)
    name = value if ":" in value or not service else f"{service}:{value}"
    return name if is_action(name) else None


def _words(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _truth(value: object) -> bool:
    return value is True or value == "true"
