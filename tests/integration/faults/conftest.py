"""One sandbox for all tests of a worker, with Redress in it and a queue that hears every notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.deploy import deploy
from sandbox.process import PYTHON, Sandbox
from sandbox.synthesize import synthesize
from tests.e2e.stack import Stack
from tests.integration.faults.notices import Ear

if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN_SECONDS = 8
"""A message that a killed function held comes back after this time, not after six minutes."""


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The deployed stack; the tests are skipped where the sandbox is not set up."""
    if not PYTHON.exists():
        pytest.skip("the sandbox is not set up: run make setup")
    with Sandbox() as sandbox:
        stack = Stack(sandbox, deploy(sandbox, synthesize()))
        attributes = {"VisibilityTimeout": str(HIDDEN_SECONDS)}
        stack.root("sqs").set_queue_attributes(QueueUrl=stack.outputs["DenialsQueueUrl"], Attributes=attributes)
        yield stack


@pytest.fixture(scope="session")
def ear(stack: Stack) -> Ear:
    """A queue that is subscribed to the topics of findings."""
    return Ear.of(stack.sandbox, (stack.outputs["FindingsTopicArn"], stack.outputs["SecurityTopicArn"]))
