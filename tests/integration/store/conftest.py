"""A real DynamoDB API on this machine, one table for each test."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters.table_client import DynamoStore
from sandbox.process import Sandbox
from tests.capacity import Metered, make_table

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
    """A fresh table with the template's keys and index."""
    name = f"findings-{uuid.uuid4().hex[:12]}"
    make_table(dynamodb, name)
    return name


@pytest.fixture
def meter(dynamodb: Any) -> Metered:  # noqa: ANN401 - boto3's client
    """The client with a meter on it."""
    return Metered(client=dynamodb)


@pytest.fixture
def store(meter: Metered, table_name: str) -> DynamoStore:
    """The store over that table."""
    return DynamoStore(meter, table_name)
