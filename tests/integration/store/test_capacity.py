"""Counting stays within its write capacity, as DynamoDB's own meter says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from redress.adapters.findings_table import FindingsTable
from tests.counting_load import LOADS, Load, count

if TYPE_CHECKING:
    from redress.adapters.table_client import DynamoStore
    from tests.capacity import Metered


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.name)
def test_write_units(load: Load, store: DynamoStore, meter: Metered) -> None:
    """Each way in which denials arrive costs at most its limit, and every denial is counted once."""
    findings, seen = FindingsTable(store), set[str]()
    for batch in load.batches():
        count(findings, batch)
        seen |= {one.finding_id for one in batch}
    assert meter.write_units / load.distinct <= load.limit
    assert sum(finding.count for finding in findings.get_many(seen)) == load.distinct
