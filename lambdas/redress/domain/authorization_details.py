"""The answer of iam-toolbox:GetRequestAuthorizationDetails as a value: the strongest evidence there is.

Source: botocore's iam-toolbox model (API version 2018-05-10) and the IAM User Guide, "Authorization id".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.domain.values import dataclass
from redress.domain.verdict import ContextValue
from redress.domain.words import Effect, Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECK_LAYERS: dict[str, Layer] = {
    "SERVICE_CONTROL_POLICY": Layer.SERVICE_CONTROL_POLICY,
    "RESOURCE_CONTROL_POLICY": Layer.RESOURCE_CONTROL_POLICY,
    "VPC_ENDPOINT": Layer.VPC_ENDPOINT_POLICY,
    "PERMISSIONS_BOUNDARY": Layer.PERMISSIONS_BOUNDARY,
    "SESSION": Layer.SESSION_POLICY,
    "RESOURCE": Layer.RESOURCE_BASED_POLICY,
    "PRINCIPAL": Layer.IDENTITY_BASED_POLICY,
}
"""checkType → layer, in the order in which a denial is blamed.

Guardrails come first: while one of them says no, a new Allow on the principal changes nothing.
"""

_EFFECTS = {"EXPLICIT_DENY": Effect.EXPLICIT_DENY, "IMPLICIT_DENY": Effect.IMPLICIT_DENY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Blamed:
    """The check that decided one evaluation.

    Attributes:
        policy_arn: The policy that denied, where it is a managed or organization policy.
        sid: The statement that denied, where it has an id.
        target: What the policy is attached to (account, unit, role), where the answer says so.
        also: Further layers that said no; mending the first alone changes nothing.

    """

    layer: Layer
    effect: Effect
    policy_arn: str | None = None
    sid: str | None = None
    target: str | None = None
    also: tuple[Layer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One action on one resource, and what decided it; ``blamed`` is None where it was allowed."""

    action: str | None
    resource: str | None
    blamed: Blamed | None
    context: tuple[ContextValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationDetails:
    """Everything that was evaluated for one request.

    Attributes:
        request_context: Condition keys of the request.
        evaluations: In the order of the answer.

    """

    request_context: tuple[ContextValue, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()

    @property
    def denied(self) -> Evaluation | None:
        """Returns the first evaluation that was denied, explicit ones first."""
        refused = [evaluation for evaluation in self.evaluations if evaluation.blamed]
        explicit = [e for e in refused if e.blamed and e.blamed.effect is Effect.EXPLICIT_DENY]
        return next(iter(explicit or refused), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsAnswer:
    """What became of one authorization id.

    Attributes:
        details: None where they could not be had.
        notes: Then the cause and the remedy, one sentence each.
        snapshot: The answer as JSON text, for keeping: AWS deletes it after 24 hours.

    """

    details: AuthorizationDetails | None = None
    notes: tuple[str, ...] = ()
    snapshot: str | None = None


def read_details(response: Mapping[str, Any]) -> AuthorizationDetails:
    """Returns the value of the API's answer; what it can't read it leaves out, and it never raises."""
    policies = {uri: policy for policy in _dicts(response.get("policies")) if (uri := _words(policy.get("uri")))}
    return AuthorizationDetails(
        request_context=_context(response.get("requestContext")),
        evaluations=tuple(_evaluation(item, policies) for item in _dicts(response.get("evaluations"))),
    )


def _evaluation(item: Mapping[str, Any], policies: Mapping[str, Mapping[str, Any]]) -> Evaluation:
    return Evaluation(
        action=_words(item.get("action")),
        resource=_words(item.get("resource")),
        blamed=_blamed(item, policies) if str(item.get("evaluatedEffect")) in _EFFECTS else None,
        context=_context(item.get("context")),
    )


def _blamed(item: Mapping[str, Any], policies: Mapping[str, Mapping[str, Any]]) -> Blamed:
    wanted = str(item.get("evaluatedEffect"))
    by_layer: dict[Layer, dict[str, Any]] = {}
    for check in _dicts(item.get("checks")):
        layer = CHECK_LAYERS.get(str(check.get("checkType")))
        if layer and check.get("evaluatedEffect") == wanted:
            by_layer.setdefault(layer, check)
    layers = [layer for layer in CHECK_LAYERS.values() if layer in by_layer]
    if not layers:
        return Blamed(layer=Layer.UNKNOWN, effect=_EFFECTS[wanted])
    check = by_layer[layers[0]]
    policy_arn, sid = _denying(check, policies)
    return Blamed(
        layer=layers[0],
        effect=_EFFECTS[wanted],
        policy_arn=policy_arn,
        sid=sid,
        target=_words(check.get("targetArn")),
        also=tuple(layers[1:]),
    )


def _denying(check: Mapping[str, Any], policies: Mapping[str, Mapping[str, Any]]) -> tuple[str | None, str | None]:
    for matched in _dicts(check.get("matchedPolicies")):
        uri = _words(matched.get("uri")) or ""
        for statement in _dicts(matched.get("matchedStatements")):
            if statement.get("evaluatedEffect") == "DENY":
                managed = uri.startswith("arn:") and not policies.get(uri, {}).get("inline")
                return uri if managed else None, _words(statement.get("sid"))
    return None, None


def _context(value: object) -> tuple[ContextValue, ...]:
    if not isinstance(value, dict):
        return ()
    return tuple(ContextValue(key=key, values=_texts(held)) for key, held in value.items() if isinstance(key, str))


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(_text(entry) for entry in values if isinstance(entry, (str, bool, int, float)))


def _text(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _dicts(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _words(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
