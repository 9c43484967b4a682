"""A real DynamoDB API on this machine, one table for each test."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters.table_client import DynamoStore
from redress.adapters.table_expressions import INDEX_KEYS
from sandbox.process import Sandbox
from tests.capacity import Metered

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The local AWS."""
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="session")
def dynamodb(sandbox: Sandbox) -> Any:  # noqa: ANN401 - boto3's client
    """boto3's client of its DynamoDB."""
    return sandbox.client("dynamodb")


@pytest.fixture
def table_name(dynamodb: Any) -> str:  # noqa: ANN401 - boto3's client
    """A fresh table with the template's keys and indexes."""
    name = f"findings-{uuid.uuid4().hex[:12]}"
    attributes = sorted({attribute for keys in INDEX_KEYS.values() for attribute in keys})
    dynamodb.create_table(
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
    return name


def _schema(keys: tuple[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)]


@pytest.fixture
def meter(dynamodb: Any) -> Metered:  # noqa: ANN401 - boto3's client
    """The client with a meter on it."""
    return Metered(client=dynamodb)


@pytest.fixture
def store(meter: Metered, table_name: str) -> DynamoStore:
    """The store over that table."""
    return DynamoStore(meter, table_name)
