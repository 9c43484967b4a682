"""What each source of evidence adds, and when it must not be believed.

The encoded message and the authorization id come out of a text that the caller had a hand in, so either
could belong to another request. Evidence of another principal or action is dropped, with a note.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from redress.domain.values import dataclass
from redress.domain.verdict import ContextValue
from redress.domain.words import Effect, Evidence, Layer

if TYPE_CHECKING:
    from redress.domain.authorization_details import AuthorizationDetails, Evaluation
    from redress.domain.catalogue import Catalogue
    from redress.domain.decoded import (
        Decoded,
        MatchedStatement,  # noqa: TC004 - a note to the reader alone, and its module is seldom needed
    )
    from redress.domain.denied_call import DeniedCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is known so far, and from which source.

    Attributes:
        matched: The denying statement of the decoded message.
        decoded: Whether a decoded message was believed.

    """

    layer: Layer = Layer.UNKNOWN
    effect: Effect = Effect.UNKNOWN
    evidence: Evidence = Evidence.NONE
    action: str | None = None
    resource: str | None = None
    policy_arn: str | None = None
    sid: str | None = None
    context: tuple[ContextValue, ...] = ()
    matched: MatchedStatement | None = None
    decoded: bool = False
    notes: tuple[str, ...] = ()


def with_decoded(found: Findings, decoded: Decoded, call: DeniedCall, catalogue: Catalogue) -> Findings:
    """Returns the findings with what the decoded message adds.

    It says effect, action, resource, context and the matching statement; of the layers it can name
    only the boundary. The message's layer stays where both agree on the effect.
    """
    refusal = _of_another_call(found, decoded, call)
    if refusal:
        return replace(found, notes=(*found.notes, refusal))
    matched = next((statement for statement in decoded.matched if statement.effect == "DENY"), None)
    agrees = found.effect in {decoded.effect, Effect.UNKNOWN}
    layer = Layer.PERMISSIONS_BOUNDARY if matched and matched.of_boundary else found.layer if agrees else Layer.UNKNOWN
    notes = found.notes if agrees else (*found.notes, "The message and the decoded message disagree on the effect.")
    action = decoded.action and (catalogue.proper_case(decoded.action) or decoded.action)
    return replace(
        found,
        layer=layer,
        effect=decoded.effect,
        evidence=Evidence.DECODED,
        action=action or found.action,
        resource=decoded.resource or found.resource,
        sid=matched.sid or None if matched else None,
        context=decoded.context,
        matched=matched,
        decoded=True,
        notes=notes,
    )


def with_details(found: Findings, details: AuthorizationDetails, call: DeniedCall, catalogue: Catalogue) -> Findings:
    """Returns the findings with what the request authorization details say; they outrank everything."""
    evaluation = details.denied
    if evaluation is None or evaluation.blamed is None:
        return replace(found, notes=(*found.notes, "The authorization details show no denied evaluation."))
    refusal = _details_of_another_call(found, details, evaluation, call)
    if refusal:
        return replace(found, notes=(*found.notes, refusal))
    blamed = evaluation.blamed
    action = evaluation.action and (catalogue.proper_case(evaluation.action) or evaluation.action)
    return replace(
        found,
        layer=blamed.layer,
        effect=blamed.effect,
        evidence=Evidence.VERIFIED,
        action=action or found.action,
        resource=evaluation.resource or found.resource,
        policy_arn=blamed.policy_arn or (found.policy_arn if blamed.layer is found.layer else None),
        sid=blamed.sid or found.sid,
        context=details.request_context + evaluation.context or found.context,
        notes=(*found.notes, *_also(blamed.also)),
    )


def _also(layers: tuple[Layer, ...]) -> tuple[str, ...]:
    return (f"Also refused by: {', '.join(layers)}; mending one of them alone changes nothing.",) if layers else ()


def _of_another_call(found: Findings, decoded: Decoded, call: DeniedCall) -> str | None:
    if decoded.allowed:
        return "The decoded message says that the call was allowed; it was not used."
    who = (decoded.principal_id or "").partition(":")[0]
    if who and call.principal.unique_id and who != call.principal.unique_id:
        return "The decoded message belongs to another principal; it was not used."
    if found.action and decoded.action and found.action.lower() != decoded.action.lower():
        return "The decoded message belongs to another action; it was not used."
    return None


def _details_of_another_call(
    found: Findings, details: AuthorizationDetails, evaluation: Evaluation, call: DeniedCall
) -> str | None:
    known = {value.key.lower(): value.values for value in (*details.request_context, *evaluation.context)}
    whose = known.get("aws:principalarn", ())
    mine = {call.principal.arn, call.principal.session_arn}
    if whose and call.principal.arn and mine.isdisjoint(whose):
        return "The authorization details belong to another principal; they were not used."
    if found.action and evaluation.action and found.action.lower() != evaluation.action.lower():
        return "The authorization details belong to another action; they were not used."
    return None
