"""The policies that apply to one request, by layer."""

from __future__ import annotations

from redress.domain.policy_json import Policy
from redress.domain.values import dataclass
from redress.domain.words import Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """All policies that apply to a request.

    Attributes:
        identity: Of the user and its groups, or of the role.
        resource: Of the resource: a role's trust policy, a KMS key policy, …; None where it has none.
        boundary: Permissions boundary; None where there is none.
        session: Session policies, which together say what the session may do; None where none were passed.
        service_control: SCPs by level of the caller's organization, root first, account last.
        resource_control: RCPs of the resource owner's, likewise; RCPFullAWSAccess is implied.
        vpc_endpoint: Of the endpoint that the call goes through; None where it goes through none.
        unreadable: Layers that could not be read, or not wholly.

    """

    identity: tuple[Policy, ...] = ()
    resource: Policy | None = None
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None
    service_control: tuple[tuple[Policy, ...], ...] = ()
    resource_control: tuple[tuple[Policy, ...], ...] = ()
    vpc_endpoint: tuple[Policy, ...] | None = None
    unreadable: frozenset[Layer] = frozenset()
