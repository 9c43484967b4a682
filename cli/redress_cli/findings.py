"""``redress findings``: what is open, newest first."""

from __future__ import annotations

import json
import sys
from itertools import islice
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from redress.domain.codec import encode
from redress.domain.harmless import flagged
from redress.domain.noticing_wave import cause_of
from redress.domain.severity import severity_of
from redress.domain.words import State
from redress_cli import aws
from redress_cli.desk import Desk
from redress_cli.numbers import at_least_one

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from redress.domain.finding import Finding

UNSETTLED = ("SUSPICIOUS", "AWAITING_APPROVAL", "PROPOSED", "APPLYING", "OPEN", "REOPENED", "FAILED", "NO_FIX")
LIMIT = 160
MOST = 10_000
"""Findings of one state that are looked through for a cause."""
WIDE = 220


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    states = [state.value for state in State]
    parser.add_argument("--state", action="append", choices=states, help="only these (default: what is not settled)")
    parser.add_argument("--principal", metavar="ARN", help="only this role or user")
    parser.add_argument("--cause", metavar="ID", help="only what an account-wide notice tells of (c-…)")
    parser.add_argument("--limit", type=at_least_one, default=50, help="at most so many per state (default 50)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    aws.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Lists findings; returns 0."""
    found = list(_findings(Desk(aws.Deployment.of(arguments)), arguments))
    if arguments.json:
        for finding in found:
            severity, _ = severity_of(finding)
            sys.stdout.write(json.dumps({**encode(finding), "severity": severity.value}, sort_keys=True) + "\n")
    else:
        show(table_of(found) if found else "no findings in these states")
    return 0


def show(rows: Table | str) -> None:
    """Prints rows as wide as the terminal is; into a pipe or file, a row is a line."""
    wide = Console() if sys.stdout.isatty() else Console(width=WIDE)
    wide.print(rows)


def _findings(desk: Desk, arguments: argparse.Namespace) -> Iterator[Finding]:
    if not arguments.cause:
        return _listed(desk, arguments, arguments.limit)
    every = _listed(desk, arguments, MOST)
    return islice((each for each in every if cause_of(each).id == arguments.cause), arguments.limit)


def _listed(desk: Desk, arguments: argparse.Namespace, at_most: int) -> Iterator[Finding]:
    states = [State(name) for name in arguments.state or UNSETTLED]
    if arguments.principal:
        yield from islice(desk.findings.by_principal(arguments.principal, states), at_most)
        return
    for state in states:
        yield from desk.findings.every(state, at_most=at_most)


def table_of(found: list[Finding]) -> Table:
    """Returns the findings as rows."""
    table = Table(box=None, pad_edge=False)
    for name in ("finding", "severity", "state", "times", "last seen", "principal", "denied"):
        table.add_column(name, no_wrap=True)
    table.add_column("on", overflow="fold")
    for finding in found:
        verdict = finding.verdict
        denied = verdict.action or f"{finding.last.event_source}:{finding.last.event_name}"
        cells = (verdict.principal.name or "unknown", denied, finding.resource_template or "unknown")
        shown = [Text(flagged(cell, LIMIT)) for cell in cells]
        seen = f"{finding.last_seen:%Y-%m-%d %H:%M}"
        severity, _ = severity_of(finding)
        table.add_row(finding.finding_id, severity.value, finding.state.value, f"{finding.count:,}", seen, *shown)
    return table
