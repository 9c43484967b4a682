"""Whether a fix is still needed: what the principal's own policies allow too by now, it does not lose with the fix.

An Allow that another Allow of the same principal contains never decides anything, whatever else is denied, bounded or
guarded. So this needs no simulation and no knowledge of other layers: containment is enough. Where it cannot be shown
(other conditions, policy variables, NotAction, NotResource), the fix counts as needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.domain.proposal import REDRESS_PATH, Condition, Statement
from redress.domain.statement import statements_of, texts_of
from redress.domain.wildcards import arn_test, from_policy, glob_test, has_wildcard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from redress.domain.target import NamedPolicy

ANY_TEXT = "\N{NULL}"
"""Stands for whatever a ``*`` stands for: no policy holds it, so only a ``*`` of the other pattern matches it."""
_EQUAL = "StringEquals"


def redundant_by(statements: Iterable[Statement], policies: Iterable[NamedPolicy]) -> tuple[str, ...]:
    """Returns the names of the policies that allow all of it too, sorted; none if ours alone allows any of it.

    Args:
        statements: Ours.
        policies: The principal's identity policies; those that Redress wrote, in whichever Region, do not count.

    """
    others = [policy for policy in policies if f":policy{REDRESS_PATH}" not in policy.name]
    found: set[str] = set()
    for statement in statements:
        for action in statement.actions:
            for resource in statement.resources:
                name = next((one.name for one in others if _allows(one, action, resource, statement.conditions)), None)
                if name is None:
                    return ()
                found.add(name)
    return tuple(sorted(found))


def _allows(policy: NamedPolicy, action: str, resource: str, conditions: tuple[Condition, ...]) -> bool:
    return any(
        _has_action(one, action) and _has_resource(one, resource) and _asks_no_more(one, conditions)
        for one in _plain_allows(policy.document)
    )


def _plain_allows(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yields the Allow statements that name what they allow."""
    for one in statements_of(document):
        if one.get("Effect") == "Allow" and {"Action", "Resource"} <= one.keys():
            yield one


def _has_action(statement: Mapping[str, Any], action: str) -> bool:
    return any(glob_test(from_policy(text.lower()))(action.lower()) for text in texts_of(statement["Action"]))


def _has_resource(statement: Mapping[str, Any], resource: str) -> bool:
    return any(_contains(text, resource) for text in texts_of(statement["Resource"]))


def _contains(wide: str, narrow: str) -> bool:
    """Returns whether every resource that our pattern matches is matched by another's too."""
    if "*" in (wide, narrow) or "${" in wide:
        return wide == "*"
    if has_wildcard(narrow) and "?" in wide:
        return False
    return bool(arn_test(from_policy(wide))(narrow.replace("*", ANY_TEXT)))


def _asks_no_more(statement: Mapping[str, Any], ours: tuple[Condition, ...]) -> bool:
    """Returns whether each condition of a statement holds wherever all of ours do."""
    block = statement.get("Condition", {})
    if not isinstance(block, dict):
        return False
    return all(
        any(_is_no_narrower(operator, key, frozenset(texts_of(values)), one) for one in ours)
        for operator, keys in block.items()
        for key, values in (keys.items() if isinstance(keys, dict) else [("", ())])
    )


def _is_no_narrower(operator: str, key: str, values: frozenset[str], ours: Condition) -> bool:
    if operator != ours.operator or key.lower() != ours.key.lower() or any("${" in text for text in values):
        return False
    return values >= set(ours.values) if operator == _EQUAL else values == set(ours.values)
