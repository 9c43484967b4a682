"""λ notify between a stream that brings records again and again, a ledger in memory, and topics that remember."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from redress.adapters.findings_items import item_of, key_of
from redress.adapters.notices_table import NoticesTable
from redress.domain.card.content import Place
from redress.domain.errors import Retry
from redress.domain.finding import Finding, Sighting
from redress.domain.noticing import Route
from redress.domain.proposal import Proposal
from redress.domain.settings import Settings
from redress.domain.words import ProposalStatus, State
from redress.handlers.messages import Change
from redress.handlers.notify import Desk, notify, sweep
from redress.handlers.notify_writing import Writer
from tests.denials import NOON, PRINCIPAL, VERDICT
from tests.fakes import FakeStore, FakeTelemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redress.adapters.proposals_table import StoredProposal
    from redress.domain.health import HealthEvent

FINDINGS, SECURITY, CHAT = (f"arn:aws:sns:us-east-1:111122223333:{name}" for name in ("findings", "security", "chat"))
ROUNDS = 60
"""Times that the stream brings records before a test gives up."""
LAST = Sighting(
    event_id="e-1", event_time=NOON, event_source="s3.amazonaws.com", event_name="PutObject", region="us-east-1"
)


class Killed(BaseException):
    """The function dies here; nothing catches it."""


def finding(number: int = 1, **changes: object) -> Finding:
    """A new finding of the one principal, denied once at noon."""
    plain = Finding(
        finding_id=f"f-{number:020x}",
        verdict=VERDICT,
        resource_template=VERDICT.resource,
        state=State.OPEN,
        state_version=1,
        count=1,
        first_seen=NOON,
        last_seen=NOON,
        last=LAST,
        changed_at=NOON,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def of(principal: str, each: Finding) -> Finding:
    """The same finding of another role."""
    arn = f"arn:aws:iam::111122223333:role/{principal}"
    return replace(each, verdict=replace(each.verdict, principal=replace(PRINCIPAL, arn=arn)))


def counted(each: Finding, count: int, *, after: timedelta = timedelta()) -> Finding:
    """The finding with more denials, the newest so long after noon."""
    at = NOON + after
    return replace(each, count=count, last_seen=at, last=replace(each.last, event_time=at))


def moved(each: Finding, state: State, *, after: timedelta = timedelta(), **changes: object) -> Finding:
    """The finding in its next state, so long after noon."""
    version = each.state_version + 1
    return replace(each, state=state, state_version=version, changed_at=NOON + after, **changes)  # type: ignore[arg-type]


def life(*images: Finding) -> list[tuple[Finding | None, Finding]]:
    """The changes that one finding goes through."""
    return list(zip((None, *images), images, strict=False))


@dataclass
class FakeTopics:
    """Remembers what was published; ``before`` and ``after`` each message may raise."""

    enter: Callable[[str], None]
    sent: list[tuple[str, str, str, str]] = field(default_factory=list)

    def publish(
        self,
        topic_arn: str,
        *,
        body: str,
        subject: str = "",
        attributes: Mapping[str, Mapping[str, str]] | None = None,
        by_protocol: bool = False,
    ) -> None:
        """Keeps the topic, the notice's id, its subject and the text that e-mail gets."""
        self.enter("publish")
        identity = (attributes or {})["notice_id"]["StringValue"]
        self.sent.append((topic_arn, identity, subject, json.loads(body)["email"] if by_protocol else body))
        self.enter("published")


class World:
    """Everything around λ notify.

    Args:
        faults: By the number of the call (each has one before its effect and, where it writes, one after it),
            what goes wrong there: ``kill`` or ``throttle``.

    Attributes:
        excused: Repeats that the faults excuse: those at the one point without a transaction. There SNS has taken
            the notice and nobody has noted that yet: the function dies, or SNS's answer is lost.


    """

    def __init__(self, faults: Mapping[int, str] | None = None, *, chat: str = CHAT) -> None:
        self.faults = dict(faults or {})
        self.calls: list[str] = []
        self.store = FakeStore(before=self._enter)
        self.topics = FakeTopics(self._enter)
        self.telemetry = FakeTelemetry()
        self.proposals: dict[str, ProposalStatus] = {}
        self.issues: tuple[HealthEvent, ...] = ()
        self.tags: tuple[tuple[str, str], ...] | None = ()
        self.now = NOON
        self.excused = 0
        self.desk = Desk(
            ledger=NoticesTable(store=self.store),
            publisher=self.topics,
            writer=Writer(
                proposal=self._proposal,
                open_issues=lambda _: self.issues,
                tags=lambda _: self.tags,
                place=Place(region="us-east-1"),
                settings=Settings(),
            ),
            topics={Route.FINDINGS: FINDINGS, Route.SECURITY: SECURITY},
            chat_topic=chat,
        )

    def deliver(self, *changes: tuple[Finding | None, Finding], patience: int = ROUNDS) -> int:
        """Brings these changes as the stream does, from the first one that failed; returns what was left undone."""
        left = [change(number, *each) for number, each in enumerate(changes)]
        for _, new in changes:
            self.store.items[key_of(new.finding_id)] = item_of(new, frozenset({b"mark"}))
        for _ in range(patience):
            if not left:
                return 0
            try:
                answer = notify(left, desk=self.desk, now=self.now, telemetry=self.telemetry)
            except Killed:
                self._die()
                continue
            bad = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
            left = left[next((at for at, each in enumerate(left) if each.sequence in bad), len(left)) :]
        return len(left)

    def sweep(self, *, after: timedelta) -> int:
        """Runs the schedule so long after noon; killed, it comes again at the next full interval."""
        self.now = NOON + after
        for _ in range(ROUNDS):
            try:
                return sweep(desk=self.desk, now=self.now, telemetry=self.telemetry)
            except (Killed, Retry):
                self._die()
                self.now += timedelta(minutes=15)
        raise AssertionError("the sweep never got through")

    def notices(self, topic: str = FINDINGS) -> Counter[str]:
        """How often each notice went to a topic."""
        return Counter(identity for arn, identity, _, _ in self.topics.sent if arn == topic)

    def texts(self, topic: str = FINDINGS) -> list[str]:
        """The texts that a topic got."""
        return [body for arn, _, _, body in self.topics.sent if arn == topic]

    def subjects(self) -> list[str]:
        """The subjects that went to people."""
        return [subject for _, _, subject, _ in self.topics.sent if subject]

    def owed(self) -> list[str]:
        """Keys of the notices that are claimed and not sent."""
        return [item["sk"] for item in self.store.of_kind("NOTICE#") if item["status"] != "SENT"]

    def _die(self) -> None:
        """Forgets what only the function knew: each of these may be sent again."""
        self.excused += len(self.desk.unmarked)
        self.desk.unmarked.clear()

    def _enter(self, call: str) -> None:
        self.calls.append(call)
        fault = self.faults.get(len(self.calls) - 1)
        self.excused += bool(fault and call == "published")
        if fault == "kill":
            raise Killed
        if fault == "throttle":
            raise Retry("not now")

    def _proposal(self, proposal_id: str) -> StoredProposal | None:
        self._enter("proposal")
        status = self.proposals.get(proposal_id)
        return _stored(proposal_id, status) if status else None


def played(
    story: Iterable[tuple[Finding | None, Finding]], proposal: ProposalStatus, faults: Mapping[int, str] | None
) -> World:
    """A story with these faults, its proposal ``p-1`` in this status; the schedule finishes what the stream gave up."""
    world = World(faults)
    world.proposals["p-1"] = proposal
    assert world.deliver(*story) == 0
    world.sweep(after=minutes(60))
    for number in range(ROUNDS):  # what faults leave of the last card of a wave is owed
        if world.owed():
            world.sweep(after=minutes(75 + 15 * number))
    return world


def _stored(proposal_id: str, status: ProposalStatus) -> StoredProposal:
    from redress.adapters.proposals_table import StoredProposal as Stored  # noqa: PLC0415 - type and value

    body = (
        '{"finding_ids":["f-00000000000000000001"],"statements":[],"guard":{"verdict":"CLEAN","hits":[]},"expires_at":"2026-11-23T12:00:00Z",'
        '"policy":{"arn":"arn:aws:iam::111122223333:policy/redress/redress-role-orders","name":"redress-role-orders"},'
        '"created_at":"2026-11-21T12:00:00Z","patches":{},"summary":"","likely_next":[],"probes":[],'
        '"proof":{"before":"DENIED","after":"ALLOWED","complete":true,"source":"simulator","still_denied_by":null,'
        '"unknown_layers":[],"notes":[]}}'
    )
    return Stored(
        proposal=Proposal(proposal_id=proposal_id, digest="0" * 64, body=body),
        status=status,
        principal=PRINCIPAL.arn or "",
        finding_ids=(),
        created_at=NOON,
        expires_at=NOON + timedelta(days=2),
        execution_id=None,
        marks={},
    )


def change(number: int, old: Finding | None, new: Finding) -> Change:
    """The record of a change, as the table's stream brings it."""
    before, after = (item_of(each, frozenset({b"mark"})) if each else None for each in (old, new))
    return Change(sequence=str(number), old=before, new=after)


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


def at(count: float) -> datetime:
    """So many minutes after noon."""
    return NOON + minutes(count)


def ids(notices: Iterable[str]) -> set[str]:
    """The distinct ones."""
    return set(notices)
