"""``redress claim``: tells everyone who takes care of a finding."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from redress.domain.harmless import harmless
from redress_cli import aws
from redress_cli.desk import Desk

if TYPE_CHECKING:
    import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    parser.add_argument("finding", help="id of a finding (f-...)")
    parser.add_argument("--release", action="store_true", help="give it back")
    aws.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Claims or releases a finding; returns 0, or 1 where somebody else has it."""
    desk = Desk(aws.Deployment.of(arguments))
    finding, caller = desk.finding(arguments.finding), desk.deployment.caller
    if finding.claimed_by not in {None, caller}:
        sys.stderr.write(f"redress: {harmless(finding.claimed_by or '')} has taken it already\n")
        return 1
    after = replace(finding, claimed_by=None if arguments.release else caller)
    desk.findings.amend(finding, after)
    now = f"taken by {after.claimed_by}" if after.claimed_by else "given back: nobody has taken it now"
    sys.stdout.write(f"{finding.finding_id} is {now}\n")
    return 0
