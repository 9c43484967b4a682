"""``redress restore``: asks for one applied fix to be taken back."""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING

from redress.domain.errors import Refused
from redress.domain.words import ProposalStatus
from redress_cli import aws
from redress_cli.describing import describe
from redress_cli.desk import Desk, confirmed

if TYPE_CHECKING:
    import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    parser.add_argument("proposal", help="id of an applied proposal (p-…), or of a finding that it fixed (f-…)")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    aws.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Starts the restore runbook, which asks the approvers; returns 0, or 1 if the person thought better of it."""
    desk = Desk(aws.Deployment.of(arguments))
    stored = desk.proposal(arguments.proposal)
    if stored.status is not ProposalStatus.APPLIED:
        raise Refused(
            f"proposal {stored.proposal.proposal_id} is {stored.status}: only an APPLIED one can be taken back"
        )
    describe(stored, desk.deployment.caller, takes_back=True)
    if not confirmed("Ask the approvers to take exactly this back?", yes=arguments.yes):
        sys.stdout.write("nothing was started\n")
        return 1
    sealed = stored.proposal
    document = desk.deployment.outputs["RestoreDocument"]
    token = str(uuid.uuid4())
    execution = desk.automations.start(document, proposal_id=sealed.proposal_id, digest=sealed.digest, token=token)
    sys.stdout.write(f"started: {execution}; an approver signs it with: redress approve {execution}\n")
    return 0
