"""Write capacity that a denial consumes, as DynamoDB's own meter counts it, for each way in which denials arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.adapters.findings_table import FindingsTable
from redress.adapters.table_client import DynamoStore
from redress.adapters.table_expressions import INDEX_KEYS
from sandbox.process import PYTHON, Sandbox
from tests.bench.figures import Figure, Section
from tests.capacity import Metered
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
    _make_table(client, name)
    meter = Metered(client=client)
    findings = FindingsTable(DynamoStore(meter, name))
    for batch in load.batches():
        count(findings, batch)
    units = meter.write_units / load.distinct
    return Figure(name=load.name, rounds=(units,), unit="units a denial", aim=load.limit)


def _make_table(client: Any, name: str) -> None:  # noqa: ANN401 - a boto3 client
    attributes = sorted({attribute for keys in INDEX_KEYS.values() for attribute in keys})
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes],
        KeySchema=_schema(INDEX_KEYS[None]),
        GlobalSecondaryIndexes=[
            {"IndexName": index, "KeySchema": _schema(keys), "Projection": {"ProjectionType": "KEYS_ONLY"}}
            for index, keys in INDEX_KEYS.items()
            if index
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def _schema(keys: tuple[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)]
