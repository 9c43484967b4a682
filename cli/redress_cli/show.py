"""``redress show``: one finding, its proposal and its history."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from redress.adapters.proposals_filed import each_filed
from redress.domain.card.content import Place, Queue, compose
from redress.domain.card.links import reasons_page
from redress.domain.card.news import queued_next, queued_now
from redress.domain.card.plain import body
from redress.domain.harmless import harmless, harmless_lines
from redress.domain.starting import in_order
from redress.domain.words import ProposalStatus
from redress_cli import aws
from redress_cli.describing import describe
from redress_cli.desk import Desk, unchanged

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from redress.adapters.proposals_table import StoredProposal

LIMIT = 400


class Proposals(Protocol):
    """The proposals by status."""

    def every(self, status: ProposalStatus) -> Iterator[StoredProposal]:
        """Yields all in this status."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    parser.add_argument("finding", help="id of a finding (f-…) or of a proposal (p-…)")
    parser.add_argument("--patch", choices=("cdk", "cloudformation", "terraform", "cli"), help="print this patch only")
    aws.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints a finding's card and its audit trail; returns 0."""
    desk = Desk(aws.Deployment.of(arguments))
    if arguments.finding.startswith("p-"):
        stored = desk.proposal(arguments.finding)
        describe(stored, desk.deployment.caller)
        queue = queue_of(desk.proposals, stored, datetime.now(UTC))
        sys.stdout.write(f"{queued_now(queue)} {queued_next(queue)}\n" if queue else "")
        return 0
    finding = desk.finding(arguments.finding)
    covering = desk.proposals.get(finding.proposal_id) if finding.proposal_id else None
    if covering:
        unchanged(covering)
    card = compose(
        finding,
        proposal=covering.proposal if covering else None,
        place=place_of(desk),
        queue=queue_of(desk.proposals, covering, datetime.now(UTC)) if covering else None,
    )
    if arguments.patch:
        text = dict(card.patches).get(arguments.patch, "no such patch for this finding")
        sys.stdout.write(harmless_lines(text) + "\n")
        return 0
    sys.stdout.write(body(card) + "\nHistory:\n")
    for line in desk.findings.audit_trail(finding.finding_id):
        text = f"  {line['at']}  {line['from']} -> {line['to']}  {line['actor']}: {line['cause']}"
        sys.stdout.write(harmless(text, LIMIT) + "\n")
    return 0


def queue_of(proposals: Proposals, stored: StoredProposal, now: datetime) -> Queue | None:
    """Returns where a proposal stands among those that wait for room; None where it does not wait for that."""
    if stored.status is not ProposalStatus.READY:
        return None
    line = [each.proposal_id for each in in_order(each_filed(proposals.every(ProposalStatus.READY)), now)]
    if stored.proposal.proposal_id not in line:
        return None
    waiting = sum(1 for _ in proposals.every(ProposalStatus.WAITING))
    return Queue(place=line.index(stored.proposal.proposal_id) + 1, length=len(line), waiting=waiting)


def place_of(desk: Desk) -> Place:
    """Returns where links lead: the Region and partition of the deployment's topics, the pages of its knob."""
    outputs = desk.deployment.outputs
    _, partition, _, region, *_ = outputs["FindingsTopicArn"].split(":")
    return Place(region=region, partition=partition, docs_url=reasons_page(outputs.get("DocsUrl", "")))
