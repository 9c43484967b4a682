"""AWS's policy evaluation logic: one request, all policies that apply to it, one decision.

Sources (docs.aws.amazon.com/IAM/latest/UserGuide): reference_policies_evaluation-logic_policy-eval-denyallow,
reference_policies_evaluation-logic-cross-account, access_policies_boundaries; for role trust and KMS key policies
reference_policies_evaluation-logic and kms/latest/developerguide/key-policies.

Every part of the decision is True, False or None (unknown). A value that could change the answer makes the
outcome UNKNOWN, never ALLOW. Layers that could not be read are left out and named in ``unknown_layers``;
where an unread layer would have to grant the call, the outcome is UNKNOWN as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.decision import Decision, Outcome
from redress.domain.layers import Findings, look_at_all
from redress.domain.request import CallerKind
from redress.domain.words import Layer

if TYPE_CHECKING:
    from redress.domain.policies import Policies
    from redress.domain.policy_json import PolicyStatement
    from redress.domain.request import Request


def evaluate(request: Request, policies: Policies) -> Decision:
    """Returns the decision on a request."""
    findings = look_at_all(request, policies)
    outcome, layer, statement = _decide(request, findings)
    return Decision(
        outcome=outcome,
        layer=layer,
        statement=statement,
        missing_context=tuple(dict.fromkeys(findings.missing)),
        unknown_layers=tuple(layer for layer in Layer if layer in policies.unreadable),
        trace=tuple(findings.trace),
    )


_Answer = tuple[Outcome, Layer, "PolicyStatement | None"]


ALWAYS_ALLOWED = frozenset({"sts:getcalleridentity"})
"""Whoever has credentials may call these, even against an explicit deny (STS API reference, GetCallerIdentity)."""


def _decide(request: Request, findings: Findings) -> _Answer:
    if request.action in ALWAYS_ALLOWED and request.caller.kind is not CallerKind.ANONYMOUS:
        return Outcome.ALLOW, Layer.IDENTITY_BASED_POLICY, None
    for found in findings.in_order:
        if found.deny:
            return Outcome.EXPLICIT_DENY, found.layer, found.deny_by
    parts = [*_guards(findings), *_grant(request, findings)]
    refusal = next((part for part in parts if part[0] is False), None)
    if refusal:
        return Outcome.IMPLICIT_DENY, refusal[1], None
    doubts = [part for part in (*parts, *_perhaps_denied(findings)) if part[0] is None]
    if doubts:
        return Outcome.UNKNOWN, *doubts[0][1:]
    return Outcome.ALLOW, *next(part for part in reversed(parts) if part[1] in _GRANTING)[1:]


_GRANTING = {Layer.IDENTITY_BASED_POLICY, Layer.RESOURCE_BASED_POLICY}


Part = tuple["bool | None", Layer, "PolicyStatement | None"]
"""Whether one condition of being allowed holds, and what says so."""


def _guards(findings: Findings) -> list[Part]:
    """Returns the layers that must allow whoever grants."""
    return [(found.allow, found.layer, None) for found in findings.guards]


def _perhaps_denied(findings: Findings) -> list[Part]:
    return [(None, found.layer, found.deny_by) for found in findings.in_order if found.deny is None]


def _grant(request: Request, findings: Findings) -> list[Part]:
    """Returns what must hold for the call to be granted."""
    resource = (findings.resource.allow, Layer.RESOURCE_BASED_POLICY, findings.resource.allow_by)
    if request.caller.account is None:
        return [resource]  # services, identity providers and anonymous callers have no policies of their own
    if request.owner not in {None, request.caller.account}:
        return [resource, *_identity(request, findings), *_limits(findings)]
    return _within_account(request, findings)


def _within_account(request: Request, findings: Findings) -> list[Part]:
    """Returns the parts of: direct grant, or limits and (grant to the issuer, or identity policy)."""
    resource = findings.resource
    grant = (True, Layer.RESOURCE_BASED_POLICY, resource.allow_by)
    if resource.direct:
        return [grant]
    limits = _limits(findings)
    if resource.issuer:
        return [*limits, grant]
    delegated: list[Part] = [(resource.allow, *grant[1:])] if needs_resource_policy(request) else []
    own = [*delegated, *_identity(request, findings), *limits]
    if _fails(own) and (resource.direct is None or (resource.issuer is None and not _fails(limits))):
        return [(None, *grant[1:])]
    return own


def _fails(parts: list[Part]) -> bool:
    return any(answer is False for answer, *_ in parts)


def _limits(findings: Findings) -> list[Part]:
    return [(found.allow, found.layer, None) for found in (findings.boundary, findings.session)]


def _identity(request: Request, findings: Findings) -> list[Part]:
    if request.caller.kind is CallerKind.ROOT:
        return [(True, Layer.IDENTITY_BASED_POLICY, None)]
    found = findings.identity
    return [(found.allow, Layer.IDENTITY_BASED_POLICY, found.allow_by)]


_TRUST = ("sts:assumerole", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext")


def needs_resource_policy(request: Request) -> bool:
    """Returns whether identity policies alone never grant the call: assuming roles, and KMS keys.

    A trust or key policy must name the caller, or its account, which then leaves the rest to identity policies.
    """
    if request.action.startswith("kms:"):
        return ":key/" in request.resource
    return request.action.startswith(_TRUST) and ":role/" in request.resource
