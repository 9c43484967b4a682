"""After the fix: quiet findings close, overdue signatures are mentioned once, silences end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from redress.domain.lifecycle_occurrences import SCHEDULE, MuteEnded, Reminded, StayedQuiet
from redress.domain.words import State

if TYPE_CHECKING:
    from datetime import datetime

    from redress.domain.finding import Finding
    from redress.domain.lifecycle_occurrences import Occurrence
    from redress.domain.settings import Settings

REMINDER_SHARE = 0.5
"""A signature is overdue after this share of the approval's time."""
WATCHED = (State.FIXED, State.AWAITING_APPROVAL, State.MUTED)


def due(finding: Finding, settings: Settings, now: datetime) -> Occurrence | None:
    """Returns what time alone has made of the finding, or None."""
    match finding.state:
        case State.FIXED:
            return _quiet(finding, settings, now)
        case State.AWAITING_APPROVAL:
            return _overdue(finding, settings, now)
        case State.MUTED:
            return _mute_over(finding, now)
        case _:
            return None


def _quiet(finding: Finding, settings: Settings, now: datetime) -> Occurrence | None:
    since = max(finding.fixed_at or finding.changed_at, finding.last_seen)
    if now - since < timedelta(hours=settings.watch_hours):
        return None
    return StayedQuiet(cause=f"not denied again for {settings.watch_hours} hours")


def _overdue(finding: Finding, settings: Settings, now: datetime) -> Occurrence | None:
    patience = timedelta(seconds=settings.approval_timeout_seconds * REMINDER_SHARE)
    if finding.reminded_at or now - finding.changed_at < patience:
        return None
    since = f"{finding.changed_at:%Y-%m-%d %H:%M} UTC"
    return Reminded(actor=SCHEDULE, cause=f"it has waited {long(now - finding.changed_at)}, since {since}")


def long(time: timedelta) -> str:
    """Returns ``50 minutes``, ``12 hours`` or ``3 days``: the largest unit of which there are at least two."""
    seconds = int(time.total_seconds())
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{max(0, seconds)} seconds"


def _mute_over(finding: Finding, now: datetime) -> Occurrence | None:
    if finding.muted_until is None or now < finding.muted_until:
        return None
    return MuteEnded(cause="the silence ended by its date")
