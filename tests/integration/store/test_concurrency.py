"""Many workers count the same findings at once, against a real DynamoDB API."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from redress.adapters.findings_table import FindingsTable
from redress.domain.batch import Denial, gather
from redress.domain.errors import Retry
from tests.denials import NOON, denial

if TYPE_CHECKING:
    from redress.adapters.table_client import DynamoStore
    from tests.capacity import Metered

WORKERS = 6
FINDINGS = 3
EVENTS = 600


def deliver(store: DynamoStore, batch: list[Denial]) -> list[Denial]:
    """What one worker does with a batch; returns what must be delivered again."""
    findings = FindingsTable(store)
    groups = gather(batch)
    known = findings.known(group.finding_id for group in groups)
    failed: set[str] = set()
    for group in groups:
        try:
            findings.record(group, now=NOON, stored=known.get(group.finding_id))
        except Retry:
            failed.add(group.finding_id)
    return [one for one in batch if one.finding_id in failed]


def test_exact_among_many_workers(store: DynamoStore, meter: Metered) -> None:
    """With one event in three delivered again, out of order and by six workers at once, every count is exact."""
    order = random.Random(11)  # noqa: S311 - a test's
    events = [denial(f"e-{n}", finding_id=f"f-{n % FINDINGS:020x}", seconds=n % 7) for n in range(EVENTS)]
    deliveries = [*events, *order.sample(events, EVENTS // 3)]
    order.shuffle(deliveries)
    batches = [deliveries[start : start + 40] for start in range(0, len(deliveries), 40)]
    while batches:
        with ThreadPoolExecutor(WORKERS) as workers:
            batches = [left for left in workers.map(lambda batch: deliver(store, batch), batches) if left]
    counts = [finding.count for finding in FindingsTable(store).get_many(f"f-{n:020x}" for n in range(FINDINGS))]
    assert counts == [EVENTS // FINDINGS] * FINDINGS
    assert meter.calls["transact_write_items"] > 0
