"""``redress clear``: a person looked, and the suspicious principal is no intruder."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from redress.adapters.findings_activity import subject_of
from redress.domain.errors import Refused, StaleState
from redress.domain.harmless import harmless
from redress.domain.lifecycle import advance
from redress.domain.lifecycle_occurrences import Cleared
from redress.domain.words import State
from redress_cli import aws
from redress_cli.desk import Desk

if TYPE_CHECKING:
    import argparse

    from redress.adapters.findings_table import FindingsTable

REASON_LIMIT = 300
ATTEMPTS = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    parser.add_argument("finding", help="id of a finding (f-...); all suspicious findings of its principal are cleared")
    parser.add_argument("--reason", required=True, help="how you know; kept in the audit trail")
    aws.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Opens the suspicious findings of one principal for a fix again; returns 0."""
    desk = Desk(aws.Deployment.of(arguments))
    subject = subject_of(desk.finding(arguments.finding).verdict.principal)
    occurrence = Cleared(actor=desk.deployment.caller, cause=harmless(arguments.reason, REASON_LIMIT))
    count = clear(subject, occurrence, desk.findings, datetime.now(UTC))
    said = "1 finding is" if count == 1 else f"{count} findings are"
    sys.stdout.write(f"{said} OPEN again, of {harmless(subject)}\n")
    return 0


def clear(subject: str, occurrence: Cleared, findings: FindingsTable, now: datetime) -> int:
    """Returns how many findings of the principal are open again; cut off in the middle, it can be done again.

    Raises:
        Refused: None of them is suspicious, or others keep changing them.

    """
    opened: set[str] = set()
    for _ in range(ATTEMPTS):
        suspicious = findings.by_principal(subject, {State.SUSPICIOUS})
        opened |= {finding.finding_id for finding in suspicious}
        try:
            findings.change_all((finding, advance(finding, occurrence, now)) for finding in suspicious)
        except StaleState:
            continue
        if not opened:
            raise Refused(f"{subject} is under no suspicion: `redress findings --state SUSPICIOUS` lists who is")
        return len(opened)
    raise StaleState(f"the findings of {subject} keep changing: try again")
