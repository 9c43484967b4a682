"""How many notices are enough: counts are told at powers of ten, bursts of a principal once.

The clock here is that of the events (``last_seen``, ``changed_at``), not that of the machine: whatever is
delivered late or again is decided as it would have been in time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from redress.domain.values import dataclass
from redress.domain.words import State

if TYPE_CHECKING:
    from redress.domain.finding import Finding

WINDOW = timedelta(minutes=10)
FIRST_THRESHOLD = 10
SINGLES = 3
"""Notices of one burst that are told one by one, before the one that stands for all the others."""
SPENT = SINGLES + 1


class How(StrEnum):
    """What a burst leaves of a notice."""

    SINGLE = "SINGLE"
    BURST = "BURST"
    """This one stands for all that follow in its window."""
    WAVE = "WAVE"
    """This one stands for the findings of many principals (see ``noticing_wave``)."""
    SILENT = "SILENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The last count of a finding that was told.

    Attributes:
        threshold: 10, 100, 1,000, …
        seen: The finding's ``last_seen`` then.
        quiet_until: Before this no count is told: the finding is one of a wave.

    """

    threshold: int
    seen: datetime
    quiet_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """One burst: the notices of a principal that are about the same.

    Attributes:
        since: When the first of them happened.
        told: Who was told of, in order; at most ``SPENT``.

    """

    since: datetime
    told: tuple[str, ...]


def threshold_of(count: int) -> int:
    """Returns the highest power of ten that the count has reached, from 10 on; 0 below."""
    return 10 ** (len(str(count)) - 1) if count >= FIRST_THRESHOLD else 0


def count_due(finding: Finding, told: Told | None) -> int:
    """Returns the threshold to tell of now, or 0: each once, and one of a finding per window."""
    passed = threshold_of(finding.count)
    if finding.state is State.MUTED:
        return 0
    if told and (passed <= told.threshold or finding.last_seen - told.seen < WINDOW):
        return 0
    if told and told.quiet_until and finding.last_seen < told.quiet_until:
        return 0
    return passed


def join(crowd: Crowd | None, member: str, at: datetime) -> tuple[How, Crowd]:
    """Returns how this notice is told, and the burst with it.

    What happened before the burst began (late news) belongs to it too.
    """
    if crowd is None or at - crowd.since >= WINDOW:
        return How.SINGLE, Crowd(since=at, told=(member,))
    if member not in crowd.told:
        if len(crowd.told) >= SPENT:
            return How.SILENT, crowd
        crowd = Crowd(since=crowd.since, told=(*crowd.told, member))
    return (How.SINGLE if crowd.told.index(member) < SINGLES else How.BURST), crowd
