"""Groups answers as Redress groups denials into findings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from redress_cli.answers import Answer

KEPT = 200  # answers kept per group, for the resource template and the proposal; the count goes on


@dataclass(slots=True)
class Group:
    """All denials of one fingerprint."""

    first: Answer
    count: int = 0
    answers: list[Answer] = field(default_factory=list)

    def add(self, answer: Answer) -> None:
        """Counts one more denial."""
        self.count += 1
        if len(self.answers) < KEPT:
            self.answers.append(answer)

    def times(self) -> tuple[str | None, str | None]:
        """Returns when it was first and last seen, ISO 8601 UTC, or None for input without times."""
        times = sorted(answer.call.event_time for answer in self.answers if answer.call and answer.call.event_id)
        return (f"{times[0]:%Y-%m-%dT%H:%M:%SZ}", f"{times[-1]:%Y-%m-%dT%H:%M:%SZ}") if times else (None, None)

    def fields(self) -> dict[str, Any]:
        """Returns the documented JSON fields of a distinct denial."""
        first_seen, last_seen = self.times()
        more = {"count": self.count, "first_seen": first_seen, "last_seen": last_seen}
        return self.first.fields() | more | {"resource_template": self.first.resource_template}


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
