"""``redress export``: the audit trail of findings as JSON lines."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from redress.domain.codec import encode
from redress.domain.words import State
from redress_cli import aws
from redress_cli.desk import Desk

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from redress.domain.finding import Finding


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    parser.add_argument("finding", nargs="*", help="ids of findings (default: all)")
    aws.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints a line per finding, then one per change of its state, oldest first; returns 0."""
    desk = Desk(aws.Deployment.of(arguments))
    for finding in _findings(desk, arguments.finding):
        _line({"record": "finding", **encode(finding)})
        for change in desk.findings.audit_trail(finding.finding_id):
            named = {name: value for name, value in change.items() if name not in {"pk", "sk", "item_type"}}
            _line({"record": "change", "finding_id": finding.finding_id, **named})
    return 0


def _findings(desk: Desk, names: list[str]) -> Iterator[Finding]:
    if names:
        yield from (desk.finding(name) for name in names)
        return
    for state in State:
        yield from desk.findings.every(state, at_most=1_000_000)


def _line(value: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(value, sort_keys=True) + "\n")
