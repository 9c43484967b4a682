"""Who waits, for whom, since when: reminders, and fixes that wait for room to ask for a signature."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from redress.adapters.proposals_table import StoredProposal
from redress.domain.card import compose
from redress.domain.card.content import Queue
from redress.domain.card.plain import body
from redress.domain.card.signers import signers
from redress.domain.lifecycle import advance
from redress.domain.proposal import Proposal
from redress.domain.settings import Settings
from redress.domain.watch import due, long
from redress.domain.words import Kind, ProposalStatus, State
from redress_cli.show import queue_of
from tests.denials import NOON
from tests.unit.card.cards import PLACE, moment_of, told_of
from tests.unit.notices.world import World, finding, moved

if TYPE_CHECKING:
    from collections.abc import Iterator

ADMIN = "arn:aws:iam::111122223333:role/team/Admin"
ANA = "arn:aws:iam::111122223333:user/ana"
AS_ADMIN = "ben@example.com as role Admin"
BEN = "arn:aws:sts::111122223333:assumed-role/Admin/ben@example.com"


def guarded(verdict: str) -> Proposal:
    """A proposal with this verdict of the guard."""
    return Proposal(proposal_id="p-1", digest="0" * 64, body=f'{{"guard": {{"verdict": "{verdict}"}}}}')


@pytest.mark.parametrize(
    ("approvers", "second", "verdict", "said"),
    [
        ((ADMIN,), (), "CLEAN", "Who can sign: role Admin."),
        ((ADMIN, ANA, BEN), (ANA,), "NOTE", f"Who can sign: role Admin, user ana or {AS_ADMIN}."),
        ((ADMIN, ANA), (), "TWO_APPROVERS", "Who can sign: role Admin or user ana; it takes two people."),
        ((ADMIN,), (ANA, BEN), "TWO_APPROVERS", f"Who can sign: first role Admin, then user ana or {AS_ADMIN}."),
        ((ADMIN,) * 9, (), "CLEAN", "Who can sign: role Admin, role Admin, role Admin, role Admin or 5 more."),
        ((), (), "CLEAN", ""),
    ],
)  # fmt: skip
def test_who_can_sign(approvers: tuple[str, ...], second: tuple[str, ...], verdict: str, said: str) -> None:
    """By the operator's lists; where two must sign, who is second."""
    assert signers(guarded(verdict), Settings(approvers=approvers, second_approvers=second)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        *((0, "0 seconds"), (119, "119 seconds"), (120, "2 minutes"), (7_199, "119 minutes")),
        *((43_200, "12 hours"), (172_799, "47 hours"), (172_800, "2 days")),
    ],
)
def test_how_long(seconds: int, said: str) -> None:
    """In the largest unit of which there are at least two."""
    assert long(timedelta(seconds=seconds)) == said


def test_a_request_says_who_can_sign_and_a_reminder_how_long_it_waits() -> None:
    """Half of the approval's time has passed: since when, how long, who can sign, and that there is no second one."""
    asked = moved(finding(), State.AWAITING_APPROVAL)
    now = NOON + timedelta(hours=12)
    occurrence = due(asked, Settings(), now)
    assert occurrence
    reminded = advance(asked, occurrence, now)
    world = World()
    world.desk = replace(world.desk, writer=replace(world.desk.writer, settings=Settings(approvers=(ADMIN, ANA))))
    world.deliver((finding(), asked), (asked, reminded))
    first, second = (" ".join(text.split()) for text in world.texts())
    assert "Now A fix is ready and waits for a signature." in first
    assert "changes nothing. Who can sign: role Admin or user ana. Press redress" in first
    assert (
        "Now A fix still waits for a signature. This is the only reminder. "
        "It has waited 12 hours, since 2026-11-21 12:00 UTC."
    ) in second
    assert "changes nothing. Who can sign: role Admin or user ana. Press redress" in second
    assert second.count("waits for a signature") == 1


@pytest.mark.parametrize("moment", ["awaiting-approval", "reminded"])
def test_the_deadline_is_that_of_the_request(moment: str) -> None:
    """SSM gives up before the proposal does: the card says until when a signature is taken, or says no time."""
    found, proposal = moment_of(moment)
    assert proposal
    assert proposal.content["expires_at"] == "2026-11-23T02:00:00Z"
    text = " ".join(body(compose(found, proposal=proposal, place=PLACE)).split())
    assert "signs or rejects it, before 2026-11-22 02:00 UTC. Unsigned" in text
    unknown = compose(replace(found, sign_by=None), proposal=proposal, place=PLACE)
    assert "then signs or rejects it. Unsigned" in unknown.next


class FakeProposals:
    """Proposals of two statuses, the table's order not being theirs."""

    def __init__(self, ready: int, waiting: int) -> None:
        made = [stored(number, ProposalStatus.READY) for number in range(ready)]
        self.by = {ProposalStatus.READY: made[::-1], ProposalStatus.WAITING: made[:1] * waiting}

    def every(self, status: ProposalStatus) -> Iterator[StoredProposal]:
        """Yields those of one status."""
        return iter(self.by[status])


def stored(number: int, status: ProposalStatus) -> StoredProposal:
    """A proposal that was made so many minutes after noon."""
    return StoredProposal(
        proposal=Proposal(proposal_id=f"p-{number}", digest="", body="{}"),
        status=status,
        principal="",
        finding_ids=(),
        created_at=NOON + timedelta(minutes=number),
        expires_at=NOON + timedelta(days=1),
        execution_id=None,
        marks={},
    )


def test_the_place_in_the_line() -> None:
    """The oldest starts first; what is not ready, or too old to start, is in no line."""
    proposals = FakeProposals(ready=7, waiting=50)
    assert queue_of(proposals, stored(2, ProposalStatus.READY), NOON) == Queue(place=3, length=7, waiting=50)
    assert queue_of(proposals, stored(2, ProposalStatus.MANUAL), NOON) is None
    assert queue_of(proposals, stored(2, ProposalStatus.READY), NOON + timedelta(days=2)) is None


def test_a_fix_that_waits_for_room_says_so() -> None:
    """It needs no second look, and nobody is told to start it; the place, what makes room, and the way past it."""
    found, proposal = moment_of("proposed")
    card = compose(found, proposal=proposal, place=PLACE, queue=Queue(place=3, length=7, waiting=50))
    text = " ".join(body(card).split())
    assert "It is number 3 of 7 in the line to ask for a signature; 50 requests wait for one already." in text
    assert "approvers sign or reject what waits, the oldest first" in text
    assert "second look" not in text
    assert "redress start p-" in text
    soon = compose(found, proposal=proposal, place=PLACE, queue=Queue(place=1, length=1, waiting=0))
    assert soon.next == "Nobody has to act: it asks for a signature within minutes."


def test_a_card_without_a_queue_is_as_before() -> None:
    """Whatever does not wait for room says what it says."""
    found, proposal = told_of(Kind.MISSING_PERMISSION)
    assert "in the line" not in body(compose(found, proposal=proposal, place=PLACE))
