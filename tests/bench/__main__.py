"""``python -m tests.bench``: every measurement of docs/performance.md, as ratios measured in this run.

``make bench BENCH="verdicts growth"`` measures only these.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from tests.bench import (
    calls_bench,
    capacity_bench,
    cold_start_bench,
    growth_bench,
    notice_bench,
    proposal_bench,
    verdict_bench,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.bench.figures import Section

BENCHES: Mapping[str, Callable[[], Section]] = {
    "verdicts": verdict_bench.measure,
    "policies": proposal_bench.measure,
    "cold-start": cold_start_bench.measure,
    "capacity": capacity_bench.measure,
    "growth": growth_bench.measure,
    "calls": calls_bench.measure,
    "notice": notice_bench.measure,
}


def main(words: Sequence[str] | None = None) -> int:
    """Measures and prints; returns the exit code, 1 where an aim is missed and ``--strict`` is given."""
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("benches", nargs="*", choices=[*BENCHES, []], help="all, where none is named")
    parser.add_argument("--strict", action="store_true", help="exit 1 if an aim is missed")
    given = parser.parse_args(words)
    console, missed = Console(highlight=False), 0
    for name in given.benches or BENCHES:
        with console.status(name):
            section = BENCHES[name]()
        _print(section, console)
        missed += sum(figure.verdict == "MISSED" for figure in section.figures)
    return 1 if missed and given.strict else 0


def _print(section: Section, console: Console) -> None:
    table = Table(title=section.title, title_justify="left", caption="; ".join(section.notes), caption_justify="left")
    for heading in ("", "median", "rounds", "aim", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for figure in section.figures:
        table.add_row(*figure.shown)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
