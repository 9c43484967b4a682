"""The answer of iam-toolbox:GetRequestAuthorizationDetails as a value: the strongest evidence there is.

Source: botocore's iam-toolbox model (API version 2018-05-10) and the IAM User Guide, "Authorization id".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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

    """

    layer: Layer
    effect: Effect
    policy_arn: str | None = None
    sid: str | None = None
    target: str | None = None


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
        blamed=_blamed(item, policies) if item.get("evaluatedEffect") in _EFFECTS else None,
        context=_context(item.get("context")),
    )


def _blamed(item: Mapping[str, Any], policies: Mapping[str, Mapping[str, Any]]) -> Blamed:
    wanted = str(item.get("evaluatedEffect"))
    checks = [check for check in _dicts(item.get("checks")) if check.get("evaluatedEffect") == wanted]
    for kind, layer in CHECK_LAYERS.items():
        for check in checks:
            if check.get("checkType") == kind:
                return _of_check(check, layer, _EFFECTS[wanted], policies)
    return Blamed(layer=Layer.UNKNOWN, effect=_EFFECTS[wanted])


def _of_check(
    check: Mapping[str, Any], layer: Layer, effect: Effect, policies: Mapping[str, Mapping[str, Any]]
) -> Blamed:
    for matched in _dicts(check.get("matchedPolicies")):
        uri = _words(matched.get("uri"))
        for statement in _dicts(matched.get("matchedStatements")):
            if statement.get("evaluatedEffect") == "DENY":
                arn = uri if uri and uri.startswith("arn:") and not policies.get(uri, {}).get("inline") else None
                return Blamed(
                    layer=layer, effect=effect, policy_arn=arn, sid=_words(statement.get("sid")),
                    target=_words(check.get("targetArn")),
                )  # fmt: skip
    return Blamed(layer=layer, effect=effect, target=_words(check.get("targetArn")))


def _context(value: object) -> tuple[ContextValue, ...]:
    if not isinstance(value, dict):
        return ()
    return tuple(ContextValue(key=key, values=_texts(held)) for key, held in value.items() if isinstance(key, str))


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(entry for entry in value if isinstance(entry, str))
    return (value,) if isinstance(value, str) else ()


def _dicts(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _words(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
