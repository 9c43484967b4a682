"""``redress start``: asks for approval of a proposal that does not start by itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from redress.domain.errors import Refused
from redress.domain.lifecycle_proposal import start_token
from redress.domain.words import ProposalStatus
from redress_cli import aws
from redress_cli.desk import Desk, confirmed
from redress_cli.signing import describe

if TYPE_CHECKING:
    import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    parser.add_argument("proposal", help="id of a proposal (p-…), or of a finding that it covers (f-…)")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    aws.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Starts the runbook, which asks the approvers; returns 0, or 1 if the person thought better of it."""
    desk = Desk(aws.Deployment.of(arguments))
    stored = desk.proposal(arguments.proposal)
    if stored.status not in {ProposalStatus.READY, ProposalStatus.MANUAL}:
        raise Refused(f"proposal {stored.proposal.proposal_id} is {stored.status}: only READY and MANUAL ones start")
    describe(stored, desk.deployment.caller)
    if not confirmed("Ask the approvers for this?", yes=arguments.yes):
        sys.stdout.write("nothing was started\n")
        return 1
    sealed = stored.proposal
    document = desk.deployment.outputs["ApplyDocument"]
    token = start_token(sealed.digest)
    execution = desk.automations.start(document, proposal_id=sealed.proposal_id, digest=sealed.digest, token=token)
    sys.stdout.write(f"started: {execution}\n")
    return 0
