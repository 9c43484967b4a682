"""Reads a corpus of CloudTrail records, where one lies beside the checkout."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"


def lines(name: str) -> list[dict[str, Any]]:
    """Returns the JSON lines of a file of the corpus; skips the test where there is no corpus."""
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus of CloudTrail records at {CORPUS}")
    return _read(CORPUS / name)


def sources() -> list[str]:
    """Returns the names of the files of records."""
    return sorted(f"records/{path.name}" for path in (CORPUS / "records").glob("*.jsonl*"))


@lru_cache(maxsize=32)
def _read(path: Path) -> list[dict[str, Any]]:
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    return [json.loads(line) for line in text.decode("utf-8").splitlines() if line]
