"""Counting each CloudTrail event once, however often it is delivered.

A finding remembers the events it has counted as *marks*: 8 bytes of the SHA-256 of the event's id.
Its newest marks are in its *open set*, on the finding itself. When that would grow past a few, open
set and new marks together are *sealed*: written once, in the same transaction as the count, to a
ledger item that never changes again and whose key is the newest event time counted so far. A write
goes through only if the finding's count is still the one that was read; since every counted event
changes the count, whoever read the finding and the sealed sets that can hold an event of a given
time has read the truth. docs/counting.md has the argument in full, and the cost.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MARK_BYTES = 8
"""With 10,000 events of one finding, two share a mark with probability 3 in 10¹²."""
OPEN_LIMIT = 12
"""Marks on the finding itself; more would push most findings past 1 KB, a second write unit."""
STEP_LIMIT = 1_000
"""Marks added in one write; a sealed set stays near 8 KB, far from DynamoDB's 400 KB."""
COPY_MARGIN = timedelta(seconds=5)
"""How far the event times of two copies of one call may be apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a finding's item says of the events it has counted.

    Attributes:
        count: How many.
        open_marks: The open set.
        sealed: How many sealed sets there are.
        sealed_to: The newest event time that any of them may hold; None where there are none.
        newest: The newest event time counted.

    """

    count: int
    open_marks: frozenset[bytes]
    sealed: int
    sealed_to: datetime | None
    newest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One write that counts events.

    Attributes:
        counted: Marks that are new.
        sealing: The marks of the set to be sealed, the open set's included; empty leaves the set open.
        newest: The newest event time counted after this step.

    """

    counted: frozenset[bytes]
    sealing: frozenset[bytes]
    newest: datetime


def mark(dedupe_id: str) -> bytes:
    """Returns the 8 bytes by which a finding remembers an event."""
    return hashlib.sha256(dedupe_id.encode("utf-8", "surrogatepass")).digest()[:MARK_BYTES]


def look_back(tally: Tally, seen: Mapping[bytes, datetime]) -> datetime | None:
    """Returns from which event time on sealed sets must be read, or None if none can matter.

    Args:
        tally: Of the finding as it was read.
        seen: Event time by mark.

    """
    unknown = [moment for each, moment in seen.items() if each not in tally.open_marks]
    if not unknown or tally.sealed_to is None:
        return None
    since = min(unknown) - COPY_MARGIN
    return since if since <= tally.sealed_to else None


def next_step(tally: Tally, seen: Mapping[bytes, datetime], sealed_marks: Iterable[bytes]) -> Step | None:
    """Returns the next write, or None where every event has been counted before.

    Args:
        tally: Of the finding as it was read.
        seen: Event time by mark.
        sealed_marks: Those of every sealed set that ``look_back`` asks for, read after the finding.

    """
    new = sorted(seen.keys() - tally.open_marks - set(sealed_marks), key=lambda each: (seen[each], each))
    if not new:
        return None
    counted = frozenset(new[:STEP_LIMIT])
    together = tally.open_marks | counted
    return Step(
        counted=counted,
        sealing=together if len(together) > OPEN_LIMIT else frozenset(),
        newest=max(tally.newest, *(seen[each] for each in counted)),
    )


def first_step(seen: Mapping[bytes, datetime]) -> Step:
    """Returns the write that makes a finding of its first events; their marks are its open set."""
    first = sorted(seen, key=lambda each: (seen[each], each))[:STEP_LIMIT]
    return Step(counted=frozenset(first), sealing=frozenset(), newest=seen[first[-1]])
