"""``iam:SimulatePrincipalPolicy`` and ``SimulateCustomPolicy``, answered by the project's own evaluator.

One result per action, its decision the most restrictive over the resources, which have theirs in
``ResourceSpecificResults`` (docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html).
Not simulated: organizations, session policies, and ``ResourceHandlingOption``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from redress.domain.decision import Outcome
from redress.domain.evaluate import evaluate
from redress.domain.policies import Policies
from redress.domain.policy_error import MalformedPolicy
from redress.domain.policy_json import Policy, parse_policy
from redress.domain.request import Caller, Request, caller_of
from redress.domain.words import Layer
from sandbox.ruling import policies_delegated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redress.domain.decision import Considered, Decision

DECISIONS: Final[Mapping[Outcome, str]] = {
    Outcome.ALLOW: "allowed",
    Outcome.EXPLICIT_DENY: "explicitDeny",
    Outcome.IMPLICIT_DENY: "implicitDeny",
    Outcome.UNKNOWN: "implicitDeny",
}
_WORST: Final = ("allowed", "implicitDeny", "explicitDeny")


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What is asked.

    Attributes:
        context: Values by condition key, those of the caller itself included.
        given: Keys (lower case) that the caller of the simulator passed.
        kinds: By policy name, its ``SourcePolicyType``; what is missing is ``none``.

    """

    caller: Caller
    policies: Policies
    context: Mapping[str, tuple[str, ...]]
    given: frozenset[str]
    kinds: Mapping[str, str]
    resource_account: str | None = None


def parse_all(prefix: str, documents: Iterable[str]) -> tuple[Policy, ...]:
    """Returns the policies of an input list, named as the simulator names them (``PolicyInputList.1``).

    Raises:
        MalformedPolicy: One is no policy document.

    """
    return tuple(parse_policy(f"{prefix}.{number}", text) for number, text in enumerate(documents, 1))


def results(simulation: Simulation, actions: Sequence[str], resources: Sequence[str]) -> list[dict[str, Any]]:
    """Returns the evaluation result of each action."""
    return [_result(simulation, action, resources or ("*",)) for action in actions]


def _result(simulation: Simulation, action: str, resources: Sequence[str]) -> dict[str, Any]:
    each = [_resource_result(simulation, action, resource) for resource in resources]
    worst = max(each, key=lambda result: _WORST.index(result["EvalResourceDecision"]))
    missing = {key: None for result in each for key in result["MissingContextValues"]}
    return {
        "EvalActionName": action,
        "EvalResourceName": resources[0] if len(resources) == 1 else "*",
        "EvalDecision": worst["EvalResourceDecision"],
        "MatchedStatements": worst["MatchedStatements"],
        "MissingContextValues": list(missing),
        "PermissionsBoundaryDecisionDetail": worst["PermissionsBoundaryDecisionDetail"],
        "ResourceSpecificResults": each,
    }


def _resource_result(simulation: Simulation, action: str, resource: str) -> dict[str, Any]:
    request = Request(
        caller=simulation.caller,
        action=action,
        resource=resource,
        resource_account=simulation.resource_account,
        context=simulation.context,
        complete=True,
    )
    policies = _delegated(simulation.policies, request)
    decision = evaluate(request, policies)
    asked = evaluate(replace(request, complete=False), policies).missing_context
    return {
        "EvalResourceName": resource,
        "EvalResourceDecision": DECISIONS[decision.outcome],
        "MatchedStatements": _matched(decision, simulation.kinds),
        "MissingContextValues": [key for key in asked if key not in simulation.given],
        "PermissionsBoundaryDecisionDetail": _boundary(policies, decision),
    }


def _delegated(policies: Policies, request: Request) -> Policies:
    """Returns the policies with an account-wide resource policy where identity policies alone never grant.

    The simulator does not look at key and trust policies, so it must not miss them either.
    """
    if policies.resource is not None or request.caller.account is None:
        return policies
    return replace(policies, resource=policies_delegated(request.caller.account))


def _boundary(policies: Policies, decision: Decision) -> dict[str, bool] | None:
    if policies.boundary is None:
        return None
    seen = [found for found in decision.trace if found.layer is Layer.PERMISSIONS_BOUNDARY and found.matched]
    allowed = any(found.statement.allow for found in seen) and all(found.statement.allow for found in seen)
    return {"AllowedByPermissionsBoundary": allowed}


def _matched(decision: Decision, kinds: Mapping[str, str]) -> list[dict[str, str]]:
    allow = decision.outcome is Outcome.ALLOW
    if decision.outcome not in {Outcome.ALLOW, Outcome.EXPLICIT_DENY}:
        return []
    names = [found.statement.policy for found in decision.trace if _decisive(found, allow=allow)]
    return [
        {"SourcePolicyId": name, "SourcePolicyType": kinds.get(name, "none")}
        for name in dict.fromkeys(names)
        if name != "none"
    ]


def _decisive(found: Considered, *, allow: bool) -> bool:
    return bool(found.matched) and found.statement.allow == allow and found.layer is not Layer.PERMISSIONS_BOUNDARY


def custom_caller(arn: str | None, account: str) -> Caller:
    """Returns the caller of a custom simulation: the one named, or somebody of the account."""
    return caller_of(arn or f"arn:aws:iam::{account}:user/simulated")


__all__ = ["DECISIONS", "MalformedPolicy", "Simulation", "custom_caller", "parse_all", "results"]
