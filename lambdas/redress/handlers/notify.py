"""λ notify: tells people, once for each change that matters to them (docs/notices.md says which).

What happens to one notice: claimed in the ledger, published to its topic, marked, published to the chat
topic, marked. A fault anywhere brings the record again, and what is marked is not repeated. Between the
moment in which SNS takes a notice and its mark there is no transaction: if the function dies exactly there,
the notice goes out twice, with the same ``notice_id``, because a notice too many is a nuisance and one too
few is an outage nobody looks at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from redress.adapters.findings_items import finding_of, is_finding
from redress.adapters.notices_table import NoticesTable
from redress.adapters.principal_tags import PrincipalTags
from redress.adapters.proposals_table import ProposalsTable
from redress.adapters.sessions import client
from redress.adapters.table_client import DynamoStore
from redress.adapters.table_health import HealthTable
from redress.adapters.topics import Topics
from redress.domain.card import Place, by_protocol, reasons_page
from redress.domain.errors import Retry, Unreadable
from redress.domain.noticing import Route, What, is_passing, news, route_of
from redress.domain.values import dataclass
from redress.domain.words import State
from redress.handlers.messages import changes_of, failed
from redress.handlers.notify_writing import Writer
from redress.handlers.observability import Observed
from redress.handlers.settings import environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redress.adapters.notices_table import Notice
    from redress.adapters.table_writes import Item
    from redress.domain.card import Renderings
    from redress.domain.finding import Finding
    from redress.domain.noticing import Occasion
    from redress.handlers.messages import Change
    from redress.handlers.observability import Telemetry

TOPIC, CHAT = "topic", "chat"
"""Names of the two ways out, as the ledger marks them."""


class Ledger(Protocol):
    """Remembers which notices have gone out, and how far each has come."""

    def claim(self, finding: Finding, occasion: Occasion, *, now: datetime) -> Notice | None:
        """Returns the notice if it is to be sent, or finished."""

    def claim_count(self, finding: Finding, *, now: datetime) -> Notice | None:
        """Returns the notice of the highest count passed, if it is due or was begun."""

    def mark(self, notice: Notice, topic: str, *, is_last: bool, now: datetime) -> None:
        """Notes that a topic has the notice."""

    def owed(self, now: datetime) -> Iterator[Notice]:
        """Yields the notices that were claimed and left alone."""

    def last_cards(self, now: datetime) -> Iterator[Notice]:
        """Yields the last cards of what befell many principals and is over."""


class Publisher(Protocol):
    """Publishes to topics."""

    def publish(
        self,
        topic_arn: str,
        *,
        body: str,
        subject: str = "",
        attributes: Mapping[str, Mapping[str, str]] | None = None,
        by_protocol: bool = False,
    ) -> None:
        """Publishes one message; raises Retry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What notices are made with and where they go.

    Attributes:
        unmarked: Notices and topics that SNS has taken and the ledger would not note; while the function
            lives, it knows them without.

    """

    ledger: Ledger
    publisher: Publisher
    writer: Writer
    topics: Mapping[Route, str]
    chat_topic: str
    unmarked: set[tuple[str, str]] = field(default_factory=set)


def notify(changes: Iterable[Change], *, desk: Desk, now: datetime, telemetry: Telemetry) -> dict[str, Any]:
    """Sends the notices of one batch of the table's stream.

    Counts are looked at once for each finding of the batch, in its newest image.

    Returns:
        ``batchItemFailures`` with the first record that could not be handled; Lambda retries from there.

    """
    batch = tuple(changes)
    newest = {change.new["pk"]: change.sequence for change in batch if change.new}
    for change in batch:
        try:
            _tell(change, desk, now, telemetry, is_newest=change.sequence in newest.values())
        except Retry as error:
            telemetry.warning("a notice has to wait", error=str(error))
            return failed([change.sequence])
        except Unreadable as error:
            telemetry.warning("a finding cannot be read; nobody is told of it", error=str(error))
    return failed([])


def sweep(*, desk: Desk, now: datetime, telemetry: Telemetry) -> int:
    """Sends the notices that no change brings, and returns how many.

    They are those that are still owed, whose records the stream has given up, and the last cards of waves.
    """
    count = 0
    for notice in chain(desk.ledger.owed(now), desk.ledger.last_cards(now)):
        try:
            _send(notice, desk, now, telemetry)
        except (Retry, Unreadable) as error:
            telemetry.warning("a notice is still owed", finding_id=notice.finding.finding_id, error=str(error))
        else:
            count += 1
    return count


def _tell(change: Change, desk: Desk, now: datetime, telemetry: Telemetry, *, is_newest: bool) -> None:
    new = _finding(change.new)
    if new is None:
        return
    for occasion in news(_finding(change.old), new):
        if occasion.what is What.STATE and _passes_by(new, desk):
            continue
        _send(desk.ledger.claim(new, occasion, now=now), desk, now, telemetry)
    if is_newest:
        _send(desk.ledger.claim_count(new, now=now), desk, now, telemetry)


def _finding(item: Item | None) -> Finding | None:
    return finding_of(item) if item and is_finding(item) else None


def _passes_by(finding: Finding, desk: Desk) -> bool:
    if finding.state is not State.PROPOSED or not finding.proposal_id:
        return False
    stored = desk.writer.proposal(finding.proposal_id)
    return is_passing(finding, stored.status if stored else None)


def _send(notice: Notice | None, desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    """Publishes to each topic that has not got the notice yet, and marks each before the next."""
    if notice is None:
        return
    shown = desk.writer.written(notice, now)
    ways = [(TOPIC, desk.topics[route_of(notice.finding)]), *([(CHAT, desk.chat_topic)] if desk.chat_topic else [])]
    for name, arn in ways:
        if name in notice.sent:
            continue
        if (notice.id, name) not in desk.unmarked:
            desk.publisher.publish(arn, attributes=shown.attributes, **_message(name, shown))
            desk.unmarked.add((notice.id, name))
        desk.ledger.mark(notice, name, is_last=name == ways[-1][0], now=now)
        desk.unmarked.discard((notice.id, name))
    _measure(notice, shown, now, telemetry)


def _message(way: str, shown: Renderings) -> dict[str, Any]:
    if way == CHAT:
        return {"body": shown.chat}
    return {"subject": shown.subject, "body": by_protocol(shown), "by_protocol": True}


def _measure(notice: Notice, shown: Renderings, now: datetime, telemetry: Telemetry) -> None:
    finding = notice.finding
    telemetry.count("Notices")
    if notice.what is What.STATE and finding.state_version == 1:
        telemetry.count("TimeToNoticeSeconds", (now - finding.first_seen).total_seconds())
    telemetry.info(
        "notice", finding_id=finding.finding_id, notice_id=notice.id, state=finding.state.value, card=shown.machine
    )


@cache
def _desk() -> Desk:
    given = environment()
    given.need("table_name", "findings_topic_arn", "security_topic_arn")
    store = DynamoStore(client("dynamodb"), given.table_name)
    _, partition, _, region, account, _ = given.findings_topic_arn.split(":")
    writer = Writer(
        proposal=ProposalsTable(store).get,
        open_issues=HealthTable(store).open_issues,
        tags=PrincipalTags(client("iam"), account).of,
        place=Place(region=region, partition=partition, docs_url=reasons_page(given.settings.docs_url)),
        settings=given.settings,
    )
    return Desk(
        ledger=NoticesTable(store=store, singles=given.settings.account_burst_principals),
        publisher=Topics(client("sns")),
        writer=writer,
        topics={Route.FINDINGS: given.findings_topic_arn, Route.SECURITY: given.security_topic_arn},
        chat_topic=given.chat_topic_arn,
    )


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry point, of the table's stream and of a schedule."""
    with Observed() as telemetry:
        if "Records" not in event:
            return {"sent": sweep(desk=_desk(), now=datetime.now(UTC), telemetry=telemetry)}
        return notify(changes_of(event), desk=_desk(), now=datetime.now(UTC), telemetry=telemetry)
