"""What a person is about to sign, and the signals that sign it."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from redress.adapters.proposals_table import StoredProposal
from redress.domain.errors import Refused
from redress.domain.harmless import harmless
from redress.domain.proof_words import checked
from redress_cli import aws
from redress_cli.desk import Desk, confirmed

if TYPE_CHECKING:
    import argparse


LIMIT = 1_200
COMMENT_LIMIT = 256
EXECUTION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signable:
    """A runbook execution that waits for a signature, and the proposal that it is about."""

    stored: StoredProposal
    execution_id: str
    takes_back: bool = False


def signable(desk: Desk, name: str) -> Signable:
    """Returns what a finding's, proposal's or execution's id stands for.

    Raises:
        Refused: Nothing waits for a signature under that name.

    """
    execution_id = name if EXECUTION.fullmatch(name) else _asking(desk.proposal(name))
    execution = desk.automations.get(execution_id)
    outputs = desk.deployment.outputs
    if not execution.proposal_id or execution.document not in {outputs["ApplyDocument"], outputs["RestoreDocument"]}:
        raise Refused(f"execution {execution_id} is none of Redress's, or is gone")
    stored = desk.proposal(execution.proposal_id if execution_id == name else name)
    if (stored.proposal.proposal_id, stored.proposal.digest) != (execution.proposal_id, execution.digest):
        # The table says which execution belongs to a proposal; only SSM says what that execution is about.
        raise Refused(f"execution {execution_id} is about {execution.proposal_id}: sign nothing, tell security")
    takes_back = execution.document == outputs["RestoreDocument"]
    return Signable(stored=stored, execution_id=execution_id, takes_back=takes_back)


def _asking(stored: StoredProposal) -> str:
    if stored.execution_id is None:
        raise Refused(f"nothing waits for a signature: `redress start {stored.proposal.proposal_id}` asks for one")
    return stored.execution_id


def describe(stored: StoredProposal, caller: str, *, takes_back: bool = False) -> None:
    """Prints the change, its risk, its proof and the digest that the signature is for."""
    content = stored.proposal.content
    guard, proof = content["guard"], content["proof"]
    out = sys.stdout.write
    if takes_back:
        out("This TAKES BACK the following change.\n\n")
    out(f"{harmless(content['summary'], LIMIT)}\n\n")
    out(f"Policy:   {harmless(content['policy']['arn'], LIMIT)}\n")
    for statement in content["statements"]:
        out(json.dumps(statement, indent=2) + "\n")
    out(f"Guard:    {guard['verdict']}\n")
    for hit in guard["hits"]:
        out(f"          - {hit['verdict']}: {harmless(hit['reason'], LIMIT)}\n")
    out(f"Proof:    before: {proof['before']}; with this change: {proof['after']}\n")
    scope = checked(complete=proof["complete"], unknown=proof.get("unknown_layers") or ())
    out(f"          {harmless(scope, LIMIT)}\n")
    for note in proof.get("notes", ()):
        out(f"          - {harmless(note, LIMIT)}\n")
    if content.get("remove_after_hours"):
        out(f"Lifetime: taken back by itself {content['remove_after_hours']} hours after it was applied\n")
    out(f"Expires:  {content['expires_at']}\nStatus:   {stored.status}\nDigest:   {stored.proposal.digest}\n")
    out(f"You are:  {harmless(caller, LIMIT)}\n\n")


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
    """Shows what is to be signed, asks, and sends the signal; returns 0, or 1 if the person thought better of it."""
    desk = Desk(aws.Deployment.of(arguments))
    waiting = signable(desk, arguments.name)
    describe(waiting.stored, desk.deployment.caller, takes_back=waiting.takes_back)
    if not confirmed(f"{kind} exactly this?", yes=arguments.yes):
        sys.stdout.write("nothing was sent\n")
        return 1
    signal(desk, waiting.execution_id, kind, arguments.comment)
    sys.stdout.write(f"sent: {kind} {waiting.stored.proposal.digest} to {waiting.execution_id}\n")
    return 0


def signing_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of both signals."""
    parser.add_argument("name", help="id of a finding (f-...), a proposal (p-...) or a runbook execution")
    parser.add_argument("--comment", default="", help="why; kept in the audit trail")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    aws.arguments(parser)
