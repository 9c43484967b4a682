"""``python -m tests.fuzz``: mutated records through parse, classify, plan and render. Exits 1 if anything broke.

``make fuzz FUZZ="--records 1000000 --seconds 600 --seed 7"``; ``--only SEED/NUMBER`` runs one record again.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.fuzz.course import Course
from tests.fuzz.running import Order, Outcome, luck_of, mutant, run

if TYPE_CHECKING:
    from collections.abc import Sequence

RECORDS = 1_000_000


def main(words: Sequence[str] | None = None) -> int:
    """Runs, prints, and returns the exit code."""
    given = _arguments(words)
    if given.only:
        seed, number = map(int, given.only.split("/"))
        value = mutant(seed, number)
        sys.stdout.write(json.dumps(value, indent=1) + "\n")
        Course(Counter()).run(value, luck_of(seed, number))
        return 0
    order = Order(records=given.records, seconds=given.seconds, seed=given.seed, workers=given.workers)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"seed {order.seed}, {order.records:,} records, {order.workers} processes")
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("records", total=order.records)
        outcome = run(order, lambda so_far: bar.update(task, completed=so_far.reached["values"]))
    return report(outcome, console)


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--seconds", type=float, help="begin nothing new after this time")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", help="SEED/NUMBER of one record to run again")
    return parser.parse_args(words)


def report(outcome: Outcome, console: Console) -> int:
    """Prints what came of it, the first failure with its record; returns the exit code."""
    table = Table(title="how far the records got")
    table.add_column("")
    table.add_column("records", justify="right")
    for name, number in outcome.reached.most_common():
        table.add_row(name, f"{number:,}")
    console.print(table)
    broken = sum("Broken" in failure.error for failure in outcome.failures)
    rate = outcome.reached["values"] / max(outcome.seconds, 0.001)
    console.print(f"{outcome.seconds:.0f} s, {rate:,.0f} records a second")
    console.print(f"crashes: {len(outcome.failures) - broken}, policies or notices outside their grammar: {broken}")
    if outcome.failures:
        first = outcome.failures[0]
        console.print(f"first, again by: python -m tests.fuzz --only {first.at}", markup=False)
        console.print(first.error, markup=False)
        console.print(first.record[:20_000], markup=False)
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
