"""What a person is about to sign, and the signals that sign it."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from redress.adapters.proposals_table import StoredProposal
from redress.domain.errors import Refused
from redress.domain.harmless import harmless
from redress.domain.lifecycle_execution import Execution
from redress.domain.same_person import person
from redress_cli import aws
from redress_cli.describing import describe
from redress_cli.desk import Desk, confirmed

if TYPE_CHECKING:
    import argparse
    from datetime import datetime


COMMENT_LIMIT = 256
EXECUTION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signable:
    """A runbook execution that waits for a signature, and the proposal that it is about."""

    stored: StoredProposal
    execution: Execution
    takes_back: bool = False

    def deadline(self) -> datetime:
        """Returns until when a signature counts: SSM waits no longer, and later the runbook would refuse to write."""
        ends = self.stored.expires_at
        return min(ends, self.execution.sign_by or ends) if not self.takes_back else self.execution.sign_by or ends

    def missing(self) -> int:
        """Returns how many signatures it takes beside those that were given."""
        mild = self.takes_back or self.stored.proposal.content["guard"]["verdict"] in {"CLEAN", "NOTE"}
        return self.execution.min_approvals + (0 if mild else 1) - len(self.execution.approved_by)


def signable(desk: Desk, name: str, kind: str = "Approve") -> Signable:
    """Returns what a finding's, proposal's or execution's id stands for.

    Raises:
        Refused: Nothing waits for a signature under that name.

    """
    execution_id = name if EXECUTION.fullmatch(name) else _asking(desk.proposal(name), kind)
    execution = desk.automations.get(execution_id)
    outputs = desk.deployment.outputs
    if not execution.proposal_id or execution.document not in {outputs["ApplyDocument"], outputs["RestoreDocument"]}:
        raise Refused(f"execution {execution_id} is none of Redress's, or is gone")
    stored = desk.proposal(execution.proposal_id if execution_id == name else name)
    if (stored.proposal.proposal_id, stored.proposal.digest) != (execution.proposal_id, execution.digest):
        # The table says which execution belongs to a proposal; only SSM says what that execution is about.
        raise Refused(f"execution {execution_id} is about {execution.proposal_id}: sign nothing, tell security")
    takes_back = execution.document == outputs["RestoreDocument"]
    return Signable(stored=stored, execution=execution, takes_back=takes_back)


def _asking(stored: StoredProposal, kind: str) -> str:
    if stored.execution_id:
        return stored.execution_id
    if kind == "Reject":
        raise Refused(
            "nobody was asked to sign this, so there is nothing to reject: it grants nothing, and expires by itself at "
            f"{stored.expires_at:%Y-%m-%d %H:%M} UTC; "
            f"`redress mute {stored.finding_ids[0]} --until DATE --reason WHY` ends the notices about it"
        )
    raise Refused(f"nothing waits for a signature: `redress start {stored.proposal.proposal_id}` asks for one")


def signal(desk: Desk, execution_id: str, kind: str, comment: str) -> None:
    """Sends Approve or Reject to an execution.

    Raises:
        Refused: SSM does not accept this person's signature.

    """
    payload = {"Comment": [harmless(comment, COMMENT_LIMIT) or "no comment"]}
    ssm = desk.deployment.client("ssm")
    try:
        ssm.send_automation_signal(AutomationExecutionId=execution_id, SignalType=kind, Payload=payload)
    except (ClientError, BotoCoreError) as error:
        raise Refused(f"SSM did not accept your signature on {execution_id}: {error}") from error


def sign(arguments: argparse.Namespace, kind: str) -> int:
    """Shows what is to be signed, asks, and sends the signal; returns 0, or 1 if the person thought better of it.

    Raises:
        Refused: Nothing waits for a signature under that name, or this person has signed it already.

    """
    desk = Desk(aws.Deployment.of(arguments))
    waiting = signable(desk, arguments.name, kind)
    caller = desk.deployment.caller
    if kind == "Approve":
        _refuse_twice(waiting, caller)
    describe(waiting.stored, caller, takes_back=waiting.takes_back, deadline=waiting.deadline())
    if not confirmed(f"{kind} exactly this?", yes=arguments.yes):
        sys.stdout.write("nothing was sent\n")
        return 1
    execution = waiting.execution.execution_id
    signal(desk, execution, kind, arguments.comment)
    sys.stdout.write(f"sent: {kind} {waiting.stored.proposal.digest} to {execution}\n")
    if kind == "Approve" and waiting.missing() > 1:
        sys.stdout.write(f"{_more(waiting.missing() - 1)}\n")
    return 0


def _refuse_twice(waiting: Signable, caller: str) -> None:
    """Refuses a second signature of one person, which the runbook would turn down after the last one was given."""
    signed = {person(signer, caller) for signer in waiting.execution.approved_by}
    if not waiting.execution.progress.is_over and person(caller, caller) in signed:
        raise Refused(f"you have signed already; {_more(max(1, waiting.missing()))}")


def _more(number: int) -> str:
    if number == 1:
        return "one more signature by somebody else is needed"
    return f"{number} more signatures by other people are needed"


def signing_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of both signals."""
    parser.add_argument("name", help="id of a finding (f-...), a proposal (p-...) or a runbook execution")
    parser.add_argument("--comment", default="", help="why; kept in the audit trail")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    aws.arguments(parser)
