"""Write capacity that a denial consumes, as DynamoDB's own meter counts it, for each way in which denials arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.adapters.findings_table import FindingsTable
from redress.adapters.table_client import DynamoStore
from sandbox.process import PYTHON, Sandbox
from tests.bench.figures import Figure, Section
from tests.capacity import Metered, make_table
from tests.counting_load import LOADS, count

if TYPE_CHECKING:
    from tests.counting_load import Load


def measure() -> Section:
    """Returns write units for each denial; deterministic, so one round is enough."""
    title = "Write capacity"
    if not PYTHON.exists():
        return Section(title=title, notes=("not measured: the sandbox is not set up (make setup)",))
    with Sandbox() as sandbox:
        client = sandbox.client("dynamodb")
        figures = tuple(_figure(load, client, f"bench-{number}") for number, load in enumerate(LOADS))
    return Section(title=title, figures=figures, notes=("ReturnConsumedCapacity of every call, indexes included",))


def _figure(load: Load, client: Any, name: str) -> Figure:  # noqa: ANN401 - a boto3 client
    make_table(client, name)
    meter = Metered(client=client)
    findings = FindingsTable(DynamoStore(meter, name))
    for batch in load.batches():
        count(findings, batch)
    units = meter.write_units / load.distinct
    return Figure(name=load.name, rounds=(units,), unit="units a denial", aim=load.limit)
