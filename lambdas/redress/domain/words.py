"""The closed lists that every conclusion is drawn from.

Member values are stable: they are stored, published and documented (docs/reasons.md).
Layer and Effect use AWS's own names (iam-toolbox ``PolicyType`` and ``EvaluatedEffect``).
"""

from __future__ import annotations

from enum import StrEnum


class Layer(StrEnum):
    """The kind of policy that decided against the call."""

    IDENTITY_BASED_POLICY = "IDENTITY_BASED_POLICY"
    RESOURCE_BASED_POLICY = "RESOURCE_BASED_POLICY"
    PERMISSIONS_BOUNDARY = "PERMISSIONS_BOUNDARY"
    SESSION_POLICY = "SESSION_POLICY"
    SERVICE_CONTROL_POLICY = "SERVICE_CONTROL_POLICY"
    RESOURCE_CONTROL_POLICY = "RESOURCE_CONTROL_POLICY"
    VPC_ENDPOINT_POLICY = "VPC_ENDPOINT_POLICY"
    UNKNOWN = "UNKNOWN"


class Effect(StrEnum):
    """How it decided: nothing allowed the call, or something denied it."""

    IMPLICIT_DENY = "IMPLICIT_DENY"
    EXPLICIT_DENY = "EXPLICIT_DENY"
    UNKNOWN = "UNKNOWN"


class Evidence(StrEnum):
    """How we know, strongest first."""

    VERIFIED = "VERIFIED"
    """Request authorization details of the denied request itself (iam-toolbox)."""
    DECODED = "DECODED"
    """sts:DecodeAuthorizationMessage."""
    REPORTED = "REPORTED"
    """The error message says so."""
    SIMULATED = "SIMULATED"
    """The policy simulator says so, of today's policies."""
    NONE = "NONE"


class Kind(StrEnum):
    """What sort of denial it is; decides what happens next."""

    MISSING_PERMISSION = "MISSING_PERMISSION"
    EXPLICIT_DENY = "EXPLICIT_DENY"
    ORGANIZATION_GUARDRAIL = "ORGANIZATION_GUARDRAIL"
    PERMISSIONS_BOUNDARY = "PERMISSIONS_BOUNDARY"
    SESSION_POLICY = "SESSION_POLICY"
    RESOURCE_POLICY = "RESOURCE_POLICY"
    ROLE_TRUST = "ROLE_TRUST"
    VPC_ENDPOINT = "VPC_ENDPOINT"
    IMDSV2_REQUIRED = "IMDSV2_REQUIRED"
    EC2_ROLE_DELIVERY = "EC2_ROLE_DELIVERY"
    DLM_ROLE = "DLM_ROLE"
    FLEET_TERMINATE = "FLEET_TERMINATE"
    SPOT_TAGS = "SPOT_TAGS"
    MFA_MISSING = "MFA_MISSING"
    QUARANTINED_KEY = "QUARANTINED_KEY"
    CREDENTIALS = "CREDENTIALS"
    QUOTA = "QUOTA"
    THROTTLED = "THROTTLED"
    CAPACITY = "CAPACITY"
    SERVICE_NOT_ENABLED = "SERVICE_NOT_ENABLED"
    SERVICE_SETTING = "SERVICE_SETTING"
    PROPAGATION = "PROPAGATION"
    AWS_SERVICE_CALLER = "AWS_SERVICE_CALLER"
    OTHER_PRINCIPAL = "OTHER_PRINCIPAL"
    UNKNOWN = "UNKNOWN"


class Owner(StrEnum):
    """Who can act."""

    APPROVER = "APPROVER"
    """The people who sign Redress's fixes."""
    IAM_ADMIN = "IAM_ADMIN"
    """Whoever maintains this account's identity policies, boundaries and role trusts."""
    ORGANIZATION_ADMIN = "ORGANIZATION_ADMIN"
    RESOURCE_OWNER = "RESOURCE_OWNER"
    NETWORK_TEAM = "NETWORK_TEAM"
    IDENTITY_CENTER_ADMIN = "IDENTITY_CENTER_ADMIN"
    SECURITY_TEAM = "SECURITY_TEAM"
    CALLER = "CALLER"
    AWS = "AWS"
    NOBODY = "NOBODY"


class PrincipalType(StrEnum):
    """What stands behind the credentials that made the call."""

    ROLE = "ROLE"
    USER = "USER"
    ROOT = "ROOT"
    AWS_SERVICE = "AWS_SERVICE"
    IDENTITY_CENTER_USER = "IDENTITY_CENTER_USER"
    WEB_IDENTITY = "WEB_IDENTITY"
    SAML = "SAML"
    OTHER_ACCOUNT = "OTHER_ACCOUNT"
    ANONYMOUS = "ANONYMOUS"
    UNKNOWN = "UNKNOWN"


class State(StrEnum):
    """Where a finding stands in its life (docs/lifecycle.md)."""

    OPEN = "OPEN"
    PROPOSED = "PROPOSED"
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    APPLYING = "APPLYING"
    FIXED = "FIXED"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"
    RESTORED = "RESTORED"
    NO_FIX = "NO_FIX"
    MUTED = "MUTED"
    SUSPICIOUS = "SUSPICIOUS"


class ProposalStatus(StrEnum):
    """Where a proposal stands; the runbooks write these words too."""

    READY = "READY"
    """To be started automatically."""
    MANUAL = "MANUAL"
    """A person must start it."""
    WAITING = "WAITING"
    """Its execution waits for a signature."""
    APPLYING = "APPLYING"
    APPLIED = "APPLIED"
    RESTORED = "RESTORED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"
    FAILED = "FAILED"


class PolicyIs(StrEnum):
    """What IAM holds after a runbook has ended."""

    BEFORE = "BEFORE"
    """The pre-image: as it was when proposed."""
    AFTER = "AFTER"
    """Exactly the approved change."""
    CHANGED_BY_OTHERS = "CHANGED_BY_OTHERS"
    """Somebody else changed the policy; it was left alone."""
    UNKNOWN = "UNKNOWN"
    """The way back failed or was cut off; a restore has been started."""


class GuardVerdict(StrEnum):
    """What the guard says of a change, mildest first."""

    CLEAN = "CLEAN"
    NOTE = "NOTE"
    TWO_APPROVERS = "TWO_APPROVERS"
    BLOCK = "BLOCK"


class NoFixReason(StrEnum):
    """Why no identity policy is changed."""

    EXPLICIT_DENY = "EXPLICIT_DENY"
    ORGANIZATION_GUARDRAIL = "ORGANIZATION_GUARDRAIL"
    PERMISSIONS_BOUNDARY = "PERMISSIONS_BOUNDARY"
    SESSION_POLICY = "SESSION_POLICY"
    RESOURCE_POLICY = "RESOURCE_POLICY"
    ROLE_TRUST = "ROLE_TRUST"
    VPC_ENDPOINT = "VPC_ENDPOINT"
    CALLER_MUST_CHANGE = "CALLER_MUST_CHANGE"
    NOT_A_PERMISSION_PROBLEM = "NOT_A_PERMISSION_PROBLEM"
    QUARANTINED_KEY = "QUARANTINED_KEY"
    AWS_SERVICE_CALLER = "AWS_SERVICE_CALLER"
    ROOT = "ROOT"
    SERVICE_LINKED_ROLE = "SERVICE_LINKED_ROLE"
    IDENTITY_CENTER_ROLE = "IDENTITY_CENTER_ROLE"
    REDRESS_ROLE = "REDRESS_ROLE"
    PROTECTED_PRINCIPAL = "PROTECTED_PRINCIPAL"
    OTHER_ACCOUNT_PRINCIPAL = "OTHER_ACCOUNT_PRINCIPAL"
    OTHER_PRINCIPAL = "OTHER_PRINCIPAL"
    PRINCIPAL_UNKNOWN = "PRINCIPAL_UNKNOWN"
    PRINCIPAL_GONE = "PRINCIPAL_GONE"
    ACTION_UNKNOWN = "ACTION_UNKNOWN"
    RESOURCE_UNKNOWN = "RESOURCE_UNKNOWN"
    UNSAFE_TEXT = "UNSAFE_TEXT"
    EVIDENCE_TOO_WEAK = "EVIDENCE_TOO_WEAK"
    ALREADY_ALLOWED = "ALREADY_ALLOWED"
    STILL_DENIED = "STILL_DENIED"
    GUARD_BLOCKED = "GUARD_BLOCKED"
    POLICY_TOO_LARGE = "POLICY_TOO_LARGE"
    ATTACHMENT_LIMIT = "ATTACHMENT_LIMIT"
    POLICY_CHANGED_BY_OTHERS = "POLICY_CHANGED_BY_OTHERS"
    SUSPICIOUS = "SUSPICIOUS"
    HEALTH_EVENT = "HEALTH_EVENT"


class DecodeStatus(StrEnum):
    """What became of the encoded part of a message."""

    NO_MESSAGE = "NO_MESSAGE"
    """There was none."""
    PRESENT = "PRESENT"
    """Whole, not yet decoded."""
    TRUNCATED = "TRUNCATED"
    """Cut by CloudTrail at 1,024 characters: cannot be decoded."""
    DECODED = "DECODED"
    EXPIRED_OR_INVALID = "EXPIRED_OR_INVALID"
    NOT_PERMITTED = "NOT_PERMITTED"
    FAILED = "FAILED"
