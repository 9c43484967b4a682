"""``{{ references }}`` in a runbook: finding them and putting values in their place.

A string that is one whole reference becomes the value with its type; a reference inside a longer string becomes
text. What is put in is never scanned again, so a value that holds ``{{ }}`` stays what it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

REFERENCE: Final = re.compile(r"\{\{\s*([A-Za-z0-9_]+(?:[.:][A-Za-z0-9_]+)?)\s*\}\}")
OPENING: Final = "{{"

Lookup: TypeAlias = Callable[[str], object]
"""Returns the value of a reference's name; raises ``Unresolved`` when there is none."""


class Unresolved(LookupError):  # noqa: N818 - named for what happened
    """A reference has no value, because its step has not produced it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Failed to resolve input: {name} has no value")


def references(value: object) -> Iterator[str]:
    """Yields the names of all references in a JSON value, its keys apart."""
    if isinstance(value, str):
        yield from REFERENCE.findall(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from references(item)


def resolve(value: object, lookup: Lookup) -> object:
    """Returns the JSON value with every reference replaced, once.

    Raises:
        Unresolved: A reference has no value.

    """
    if isinstance(value, str):
        return _resolve_text(value, lookup)
    if isinstance(value, Mapping):
        return {key: resolve(item, lookup) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [part for item in value for part in _resolve_item(item, lookup)]
    return value


def _resolve_text(text: str, lookup: Lookup) -> object:
    whole = REFERENCE.fullmatch(text.strip())
    if whole:
        return lookup(whole[1])
    return REFERENCE.sub(lambda found: as_text(lookup(found[1])), text)


def _resolve_item(item: object, lookup: Lookup) -> list[object]:
    """Returns the elements that a list's element stands for: a reference to a list is spliced, as on AWS."""
    value = resolve(item, lookup)
    spliced = isinstance(item, str) and isinstance(value, list)
    return list(value) if spliced and isinstance(value, list) else [value]


def as_text(value: object) -> str:
    """Returns a value as it reads inside a longer text: strings bare, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
