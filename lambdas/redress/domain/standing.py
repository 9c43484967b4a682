"""How an applied fix stands today: whether it is in force, and whether its principal still needs it."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from redress.domain.policy_document import covers
from redress.domain.redundant import redundant_by
from redress.domain.statement import from_json, statements_of
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.proposal import Statement
    from redress.domain.target import Target


class Need(StrEnum):
    """What is known of an applied fix."""

    NEEDED = "NEEDED"
    REDUNDANT = "REDUNDANT"
    """The principal's own policies allow all of it too: taking it back changes nothing."""
    CHANGED = "CHANGED"
    """Its policy does not hold what was signed any more: somebody else wrote it."""
    NOT_ATTACHED = "NOT_ATTACHED"
    PRINCIPAL_GONE = "PRINCIPAL_GONE"
    UNKNOWN = "UNKNOWN"
    """IAM did not say enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one fix stands.

    Attributes:
        by: The policies that allow it too, where it is redundant.
        why: What could not be read, where that decides.

    """

    need: Need
    by: tuple[str, ...] = ()
    why: str = ""


def standing_of(content: Mapping[str, Any], target: Target) -> Standing:
    """Returns how the fix of a proposal's content stands, its principal being as IAM describes it now."""
    policy = target.redress_policy
    is_attached = policy is not None and policy.attached
    if not target.exists or (not is_attached and _is_another(content["principal"], target)):
        return Standing(need=Need.PRINCIPAL_GONE)
    if policy is None or not is_attached:
        return _unless_unread(Need.NOT_ATTACHED, target)
    held = _ours(json.loads(policy.document))
    gained = _ours({"Statement": content["statements"]})
    if not gained or not all(any(covers(one, other) for one in held) for other in gained):
        return Standing(need=Need.CHANGED)
    by = redundant_by(gained, target.policies)
    return Standing(need=Need.REDUNDANT, by=by) if by else _unless_unread(Need.NEEDED, target)


def _is_another(principal: Mapping[str, Any], target: Target) -> bool:
    """Returns whether the principal was deleted and made again under its name: IAM's ids are never used twice."""
    sealed = principal.get("unique_id")
    return bool(sealed and target.unique_id and sealed != target.unique_id)


def _ours(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    return tuple(read for found in statements_of(document) if (read := from_json(found)))


def _unless_unread(need: Need, target: Target) -> Standing:
    """Returns the answer, or UNKNOWN where what could not be read might change it."""
    if target.unreadable:
        return Standing(need=Need.UNKNOWN, why=target.unreadable[0])
    return Standing(need=need)
