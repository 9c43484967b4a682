"""All rules of the guard in the order in which their hits are shown, and what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.guard import by_name, escalation, pass_role, reach, stores
from redress.domain.guard.tags import tags
from redress.domain.proposal import Guard
from redress.domain.words import GuardVerdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from redress.domain.guard.change import Change
    from redress.domain.proposal import GuardHit

RULES: tuple[Callable[[Change], Iterator[GuardHit]], ...] = (
    reach.quarantine,
    reach.own_house,
    escalation.own_policies,
    escalation.completed_paths,
    escalation.unread_policies,
    pass_role.pass_role,
    by_name.named,
    by_name.resource_policies,
    by_name.secrets,
    by_name.permissions_management,
    by_name.identities,
    by_name.organization,
    reach.signatures,
    stores.stores,
    tags,
    reach.other_accounts,
    reach.other_accounts_buckets,
    reach.wildcards,
    reach.foreign_statements,
    reach.production,
    by_name.destructive,
    escalation.steps_of_paths,
)

SEVERITY = tuple(GuardVerdict)
"""Mildest first."""


def inspect(change: Change) -> Guard:
    """Returns the guard's verdict on a change: every hit, severest first."""
    return combine(hit for rule in RULES for hit in rule(change))


def combine(hits: Iterable[GuardHit]) -> Guard:
    """Returns the verdict that these hits come to: the severest of them, CLEAN where there are none."""
    ordered = sorted(dict.fromkeys(hits), key=lambda hit: -SEVERITY.index(hit.verdict))
    return Guard(verdict=ordered[0].verdict if ordered else GuardVerdict.CLEAN, hits=tuple(ordered))
