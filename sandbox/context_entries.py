"""The context entries of a simulation: each value has to be of the type that its entry names."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Final

from redress.domain.operators import instant, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


_READS: Final[Mapping[str, Callable[[str], bool]]] = {
    "string": lambda _: True,
    "binary": lambda _: True,
    "numeric": lambda text: number(text) is not None,
    "boolean": lambda text: text.lower() in {"true", "false"},
    "ip": _is_network,
    "date": lambda text: instant(text) is not None,
}
"""The types of ContextEntry (each has a list of its own), and what their values look like."""


def fault_of(entry: Mapping[str, Any]) -> str:
    """Returns what is wrong with a context entry, or an empty text."""
    kind, values = str(entry.get("ContextKeyType", "string")), entry.get("ContextKeyValues", ())
    key, plain = entry["ContextKeyName"], kind.removesuffix("List")
    if plain not in _READS:
        return f"{kind} is no type of a context key"
    if plain == kind and len(values) > 1:
        return f"{key} has several values, but its type {kind} is no list"
    wrong = [value for value in values if not _READS[plain](value)]
    return f"{', '.join(wrong)} of {key} is no {plain}" if wrong else ""
