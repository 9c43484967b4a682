"""Change calendars: documents of type ChangeCalendar, and whether one is open.

A subset of what AWS takes (iCalendar 2.0): ``X-CALENDAR-TYPE`` DEFAULT_OPEN or DEFAULT_CLOSED, and events with
``DTSTART`` and ``DTEND`` in UTC (``20261121T020000Z``), during which the state is the other one. Recurring events,
all-day events and other time zones are refused, never ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

OPEN: Final = "OPEN"
CLOSED: Final = "CLOSED"
_DEFAULTS: Final = {"DEFAULT_OPEN": OPEN, "DEFAULT_CLOSED": CLOSED}
_REFUSED: Final = ("RRULE", "RDATE", "EXDATE", "DURATION")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A calendar: its state outside of its events, and the events."""

    default: str
    events: tuple[tuple[datetime, datetime], ...] = ()

    def state(self, at: datetime) -> str:
        """Returns OPEN or CLOSED."""
        inside = any(start <= at < end for start, end in self.events)
        return {OPEN: CLOSED, CLOSED: OPEN}[self.default] if inside else self.default

    def next_transition(self, at: datetime) -> datetime | None:
        """Returns when the state changes next, or None."""
        edges = sorted(edge for event in self.events for edge in event if edge > at)
        return next((edge for edge in edges if self.state(edge) != self.state(at)), None)


def read(text: str) -> Calendar:
    """Returns the calendar of an iCalendar text.

    Raises:
        ValueError: It is none, or uses what is not supported here.

    """
    lines = [line.strip() for line in text.replace("\r\n ", "").replace("\n ", "").splitlines() if line.strip()]
    if not lines or lines[0] != "BEGIN:VCALENDAR" or lines[-1] != "END:VCALENDAR":
        raise ValueError("A change calendar must be an iCalendar text: BEGIN:VCALENDAR ... END:VCALENDAR")
    refused = sorted({line for line in lines if re.split("[:;]", line)[0] in _REFUSED})
    if refused:
        raise ValueError(f"Not supported here: {', '.join(refused)}; use single events with DTSTART and DTEND")
    kinds = [line.partition(":")[2] for line in lines if line.startswith("X-CALENDAR-TYPE:")]
    if len(kinds) != 1 or kinds[0] not in _DEFAULTS:
        raise ValueError("A change calendar needs X-CALENDAR-TYPE:DEFAULT_OPEN or X-CALENDAR-TYPE:DEFAULT_CLOSED")
    return Calendar(default=_DEFAULTS[kinds[0]], events=tuple(_events(lines)))


def _events(lines: Sequence[str]) -> list[tuple[datetime, datetime]]:
    starts = [_moment(line) for line in lines if re.match("DTSTART[:;]", line)]
    ends = [_moment(line) for line in lines if re.match("DTEND[:;]", line)]
    count = lines.count("BEGIN:VEVENT")
    if not len(starts) == len(ends) == count or lines.count("END:VEVENT") != count:
        raise ValueError("Each VEVENT needs one DTSTART and one DTEND")
    events = list(zip(starts, ends, strict=True))
    if any(start >= end for start, end in events):
        raise ValueError("Each VEVENT must end after it starts")
    return events


def _moment(line: str) -> datetime:
    found = re.fullmatch(r"DT(?:START|END):(\d{8}T\d{6})Z", line)
    if not found:
        raise ValueError(f"Not supported here: {line}; write the moment in UTC, e.g. DTSTART:20261121T020000Z")
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
