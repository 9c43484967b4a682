"""Reads a corpus of CloudTrail records, where one lies beside the checkout."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

from scripts import accuracy

CORPUS = accuracy.CORPUS


def lines(name: str) -> list[dict[str, Any]]:
    """Returns the JSON lines of a file of the corpus; skips the test where there is no corpus."""
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus of CloudTrail records at {CORPUS}")
    return _read(name)


@lru_cache(maxsize=32)
def _read(name: str) -> list[dict[str, Any]]:
    return list(accuracy.lines(CORPUS / name))
