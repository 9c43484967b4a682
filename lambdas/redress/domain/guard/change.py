"""What the guard looks at: the statements that a change adds, and what the principal can do already."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from redress.domain.catalogue import Catalogue
from redress.domain.proposal import Statement
from redress.domain.settings import Settings
from redress.domain.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change to one principal.

    Attributes:
        added: Statements that the policy document gains.
        foreign: Statements in the document that Redress did not write, as they stand.
        attaches: Whether a policy that lay unattached is attached, so that all of it takes effect.

    """

    target: Target
    added: tuple[Statement, ...]
    catalogue: Catalogue
    settings: Settings
    foreign: tuple[dict[str, Any], ...] = ()
    attaches: bool = False

    @property
    def actions(self) -> tuple[str, ...]:
        """Returns the distinct actions that are added, sorted."""
        return tuple(sorted({action for statement in self.added for action in statement.actions}))

    def grants(self) -> Iterator[tuple[str, Statement]]:
        """Yields each added action with its statement."""
        for statement in self.added:
            for action in statement.actions:
                yield action, statement

    def access_level(self, action: str) -> str:
        """Returns the catalogue's access level, or an empty text for an action that it does not know."""
        return self.catalogue.access_level(action) or ""


def holds(target: Target, action: str) -> bool:
    """Returns whether some Allow of the principal's identity policies names the action, on whatever resource.

    Denials and conditions are not weighed: the guard asks what could be, not what is.
    """
    statements = (found for policy in target.policies for found in _statements(policy.document))
    return any(_allows(found, action.lower()) for found in statements)


def _statements(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    found = document.get("Statement", [])
    yield from (one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict))


def _allows(statement: dict[str, Any], action: str) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    if "NotAction" in statement:
        return not _any_matches(statement["NotAction"], action)
    return _any_matches(statement.get("Action"), action)


def _any_matches(patterns: object, action: str) -> bool:
    listed: Iterable[object] = patterns if isinstance(patterns, list) else [patterns]
    return any(isinstance(text, str) and pattern(text.lower()).match(action) is not None for text in listed)


@lru_cache(maxsize=4096)
def pattern(text: str) -> re.Pattern[str]:
    """Returns the regular expression of an IAM pattern, in which only ``*`` and ``?`` are special."""
    return re.compile(translate(text.replace("[", "[[]")))
