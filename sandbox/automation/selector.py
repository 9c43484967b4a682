"""JSONPath, as far as Automation documents it: ``.key``, ``..key`` and ``[index]``.

AWS: systems-manager userguide, "Using JSONPath in runbooks". A deep scan always selects a list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PART: Final = re.compile(r"\.\.(?P<deep>[\w-]+)|\.(?P<child>[\w-]+)|\[(?P<index>\d+)\]")


class BadSelector(ValueError):  # noqa: N818 - named for what it is
    """The text is no selector that runs here."""


class Nothing:
    """The selector found nothing, which is not the same as a null."""


NOTHING: Final = Nothing()


@dataclass(frozen=True, slots=True)
class _Child:
    key: str

    def of(self, value: object) -> Iterator[object]:
        if isinstance(value, dict) and self.key in value:
            yield value[self.key]


@dataclass(frozen=True, slots=True)
class _Index:
    number: int

    def of(self, value: object) -> Iterator[object]:
        if isinstance(value, list) and self.number < len(value):
            yield value[self.number]


@dataclass(frozen=True, slots=True)
class _Deep:
    key: str

    def of(self, value: object) -> Iterator[object]:
        if isinstance(value, dict):
            yield from _Child(self.key).of(value)
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from self.of(item)


_Part = _Child | _Index | _Deep


def parse(selector: str) -> tuple[_Part, ...]:
    """Returns the parts of a selector.

    Raises:
        BadSelector: It doesn't begin with ``$``, or uses an operator that Automation doesn't document.

    """
    if not selector.startswith("$"):
        raise BadSelector(f"{selector!r} does not begin with $")
    parts: list[_Part] = []
    at = 1
    while at < len(selector):
        found = _PART.match(selector, at)
        if not found:
            raise BadSelector(f"{selector!r}: only .key, ..key and [index] are supported, not {selector[at:]!r}")
        parts.append(_part(found))
        at = found.end()
    return tuple(parts)


def _part(found: re.Match[str]) -> _Part:
    if found["deep"]:
        return _Deep(found["deep"])
    return _Child(found["child"]) if found["child"] else _Index(int(found["index"]))


def select(selector: str, value: object) -> object:
    """Returns what the selector picks from a JSON value, or ``NOTHING``."""
    parts = parse(selector)
    picked = [value]
    for part in parts:
        picked = [inner for item in picked for inner in part.of(item)]
    if any(isinstance(part, _Deep) for part in parts):
        return picked
    return picked[0] if picked else NOTHING


def steps_of(selector: str) -> list[str | None]:
    """Returns the way that a selector takes from the root: keys, and None for an index; it ends before a deep scan."""
    way: list[str | None] = []
    for part in parse(selector):
        if isinstance(part, _Deep):
            break
        way.append(part.key if isinstance(part, _Child) else None)
    return way
