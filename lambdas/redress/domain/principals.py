"""The Principal element: whom a resource-based policy names, and how directly.

How directly decides which implicit denies of other layers still count (same account):
docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from redress.domain.conditions import texts
from redress.domain.policy_error import MalformedPolicy
from redress.domain.request import CallerKind
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from redress.domain.request import Caller


class Named(IntEnum):
    """How a policy names the caller, weakest first."""

    NOT = 0
    ACCOUNT = 1
    """Its account: a delegation, which an identity policy must still take up."""
    ISSUER = 2
    """The role or user behind the session: boundary and session policy still count."""
    DIRECT = 3
    """The user, the session, the service or everyone: no other implicit deny counts (same account)."""


_TYPES = {"AWS", "Service", "Federated", "CanonicalUser"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalList:
    """The principals of one statement.

    Attributes:
        everyone: ``"*"`` or ``{"AWS": "*"}``.
        aws: ARNs, account ids and unique ids.
        others: Service principals and identity providers.
        canonical: Whether it names S3 canonical users, which stand for accounts we cannot tell.

    """

    everyone: bool
    aws: frozenset[str]
    others: frozenset[str]
    canonical: bool = False

    def names(self, caller: Caller) -> Named | None:
        """Returns how the list names the caller, by its most direct entry; None where that cannot be told."""
        if self.everyone or caller.arn in self.others:
            return Named.DIRECT
        if caller.kind in {CallerKind.SERVICE, CallerKind.FEDERATED, CallerKind.ANONYMOUS}:
            return Named.NOT
        if caller.kind in _ITSELF and (caller.arn in self.aws or _is_user_id(caller, self.aws)):
            return Named.DIRECT
        if any(is_behind(caller, entry) for entry in self.aws):
            return Named.ISSUER
        if not self.aws.isdisjoint(account_names(caller)):
            return Named.ACCOUNT
        return None if self._may_hold_issuer(caller) else Named.NOT

    def _may_hold_issuer(self, caller: Caller) -> bool:
        """A federated user's session does not show who federated; any user of the account may have."""
        unknown = caller.kind is CallerKind.FEDERATED_USER and caller.issuer_arn is None
        return self.canonical or (unknown and any(f"::{caller.account}:user/" in entry for entry in self.aws))


_ITSELF = {CallerKind.USER, CallerKind.ROLE_SESSION, CallerKind.FEDERATED_USER}


def _is_user_id(caller: Caller, entries: frozenset[str]) -> bool:
    return caller.kind is CallerKind.USER and caller.unique_id in entries


def account_names(caller: Caller) -> set[str]:
    """Returns the two ways to name the caller's account; empty where it has none."""
    if not caller.account:
        return set()
    return {caller.account, f"arn:{caller.arn.split(':')[1]}:iam::{caller.account}:root"}


def is_behind(caller: Caller, entry: str) -> bool:
    """Returns whether the entry is the role or user behind the caller.

    Role names are unique in an account whatever their path, so where the role's ARN is not known, account
    and name of the session ARN are enough.
    """
    if caller.issuer_arn:
        return entry == caller.issuer_arn or (entry == caller.unique_id and caller.kind is not CallerKind.USER)
    if caller.kind is not CallerKind.ROLE_SESSION or ":role/" not in entry:
        return False
    return entry.rsplit("/", 1)[-1] == caller.name and entry.split(":", 5)[4] == caller.account


def parse_principals(value: object, where: str) -> PrincipalList:
    """Returns the principals of a Principal or NotPrincipal element.

    Raises:
        MalformedPolicy: The element is neither ``"*"`` nor an object of known principal types.

    """
    if value == "*":
        return PrincipalList(everyone=True, aws=frozenset(), others=frozenset())
    if not isinstance(value, dict) or not set(value) <= _TYPES:
        raise MalformedPolicy(where, 'is neither "*" nor an object of AWS, Service, Federated, CanonicalUser')
    aws = frozenset(texts(value.get("AWS", []), where))
    others = frozenset((*texts(value.get("Service", []), where), *texts(value.get("Federated", []), where)))
    return PrincipalList(
        everyone="*" in aws,
        aws=aws,
        others=others,
        canonical="CanonicalUser" in value,
    )
