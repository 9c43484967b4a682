"""What the guard says of one call by its name and its resource, whoever makes it: for answers that nobody signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.grammar import is_action, is_policy_safe
from redress.domain.guard import dangers
from redress.domain.guard.by_name import NAMED, resource_policy
from redress.domain.guard.escalation_paths import ALL
from redress.domain.guard.reach import is_own_house
from redress.domain.proposal import GuardHit
from redress.domain.words import GuardVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.finding import Finding

SEVERE = frozenset({GuardVerdict.TWO_APPROVERS, GuardVerdict.BLOCK})
_ALONE = frozenset(action.lower() for path in ALL.values() if len(path) == 1 for action in path) | {"iam:passrole"}


def alone_in(finding: Finding) -> tuple[GuardHit, ...]:
    """Returns these hits for a finding's call, known by the event's own name where no evidence names the action."""
    verdict, last = finding.verdict, finding.last
    action = verdict.action or f"{last.event_source.partition('.')[0]}:{last.event_name}"
    resource = verdict.resource or ""
    return tuple(alone(action, resource if is_policy_safe(resource) else "")) if is_action(action) else ()


def alone(action: str, resource: str) -> Iterator[GuardHit]:
    """Yields the severe hits of the rules that need neither the principal nor the catalogue."""
    if is_own_house(resource):
        yield _hit("own-house", GuardVerdict.BLOCK, f"{action} would reach Redress's own {resource}.")
    name = action.lower()
    for rule, actions, verdict, sentence in NAMED:
        if name in actions and verdict in SEVERE:
            yield _hit(rule, verdict, sentence.format(action=action))
    if name in _ALONE:
        yield _hit("escalation-path", GuardVerdict.TWO_APPROVERS, f"{action} alone can raise privileges.")
    if dangers.RESOURCE_POLICY in name and not name.partition(":")[2].startswith(("get", "list", "describe")):
        yield resource_policy(action)


def _hit(rule: str, verdict: GuardVerdict, reason: str) -> GuardHit:
    return GuardHit(rule=rule, verdict=verdict, reason=reason)
