"""The call that policies are asked about: who, what, on what, in which context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from redress.domain.values import dataclass


class CallerKind(StrEnum):
    """What sort of principal signs the request; it decides which grants reach it directly."""

    USER = "USER"
    ROLE = "ROLE"
    """A role whose session is not known."""
    ROLE_SESSION = "ROLE_SESSION"
    FEDERATED_USER = "FEDERATED_USER"
    """A session made by sts:GetFederationToken."""
    ROOT = "ROOT"
    SERVICE = "SERVICE"
    FEDERATED = "FEDERATED"
    """An identity provider in an AssumeRoleWithSAML or AssumeRoleWithWebIdentity call."""
    ANONYMOUS = "ANONYMOUS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who makes the call.

    Attributes:
        arn: As the request is signed (session ARN for a session), a service principal, or empty for anonymous.
        account: 12 digits; None for services, providers and anonymous callers.
        issuer_arn: The role (with its path) or user behind a session; None where it is not known.
        unique_id: AIDA…/AROA… identifier, where known.

    """

    kind: CallerKind
    arn: str
    account: str | None = None
    issuer_arn: str | None = None
    unique_id: str | None = None

    @property
    def name(self) -> str:
        """Returns the user or role name without path or session."""
        parts = self.arn.split(":", 5)[-1].split("/")
        return parts[1] if self.kind is CallerKind.ROLE_SESSION and len(parts) > 1 else parts[-1]

    @property
    def service_linked(self) -> bool:
        """Returns whether it is a service-linked role; SCPs and RCPs do not reach those."""
        return ":role/aws-service-role/" in (self.issuer_arn or self.arn) or (
            self.kind is CallerKind.ROLE_SESSION and self.name.startswith("AWSServiceRoleFor")
        )


ANONYMOUS = Caller(kind=CallerKind.ANONYMOUS, arn="")

_KINDS = {
    "user": CallerKind.USER,
    "role": CallerKind.ROLE,
    "assumed-role": CallerKind.ROLE_SESSION,
    "federated-user": CallerKind.FEDERATED_USER,
    "root": CallerKind.ROOT,
}


def caller_of(
    arn: str, *, role_arn: str | None = None, user_arn: str | None = None, unique_id: str | None = None
) -> Caller:
    """Returns the caller that an ARN or service principal names.

    Args:
        arn: IAM or STS ARN, ``ec2.amazonaws.com``, a provider, or ``anonymous``.
        role_arn: The role behind a role session, with its path.
        user_arn: The user behind a federated user's session.
        unique_id: AIDA…/AROA… identifier, where known.

    """
    if arn in {"", "*", "anonymous"}:
        return ANONYMOUS
    fields = arn.split(":", 5)
    if len(fields) < 6:  # noqa: PLR2004 - an ARN has six fields
        kind = CallerKind.SERVICE if arn.endswith((".amazonaws.com", ".amazonaws.com.cn")) else CallerKind.FEDERATED
        return Caller(kind=kind, arn=arn)
    kind = _KINDS.get(fields[5].split("/", 1)[0], CallerKind.FEDERATED)
    account = None if kind is CallerKind.FEDERATED else fields[4]
    issuers = {CallerKind.ROLE: arn, CallerKind.ROLE_SESSION: role_arn, CallerKind.FEDERATED_USER: user_arn}
    return Caller(
        kind=kind,
        arn=arn,
        account=account,
        issuer_arn=issuers.get(kind),
        unique_id=unique_id,
    )


def account_in(arn: str) -> str | None:
    """Returns the account field of an ARN, or None where it is empty or no account."""
    fields = arn.split(":", 5)
    account = fields[4] if len(fields) == 6 else ""  # noqa: PLR2004 - an ARN has six fields
    return account if len(account) == 12 and account.isdigit() else None  # noqa: PLR2004 - account ids have 12 digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call to decide on.

    Attributes:
        action: ``service:Action``; case does not matter.
        resource: ARN, or ``*``.
        resource_account: Owner of the resource; None reads it from the ARN, and where the ARN has none
            (S3 buckets) takes the resource to be the caller's own.
        context: Values by condition key; the case of keys does not matter.
        absent: Keys that are known not to be in the request context.
        empty: Keys (lower case) that are in the context with no value at all.
        complete: Whether every key outside ``context`` is absent. By default such a key is *unknown*.
        stands_for_many: Whether the ``*`` in the resource stands for resources that are not known yet, so that
            a denial of some of them makes the answer unknown. By default it is a character like any other.

    """

    caller: Caller
    action: str
    resource: str
    resource_account: str | None = None
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    complete: bool = False
    stands_for_many: bool = False
    _folded: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    empty: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        folded: dict[str, tuple[str, ...]] = dict.fromkeys((key.lower() for key in self.absent), ())
        folded.update((key.lower(), tuple(values)) for key, values in self.context.items())
        object.__setattr__(self, "_folded", folded)
        object.__setattr__(self, "empty", frozenset(key.lower() for key, values in self.context.items() if not values))
        object.__setattr__(self, "action", self.action.lower())

    def values(self, key: str) -> tuple[str, ...] | None:
        """Returns the values of a condition key in lower case; empty means absent, None means unknown."""
        found = self._folded.get(key)
        return found if found is not None or not self.complete else ()

    @property
    def owner(self) -> str | None:
        """Returns the account that owns the resource, or None where neither argument nor ARN says."""
        return self.resource_account or account_in(self.resource)
