"""iam:PassRole: whose role, and to which service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.proposal import GuardHit
from redress.domain.words import GuardVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.guard.change import Change
    from redress.domain.proposal import Statement

_SERVICE = "iam:PassedToService"


def pass_role(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for every grant of iam:PassRole; without a service, or on many roles, it blocks."""
    for action, statement in change.grants():
        if action == "iam:PassRole":
            yield _judge(statement)


def _judge(statement: Statement) -> GuardHit:
    services = [value for one in statement.conditions if one.key == _SERVICE for value in one.values]
    if not services:
        return _hit(GuardVerdict.BLOCK, "iam:PassRole is never granted without saying to which service.")
    if any("*" in resource for resource in statement.resources):
        return _hit(GuardVerdict.BLOCK, "iam:PassRole is never granted on more than named roles.")
    roles = ", ".join(resource.rsplit("/", 1)[-1] for resource in statement.resources)
    to = " or ".join(services)
    return _hit(
        GuardVerdict.TWO_APPROVERS,
        f"Whoever passes role {roles} to {to} can use everything that the role may do: check its policies.",
    )


def _hit(verdict: GuardVerdict, reason: str) -> GuardHit:
    return GuardHit(rule="pass-role", verdict=verdict, reason=reason)
