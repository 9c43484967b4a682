"""Whether one statement applies to one request: True, False, or None for what we cannot know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.conditions import all_of, any_of
from redress.domain.decision import NonMatch
from redress.domain.principals import Named, account_names
from redress.domain.request import CallerKind
from redress.domain.variables import fill

if TYPE_CHECKING:
    from redress.domain.names import Names
    from redress.domain.policy_json import PolicyStatement
    from redress.domain.request import Caller, Request

Match = tuple[bool | None, NonMatch | None]
_YES: Match = (True, None)


def applies(statement: PolicyStatement, request: Request, missing: list[str]) -> Match:
    """Returns whether action, resource and conditions of the statement fit the request.

    Args:
        statement: Of any kind of policy; its principals are not looked at.
        request: The call.
        missing: Condition keys that would be needed to be sure are added here.

    """
    if statement.actions.has(request.action) is statement.not_action:
        return False, NonMatch.NOT_ACTION if statement.not_action else NonMatch.ACTION
    needed: list[str] = []
    on_resource = _on_resource(statement, request, needed)
    if on_resource is False:
        return False, NonMatch.NOT_RESOURCE if statement.not_resource else NonMatch.RESOURCE
    if statement.conditions:
        under = all_of(test.holds(request, needed) for test in statement.conditions)
        if under is False:
            return False, NonMatch.CONDITION
        on_resource = None if under is None else on_resource
    if on_resource is None:
        missing.extend(needed)
        return None, NonMatch.MISSING_CONTEXT
    return _YES


def _on_resource(statement: PolicyStatement, request: Request, missing: list[str]) -> bool | None:
    resources = statement.resources
    if resources is None:
        return True
    found: bool | None = resources.has(request.resource)
    if not found and resources.varying:
        found = _varying(resources, request, missing)
        if found is False and statement.allow and statement.not_resource and _has_unset(resources, request):
            # A variable without a value matches nothing; what becomes of an Allow with NotResource, AWS leaves open.
            return None
    if found is False and request.stands_for_many and _reaches_a_part(statement, request):
        return None
    return None if found is None else found is not statement.not_resource


def _reaches_a_part(statement: PolicyStatement, request: Request) -> bool:
    """Returns whether the statement may deny, or fail to allow, some of what the request's ``*`` stands for."""
    harmful = statement.allow is statement.not_resource
    return harmful and statement.resources is not None and statement.resources.touches(request.resource)


def _varying(resources: Names, request: Request, missing: list[str]) -> bool | None:
    filled = (fill(parts, request, missing) for parts in resources.varying)
    return any_of(bool(resources.fits(glob)(request.resource)) if isinstance(glob, str) else glob for glob in filled)


def _has_unset(resources: Names, request: Request) -> bool:
    return any(fill(parts, request, []) is False for parts in resources.varying)


def named(statement: PolicyStatement, caller: Caller, *, bounded: bool) -> tuple[Named | None, NonMatch | None]:
    """Returns how directly the statement's principals name the caller; None where that cannot be told.

    Args:
        statement: Of a resource-based, resource control or VPC endpoint policy.
        caller: Who asks.
        bounded: Whether the caller has a permissions boundary.

    """
    listed = statement.principals
    if listed is None:
        # No kind of resource policy may leave it out; deny-safe.
        return (Named.NOT, NonMatch.MISPLACED) if statement.allow else (Named.DIRECT, None)
    if statement.not_principal:
        return _not_named(statement, caller, bounded=bounded)
    found = listed.names(caller)
    if found is None:
        return None, NonMatch.MISSING_CONTEXT
    return found, NonMatch.PRINCIPAL if found is Named.NOT else None


def _not_named(statement: PolicyStatement, caller: Caller, *, bounded: bool) -> tuple[Named | None, NonMatch | None]:
    """Returns the answer for NotPrincipal.

    A Deny with NotPrincipal reaches every principal that has a boundary, whatever it lists
    (access_policies_boundaries.html), and spares a caller for sure only if the list holds its account too
    (reference_policies_elements_notprincipal.html).
    """
    listed = statement.principals
    if listed is None:
        return Named.NOT, NonMatch.MISPLACED
    found = listed.names(caller)
    if found is Named.NOT or (bounded and not statement.allow):
        return Named.DIRECT, None
    if found is None:
        return None, NonMatch.MISSING_CONTEXT
    if statement.allow or listed.everyone or _has_all_of(listed.aws, caller):
        return Named.NOT, NonMatch.NOT_PRINCIPAL
    return None, NonMatch.MISSING_CONTEXT


def _has_all_of(entries: frozenset[str], caller: Caller) -> bool:
    if caller.kind in {CallerKind.SERVICE, CallerKind.FEDERATED, CallerKind.ANONYMOUS, CallerKind.ROOT}:
        return True
    return not entries.isdisjoint(account_names(caller)) and (caller.arn in entries or caller.issuer_arn in entries)
