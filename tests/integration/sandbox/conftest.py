"""One running sandbox for all tests of a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.process import PYTHON, Sandbox
from tests.integration.sandbox.world import PATTERN, People, Trail

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A running sandbox with a bucket ``orders``; the test is skipped where it is not set up."""
    if not PYTHON.exists():
        pytest.skip("the sandbox is not set up: run make setup")
    with Sandbox() as running:
        running.client("s3").create_bucket(Bucket="orders")
        yield running


@pytest.fixture
def people(sandbox: Sandbox) -> People:
    """Roles and users to be denied."""
    return People(sandbox)


@pytest.fixture
def trail(sandbox: Sandbox) -> Iterator[Trail]:
    """A rule that gets every denial, and its queue."""
    opened = Trail(sandbox, state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", pattern=PATTERN)
    yield opened
    opened.close()
