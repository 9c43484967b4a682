"""What we concluded from one denied call, and how we know."""

from __future__ import annotations

from redress.domain.denied_call import Principal
from redress.domain.values import dataclass
from redress.domain.words import DecodeStatus, Effect, Evidence, Kind, Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextValue:
    """One condition key of the request and its values (``aws:PrincipalTag/team`` → ``("web",)``)."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Layer x effect x evidence, and the kind that decides what happens next.

    Attributes:
        action: IAM action with its service prefix (``s3:PutObject``); None where unresolved.
        resource: Full ARN, ``*`` where the message says so, or None where unknown. Never guessed.
        policy_arn: The denying policy, where the evidence names it.
        authorization_id: For iam-toolbox:GetRequestAuthorizationDetails; lives 24 hours.
        encoded: The encoded authorization message, where it is whole.
        context: Condition keys of the request that the evidence shows.
        matched_statement: Sid of the statement that decided, where the evidence names it.
        notes: What we could not learn, in words from the evidence steps (cause; remedy).

    """

    layer: Layer
    effect: Effect
    evidence: Evidence
    kind: Kind
    principal: Principal
    action: str | None = None
    resource: str | None = None
    policy_arn: str | None = None
    authorization_id: str | None = None
    decode_status: DecodeStatus = DecodeStatus.NO_MESSAGE
    encoded: str | None = None
    context: tuple[ContextValue, ...] = ()
    matched_statement: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A verdict in plain words.

    Attributes:
        what: Who was denied what, on what.
        why: Which layer decided, and how we know.
        meaning: What that means for the person who reads it.
        next_step: What to do, and in which order.

    """

    what: str
    why: str
    meaning: str
    next_step: str


def is_unresolved(verdict: Verdict) -> bool:
    """Returns whether asking AWS about another call of the finding could teach us something.

    A decoded message never names the layer, so a verdict drawn from one is as good as it gets.
    """
    weak = verdict.evidence in (Evidence.NONE, Evidence.REPORTED)
    return weak and (verdict.layer is Layer.UNKNOWN or verdict.effect is Effect.UNKNOWN)


def resolves(verdict: Verdict, newer: Verdict) -> bool:
    """Returns whether a newer verdict on the same finding says what the first one could not."""
    return is_unresolved(verdict) and not is_unresolved(newer)
