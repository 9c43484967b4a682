"""λ digest: once a day, what is open, who waits, what is noisy, what was fixed, and what Redress cannot see.

It reads bounded samples by state, newest first, never the whole table, and says where it stopped counting.
Sent to each topic, then noted, so that a second delivery of the schedule's event is silent. A function that dies
between the two sends it once more: a digest too many harms nobody, one that never came hides what waits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from redress.adapters.coverage import Surroundings
from redress.adapters.digests_table import DigestsTable
from redress.adapters.findings_table import FindingsTable
from redress.adapters.notices_waves import WavesTable
from redress.adapters.proposals_filed import each_filed
from redress.adapters.proposals_table import ProposalsTable, StoredProposal
from redress.adapters.sessions import client
from redress.adapters.table_client import DynamoStore
from redress.adapters.topics import Topics
from redress.domain.coverage import Facts, evidence_of, gaps
from redress.domain.digest import DAY, LOOKED_AT, Day, Sample, Together, Waiting, digest
from redress.domain.digest_renderings import notification, text
from redress.domain.noticing_wave import Cause, Wave
from redress.domain.starting import in_order
from redress.domain.values import dataclass
from redress.domain.words import ProposalStatus, State
from redress.handlers.notify import CHAT, TOPIC, Publisher
from redress.handlers.observability import Observed
from redress.handlers.settings import environment

if TYPE_CHECKING:
    from redress.domain.coverage import Trail, Unseen
    from redress.domain.finding import Finding
    from redress.handlers.observability import Telemetry

AT_MOST = 300
"""Findings of one state that are read."""
WAITING_AT_MOST = 500
STANDING_AT_MOST = 500
"""Fixes in force that are counted."""


class Findings(Protocol):
    """The findings by state."""

    def every(self, state: State, *, at_most: int) -> Iterator[Finding]:
        """Yields the findings in this state, the newest first; raises Retry."""


class Ledger(Protocol):
    """Remembers which digests have gone out."""

    def sent(self, date: str) -> frozenset[str]:
        """Returns the topics that have the digest of this date; raises Retry."""

    def mark(self, date: str, topic: str, *, now: datetime) -> None:
        """Notes that a topic has it; raises Retry."""


class Sight(Protocol):
    """Looks at what denied calls come by."""

    def trails(self) -> tuple[Trail, ...] | Unseen:
        """Returns the trails."""

    def rule_state(self, name: str) -> str | Unseen:
        """Returns the state of a rule."""

    def dead_letters(self, queue_urls: tuple[str, ...]) -> int | Unseen:
        """Returns how many messages lie on these queues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the digest is made with and where it goes.

    Attributes:
        ready: Gives the proposals that start by themselves when there is room.
        cap: Requests that may wait for a signature at once.
        standing: Gives the proposals whose change is in force.
        waves: Gives what was told account-wide and went on after a moment: id, cause, wave.

    """

    findings: Findings
    waiting: Callable[[], Iterator[StoredProposal]]
    ready: Callable[[], Iterator[StoredProposal]]
    cap: int
    standing: Callable[[], Iterator[StoredProposal]]
    waves: Callable[[datetime], Iterator[tuple[str, Cause, Wave]]]
    sight: Sight
    ledger: Ledger
    publisher: Publisher
    topic: str
    chat_topic: str
    rule_name: str
    queue_urls: tuple[str, ...]


def tell_the_day(*, desk: Desk, now: datetime, telemetry: Telemetry) -> int:
    """Sends the digest to each topic that has not got it, and returns to how many.

    Raises:
        Retry: The table or SNS cannot now; Lambda brings the schedule's event again.

    """
    ways = [(TOPIC, desk.topic), *([(CHAT, desk.chat_topic)] if desk.chat_topic else [])]
    date = f"{now:%Y-%m-%d}"
    sent = desk.ledger.sent(date)
    left = [(name, arn) for name, arn in ways if name not in sent]
    if not left:
        return 0
    made = digest(look(desk, now))
    for name, arn in left:
        body = json.dumps(notification(made)) if name == CHAT else text(made)
        subject = "" if name == CHAT else made.subject
        desk.publisher.publish(arn, body=body, subject=subject, attributes=_attributes(date))
        desk.ledger.mark(date, name, now=now)
    telemetry.info("digest sent", date=date, subject=made.subject)
    return len(left)


def look(desk: Desk, now: datetime) -> Day:
    """Returns the day as far as it was looked at."""
    found = {state: _sample(desk, state) for state in LOOKED_AT}
    seen = [each for sample in found.values() for each in sample.findings]
    facts = Facts(
        trails=desk.sight.trails(),
        rule_state=desk.sight.rule_state(desk.rule_name),
        evidence=evidence_of(seen),
        dead_letters=desk.sight.dead_letters(desk.queue_urls),
    )
    waiting = tuple(_waiting(each) for each in islice(desk.waiting(), WAITING_AT_MOST))
    held = _held(desk, len(waiting), now)
    standing = [
        each.applied_at for each in each_filed(islice(desk.standing(), STANDING_AT_MOST + 1)) if each.applied_at
    ]
    together = tuple(Together(cause_id=id_, cause=cause, wave=wave) for id_, cause, wave in desk.waves(now - DAY))
    return Day(
        at=now,
        found=found,
        waiting=waiting,
        gaps=gaps(facts),
        together=together,
        held=held,
        cap=desk.cap,
        standing=tuple(standing[:STANDING_AT_MOST]),
        more_stand=len(standing) > STANDING_AT_MOST,
        region=desk.topic.split(":")[3],
    )


def _sample(desk: Desk, state: State) -> Sample:
    findings = tuple(desk.findings.every(state, at_most=AT_MOST + 1))
    return Sample(findings=findings[:AT_MOST], is_cut=len(findings) > AT_MOST)


def _held(desk: Desk, waiting: int, now: datetime) -> tuple[Waiting, ...]:
    """Returns the ready proposals that find no room, in the order in which they will."""
    ready = {each.proposal.proposal_id: each for each in islice(desk.ready(), WAITING_AT_MOST)}
    line = in_order(each_filed(ready.values()), now)
    return tuple(_waiting(ready[each.proposal_id]) for each in line[max(0, desk.cap - waiting) :])


def _waiting(stored: StoredProposal) -> Waiting:
    return Waiting(proposal_id=stored.proposal.proposal_id, principal=stored.principal, since=stored.created_at)


def _attributes(date: str) -> Mapping[str, Mapping[str, str]]:
    values = {"notice": "DIGEST", "notice_id": f"digest-{date}"}
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}


@cache
def _desk() -> Desk:
    given = environment()
    given.need("table_name", "findings_topic_arn", "denial_rule_name", "dead_letter_queue_url")
    store = DynamoStore(client("dynamodb"), given.table_name)
    return Desk(
        findings=FindingsTable(store),
        waiting=lambda: ProposalsTable(store).every(ProposalStatus.WAITING),
        ready=lambda: ProposalsTable(store).every(ProposalStatus.READY),
        cap=given.settings.max_waiting_approvals,
        standing=lambda: ProposalsTable(store).standing(),
        waves=WavesTable(store=store, singles=given.settings.account_burst_principals).recent,
        sight=Surroundings(client=client),
        ledger=DigestsTable(store=store),
        publisher=Topics(client("sns")),
        topic=given.findings_topic_arn,
        chat_topic=given.chat_topic_arn,
        rule_name=given.denial_rule_name,
        queue_urls=(given.dead_letter_queue_url,),
    )


def handle(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry point, of a daily schedule."""
    with Observed() as telemetry:
        return {"sent": tell_the_day(desk=_desk(), now=datetime.now(UTC), telemetry=telemetry)}
