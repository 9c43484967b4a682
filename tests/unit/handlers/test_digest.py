"""The daily digest: what is open, who waits, what is noisy, what was fixed; sent once, and honest about its limits."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters.digests_table import DigestsTable
from redress.adapters.proposals_table import StoredProposal
from redress.domain.coverage import EVEN_READS, Selection, Trail, Unseen
from redress.domain.digest import LOOKED_AT, NOISY_STATES, OPEN_STATES, Day, Sample, digest
from redress.domain.digest_renderings import DESCRIPTION_LIMIT, notification, text
from redress.domain.errors import Retry
from redress.domain.finding import Finding
from redress.domain.noticing_wave import Cause, Wave, cause_of
from redress.domain.words import ProposalStatus, State
from redress.handlers.digest import AT_MOST, Desk, tell_the_day
from tests.denials import NOON, PRINCIPAL
from tests.fakes import FakeStore, FakeTelemetry
from tests.unit.notices.world import _stored, counted, finding, minutes, moved, of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOPIC, CHAT = "arn:aws:sns:us-east-1:111122223333:findings", "arn:aws:sns:us-east-1:111122223333:chat"
HOSTILE = "arn:aws:iam::1:role/<!channel>\n*x* `y` @here \u202e[a](http://b)"


@dataclass
class World:
    """λ digest with everything around it in memory."""

    findings: list[Finding] = field(default_factory=list)
    trails: tuple[Trail, ...] | Unseen = (
        Trail(name="all", is_logging=True, selection=Selection(reads=True, writes=True, data=True)),
    )
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    store: FakeStore = field(default_factory=FakeStore)
    ready: list[StoredProposal] = field(default_factory=list)
    asked: list[StoredProposal] = field(default_factory=list)
    applied: list[StoredProposal] = field(default_factory=list)
    waves: list[tuple[str, Cause, Wave]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def every(self, state: State, *, at_most: int) -> Iterator[Finding]:
        """The findings in a state."""
        return iter([each for each in self.findings if each.state is state][:at_most])

    def rule_state(self, name: str) -> str:
        """The rule is well."""
        del name
        return EVEN_READS

    def dead_letters(self, queue_urls: tuple[str, ...]) -> int:
        """None."""
        del queue_urls
        return 0

    def publish(
        self,
        topic_arn: str,
        *,
        body: str,
        subject: str = "",
        attributes: Mapping[str, Mapping[str, str]] | None = None,
        by_protocol: bool = False,
    ) -> None:
        """Keeps a message."""
        del attributes, by_protocol
        if topic_arn in self.broken:
            raise Retry("SNS is away")
        self.sent.append((topic_arn, subject, body))

    def run(self, now: datetime = NOON) -> int:
        """One run of the schedule."""
        desk = Desk(
            findings=self,
            waiting=self._waiting,
            ready=lambda: iter(self.ready),
            cap=3,
            standing=lambda: iter(self.applied),
            waves=lambda _: iter(self.waves),
            sight=_Sight(self),
            ledger=DigestsTable(store=self.store),
            publisher=self,
            topic=TOPIC,
            chat_topic=CHAT,
            rule_name="rule",
            queue_urls=("queue",),
        )
        return tell_the_day(desk=desk, now=now, telemetry=FakeTelemetry())

    def _waiting(self) -> Iterator[StoredProposal]:
        return iter(self.asked)


@dataclass
class _Sight:
    world: World

    def trails(self) -> tuple[Trail, ...] | Unseen:
        """As the world says."""
        return self.world.trails

    def rule_state(self, name: str) -> str:
        """As the world says."""
        return self.world.rule_state(name)

    def dead_letters(self, queue_urls: tuple[str, ...]) -> int:
        """As the world says."""
        return self.world.dead_letters(queue_urls)


def day(*findings: Finding, **changes: Any) -> Day:  # noqa: ANN401 - any field
    """A day on which these were found."""
    found = {state: Sample(findings=tuple(each for each in findings if each.state is state)) for state in LOOKED_AT}
    return replace(Day(at=NOON, found=found), **changes)


def test_every_state_is_looked_at() -> None:
    """No state is left out, and none is read twice."""
    assert set(LOOKED_AT) == set(State)
    assert len(set(LOOKED_AT)) == len(LOOKED_AT)
    assert set(OPEN_STATES) < set(NOISY_STATES)


def test_open_findings_by_kind_and_severity() -> None:
    """What is open is counted by severity and kind, gravest first."""
    made = text(digest(day(finding(1), moved(finding(2), State.SUSPICIOUS), moved(finding(3), State.CLOSED))))
    assert "Open findings: 2" in made
    assert "By severity: CRITICAL 1, " in made
    assert "By kind: MISSING_PERMISSION 2." in made


def test_noise() -> None:
    """The findings denied most often today come first; yesterday's noise is not today's."""
    loud, louder = counted(finding(1), 40), counted(finding(2), 4_000)
    old = replace(counted(finding(3), 99_999), last_seen=NOON - timedelta(days=2))
    made = text(digest(day(loud, louder, old)))
    assert made.index("4,000 times") < made.index("40 times")
    assert "99,999" not in made


def proposal(number: int, status: ProposalStatus, *, hours: float = 0) -> StoredProposal:
    """A proposal that was made so long before noon."""
    made = _stored(f"p-{number:020x}", status)
    return replace(made, principal=f"role-{number}", created_at=NOON - timedelta(hours=hours))


def test_fixes_that_wait_for_room() -> None:
    """A ready fix that finds no room is in the digest, with its place and what makes room; one that starts is not."""
    world = World(
        asked=[proposal(number, ProposalStatus.WAITING) for number in (1, 2)],
        ready=[proposal(number, ProposalStatus.READY, hours=number) for number in (10, 11, 12)],
    )
    world.run()
    (mail,) = (body for topic, _, body in world.sent if topic == TOPIC)
    section = mail[mail.index("Fixes that wait for room") :].split("\n\n")[0].splitlines()
    assert section[0] == "Fixes that wait for room to ask for a signature: 2, the next one first"
    assert [line.split()[2] for line in section[1:3]] == ["role-11", "role-10"]  # the oldest, role-12, starts now
    assert section[3] == (
        "  At most 3 requests may wait for a signature at once (max_waiting_approvals): sign or reject some."
    )


def test_fixes_that_have_stood_for_long() -> None:
    """Old fixes are counted, with the command that says which of them are needless; young ones are left alone."""
    young, old, older = (
        replace(proposal(days, ProposalStatus.APPLIED), marks={"applied_at": f"{NOON - timedelta(days=days):%FT%TZ}"})
        for days in (30, 31, 90)
    )
    world = World(applied=[young])
    world.run()
    assert all("in force" not in body for _, _, body in world.sent)
    world.applied = [old, young, older]
    world.run(NOON + timedelta(hours=12))  # of the next day
    (mail,) = (body for topic, _, body in world.sent[2:] if topic == TOPIC)
    section = mail[mail.index("Fixes in force") :].split("\n\n")[0].splitlines()
    assert section[0] == "Fixes in force: 3"
    assert section[1].startswith("  3 of them for more than 30 days, the oldest since 2026-08-23. Which of them ")
    assert section[1].endswith(" have made needless: redress fixes --region us-east-1")


def test_fixes_in_force_are_counted_so_far() -> None:
    """Where there are more than are counted, the number says so."""
    many = (NOON - timedelta(days=40),) * 2
    assert "Fixes in force: 2+\n" in text(digest(day(standing=many, more_stand=True)))


def test_what_was_told_together() -> None:
    """Findings that had no notice of their own are counted, and the command that lists them is there."""
    cause = replace(cause_of(finding(1)), by=HOSTILE)
    wave = Wave(since=NOON - minutes(90), last=NOON, principals=1_234, findings=2_345, held=2_340)
    world = World(waves=[("c-" + "0" * 20, cause, wave)])
    world.run()
    (mail,) = (body for topic, _, body in world.sent if topic == TOPIC)
    assert "Told together, account-wide, by cause: 1" in mail
    (row,) = (each for each in mail.splitlines() if "1,234 principals" in each)
    assert row.startswith("  1,234 principals of account 111122223333 since 11-21 10:30 UTC: MISSING_PERMISSION by ")
    assert row.endswith(
        "2,340 of 2,345 findings had no notice of their own (redress findings --cause c-"
        + "0" * 20
        + " --region us-east-1)"
    )
    assert "\u202e" not in mail


def test_every_command_names_the_region() -> None:
    """Stacks live in several Regions: what is pasted finds the right one, in mail and chat."""
    world = World(
        asked=[proposal(number, ProposalStatus.WAITING) for number in (1, 2, 3)],
        ready=[proposal(4, ProposalStatus.READY)],
    )
    world.run()
    for topic, _, body in world.sent:
        said = json.loads(body)["content"]["description"] if topic == CHAT else body
        told = [line for line in said.splitlines() if "redress " in line]
        assert len(told) == 6
        assert all(line.rstrip(")").endswith(" --region us-east-1") for line in told)


def test_time_to_unblock() -> None:
    """Half and nine tenths of today's fixes, from the first denial on; older fixes do not count."""
    fixed = [
        moved(finding(number), State.FIXED, fixed_at=NOON, first_seen=NOON - minutes(number)) for number in range(1, 11)
    ]
    old = moved(finding(99), State.FIXED, fixed_at=NOON - timedelta(days=3), first_seen=NOON - timedelta(days=9))
    made = text(digest(day(*fixed, old)))
    assert "Fixed today: 10" in made
    assert "half within 5 min, nine of ten within 9 min" in made


def test_suspicion_and_expiry() -> None:
    """Principals under suspicion are named and in the subject; what expired unsigned today is listed."""
    made = digest(day(moved(of("thief", finding(1)), State.SUSPICIOUS), moved(finding(2), State.EXPIRED)))
    assert "1 SUSPICIOUS" in made.subject
    assert "role/thief: 1 findings" in text(made)
    assert "Expired unsigned today: 1" in text(made)


def test_a_quiet_day() -> None:
    """A day without anything still says that Redress is alive and what it sees."""
    made = digest(day())
    assert made.subject == "[Redress] 2026-11-21: 0 open, 0 waiting for a signature"
    assert "Redress sees what it should" in text(made)


def test_samples_say_where_they_end() -> None:
    """Where there are more findings than are read, the numbers say so."""
    world = World(findings=[finding(number) for number in range(AT_MOST + 5)])
    world.run()
    body = world.sent[0][2]
    assert f"Open findings: {AT_MOST}+" in body
    assert "More than these are OPEN" in body


def test_blindness_is_told() -> None:
    """What could not be looked at is named, never passed over."""
    world = World(trails=Unseen(what="the trails", reason="AccessDenied"))
    world.run()
    assert "COULD_NOT_LOOK" in world.sent[0][2]
    assert "1 gaps" in world.sent[0][1]


def test_once_a_day() -> None:
    """The schedule may come twice: the digest goes out once a day, to each topic."""
    world = World()
    assert [world.run(), world.run(NOON + minutes(5)), world.run(NOON + timedelta(days=1))] == [2, 0, 2]
    assert [arn for arn, _, _ in world.sent] == [TOPIC, CHAT, TOPIC, CHAT]


def test_a_fault_at_the_second_topic_does_not_repeat_the_first() -> None:
    """SNS takes one and refuses the other: the next try sends the other alone."""
    world = World(broken=[CHAT])
    with pytest.raises(Retry):
        world.run()
    world.broken.clear()
    world.run()
    assert [arn for arn, _, _ in world.sent] == [TOPIC, CHAT]


def test_hostile_names() -> None:
    """Names cannot break a line, mention a channel or make a link, in text and in chat; sizes stay within limits."""
    principal = replace(PRINCIPAL, arn=HOSTILE)
    many = [
        moved(
            counted(replace(finding(number), verdict=replace(finding().verdict, principal=principal)), 50),
            State.SUSPICIOUS,
        )
        for number in range(300)
    ]
    made = digest(day(*many))
    assert all("\u202e" not in each and "\n" not in each for section in made.sections for each in section.lines)
    sent = notification(made)
    assert len(sent["content"]["description"]) <= DESCRIPTION_LIMIT
    assert not set("*`@[") & set(sent["content"]["description"])
    assert made.subject.isascii()
    assert len(made.subject) < 100
