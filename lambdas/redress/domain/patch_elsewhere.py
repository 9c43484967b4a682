"""What the owner of another policy would commit: where a resource policy, guardrail or boundary is the place.

Redress never applies any of it. Where nothing allows the call, the text is a statement to add; where a Deny
stands in the way, it is the condition that would make the principal an exception to it. A patch is only written
when principal, action and resource are all fit for a policy.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from redress.domain import arn
from redress.domain.eligible import PRINCIPAL_ARN, refusal_at_sight
from redress.domain.grammar import is_action, is_arn, is_policy_safe
from redress.domain.likely_next import likely_next
from redress.domain.no_fix_weighed import weighed
from redress.domain.patch_commands import commands
from redress.domain.patch_formats import as_hcl, as_json, as_python
from redress.domain.patch_places import ANY_RESOURCE, PLACES, RESOURCE_PLACES, ROLE_TRUST, Place
from redress.domain.proposal import canonical_json, sha256
from redress.domain.request import account_in
from redress.domain.words import Effect, Kind, Layer, NoFixReason

if TYPE_CHECKING:
    from redress.domain.finding import Finding, NoFix
    from redress.domain.verdict import Verdict

SID = "RedressSuggested"
"""How a suggested statement's Sid begins; a digest follows, because a policy holds no Sid twice."""
_DIGITS = 8

PATCHED = frozenset(
    {
        NoFixReason.EXPLICIT_DENY,
        NoFixReason.ORGANIZATION_GUARDRAIL,
        NoFixReason.PERMISSIONS_BOUNDARY,
        NoFixReason.RESOURCE_POLICY,
        NoFixReason.ROLE_TRUST,
        NoFixReason.VPC_ENDPOINT,
    }
)
"""Answers that another policy's owner could act on."""


def no_fix_at_sight(finding: Finding) -> NoFix | None:
    """Returns the answer that the finding's own evidence gives, with the patch for its owner; None if it may be fixed.

    For whoever has no target at hand: what a plan would say without looking anything up.
    """
    answer = refusal_at_sight(finding)
    return weighed(with_patch(finding, answer), finding) if answer else None


def with_patch(finding: Finding, answer: NoFix) -> NoFix:
    """Returns the answer with the text that its owner would commit, where there is such a text."""
    if answer.patch or answer.reason not in PATCHED:
        return answer
    return replace(answer, patch=tuple(sorted(patch_elsewhere(finding.verdict).items())))


def patch_elsewhere(verdict: Verdict, layer: Layer | None = None, *, denies: bool | None = None) -> dict[str, str]:
    """Returns the patch by format for the owner of the policy that decided; empty where none can be written.

    Args:
        verdict: Of the denial.
        layer: Whose policy to patch, where it is not the verdict's: the next layer that would deny.
        denies: Whether that layer denies explicitly; None asks the verdict.

    """
    place = _place(verdict, layer or verdict.layer)
    if place is None or not _fit(verdict):
        return {}
    by_exception = verdict.effect is Effect.EXPLICIT_DENY if denies is None else denies
    content = _exception(verdict) if by_exception else _addition(verdict, layer or verdict.layer, place)
    text = commands(place, verdict, content, by_exception=by_exception)
    return _written(place, content, by_exception=by_exception) | ({"cli": text} if text else {})


def _place(verdict: Verdict, layer: Layer) -> Place | None:
    if verdict.kind is Kind.ROLE_TRUST:
        # Where a service can't assume a role that it was handed, the caller has no business in the role's trust.
        asked = (verdict.action or "").startswith("sts:") and layer is Layer.RESOURCE_BASED_POLICY
        return ROLE_TRUST if asked else None
    if layer is Layer.RESOURCE_BASED_POLICY:
        parts = arn.split(verdict.resource or "")
        return _of_resource(parts) if parts else None
    return PLACES.get(layer)


def _of_resource(parts: arn.Arn) -> Place:
    if parts.service == "s3" and parts.account:  # buckets and objects have no account in their ARNs
        return RESOURCE_PLACES["s3-accesspoint"] if parts.region else ANY_RESOURCE
    if parts.service == "lambda" and parts.resource.startswith("layer:"):
        return RESOURCE_PLACES["lambda-layer"]
    return RESOURCE_PLACES.get(parts.service, ANY_RESOURCE)


def _fit(verdict: Verdict) -> bool:
    resource = verdict.resource or ""
    named = is_arn(resource) and is_policy_safe(resource)
    return (
        PRINCIPAL_ARN.fullmatch(verdict.principal.arn or "") is not None
        and is_action(verdict.action or "")
        and (named or resource in {"*", ""})
    )


def _exception(verdict: Verdict) -> dict[str, Any]:
    return {"Condition": {"ArnNotLike": {"aws:PrincipalArn": [verdict.principal.arn]}}}


def _addition(verdict: Verdict, layer: Layer, place: Place) -> dict[str, Any]:
    content = _granted(verdict, layer, place)
    mark = sha256(canonical_json(content))[:_DIGITS]
    return {"Sid": f"{SID}{mark}", **content}


def _granted(verdict: Verdict, layer: Layer, place: Place) -> dict[str, Any]:
    resource = {} if place.bare else {"Resource": verdict.resource or "*"}
    statement: dict[str, Any] = {"Effect": "Allow", "Action": verdict.action, **resource}
    if verdict.kind is Kind.ROLE_TRUST or layer is Layer.RESOURCE_BASED_POLICY:
        arn_of_caller = verdict.principal.arn or ""
        return {**statement, "Principal": {"AWS": account_in(arn_of_caller) if place.accounts else arn_of_caller}}
    if layer is Layer.VPC_ENDPOINT_POLICY:
        condition = {"ArnEquals": {"aws:PrincipalArn": [verdict.principal.arn]}}
        return {**statement, "Principal": "*", "Condition": condition}
    return statement


def _written(place: Place, content: dict[str, Any], *, by_exception: bool) -> dict[str, str]:
    what = (
        "Merge into the denying statement, which then spares the principal all that it denies"
        if by_exception
        else "Add to the statements"
    )
    following = "" if by_exception else ", ".join(likely_next([content["Action"]]))
    then = f"# Likely to be denied next: {following}.\n" if following else ""
    return {
        "cloudformation": f"# {what}: {place.cloudformation}\n{then}{as_json(content)}",
        "cdk": f"# {what}: {place.cdk}\n{then}iam.PolicyStatement.from_json({as_python(content, 0)})"
        if not by_exception
        else f"# {what}: {place.cdk}\nconditions={as_python(content['Condition'], 0)}",
        "terraform": f"# {what}: {place.terraform}\n{then}{as_hcl(content)}",
    }
