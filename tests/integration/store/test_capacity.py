"""Counting stays within its write capacity, as DynamoDB's own meter says."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from redress.adapters.findings_items import key_of
from redress.adapters.findings_table import FindingsTable
from redress.domain.batch import Denial, gather
from tests.capacity import size
from tests.denials import NOON, PRINCIPAL, denial

if TYPE_CHECKING:
    from redress.adapters.table_client import DynamoStore
    from tests.capacity import Metered

WORST = 3.0
STORM = 0.2


def batch(denials: list[Denial], findings: FindingsTable) -> None:
    """What λ triage does with a batch."""
    groups = gather(denials)
    known = findings.known(group.finding_id for group in groups)
    findings.activity.note([group for group in groups if group.finding_id not in known], NOON)
    for group in groups:
        findings.record(group, now=NOON, stored=known.get(group.finding_id))


def some(number: int, finding: int, seconds: float) -> Denial:
    """A denial with names as long as in real life."""
    return denial(f"4b1d9b7e-9f0b-4d5e-8a4c-{number:012d}", finding_id=f"f-{finding:020x}", seconds=seconds)


def test_all_distinct(store: DynamoStore, meter: Metered) -> None:
    """Where every denial is a finding of its own, of a principal of its own, each costs at most 3 write units."""
    findings = FindingsTable(store)
    for start in range(0, 300, 100):
        denials = [some(number, number, number) for number in range(start, start + 100)]
        batch([_by_another(one, number) for number, one in enumerate(denials, start)], findings)
    assert meter.write_units / 300 <= WORST


def _by_another(one: Denial, number: int) -> Denial:

    principal = replace(PRINCIPAL, arn=f"arn:aws:iam::111122223333:role/service-{number:05d}")
    verdict = replace(one.verdict, principal=principal)
    return replace(one, verdict=verdict, call=replace(one.call, principal=principal))


def test_storm_in_one_second(store: DynamoStore, meter: Metered) -> None:
    """Two thousand denials of one finding in the same second cost at most 0.2 write units each."""
    findings = FindingsTable(store)
    for start in range(0, 2_000, 100):
        batch([some(number, 0, 0) for number in range(start, start + 100)], findings)
    assert meter.write_units / 2_000 <= STORM
    (finding,) = findings.get_many([f"f-{0:020x}"])
    assert finding.count == 2_000


def test_storm_over_an_hour(store: DynamoStore, meter: Metered) -> None:
    """So do two thousand spread over an hour, delivered in disorder with one in three repeated."""
    findings = FindingsTable(store)
    order = random.Random(7)  # noqa: S311 - a test's
    denials = [some(number, 0, number * 1.8 + order.uniform(0, 60)) for number in range(2_000)]
    for start in range(0, 2_000, 70):
        mixed = [*denials[start : start + 70], *order.sample(denials[: start + 70], 30)]
        order.shuffle(mixed)
        batch(mixed, findings)
    (finding,) = findings.get_many([f"f-{0:020x}"])
    assert finding.count == 2_000
    assert meter.write_units / 2_000 <= STORM


def test_trickle(store: DynamoStore, meter: Metered) -> None:
    """Denials of one finding that come one by one, one a minute, cost at most 3 write units each."""
    findings = FindingsTable(store)
    for number in range(180):
        batch([some(number, 0, number * 60)], findings)
    assert meter.write_units / 180 <= WORST


def test_items_are_small(store: DynamoStore) -> None:
    """The item of an ordinary finding stays below one kilobyte."""
    findings = FindingsTable(store)
    for number in range(12):
        batch([some(number, 0, number * 60)], findings)
    item = store.get(key_of(f"f-{0:020x}"))
    assert item
    assert size(item) <= 1024
