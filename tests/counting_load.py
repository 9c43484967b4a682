"""Ways in which denials arrive, and what each may cost in write capacity."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from redress.domain.batch import Denial, gather
from tests.denials import NOON, PRINCIPAL, denial

if TYPE_CHECKING:
    from redress.adapters.findings_table import FindingsTable

WORST = 3.0
STORM = 0.2


@dataclass(frozen=True, kw_only=True)
class Load:
    """One way in which denials arrive.

    Attributes:
        limit: Write units for each distinct denial.
        batches: What λ triage gets, batch by batch.

    """

    name: str
    limit: float
    distinct: int
    batches: Callable[[], Iterator[list[Denial]]]


def count(findings: FindingsTable, batch: list[Denial]) -> None:
    """Counts a batch as λ triage does."""
    groups = gather(batch)
    known = findings.known(group.finding_id for group in groups)
    unlisted = [
        group
        for group in groups
        if group.finding_id not in known or known[group.finding_id].is_listed_before(group.last.event_time)
    ]
    findings.activity.note(unlisted, NOON)
    for group in groups:
        findings.record(group, now=NOON, stored=known.get(group.finding_id))


def some(number: int, *, finding: int = 0, seconds: float = 0) -> Denial:
    """A denial with names as long as in real life."""
    return denial(f"4b1d9b7e-9f0b-4d5e-8a4c-{number:012d}", finding_id=f"f-{finding:020x}", seconds=seconds)


def all_distinct() -> Iterator[list[Denial]]:
    """Every denial a finding of its own, by a principal of its own."""
    for start in range(0, 300, 100):
        yield [
            _by_another(some(number, finding=number, seconds=number), number) for number in range(start, start + 100)
        ]


def _by_another(one: Denial, number: int) -> Denial:
    principal = replace(PRINCIPAL, arn=f"arn:aws:iam::111122223333:role/service-{number:05d}")
    return replace(one, verdict=replace(one.verdict, principal=principal), call=replace(one.call, principal=principal))


def one_second() -> Iterator[list[Denial]]:
    """A storm of one finding within a single second."""
    for start in range(0, 2_000, 100):
        yield [some(number) for number in range(start, start + 100)]


def an_hour() -> Iterator[list[Denial]]:
    """A storm of one finding over an hour, in disorder, three of ten delivered before."""
    order = random.Random(7)  # noqa: S311 - a test's
    denials = [some(number, seconds=number * 1.8 + order.uniform(0, 60)) for number in range(2_000)]
    for start in range(0, 2_000, 70):
        mixed = [*denials[start : start + 70], *order.sample(denials[: start + 70], 30)]
        order.shuffle(mixed)
        yield mixed


def one_by_one() -> Iterator[list[Denial]]:
    """One finding denied once a minute, each denial a batch of its own."""
    for number in range(180):
        yield [some(number, seconds=number * 60)]


def hourly() -> Iterator[list[Denial]]:
    """One finding denied once an hour: each denial moves it in the index and is noted as activity."""
    for number in range(48):
        yield [some(number, seconds=number * 3600)]


LOADS = (
    Load(name="all distinct", limit=WORST, distinct=300, batches=all_distinct),
    Load(name="storm in one second", limit=STORM, distinct=2_000, batches=one_second),
    Load(name="storm over an hour, repeats", limit=STORM, distinct=2_000, batches=an_hour),
    Load(name="one a minute", limit=WORST, distinct=180, batches=one_by_one),
    Load(name="one an hour", limit=5.0, distinct=48, batches=hourly),
)
