"""What the policies of each layer say to a request, taken by themselves."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from redress.domain.decision import Considered, NonMatch
from redress.domain.policy_json import PolicyStatement
from redress.domain.principals import Named
from redress.domain.request import CallerKind
from redress.domain.statement_match import applies, named
from redress.domain.values import dataclass
from redress.domain.words import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redress.domain.policies import Policies
    from redress.domain.policy_json import Policy
    from redress.domain.request import Request


@dataclass(slots=True, kw_only=True)
class LayerFinding:
    """One layer's answer; None is "unknown".

    Attributes:
        allow: Whether it allows the call.
        deny: Whether it denies it explicitly.
        allow_by: A statement that allows, or the first that might.
        deny_by: The same for denies.
        direct: Resource policies: whether an Allow names the caller itself.
        issuer: Whether one names the role or user behind the session.

    """

    layer: Layer
    allow: bool | None = False
    deny: bool | None = False
    allow_by: PolicyStatement | None = None
    deny_by: PolicyStatement | None = None
    direct: bool | None = False
    issuer: bool | None = False

    def note(self, statement: PolicyStatement, matched: bool | None) -> None:  # noqa: FBT001 - three-valued
        """Takes in a statement that applies (True) or might (None)."""
        if statement.allow:
            if self.allow is False or (matched and self.allow is None):
                self.allow, self.allow_by = matched, statement
        elif self.deny is False or (matched and self.deny is None):
            self.deny, self.deny_by = matched, statement


@dataclass(slots=True, kw_only=True)
class Findings:
    """The answers of all layers, the keys that were missing, and every statement looked at."""

    identity: LayerFinding
    resource: LayerFinding
    boundary: LayerFinding
    session: LayerFinding
    guards: tuple[LayerFinding, ...]
    missing: list[str] = field(default_factory=list)
    trace: list[Considered] = field(default_factory=list)

    @property
    def in_order(self) -> tuple[LayerFinding, ...]:
        """Returns the layers in the order in which a deny is looked for."""
        return (*self.guards, self.resource, self.identity, self.boundary, self.session)


class _Look:
    """Looks at the policies of one request, layer by layer."""

    def __init__(self, request: Request, *, bounded: bool) -> None:
        self.request = request
        self.bounded = bounded
        self.missing: list[str] = []
        self.trace: list[Considered] = []

    def plain(self, layer: Layer, policies: Iterable[Policy]) -> LayerFinding:
        """Returns the answer of policies without principals."""
        found = LayerFinding(layer=layer)
        for policy in policies:
            for statement in policy.statements:
                matched, reason = self._plain(statement)
                self.trace.append(Considered(layer, statement, matched, reason))
                if matched is not False:
                    found.note(statement, matched)
        return found

    def _plain(self, statement: PolicyStatement) -> tuple[bool | None, NonMatch | None]:
        if statement.allow and (statement.principals is not None or statement.resources is None):
            return False, NonMatch.MISPLACED
        return applies(statement, self.request, self.missing)

    def with_principals(self, layer: Layer, policies: Iterable[Policy]) -> LayerFinding:
        """Returns the answer of policies whose statements name principals."""
        found = LayerFinding(layer=layer)
        for policy in policies:
            for statement in policy.statements:
                how, matched, reason = self._named(statement)
                self.trace.append(Considered(layer, statement, matched, reason))
                if matched is not False:
                    found.note(statement, matched)
                    _note_directness(found, statement, how, matched)
        return found

    def _named(self, statement: PolicyStatement) -> tuple[Named | None, bool | None, NonMatch | None]:
        matched, reason = applies(statement, self.request, [])
        if matched is False:
            return Named.NOT, False, reason
        how, not_named = named(statement, self.request.caller, bounded=self.bounded)
        if how is Named.NOT:
            return how, False, not_named
        if matched is None:
            applies(statement, self.request, self.missing)
        return how, matched if how is not None else None, reason or not_named


def _note_directness(
    found: LayerFinding,
    statement: PolicyStatement,
    how: Named | None,
    matched: bool | None,  # noqa: FBT001 - three-valued
) -> None:
    if not statement.allow:
        return
    if how in {Named.DIRECT, None}:
        found.direct = found.direct or matched
    elif how is Named.ISSUER:
        found.issuer = found.issuer or matched


def look_at_all(request: Request, policies: Policies) -> Findings:
    """Returns what every layer says to the request."""
    look = _Look(request, bounded=policies.boundary is not None)
    return Findings(
        guards=(
            _resource_control(look, policies),
            _service_control(look, policies),
            _vpc_endpoint(look, policies),
        ),
        resource=_resource(look, policies),
        identity=_identity(look, policies),
        boundary=_optional(look, Layer.PERMISSIONS_BOUNDARY, policies.boundary),
        session=_session(look, policies),
        missing=look.missing,
        trace=look.trace,
    )


def _identity(look: _Look, policies: Policies) -> LayerFinding:
    found = look.plain(Layer.IDENTITY_BASED_POLICY, policies.identity)
    if Layer.IDENTITY_BASED_POLICY in policies.unreadable and not found.allow:
        found.allow = None
    return found


def _resource(look: _Look, policies: Policies) -> LayerFinding:
    given = () if policies.resource is None else (policies.resource,)
    found = look.with_principals(Layer.RESOURCE_BASED_POLICY, given)
    if Layer.RESOURCE_BASED_POLICY in policies.unreadable and not found.allow:
        found.allow = None
    return found


def _optional(look: _Look, layer: Layer, policies: tuple[Policy, ...] | None) -> LayerFinding:
    if policies is None:
        return LayerFinding(layer=layer, allow=True)
    return look.plain(layer, policies)


def _session(look: _Look, policies: Policies) -> LayerFinding:
    found = _optional(look, Layer.SESSION_POLICY, policies.session)
    if policies.session is None and look.request.caller.kind is CallerKind.FEDERATED_USER:
        # sts:GetFederationToken without a session policy gives no permissions of its own.
        found.allow = None if Layer.SESSION_POLICY in policies.unreadable else False
    return found


def _vpc_endpoint(look: _Look, policies: Policies) -> LayerFinding:
    if policies.vpc_endpoint is None:
        return LayerFinding(layer=Layer.VPC_ENDPOINT_POLICY, allow=True)
    return look.with_principals(Layer.VPC_ENDPOINT_POLICY, policies.vpc_endpoint)


def _resource_control(look: _Look, policies: Policies) -> LayerFinding:
    given = () if look.request.caller.service_linked else policies.resource_control
    found = look.with_principals(Layer.RESOURCE_CONTROL_POLICY, (policy for level in given for policy in level))
    found.allow = True  # RCPFullAWSAccess is attached everywhere and cannot be detached
    return found


def _service_control(look: _Look, policies: Policies) -> LayerFinding:
    found = LayerFinding(layer=Layer.SERVICE_CONTROL_POLICY, allow=True)
    if look.request.caller.account is None or look.request.caller.service_linked:
        return found  # SCPs reach the principals of an account, and no service-linked role
    for level in policies.service_control:
        at_level = look.plain(Layer.SERVICE_CONTROL_POLICY, level)
        if at_level.allow is False or (at_level.allow is None and found.allow):
            found.allow = at_level.allow
        if at_level.deny is not False:
            found.deny, found.deny_by = found.deny or at_level.deny, found.deny_by or at_level.deny_by
    return found
