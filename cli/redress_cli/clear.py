"""``redress clear``: a person looked, and the suspicious principal is no intruder."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from redress.domain.harmless import harmless
from redress.domain.lifecycle import advance
from redress.domain.lifecycle_occurrences import Cleared
from redress_cli import aws
from redress_cli.desk import Desk

if TYPE_CHECKING:
    import argparse

REASON_LIMIT = 300


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    parser.add_argument("finding", help="id of a finding (f-...)")
    parser.add_argument("--reason", required=True, help="how you know; kept in the audit trail")
    aws.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Opens a suspicious finding for a fix again; returns 0."""
    desk = Desk(aws.Deployment.of(arguments))
    finding = desk.finding(arguments.finding)
    occurrence = Cleared(actor=desk.deployment.caller, cause=harmless(arguments.reason, REASON_LIMIT))
    after = advance(finding, occurrence, datetime.now(UTC))
    desk.findings.change(finding, after)
    sys.stdout.write(f"{finding.finding_id} is {after.state}\n")
    return 0
