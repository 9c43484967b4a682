"""``redress start``: asks for approval of a proposal that does not start by itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from redress.domain.errors import Refused
from redress.domain.harmless import harmless
from redress.domain.lifecycle_proposal import start_token
from redress.domain.words import ProposalStatus
from redress_cli import aws
from redress_cli.describing import describe
from redress_cli.desk import Desk, confirmed

if TYPE_CHECKING:
    import argparse

    from redress.domain.proposal import Proposal
    from redress.handlers.following import Executions

ATTEMPTS = 10
LONGEST_FAILURE = 300


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
    execution = begin(stored.proposal, desk.deployment.outputs["ApplyDocument"], desk.automations)
    sys.stdout.write(f"started: {execution}\n")
    return 0


def begin(sealed: Proposal, document: str, automations: Executions) -> str:
    """Returns the execution that asks the approvers; whoever else starts the proposal now gets the same one.

    An execution may end before it takes the proposal up (IAM was throttled, a calendar was closed). SSM would give
    that one back for its token for ever, so the next attempt has a token of its own, the same for everybody.

    Raises:
        Refused: Every attempt ended so.

    """
    after = ""
    for _ in range(ATTEMPTS):
        token = start_token(sealed.digest, after)
        after = automations.start(document, proposal_id=sealed.proposal_id, digest=sealed.digest, token=token)
        found = automations.get(after)
        if not found.progress.is_over:
            return after
        why = harmless(found.failure or found.progress.value, LONGEST_FAILURE)
        sys.stdout.write(f"{after} ended without asking anybody: {why}\n")
    raise Refused(f"no execution of {sealed.proposal_id} gets as far as asking: the last one, {after}, says why")
