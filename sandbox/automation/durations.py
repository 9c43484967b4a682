"""ISO 8601 durations and timestamps, as ``aws:sleep`` reads them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_DURATION: Final = re.compile(
    r"P(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?"
)


def read_duration(text: str) -> timedelta:
    """Returns the length of e.g. ``PT10M``; years and months have none, so they are refused.

    Raises:
        ValueError: The text is no such duration.

    """
    found = _DURATION.fullmatch(text)
    parts = {name: int(number) for name, number in found.groupdict().items() if number} if found else {}
    if not parts:
        raise ValueError(f"{text!r} is no ISO 8601 duration in weeks, days, hours, minutes and seconds")
    return timedelta(**parts)


def read_timestamp(text: str) -> datetime:
    """Returns the moment of e.g. ``2020-01-01T01:00:00Z``; without an offset it is UTC.

    Raises:
        ValueError: The text is no ISO 8601 timestamp.

    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
