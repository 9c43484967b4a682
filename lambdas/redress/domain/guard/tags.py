"""Tags on resources: harmless by themselves, and a key where policies allow or deny by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.domain.proposal import GuardHit
from redress.domain.statement import statements_of
from redress.domain.words import GuardVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.guard.change import Change
    from redress.domain.proposal import Statement

_BY_TAG = "resourcetag"
"""What the condition keys have in common: aws:ResourceTag, ec2:ResourceTag, ssm:resourceTag, iam:ResourceTag."""


def tags(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each change of tags of what exists: two where the principal's own policies go by them."""
    for action, statement in change.grants():
        if (
            "Tagging" in change.access_level(action)
            and not action.startswith("iam:")
            and not _while_creating(statement)
        ):
            yield _by_own_policies(action) if _goes_by_tags(change) else _note(action)


def _while_creating(statement: Statement) -> bool:
    return any(one.key.endswith(":CreateAction") for one in statement.conditions)


def _goes_by_tags(change: Change) -> bool:
    target = change.target
    held = (*target.policies, *((target.boundary,) if target.boundary else ()))
    return any(_BY_TAG in key.lower() for policy in held for key in _condition_keys(policy.document))


def _condition_keys(document: dict[str, Any]) -> Iterator[str]:
    for statement in statements_of(document):
        blocks = statement.get("Condition")
        for block in blocks.values() if isinstance(blocks, dict) else ():
            yield from (str(key) for key in block) if isinstance(block, dict) else ()


def _by_own_policies(action: str) -> GuardHit:
    reason = f"The principal's own policies allow or deny by tags of resources, which {action} changes."
    return GuardHit(rule="resource-tags", verdict=GuardVerdict.TWO_APPROVERS, reason=reason)


def _note(action: str) -> GuardHit:
    reason = f"{action} changes tags, by which policies of others may allow or deny."
    return GuardHit(rule="resource-tags", verdict=GuardVerdict.NOTE, reason=reason)
