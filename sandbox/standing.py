"""Everything that decides for a caller: who it is, its condition keys, and the policies of every layer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from redress.domain.policies import Policies
from redress.domain.policy_error import MalformedPolicy
from redress.domain.policy_json import Policy, parse_policy
from redress.domain.request import Caller, Request, account_in, caller_of
from redress.domain.target import NamedPolicy
from redress.domain.words import Layer
from sandbox import iam_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.emulator import Denial

INLINE_SESSION: Final = "inline:session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A caller with the policies that it brings along."""

    caller: Caller
    identity: tuple[NamedPolicy, ...] = ()
    boundary: tuple[NamedPolicy, ...] | None = None
    session: tuple[NamedPolicy, ...] | None = None


def standing_of(access_key: str) -> Standing | None:
    """Returns where the owner of a key stands, or None for root, services and keys nobody has."""
    credential = iam_state.credential_of(access_key)
    if credential is None or credential.principal_type == "Root":
        return None
    account, arn = credential.account_id, credential.principal_arn
    passed = _session_policies(account, iam_state.session_of(access_key))
    if credential.principal_type == "AssumedRole":
        return role_standing(account, arn.split("/")[1], arn=arn, session=passed)
    if credential.principal_name:
        return user_standing(account, credential.principal_name, arn=arn, session=passed)
    return Standing(caller=caller_of(arn), session=passed)


def role_standing(
    account: str,
    name: str,
    *,
    arn: str | None = None,
    session: tuple[NamedPolicy, ...] | None = None,
) -> Standing | None:
    """Returns where a role (or, with ``arn``, a session of it) stands; None if there is no such role."""
    role = iam_state.role_of(account, name)
    if role is None:
        return None
    caller = caller_of(arn or role["Arn"], role_arn=role["Arn"], unique_id=role.get("RoleId"))
    policies = iam_state.role_policies(account, name)
    return Standing(caller=caller, identity=policies, boundary=_boundary(account, role), session=session)


def user_standing(
    account: str,
    name: str,
    *,
    arn: str | None = None,
    session: tuple[NamedPolicy, ...] | None = None,
) -> Standing | None:
    """Returns where a user (or, with ``arn``, a session of it) stands; None if there is no such user."""
    user = iam_state.user_of(account, name)
    if user is None:
        return None
    caller = caller_of(arn or user["Arn"], user_arn=user["Arn"], unique_id=user.get("UserId"))
    policies = iam_state.user_policies(account, name)
    return Standing(caller=caller, identity=policies, boundary=_boundary(account, user), session=session)


def _boundary(account: str, entity: Mapping[str, Any]) -> tuple[NamedPolicy, ...] | None:
    arn = entity.get("PermissionsBoundary")
    return tuple(iam_state.managed_policy(account, arn)) if arn else None


def _session_policies(account: str, session: Mapping[str, Any] | None) -> tuple[NamedPolicy, ...] | None:
    passed = (session or {}).get("SessionPolicies")
    if not passed:
        return None
    inline = passed.get("Policy")
    own = (iam_state.named(INLINE_SESSION, inline),) if inline else ()
    managed = (found for arn in passed.get("PolicyArns") or () for found in iam_state.managed_policy(account, arn))
    return (*own, *managed)


def policies_for(standing: Standing, resource: tuple[Mapping[str, Any], str] | None) -> Policies:
    """Returns the standing's policies and the resource's own, parsed; malformed ones make their layer unreadable."""
    unreadable: set[Layer] = set()
    return Policies(
        identity=_parsed(standing.identity, Layer.IDENTITY_BASED_POLICY, unreadable),
        boundary=_optional(standing.boundary, Layer.PERMISSIONS_BOUNDARY, unreadable),
        session=_optional(standing.session, Layer.SESSION_POLICY, unreadable),
        resource=_resource(resource, unreadable),
        unreadable=frozenset(unreadable),
    )


def _optional(given: tuple[NamedPolicy, ...] | None, layer: Layer, unreadable: set[Layer]) -> tuple[Policy, ...] | None:
    return None if given is None else _parsed(given, layer, unreadable)


def _resource(given: tuple[Mapping[str, Any], str] | None, unreadable: set[Layer]) -> Policy | None:
    if given is None:
        return None
    named = iam_state.named("resource policy", given[0])
    return next(iter(_parsed((named,), Layer.RESOURCE_BASED_POLICY, unreadable)), None)


def _parsed(given: Iterable[NamedPolicy], layer: Layer, unreadable: set[Layer]) -> tuple[Policy, ...]:
    found = []
    for policy in given:
        try:
            found.append(parse_policy(policy.name, policy.document))
        except MalformedPolicy:
            unreadable.add(layer)
    return tuple(found)


def request_of(denial: Denial, standing: Standing, *, source_ip: str, owner: str | None) -> Request:
    """Returns the denied request with every condition key that the emulator would have known."""
    caller = standing.caller
    now = dt.datetime.now(dt.UTC)
    context: dict[str, Any] = {
        "aws:principalarn": caller.issuer_arn or caller.arn,
        "aws:principalaccount": caller.account or "",
        "aws:currenttime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:epochtime": str(int(now.timestamp())),
        "aws:requestedregion": denial.region,
        "aws:securetransport": "true",
        "aws:sourceip": source_ip,
        "aws:resourceaccount": owner or account_in(denial.resource) or caller.account or "",
        **iam_state.condition_keys(denial.access_key),
        **denial.context,
    }
    return Request(
        caller=caller,
        action=denial.action,
        resource=denial.resource,
        resource_account=owner,
        context={key: _values(value) for key, value in context.items() if value is not None},
        complete=True,
    )


def _values(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else (str(value),)
