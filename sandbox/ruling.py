"""Which layer decided against a request, worked out by the project's own evaluator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from redress.domain.decision import Outcome
from redress.domain.evaluate import evaluate
from redress.domain.policies import Policies
from redress.domain.policy_json import Policy, parse_policy
from redress.domain.request import Request, account_in
from redress.domain.words import Effect, Layer
from sandbox import iam_state
from sandbox.standing import Standing, policies_for, request_of, standing_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.decision import Decision
    from redress.domain.target import NamedPolicy
    from sandbox.emulator import Denial

_LATER = {Layer.PERMISSIONS_BOUNDARY, Layer.SESSION_POLICY, Layer.RESOURCE_BASED_POLICY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a denial message says of the decision.

    Attributes:
        policy: ARN of the managed policy whose Deny decided, or None.
        statement: Sid of the statement that decided, or None.
        actions: Its actions as written; empty for a NotAction.
        resources: Its resources as written.
        conditions: Its condition keys with their values.
        request: The request as it was evaluated; None where the caller is not known to IAM.

    """

    layer: Layer
    effect: Effect
    policy: str | None = None
    statement: str | None = None
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    request: Request | None = None


def rule(denial: Denial, *, source_ip: str) -> Ruling:
    """Returns the layer that decided; where the two evaluators differ, MiniStack's word stands."""
    said = _said(denial)
    standing = standing_of(denial.access_key)
    if standing is None:
        return said
    resource = iam_state.resource_policy(denial.service, denial.resource)
    request = request_of(denial, standing, source_ip=source_ip, owner=resource and resource[1])
    policies = policies_for(standing, resource)
    decision = evaluate(request, policies)
    if decision.outcome not in {Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY}:
        return replace(said, request=request)
    if (decision.outcome is Outcome.EXPLICIT_DENY) != denial.explicit:
        return replace(said, request=request)
    return _told(_ruling(_first_in_order(decision, request, policies), request), decision, standing)


def rule_trust(denial: Denial, *, source_ip: str) -> Ruling:
    """Returns how the trust policy of a role decided against a caller that may assume it otherwise."""
    said = Ruling(layer=Layer.RESOURCE_BASED_POLICY, effect=Effect.IMPLICIT_DENY)
    standing = standing_of(denial.access_key)
    trust = iam_state.trust_policy(denial.resource)
    if standing is None or trust is None:
        return said
    request = request_of(denial, standing, source_ip=source_ip, owner=None)
    decision = evaluate(
        request, policies_for(Standing(caller=standing.caller), (trust, account_in(denial.resource) or ""))
    )
    return replace(said, effect=Effect.EXPLICIT_DENY) if decision.outcome is Outcome.EXPLICIT_DENY else said


def _said(denial: Denial) -> Ruling:
    layer = Layer.RESOURCE_BASED_POLICY if denial.resource_policy else Layer.IDENTITY_BASED_POLICY
    return Ruling(layer=layer, effect=Effect.EXPLICIT_DENY if denial.explicit else Effect.IMPLICIT_DENY)


def _told(ruling: Ruling, decision: Decision, standing: Standing) -> Ruling:
    """Returns the ruling with the denying statement as it is written."""
    by = decision.statement
    if by is None or ruling.effect is not Effect.EXPLICIT_DENY:
        return ruling
    held = (*standing.identity, *(standing.boundary or ()), *(standing.session or ()))
    written = next((statements_in(policy)[by.index] for policy in held if policy.name == by.policy), {})
    conditions = [pair for block in (written.get("Condition") or {}).values() for pair in block.items()]
    return replace(
        ruling,
        actions=_texts(written.get("Action")),
        resources=_texts(written.get("Resource")),
        conditions=tuple((key, _texts(values)) for key, values in conditions),
    )


def statements_in(policy: NamedPolicy) -> list[Mapping[str, Any]]:
    """Returns the statements of a policy document, of which IAM lets one stand alone."""
    given = policy.document.get("Statement", [])
    return given if isinstance(given, list) else [given]


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - any JSON
    return tuple(str(each) for each in value) if isinstance(value, list) else () if value is None else (str(value),)


def _first_in_order(decision: Decision, request: Request, policies: Policies) -> Decision:
    """Returns the identity policies' own refusal where a limit or the resource's policy refuses too.

    AWS names one layer only, and within an account looks at identity policies before boundary and session policies
    (docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html).
    """
    if decision.outcome is Outcome.IMPLICIT_DENY and decision.layer in _LATER and request.caller.account:
        delegating = policies_delegated(request.caller.account)
        alone = evaluate(request, Policies(identity=policies.identity, resource=delegating))
        if alone.outcome is Outcome.IMPLICIT_DENY and request.owner in {None, request.caller.account}:
            return alone
    return decision


def policies_delegated(account: str) -> Policy:
    """Returns a resource policy that leaves everything to the identity policies of the account."""
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Principal": root, "Action": "*", "Resource": "*"}
    return parse_policy("none", {"Version": "2012-10-17", "Statement": [statement]})


def _ruling(decision: Decision, request: Request) -> Ruling:
    effect = Effect.EXPLICIT_DENY if decision.outcome is Outcome.EXPLICIT_DENY else Effect.IMPLICIT_DENY
    statement = decision.statement if effect is Effect.EXPLICIT_DENY else None
    name = statement.policy if statement else ""
    return Ruling(
        layer=decision.layer,
        effect=effect,
        policy=name if name.startswith("arn:") else None,
        statement=statement.sid if statement else None,
        request=request,
    )
