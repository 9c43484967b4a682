"""Condition keys whose values follow from who the caller is, without asking anybody.

docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.request import CallerKind, account_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redress.domain.request import Caller

Context = dict[str, tuple[str, ...]]

_TYPES = {
    CallerKind.USER: "User",
    CallerKind.ROLE: "AssumedRole",
    CallerKind.ROLE_SESSION: "AssumedRole",
    CallerKind.FEDERATED_USER: "FederatedUser",
    CallerKind.ROOT: "Account",
    CallerKind.ANONYMOUS: "Anonymous",
}

_USER_ID = {CallerKind.USER: "{id}", CallerKind.ROLE_SESSION: "{id}:{session}"}


def of_caller(caller: Caller, tags: Iterable[tuple[str, str]] = ()) -> Context:
    """Returns the principal keys of a caller with these tags.

    Tags of a role count as principal tags; session tags, which could override them, are not known here.
    """
    context: Context = {"aws:principalisawsservice": ("true" if caller.kind is CallerKind.SERVICE else "false",)}
    if caller.kind in _TYPES:
        context["aws:principaltype"] = (_TYPES[caller.kind],)
    if caller.account:
        context["aws:principalaccount"] = (caller.account,)
        context["aws:principalarn"] = (_principal_arn(caller),)
    if caller.kind is CallerKind.USER:
        context["aws:username"] = (caller.name,)
    if caller.unique_id and caller.kind in _USER_ID:
        context["aws:userid"] = (_USER_ID[caller.kind].format(id=caller.unique_id, session=caller.arn.split("/")[-1]),)
    context.update((f"aws:principaltag/{key.lower()}", (value,)) for key, value in tags)
    return {key: values for key, values in context.items() if values != ("",)}


def of_resource(arn: str) -> Context:
    """Returns the keys that a resource's ARN shows."""
    account = account_in(arn)
    return {"aws:resourceaccount": (account,)} if account else {}


def _principal_arn(caller: Caller) -> str:
    """For a session, aws:PrincipalArn is the role's ARN; without its path it cannot be told."""
    if caller.kind is CallerKind.ROLE_SESSION:
        return caller.issuer_arn or ""
    return caller.arn


def never_of(caller: Caller) -> frozenset[str]:
    """Returns the keys that no request of this caller carries."""
    return frozenset({"aws:username"}) if caller.kind in {CallerKind.ROLE, CallerKind.ROLE_SESSION} else frozenset()
