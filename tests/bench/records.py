"""The records that are measured on: a corpus of CloudTrail records where one lies beside the checkout, or our cases."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from scripts import accuracy

CASES = Path(__file__).parents[1] / "cases" / "why" / "kinds"
COPIES = 40
"""Times that our own cases are repeated where there is no corpus."""


@cache
def texts() -> tuple[str, ...]:
    """Returns every record as JSON text."""
    if accuracy.CORPUS.is_dir():
        paths = sorted((accuracy.CORPUS / "records").glob("*.jsonl*"))
        return tuple(json.dumps(line["record"]) for path in paths for line in accuracy.lines(path))
    cases = [case for path in sorted(CASES.glob("*.json")) for case in json.loads(path.read_text(encoding="utf-8"))]
    return tuple(json.dumps(case["record"]) for case in cases) * COPIES


def origin() -> str:
    """Returns where the records are from, in words."""
    return "the corpus" if accuracy.CORPUS.is_dir() else "our own cases (there is no corpus beside the checkout)"
