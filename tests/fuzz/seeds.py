"""Records to start from: a corpus of CloudTrail records, where one lies beside the checkout, and our own cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts import accuracy

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = Path(__file__).parents[1] / "cases" / "why"
PER_FILE = 3_000
"""Most records of one file: the large files repeat themselves."""


def texts() -> list[str]:
    """Returns each record as JSON text: ours, and those of the corpus."""
    return [json.dumps(record) for record in (*_own(), *_corpus())]


def denials() -> list[str]:
    """Returns the records of our own cases, all of them denials, as JSON text."""
    return [json.dumps(record) for record in _own()]


def _own() -> Iterator[dict[str, Any]]:
    for path in sorted((CASES / "kinds").glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            yield case["record"]


def _corpus() -> Iterator[dict[str, Any]]:
    if not accuracy.CORPUS.is_dir():
        return
    for path in sorted((accuracy.CORPUS / "records").glob("*.jsonl*")):
        for number, line in enumerate(accuracy.lines(path)):
            if number >= PER_FILE:
                break
            yield line["record"]
