"""The small run of ``make soak``."""

from __future__ import annotations

import pytest

from sandbox.process import PYTHON
from tests.soak.__main__ import main

SMALL = ("--denials", "600", "--fingerprints", "40", "--patience", "90", "--hidden", "8")


def test_nothing_is_lost_or_counted_twice_under_faults() -> None:
    """Counts are exact, poison is put aside with a reason, and nobody is told twice, while AWS misbehaves."""
    if not PYTHON.exists():
        pytest.skip("the sandbox is not set up: run make setup")
    assert main(SMALL) == 0
