"""Reads the case files of this topic."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "cases" / "why"


@lru_cache(maxsize=64)
def cases(name: str) -> list[dict[str, Any]]:
    """Returns the cases of one file, or of every file of a folder, in order."""
    path = FOLDER / name
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    return [case for file in files for case in json.loads(file.read_text(encoding="utf-8"))]


def named(case: dict[str, Any]) -> str:
    """Returns the name that a test report shows for a case."""
    return str(case["name"])
