"""``python -m tests.soak``: a load of denials with repeats, poison, throttles and killed functions, in the sandbox.

Exits 1 on any miss. ``make soak SOAK="--denials 600 --fingerprints 40"`` is the small run of the tests.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from sandbox.process import Sandbox
from tests.soak.checks import checks
from tests.soak.denials import Size, load
from tests.soak.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.soak.checks import Check
    from tests.soak.pipeline import Seen


def main(words: Sequence[str] | None = None) -> int:
    """Runs, prints the table, and returns the exit code."""
    given = _arguments(words)
    console = Console(highlight=False)
    size = Size(
        denials=given.denials,
        fingerprints=given.fingerprints,
        repeats=given.repeats,
        poison=given.poison,
        seed=given.seed,
    )
    with console.status("starting the sandbox") as status, Sandbox() as sandbox:
        wanted = load(size)
        pipeline = Pipeline.of(sandbox, status.update, hidden_seconds=given.hidden)
        seen = pipeline.run(wanted, throttle=given.throttle, patience=given.patience, seed=given.seed)
        if given.log:
            given.log.write(sandbox.log.read_text(errors="replace"))
    found = checks(wanted, seen)
    report(found, seen, console, f"{len(wanted.messages):,} messages, seed {size.seed}, {seen.seconds:.0f} s")
    return 0 if all(check.holds for check in found) else 1


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    usual = Size()
    parser = argparse.ArgumentParser(prog="make soak", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--denials", type=int, default=usual.denials)
    parser.add_argument("--fingerprints", type=int, default=usual.fingerprints)
    parser.add_argument("--repeats", type=float, default=usual.repeats, help="share that is delivered once more")
    parser.add_argument("--poison", type=float, default=usual.poison, help="share that nobody can read, on top")
    parser.add_argument("--throttle", type=float, default=0.05, help="share of the functions' calls that is refused")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--patience", type=float, default=1_200.0, help="seconds after which it must be quiet")
    parser.add_argument("--hidden", type=int, default=30, help="the queue's visibility timeout, in seconds")
    parser.add_argument("--log", type=argparse.FileType("w"), help="where to keep what the sandbox wrote")
    return parser.parse_args(words)


def report(found: list[Check], seen: Seen, console: Console, title: str) -> None:
    """Prints the table of checks."""
    table = Table(title=title)
    for heading in ("", "expected", "found", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for check in found:
        verdict = "[green]ok[/]" if check.holds else "[red]MISS[/]"
        table.add_row(check.what, f"{check.expected:,}", f"{check.found:,}", verdict)
    console.print(table)
    states = Counter(finding.state.value for finding in seen.findings)
    console.print(f"states: {', '.join(f'{state} {number}' for state, number in states.most_common())}")
    console.print(f"last look: {seen.last}")
    console.print(f"faults struck: {', '.join(map(str, seen.struck))} (kill triage, kill propose, throttle)")


if __name__ == "__main__":
    sys.exit(main())
