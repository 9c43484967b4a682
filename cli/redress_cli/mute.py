"""``redress mute``: keeps quiet about a finding until a date, with a reason; ends by itself."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta

from redress.domain.harmless import harmless
from redress.domain.lifecycle import advance
from redress.domain.lifecycle_occurrences import Muted, MuteEnded
from redress_cli import aws
from redress_cli.desk import Desk

LONGEST = timedelta(days=366)
REASON_LIMIT = 300


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    parser.add_argument("finding", help="id of a finding (f-...)")
    parser.add_argument("--until", type=moment, help="when it ends: 2026-12-24 or 2026-12-24T08:00:00Z")
    parser.add_argument("--reason", help="why; kept in the audit trail")
    parser.add_argument("--end", action="store_true", help="end the silence now")
    aws.arguments(parser)


def moment(text: str) -> datetime:
    """Returns the moment that the text names, UTC where it names no zone.

    Raises:
        argparse.ArgumentTypeError: It names none, or one in the past or too far away.

    """
    now = datetime.now(UTC)
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no date such as 2026-12-24") from error
    until = given if given.tzinfo else given.replace(tzinfo=UTC)
    if not now < until < now + LONGEST:
        raise argparse.ArgumentTypeError(f"{text} is not within the next year")
    return until


def run(arguments: argparse.Namespace) -> int:
    """Mutes a finding, or ends its silence; returns 0, or 2 where date or reason is missing."""
    desk = Desk(aws.Deployment.of(arguments))
    finding = desk.finding(arguments.finding)
    actor = desk.deployment.caller
    if arguments.end:
        occurrence: Muted | MuteEnded = MuteEnded(actor=actor, cause="ended by hand")
    elif arguments.until and arguments.reason:
        reason = harmless(arguments.reason, REASON_LIMIT)
        occurrence = Muted(actor=actor, cause=reason, until=arguments.until)
    else:
        sys.stderr.write("redress: mute needs --until and --reason (or --end)\n")
        return 2
    after = advance(finding, occurrence, datetime.now(UTC))
    desk.findings.change(finding, after)
    sys.stdout.write(f"{finding.finding_id} is {after.state}\n")
    return 0
