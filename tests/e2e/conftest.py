"""One sandbox per worker with the very template deployed that ``make deploy`` would deploy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from sandbox.deploy import Deployed, deploy
from sandbox.process import PYTHON, Sandbox
from sandbox.synthesize import synthesize

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox, and Redress in it."""

    sandbox: Sandbox
    deployed: Deployed


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """A deployed sandbox; the tests are skipped where it is not set up."""
    if not PYTHON.exists():
        pytest.skip("the sandbox is not set up: run make setup")
    with Sandbox() as sandbox:
        yield Running(sandbox, deploy(sandbox, synthesize()))


@pytest.fixture(scope="session")
def sandbox(running: Running) -> Sandbox:
    """The local AWS."""
    return running.sandbox


@pytest.fixture(scope="session")
def deployed(running: Running) -> Deployed:
    """The stack in it: outputs, and what was taken out."""
    return running.deployed
