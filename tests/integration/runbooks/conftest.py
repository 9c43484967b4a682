"""The deployed stack, for the runbooks in their real surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.deploy import deploy
from sandbox.process import PYTHON, Sandbox
from sandbox.synthesize import synthesize
from tests.e2e.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The deployed stack; skipped where the sandbox is not set up."""
    if not PYTHON.exists():
        pytest.skip("the sandbox is not set up: run make setup")
    with Sandbox() as sandbox:
        yield Stack(sandbox, deploy(sandbox, synthesize()))
