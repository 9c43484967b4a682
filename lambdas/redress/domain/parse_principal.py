"""The role or user behind the credentials that made a call."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from redress.domain.denied_call import Principal
from redress.domain.words import PrincipalType

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPES = {
    "AssumedRole": PrincipalType.ROLE,
    "Role": PrincipalType.ROLE,
    "IAMUser": PrincipalType.USER,
    "FederatedUser": PrincipalType.USER,
    "Root": PrincipalType.ROOT,
    "AWSService": PrincipalType.AWS_SERVICE,
    "AWSAccount": PrincipalType.OTHER_ACCOUNT,
    "IdentityCenterUser": PrincipalType.IDENTITY_CENTER_USER,
    "SAMLUser": PrincipalType.SAML,
    "WebIdentityUser": PrincipalType.WEB_IDENTITY,
}
_ANONYMOUS = frozenset({"ANONYMOUS_PRINCIPAL", "anonymous", "ANONYMOUS"})
_NOTHING: Mapping[str, Any] = {}
_REMEMBERED = 4_096
"""Characters of a session's names up to which its principal is remembered."""


def mapping(value: object) -> Mapping[str, Any]:
    """Returns the value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def words(value: object) -> str | None:
    """Returns the value if it is a text that says something, else None."""
    return value if isinstance(value, str) and value else None


def identity_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns a record's ``userIdentity`` (or nothing), with the names that CloudTrail uses.

    CloudTrail Lake writes the members of nested objects in lower case (``sessioncontext``).
    """
    identity = mapping(record.get("userIdentity"))
    return _recased(identity) if "principalid" in identity or "sessioncontext" in identity else identity


def _recased(value: object) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(value, dict):
        return value
    return {_CAMEL.get(name, name): _recased(inner) for name, inner in value.items()}


_CAMEL = {
    name.lower(): name
    for name in (
        "principalId", "accountId", "accessKeyId", "userName", "invokedBy", "sessionContext", "sessionIssuer",
        "creationDate", "mfaAuthenticated", "ec2RoleDelivery", "onBehalfOf", "credentialId",
    )
}  # fmt: skip


def principal_of(identity: Mapping[str, Any]) -> Principal:
    """Returns the principal of a record's ``userIdentity``.

    For a session this is the role (or, for a federated user, the IAM user) of
    ``sessionContext.sessionIssuer``, whose ARN carries the path that the session's ARN lacks.
    """
    issuer = mapping(mapping(identity.get("sessionContext")).get("sessionIssuer"))
    given = (*map(identity.get, _NAMES), issuer.get("arn"))
    try:
        length = len("".join([name for name in given if name is not None]))
    except TypeError:  # some are no texts
        return _principal.__wrapped__(*map(words, given))
    # A caller who invents endless names must not fill the memory with them.
    return (_principal if length <= _REMEMBERED else _principal.__wrapped__)(*given)


_NAMES = ("type", "arn", "accountId", "principalId", "invokedBy")


@lru_cache(maxsize=4096)
def _principal(
    named: str | None,
    arn: str | None,
    account: str | None,
    unique_id: str | None,
    invoked_by: str | None,
    issuer_arn: str | None,
) -> Principal:
    """Returns the same value for the same session: who is denied once is mostly denied again."""
    arn = arn or None
    behind = _arn_behind(arn, issuer_arn)
    return Principal(
        type=_type_of(named, (account, unique_id), behind or arn),
        arn=behind,
        account=_account_of(account, behind or arn),
        session_arn=arn,
        session_name=_session_name(arn),
        unique_id=unique_id.partition(":")[0] if unique_id else None,
        invoked_by=invoked_by or None,
    )


def _arn_behind(arn: str | None, issuer_arn: str | None) -> str | None:
    if issuer_arn and ":iam::" in issuer_arn:
        return issuer_arn
    return arn if arn and ":iam::" in arn else None


def _type_of(named: str | None, ids: tuple[str | None, ...], arn: str | None) -> PrincipalType:
    kind = _TYPES.get(named or "", PrincipalType.UNKNOWN)
    if kind is PrincipalType.OTHER_ACCOUNT and not _ANONYMOUS.isdisjoint(ids):
        return PrincipalType.ANONYMOUS
    if kind in {PrincipalType.ROLE, PrincipalType.USER, PrincipalType.UNKNOWN}:
        return _type_of_arn(arn) or kind
    return kind


def _type_of_arn(arn: str | None) -> PrincipalType | None:
    if not arn:
        return None
    resource = arn.rpartition("::")[2].partition(":")[2]
    if resource.startswith(("role/", "assumed-role/")):
        return PrincipalType.ROLE
    if resource.startswith("user/"):
        return PrincipalType.USER
    return PrincipalType.ROOT if resource in {"root", "assumed-root"} else None


def _account_of(given: str | None, arn: str | None) -> str | None:
    if given and given not in _ANONYMOUS:
        return given
    parts = arn.split(":", 5) if arn else []
    return (parts[4] or None) if len(parts) > 4 else None  # noqa: PLR2004 - the fifth part of an ARN


def _session_name(arn: str | None) -> str | None:
    if not arn or ":sts:" not in arn:
        return None
    kind, _, rest = arn.rpartition("::")[2].partition(":")[2].partition("/")
    name = rest.partition("/")[2] if kind == "assumed-role" else rest
    return name or None
