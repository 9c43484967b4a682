"""Condition keys whose values the request itself shows, where a fix has to be narrowed by them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from redress.domain.verdict import ContextValue
from redress.domain.words import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.denied_call import DeniedCall

FLEET_TAG = "aws:ResourceTag/aws:ec2:fleet-id"
"""EC2 tags the instances of a fleet so (EC2 user guide, delete-fleet); nobody else can set tags of ``aws:``."""
MOST_FLEETS = 25
_FLEET = re.compile(r"fleet-[0-9A-Za-z-]{1,64}")
_DEPTH = 4


def request_context(kind: Kind, call: DeniedCall) -> tuple[ContextValue, ...]:
    """Returns which instances a fleet's deletion would have terminated; nothing for any other kind of denial."""
    if kind is not Kind.FLEET_TERMINATE:
        return ()
    named = _texts(call.request_parameters, _DEPTH)
    fleets = sorted({text for text in named if _FLEET.fullmatch(text)})
    # A list that was cut would make a fix that does not do; more fleets than that are a person's work.
    return (ContextValue(key=FLEET_TAG, values=tuple(fleets)),) if 0 < len(fleets) <= MOST_FLEETS else ()


def _texts(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - JSON of any shape: CloudTrail's differs by the number of fleets
    if isinstance(value, str):
        yield value
    elif depth:
        inner = value.values() if hasattr(value, "values") else value if isinstance(value, list) else ()
        for each in inner:
            yield from _texts(each, depth - 1)
