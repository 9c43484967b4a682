"""The answer that no identity policy changes: its reason, who can act, and one true sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.finding import NoFix
from redress.domain.words import Layer, NoFixReason, Owner

if TYPE_CHECKING:
    from collections.abc import Mapping

OWNER_OF: Mapping[NoFixReason, Owner] = {
    NoFixReason.EXPLICIT_DENY: Owner.IAM_ADMIN,
    NoFixReason.ORGANIZATION_GUARDRAIL: Owner.ORGANIZATION_ADMIN,
    NoFixReason.PERMISSIONS_BOUNDARY: Owner.IAM_ADMIN,
    NoFixReason.SESSION_POLICY: Owner.CALLER,
    NoFixReason.RESOURCE_POLICY: Owner.RESOURCE_OWNER,
    NoFixReason.ROLE_TRUST: Owner.IAM_ADMIN,
    NoFixReason.VPC_ENDPOINT: Owner.NETWORK_TEAM,
    NoFixReason.CALLER_MUST_CHANGE: Owner.CALLER,
    NoFixReason.NOT_A_PERMISSION_PROBLEM: Owner.CALLER,
    NoFixReason.QUARANTINED_KEY: Owner.SECURITY_TEAM,
    NoFixReason.AWS_SERVICE_CALLER: Owner.RESOURCE_OWNER,
    NoFixReason.ROOT: Owner.SECURITY_TEAM,
    NoFixReason.SERVICE_LINKED_ROLE: Owner.RESOURCE_OWNER,
    NoFixReason.IDENTITY_CENTER_ROLE: Owner.IDENTITY_CENTER_ADMIN,
    NoFixReason.REDRESS_ROLE: Owner.IAM_ADMIN,
    NoFixReason.PROTECTED_PRINCIPAL: Owner.IAM_ADMIN,
    NoFixReason.OTHER_ACCOUNT_PRINCIPAL: Owner.IAM_ADMIN,
    NoFixReason.OTHER_PRINCIPAL: Owner.IAM_ADMIN,
    NoFixReason.PRINCIPAL_UNKNOWN: Owner.IAM_ADMIN,
    NoFixReason.PRINCIPAL_GONE: Owner.NOBODY,
    NoFixReason.ACTION_UNKNOWN: Owner.IAM_ADMIN,
    NoFixReason.RESOURCE_UNKNOWN: Owner.IAM_ADMIN,
    NoFixReason.UNSAFE_TEXT: Owner.SECURITY_TEAM,
    NoFixReason.EVIDENCE_TOO_WEAK: Owner.IAM_ADMIN,
    NoFixReason.ALREADY_ALLOWED: Owner.CALLER,
    NoFixReason.STILL_DENIED: Owner.IAM_ADMIN,
    NoFixReason.GUARD_BLOCKED: Owner.SECURITY_TEAM,
    NoFixReason.POLICY_TOO_LARGE: Owner.IAM_ADMIN,
    NoFixReason.ATTACHMENT_LIMIT: Owner.IAM_ADMIN,
    NoFixReason.POLICY_CHANGED_BY_OTHERS: Owner.IAM_ADMIN,
    NoFixReason.SUSPICIOUS: Owner.SECURITY_TEAM,
    NoFixReason.HEALTH_EVENT: Owner.AWS,
}
"""Who can act, unless the case at hand says otherwise."""

REASON_OF_LAYER: Mapping[Layer, NoFixReason] = {
    Layer.RESOURCE_BASED_POLICY: NoFixReason.RESOURCE_POLICY,
    Layer.PERMISSIONS_BOUNDARY: NoFixReason.PERMISSIONS_BOUNDARY,
    Layer.SESSION_POLICY: NoFixReason.SESSION_POLICY,
    Layer.SERVICE_CONTROL_POLICY: NoFixReason.ORGANIZATION_GUARDRAIL,
    Layer.RESOURCE_CONTROL_POLICY: NoFixReason.ORGANIZATION_GUARDRAIL,
    Layer.VPC_ENDPOINT_POLICY: NoFixReason.VPC_ENDPOINT,
}
"""Which answer a layer gets that an identity policy cannot change."""

DETAIL_OF: Mapping[NoFixReason, str] = {
    NoFixReason.EXPLICIT_DENY: "A policy denies this on purpose; an Allow would not override it.",
    NoFixReason.ORGANIZATION_GUARDRAIL: "An organization policy (SCP or RCP) stands in the way; no Allow here helps.",
    NoFixReason.PERMISSIONS_BOUNDARY: "The principal's permissions boundary does not let this through.",
    NoFixReason.SESSION_POLICY: "The session's own policy does not let this through; whoever made the session sets it.",
    NoFixReason.RESOURCE_POLICY: "The resource's own policy decides this.",
    NoFixReason.ROLE_TRUST: "The role's trust policy decides who may assume it.",
    NoFixReason.VPC_ENDPOINT: "The policy of the VPC endpoint that the call went through refused it.",
    NoFixReason.CALLER_MUST_CHANGE: "The call itself must change; the policy that refused it is right.",
    NoFixReason.NOT_A_PERMISSION_PROBLEM: "This is not a missing permission.",
    NoFixReason.QUARANTINED_KEY: "AWS quarantined this principal because its key leaked; nothing may be granted.",
    NoFixReason.AWS_SERVICE_CALLER: "An AWS service made the call on its own; it has no identity policy here.",
    NoFixReason.ROOT: "The root user has no identity policy.",
    NoFixReason.SERVICE_LINKED_ROLE: "Only AWS can change a service-linked role.",
    NoFixReason.IDENTITY_CENTER_ROLE: "Identity Center owns this role; its permission set is where to change it.",
    NoFixReason.REDRESS_ROLE: "Redress does not change its own roles.",
    NoFixReason.PROTECTED_PRINCIPAL: "The operator protected this principal from changes.",
    NoFixReason.OTHER_ACCOUNT_PRINCIPAL: "The principal belongs to another account; its policies are changed there.",
    NoFixReason.OTHER_PRINCIPAL: "Not the caller was refused, but another role or user.",
    NoFixReason.PRINCIPAL_UNKNOWN: "The event does not say which role or user made the call.",
    NoFixReason.PRINCIPAL_GONE: "The role or user no longer exists.",
    NoFixReason.ACTION_UNKNOWN: "The denied action is not one that IAM knows.",
    NoFixReason.RESOURCE_UNKNOWN: "The evidence does not say exactly which resource was denied.",
    NoFixReason.UNSAFE_TEXT: "The event holds text that may not enter a policy.",
    NoFixReason.EVIDENCE_TOO_WEAK: "Nothing proves that an identity policy lacks an Allow.",
    NoFixReason.ALREADY_ALLOWED: "Today's policies allow the call; if it is still denied, another layer does that.",
    NoFixReason.STILL_DENIED: "With the missing Allow the call would still be denied.",
    NoFixReason.GUARD_BLOCKED: "The guard forbids this grant.",
    NoFixReason.POLICY_TOO_LARGE: "The policy would grow beyond IAM's 6,144 characters.",
    NoFixReason.ATTACHMENT_LIMIT: "The principal has no room for another managed policy.",
    NoFixReason.POLICY_CHANGED_BY_OTHERS: "The Redress policy was changed into something that cannot be merged safely.",
    NoFixReason.SUSPICIOUS: "The principal behaves like an intruder; the security team looks first.",
    NoFixReason.HEALTH_EVENT: "AWS reports an open event for this service; wait until it is over.",
}
"""What is true whenever the reason is given; the case at hand may say it more exactly."""


def no_fix(
    reason: NoFixReason,
    detail: str | None = None,
    *,
    owner: Owner | None = None,
    patch: Mapping[str, str] | None = None,
) -> NoFix:
    """Returns the answer with its usual owner and sentence where none are given."""
    return NoFix(
        reason=reason,
        owner=owner or OWNER_OF[reason],
        detail=detail or DETAIL_OF[reason],
        patch=tuple(sorted((patch or {}).items())),
    )
