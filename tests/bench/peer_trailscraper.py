"""Times trailscraper on records from standard input: each to an IAM statement; runs in its environment."""

from __future__ import annotations

import importlib
import json
import logging
import sys
import time
from typing import Any


def main() -> None:
    """Prints one line of JSON: seconds for loading and for working, round by round, and how many were answered."""
    logging.disable(logging.CRITICAL)
    cloudtrail: Any = importlib.import_module("trailscraper.cloudtrail")
    lines = sys.stdin.read().splitlines()
    told: dict[str, Any] = {"what": "trailscraper, a statement of each", "load": [], "work": []}
    for _ in range(int(sys.argv[1])):
        start = time.perf_counter()
        records = [json.loads(line) for line in lines]
        middle = time.perf_counter()
        answered = raised = 0
        for record in records:
            try:
                parsed = cloudtrail.parse_records([record])
                answered += sum(one.to_statement() is not None for one in parsed)
            except Exception:  # noqa: BLE001 - a peer's faults are counted
                raised += 1
        told["load"].append(middle - start)
        told["work"].append(time.perf_counter() - middle)
    told |= {"records": len(lines), "answered": answered, "raised": raised}
    sys.stdout.write("\n" + json.dumps(told) + "\n")


main()
