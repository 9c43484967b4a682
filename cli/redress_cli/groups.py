"""Groups answers as Redress groups denials into findings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from redress_cli.answers import Answer

KEPT = 50  # answers kept per group for its proposal; the count and the times go on


@dataclass(slots=True)
class Group:
    """All denials of one fingerprint."""

    first: Answer
    count: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    answers: list[Answer] = field(default_factory=list)

    def add(self, answer: Answer) -> None:
        """Counts one more denial."""
        self.count += 1
        when = answer.call.event_time if answer.call and answer.call.event_id else None
        if when is not None:
            self.first_seen = min(self.first_seen or when, when)
            self.last_seen = max(self.last_seen or when, when)
        if len(self.answers) < KEPT:
            self.answers.append(answer)

    def times(self) -> tuple[str | None, str | None]:
        """Returns when it was first and last seen, ISO 8601 UTC, or None for input without times."""
        return _shown(self.first_seen), _shown(self.last_seen)

    def fields(self) -> dict[str, Any]:
        """Returns the documented JSON fields of a distinct denial."""
        first_seen, last_seen = self.times()
        more = {"count": self.count, "first_seen": first_seen, "last_seen": last_seen}
        return self.first.fields() | more | {"resource_template": self.first.resource_template}


def _shown(when: datetime | None) -> str | None:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}" if when else None


class Groups:
    """Distinct denials in the order of their first sight, and why the rest are none."""

    def __init__(self) -> None:
        self.records = 0
        self.no_denials: Counter[str] = Counter()
        self._groups: dict[str, Group] = {}

    def add(self, answer: Answer) -> None:
        """Counts one answer."""
        self.records += 1
        if answer.no_denial is not None:
            self.no_denials[answer.no_denial.reason] += 1
        elif answer.finding_id is not None:
            self._groups.setdefault(answer.finding_id, Group(answer)).add(answer)

    def denials(self) -> list[Group]:
        """Returns the distinct denials."""
        return list(self._groups.values())
