"""What the guard looks at: the statements that a change adds, and what the principal can do already."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from redress.domain.catalogue import Catalogue
from redress.domain.proposal import Statement
from redress.domain.settings import Settings
from redress.domain.statement import statements_of, texts_of
from redress.domain.target import Target
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change to one principal.

    Attributes:
        held: What the principal can do already.
        added: Statements that the policy document gains.
        ours: Statements in the document that Redress wrote, those added and those that stand in it.
        foreign: Statements in the document that Redress did not write, as they stand.
        attaches: Whether a policy that lay unattached is attached, so that all of it takes effect.

    """

    target: Target
    held: Held
    added: tuple[Statement, ...]
    catalogue: Catalogue
    settings: Settings
    ours: tuple[Statement, ...] = ()
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

    def writes(self, action: str) -> bool:
        """Returns whether an action does more than read or list; one that the catalogue does not know may."""
        return self.access_level(action) not in {"List", "Read"}


class Held:
    """The actions that a principal's identity policies allow, on whatever resource.

    Denials and conditions are not weighed: the guard asks what could be, not what is. A principal can have
    thousands of patterns, and the guard asks of a hundred actions: so patterns are sorted out by their
    beginning, and each action is looked up once.
    """

    def __init__(self, target: Target) -> None:
        allows = [one for policy in target.policies for one in statements_of(policy.document) if _is_allow(one)]
        named = {text.lower() for one in allows for text in texts_of(one.get("Action"))}
        self._exact = frozenset(text for text in named if not _is_pattern(text))
        self._patterns = tuple((_beginning(text), text) for text in sorted(named) if _is_pattern(text))
        self._all_but = tuple(texts_of(one["NotAction"]) for one in allows if "NotAction" in one)
        self._known: dict[str, bool] = {}

    def __contains__(self, action: str) -> bool:
        """Returns whether some Allow names the action."""
        name = action.lower()
        if name not in self._known:
            self._known[name] = self._allows(name)
        return self._known[name]

    def _allows(self, name: str) -> bool:
        return (
            name in self._exact
            or any(name.startswith(start) and matches(text, name) for start, text in self._patterns)
            or any(not any(matches(text.lower(), name) for text in spared) for spared in self._all_but)
        )


def _is_allow(statement: dict[str, Any]) -> bool:
    return statement.get("Effect") == "Allow"


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def _beginning(text: str) -> str:
    return text.split("*", 1)[0].split("?", 1)[0]


def matches(pattern: str, text: str) -> bool:
    """Returns whether the text fits an IAM pattern, in which only ``*`` and ``?`` are special."""
    return _compiled(pattern).match(text) is not None


@lru_cache(maxsize=4096)
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(translate(text.replace("[", "[[]")))
