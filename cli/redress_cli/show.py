"""``redress show``: one finding, its proposal and its history."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from redress.domain.card.content import Place, compose
from redress.domain.card.links import reasons_page
from redress.domain.card.plain import body
from redress.domain.harmless import harmless
from redress_cli import aws
from redress_cli.desk import Desk
from redress_cli.signing import describe

if TYPE_CHECKING:
    import argparse

LIMIT = 400


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    parser.add_argument("finding", help="id of a finding (f-…) or of a proposal (p-…)")
    parser.add_argument("--patch", choices=("cdk", "cloudformation", "terraform", "cli"), help="print this patch only")
    aws.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints a finding's card and its audit trail; returns 0."""
    desk = Desk(aws.Deployment.of(arguments))
    if arguments.finding.startswith("p-"):
        describe(desk.proposal(arguments.finding), desk.deployment.caller)
        return 0
    finding = desk.finding(arguments.finding)
    proposal = desk.proposals.proposal(finding.proposal_id) if finding.proposal_id else None
    card = compose(finding, proposal=proposal, place=place_of(desk))
    if arguments.patch:
        sys.stdout.write(dict(card.patches).get(arguments.patch, "no such patch for this finding") + "\n")
        return 0
    sys.stdout.write(body(card) + "\nHistory:\n")
    for line in desk.findings.audit_trail(finding.finding_id):
        text = f"  {line['at']}  {line['from']} -> {line['to']}  {line['actor']}: {line['cause']}"
        sys.stdout.write(harmless(text, LIMIT) + "\n")
    return 0


def place_of(desk: Desk) -> Place:
    """Returns where links lead: the Region and partition of the deployment's topics, the pages of its knob."""
    outputs = desk.deployment.outputs
    _, partition, _, region, *_ = outputs["FindingsTopicArn"].split(":")
    return Place(region=region, partition=partition, docs_url=reasons_page(outputs.get("DocsUrl", "")))
