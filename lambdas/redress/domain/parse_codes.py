"""Which error codes mean a denial, and what the others mean.

There is no closed list in AWS's documentation; this one was compiled from the error shapes of
botocore's service models and from real CloudTrail records. ``reason_for`` answers with a stable word.
"""

from __future__ import annotations

import re
from functools import lru_cache

from redress.domain.words import Kind

DENIAL_CODES = frozenset({
    "AccessDenied", "AccessDeniedException", "AccessDeniedFault", "AccessForbidden", "VpceAccessDenied",
    "UnauthorizedOperation", "UnauthorizedOperationException", "UnauthorizedException",
    "UnauthorizedResourceAccessException", "UnauthorizedAccess", "ForbiddenException", "Forbidden",
    "NotAuthorized", "NotAuthorizedException", "AuthorizationError", "AuthorizationException",
    "AuthorizationErrorException", "InsufficientPrivilegesException",
    # A second service refused: the role to mend may be an execution role, or a key policy.
    "KMSAccessDeniedException", "KmsAccessDeniedException", "KmsAccessDenied", "KMSAccessDenied",
    "KMSAccessDeniedFault", "S3AccessDeniedFault", "EC2AccessDeniedException",
    "EncryptionKeyAccessDeniedException", "AccessDeniedForDependencyException",
    "DependencyAccessDeniedException", "DependentServiceAccessDenied", "SNSNoAuthorization",
    "OrganizationAccessDeniedException", "OpsItemAccessDeniedException",
})  # fmt: skip

_DENIAL_ENDINGS = (
    "AccessDenied", "AccessDeniedException", "AccessDeniedFault", "UnauthorizedOperation",
    "ServiceLinkedRoleCreationNotPermitted",
)  # fmt: skip

FALSE_FRIENDS = frozenset({
    "AuthorizationNotFound", "AuthorizationAlreadyExists", "AuthorizationQuotaExceeded",
    "InvalidAuthorizationState", "AuthorizationPendingException", "InvalidAuthorizationMessageException",
    "TooManyVPCAssociationAuthorizations", "UnauthorizedClientException", "UnauthorizedPartnerIntegration",
    "AccessDeniedByMetaException",
})  # fmt: skip
"""Codes that hold the words and are no IAM denials."""

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("no_error", r"|2\d\d"),
    ("dry_run_allowed", r"DryRunOperation"),
    ("throttled", (r"Thrott.*|TooManyRequests.*|Request(?:Limit|Rate|Thrott).*Exceeded|RequestLimitExceeded"
     r"|SlowDown|RateExceeded.*|ProvisionedThroughputExceeded.*|BandwidthLimitExceeded|RequestThrottled.*")),
    ("capacity", r"Insufficient.*Capacity.*|InsufficientCapacity.*|SpotMaxPriceTooLow|NoAvailableCapacity.*"),
    ("credentials", (r".*InvalidClientTokenId.*|UnrecognizedClient.*|SignatureDoesNotMatch|InvalidSignature.*"
     r"|RequestExpired.*|Expired(?:Credentials|Token).*|ExpiredTokenException|IncompleteSignature.*"
     r"|MissingAuthenticationToken.*|InvalidAccessKeyId.*|InvalidToken|TokenRefreshRequired"
     r"|RequestTimeTooSkewed|AuthFailure|UnauthorizedClientException|InvalidGrantException")),
    ("service_not_enabled", (r"OptInRequired|SubscriptionRequired.*|NotSignedUp|InvalidAccessException"
     r"|.*NotEnabled(?:Exception)?|.*NotSubscribed.*|AWSOrganizationsNotInUse.*")),
    ("quota", (r".*(?:Limit|Quota).*Exceeded.*|LimitExceeded.*|.*LimitExceeded(?:Exception|Fault)?"
     r"|TooMany.*|Max.*CountExceeded|.*QuotaExceeded.*")),
    ("service_setting", r"OperationNotPermitted.*|NotOrganizationMasterAccount.*"),
    ("not_found", r".*NotFound.*|.*NoSuch.*|.*DoesNotExist.*"),
    ("already_exists", r".*AlreadyExist.*|.*Duplicate.*|BucketAlreadyOwnedByYou"),
    ("conflict", (r".*Conflict.*|.*InUse.*|.*State(?:Exception|Fault)?|.*NotEmpty.*|.*TemporarilyUnmodifiable.*"
     r"|ConditionalCheckFailed.*|TransactionCanceled.*|AuthorizationPendingException")),
    ("internal_error", r"Internal.*|ServiceFailure.*|ServiceUnavailable.*|Unavailable"),
    ("invalid_request", (r"Invalid.*|.*Validation.*|Malformed.*|Unknown.*|BadRequest.*|Unsupported.*|Missing.*"
     r"|.*NotSupported|.*Violation.*")),
)  # fmt: skip
"""Reason → shape of the codes that mean it, the first that fits."""

REASON_KINDS: dict[str, Kind | None] = {
    "no_error": None,
    "dry_run_allowed": None,
    "throttled": Kind.THROTTLED,
    "capacity": Kind.CAPACITY,
    "credentials": Kind.CREDENTIALS,
    "sign_in_failed": Kind.CREDENTIALS,
    "service_not_enabled": Kind.SERVICE_NOT_ENABLED,
    "quota": Kind.QUOTA,
    "service_setting": Kind.SERVICE_SETTING,
    "imdsv2_enforced": Kind.IMDSV2_REQUIRED,
    "role_not_assumable": Kind.ROLE_TRUST,
    "role_lacks_permission": Kind.OTHER_PRINCIPAL,
    "not_found": None,
    "already_exists": None,
    "conflict": None,
    "internal_error": None,
    "invalid_request": None,
    "insight": None,
    "dlm_state": None,
    "other_error": None,
}
"""Every reason why a record is no denial, and the kind of trouble it is, where it is one that a person can act on."""

_DENIAL_WORDS = "not authorized to perform"
_BY_TEXT: tuple[tuple[str, str], ...] = (
    (" cannot be assumed by ", "role_not_assumable"),
    (" is unable to assume ", "role_not_assumable"),
    (" was unable to assume ", "role_not_assumable"),
    (" is not authorized to perform AssumeRole on ", "role_not_assumable"),
    ("Trust policy of the role provided is invalid", "role_not_assumable"),
    (" role does not have permissions to call ", "role_lacks_permission"),
    ("Please ensure the role can perform the ", "role_lacks_permission"),
)
"""What a text under another code says of a role that the request hands to a service."""
_NO_ACCESS = ("Not authorized for images", "do not have permission to access the specified resource")
"""What EC2 says under ``AuthFailure`` of a resource that is somebody else's."""


@lru_cache(maxsize=512)
def is_denial_code(code: str) -> bool:
    """Returns whether the code alone means that a permission was refused (EC2's ``Client.`` prefix is ignored)."""
    bare = _bare(code)
    return bare in DENIAL_CODES or (bare.endswith(_DENIAL_ENDINGS) and bare not in FALSE_FRIENDS)


@lru_cache(maxsize=512)
def reason_for(code: str) -> str:
    """Returns the word for a code that is no denial; ``other_error`` where no rule knows it."""
    bare = _bare(code)
    return next((reason for reason, pattern in _rules() if pattern.fullmatch(bare)), "other_error")


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[str, re.Pattern[str]], ...]:
    # Compiled when first needed: most functions only ever see denials.
    return tuple((reason, re.compile(pattern)) for reason, pattern in _PATTERNS)


def reason_not_denied(code: str, message: str | None, source: str) -> str | None:
    """Returns why a record with this error code is no denial, or None if it is one.

    The text overrules the code in both directions: a few services refuse under another code, and
    Cognito's NotAuthorizedException is a wrong password.
    """
    text = message or ""
    if is_denial_code(code):
        return "credentials" if _is_wrong_password(code, text, source) else None
    if _is_denial_by_text(code, text):
        return None
    return _reason_by_text(code, text) or reason_for(code)


def _is_wrong_password(code: str, text: str, source: str) -> bool:
    if code != "NotAuthorizedException" or _DENIAL_WORDS in text:
        return False
    # A message by itself has no source; other services that use the code say who is not authorized.
    return source.startswith("cognito-") or (not source and bool(text) and "authorized" not in text)


def _is_denial_by_text(code: str, text: str) -> bool:
    # CloudTrail's UpdateTrail answers so when the role it was handed can't be assumed.
    if code == "InvalidCloudWatchLogsRoleArnException" and text.startswith("Access denied"):
        return True
    return " is not authorized to perform: " in text


def _reason_by_text(code: str, text: str) -> str | None:
    if code.endswith("UnsupportedOperation") and "httpTokensEnforced" in text:
        return "imdsv2_enforced"
    if code.endswith("AuthFailure") and any(words in text for words in _NO_ACCESS):
        return "service_setting"
    return next((reason for words, reason in _BY_TEXT if words in text), None)


def _bare(code: str) -> str:
    return code[7:] if code.startswith(("Client.", "Server.")) else code
