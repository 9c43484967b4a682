"""λ notify: tells people, once for each change that matters to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from redress.adapters.findings_items import finding_of, is_finding
from redress.adapters.notices_table import NoticesTable
from redress.adapters.proposals_table import ProposalsTable
from redress.adapters.sessions import client
from redress.adapters.table_client import DynamoStore
from redress.adapters.table_values import from_attributes
from redress.adapters.topics import Topics
from redress.domain.card import chat, machine, plain
from redress.domain.card.content import Place, compose
from redress.domain.errors import Retry, Unreadable
from redress.domain.noticing import Route, occasion
from redress.domain.proposal import Proposal
from redress.handlers.observability import logger
from redress.handlers.settings import environment

if TYPE_CHECKING:
    from redress.domain.card.content import Card
    from redress.domain.finding import Finding


class Ledger(Protocol):
    """Remembers which notices have gone out."""

    def claim(self, finding_id: str, key: str, *, now: datetime) -> bool:
        """Returns whether this notice has not gone out yet."""

    def sent(self, finding_id: str, key: str) -> None:
        """Marks a notice as gone out."""


class Publisher(Protocol):
    """Publishes to topics."""

    def publish(
        self, topic_arn: str, *, body: str, subject: str = "", attributes: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        """Publishes one message; raises Retry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What notices are made with and where they go."""

    ledger: Ledger
    publisher: Publisher
    proposal: Callable[[str], Proposal | None]
    topics: Mapping[Route, str]
    chat_topic: str
    place: Place


def notify(event: Mapping[str, Any], *, desk: Desk, now: datetime) -> dict[str, Any]:
    """Sends the notices of one batch of the table's stream.

    Returns:
        ``batchItemFailures`` with the first record that could not be handled; Lambda retries from there.

    """
    for record in event["Records"]:
        try:
            _one(record, desk, now)
        except Retry as error:
            logger.warning("a notice has to wait", error=str(error))
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        except Unreadable as error:
            logger.error("a finding cannot be read; its notice is lost", error=str(error))
    return {"batchItemFailures": []}


def _one(record: Mapping[str, Any], desk: Desk, now: datetime) -> None:
    new = _image(record, "NewImage")
    if new is None:
        return
    why = occasion(_image(record, "OldImage"), new)
    if why is None or not desk.ledger.claim(new.finding_id, why.key, now=now):
        return
    proposal = desk.proposal(new.proposal_id) if new.proposal_id else None
    card = compose(new, proposal=proposal, place=desk.place)
    _publish(card, new, desk, why.route)
    desk.ledger.sent(new.finding_id, why.key)


def _image(record: Mapping[str, Any], name: str) -> Finding | None:
    image = record["dynamodb"].get(name)
    item = from_attributes(image) if image else None
    return finding_of(item) if item and is_finding(item) else None


def _publish(card: Card, finding: Finding, desk: Desk, route: Route) -> None:
    attributes = machine.attributes(card, finding)
    text = plain.body(card)
    structured = json.dumps(machine.document(card, finding), sort_keys=True, default=str)
    logger.info("notice", finding_id=finding.finding_id, state=finding.state.value, card=structured)
    desk.publisher.publish(desk.topics[route], subject=plain.subject(card), body=text, attributes=attributes)
    if desk.chat_topic:
        desk.publisher.publish(desk.chat_topic, body=json.dumps(chat.notification(card)), attributes=attributes)


@cache
def _desk() -> Desk:
    given = environment()
    given.need("table_name", "findings_topic_arn", "security_topic_arn")
    store = DynamoStore(client("dynamodb"), given.table_name)
    _, partition, _, region, *_ = given.findings_topic_arn.split(":")
    return Desk(
        ledger=NoticesTable(store=store),
        publisher=Topics(client("sns")),
        proposal=ProposalsTable(store).proposal,
        topics={Route.FINDINGS: given.findings_topic_arn, Route.SECURITY: given.security_topic_arn},
        chat_topic=given.chat_topic_arn,
        place=Place(region=region, partition=partition),
    )


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry point."""
    return notify(event, desk=_desk(), now=datetime.now(UTC))
