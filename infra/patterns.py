"""The EventBridge patterns: what a denial is, said in data, without the CDK so that a test can evaluate them.

An array means OR, fields mean AND. ``anything-but`` does not match a field that is absent (an IAM user's record has
no ``sessionContext``, an anonymous one no ``type``), so each exclusion is a ``$or`` with ``{"exists": false}``.
"""

from __future__ import annotations

import json
from typing import Final

API_CALL: Final = "AWS API Call via CloudTrail"
CONSOLE_ACTION: Final = "AWS Console Action via CloudTrail"
NETWORK_ACTIVITY: Final = "AWS Network Activity Event via CloudTrail"
MAX_PATTERN: Final = 4_096
"""Characters of an event pattern (EventBridge, PutRule)."""

DENIAL_CODES: Final[tuple[object, ...]] = (
    # One suffix each for the codes of EC2, which come with and without "Client.", and of KMS and other dependencies
    # (KMSAccessDeniedException, S3AccessDeniedFault, DependentServiceAccessDenied, VpceAccessDenied …).
    # No prefix "AccessDenied": AccessDeniedByMetaException is another thing.
    {"suffix": "AccessDenied"},
    {"suffix": "AccessDeniedException"},
    {"suffix": "AccessDeniedFault"},
    {"suffix": "UnauthorizedOperation"},
    {"suffix": "ServiceLinkedRoleCreationNotPermitted"},
    # The rest by name: many codes that contain "Authoriz" are no denials (AuthorizationNotFound,
    # UnauthorizedClientException …).
    "AccessDeniedForDependencyException",
    "AccessForbidden",
    "AuthorizationError",
    "AuthorizationErrorException",
    "AuthorizationException",
    "Forbidden",
    "ForbiddenException",
    "InsufficientPrivilegesException",
    "NotAuthorized",
    "NotAuthorizedException",
    "SNSNoAuthorization",
    "UnauthorizedAccess",
    "UnauthorizedException",
    "UnauthorizedOperationException",
    "UnauthorizedResourceAccessException",
    # Credentials and ownership rather than permissions; the classifier says so, and people look for them here.
    "AuthFailure",
    "Client.AuthFailure",
    "Client.OperationNotPermitted",
)
"""``errorCode`` values of denied calls: botocore's models, CloudTrail's own, and recorded events."""


def denied_calls(own_roles: str) -> dict[str, object]:
    """Returns the pattern of denied API calls, by anyone but AWS services and Redress itself.

    Args:
        own_roles: What the ARNs of Redress's own roles begin with.

    """
    return {
        "source": [{"prefix": "aws."}],
        "detail-type": [API_CALL, CONSOLE_ACTION, NETWORK_ACTIVITY],
        "detail": {"errorCode": list(DENIAL_CODES), "$or": _callers(own_roles)},
    }


def _callers(own_roles: str) -> list[dict[str, object]]:
    types = ([{"exists": False}], [{"anything-but": ["AWSService"]}])
    issuers = ([{"exists": False}], [{"anything-but": {"prefix": own_roles}}])
    return [
        {"userIdentity": {"type": kind, "sessionContext": {"sessionIssuer": {"arn": issuer}}}}
        for kind in types
        for issuer in issuers
    ]


def dlm_errors() -> dict[str, object]:
    """Returns the pattern of snapshot lifecycle policies that went into error, often for want of a permission."""
    return {"source": ["aws.dlm"], "detail-type": ["DLM Policy State Change"], "detail": {"state": ["ERROR"]}}


def health_issues() -> dict[str, object]:
    """Returns the pattern of AWS Health events; an open issue explains denials of its service."""
    return {"source": ["aws.health"], "detail-type": ["AWS Health Event"]}


def automation_changes(documents: tuple[str, ...]) -> dict[str, object]:
    """Returns the pattern of status changes of executions of ``documents``, whole or of one step."""
    return {
        "source": ["aws.ssm"],
        "detail-type": [
            "EC2 Automation Execution Status-change Notification",
            "EC2 Automation Step Status-change Notification",
        ],
        "detail": {"Definition": list(documents)},
    }


def length_of(pattern: dict[str, object]) -> int:
    """Returns the characters that EventBridge counts."""
    return len(json.dumps(pattern, separators=(",", ":")))
