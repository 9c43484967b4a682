"""Proposals are stored once, replaced only while unsigned, and moved only from where they are expected."""

from __future__ import annotations

from datetime import timedelta

import pytest

from redress.adapters.proposals_table import ProposalsTable, stored_proposal_of
from redress.adapters.table_writes import Key, OneOf, Update
from redress.domain.errors import StaleState, Unreadable
from redress.domain.proposal import Proposal, seal
from redress.domain.words import ProposalStatus
from tests.denials import NOON, ROLE
from tests.fakes import FakeStore

LATER = NOON + timedelta(hours=1)


def drawn_up(number: int) -> Proposal:
    """A sealed proposal for the role."""
    return seal(
        {
            "created_at": f"2026-11-21T12:{number:02d}:00Z",
            "expires_at": "2026-11-23T12:00:00Z",
            "finding_ids": ["f-1", "f-2"],
            "principal": {"arn": ROLE},
        }
    )


@pytest.fixture
def proposals() -> ProposalsTable:
    """An empty table."""
    return ProposalsTable(FakeStore())


def put(proposals: ProposalsTable, number: int, status: ProposalStatus = ProposalStatus.READY) -> Proposal:
    """Makes a proposal the current one, after whatever is current now."""
    proposal = drawn_up(number)
    proposals.make_current(proposal, status, before=proposals.current(ROLE), now=LATER)
    return proposal


def test_comes_back(proposals: ProposalsTable) -> None:
    """A proposal comes back byte for byte, and its principal points to it."""
    proposal = put(proposals, 1)
    stored = proposals.current(ROLE)
    assert stored
    assert (stored.proposal, stored.status, stored.principal) == (proposal, ProposalStatus.READY, ROLE)
    assert (stored.finding_ids, stored.execution_id) == (("f-1", "f-2"), None)
    assert proposals.proposal(proposal.proposal_id) == proposal
    assert proposals.proposal("p-0") is None
    assert proposals.current("arn:aws:iam::111122223333:role/other") is None


def test_newer_replaces_unsigned(proposals: ProposalsTable) -> None:
    """A newer proposal ends the one before, and the pointer moves with it."""
    old, new = put(proposals, 1), put(proposals, 2)
    before = proposals.get(old.proposal_id)
    assert before
    assert (before.status, before.marks["superseded_by"]) == (ProposalStatus.SUPERSEDED, new.proposal_id)
    current = proposals.current(ROLE)
    assert current
    assert current.proposal == new


def test_signed_ones_stay_as_they_are(proposals: ProposalsTable) -> None:
    """A proposal that was applied keeps its status when a newer one comes."""
    old = put(proposals, 1)
    proposals.move(old.proposal_id, to=ProposalStatus.APPLIED, when=[ProposalStatus.READY], applied_at="now")
    put(proposals, 2)
    before = proposals.get(old.proposal_id)
    assert before
    assert (before.status, before.marks["applied_at"]) == (ProposalStatus.APPLIED, "now")


def test_races_have_one_winner(proposals: ProposalsTable) -> None:
    """Of two proposals drawn up after the same one, one is stored; the other leaves no trace."""
    put(proposals, 1)
    before = proposals.current(ROLE)
    proposals.make_current(drawn_up(2), ProposalStatus.READY, before=before, now=LATER)
    with pytest.raises(StaleState):
        proposals.make_current(drawn_up(3), ProposalStatus.READY, before=before, now=LATER)
    assert proposals.get(drawn_up(3).proposal_id) is None


def test_replacing_what_was_just_taken_up(proposals: ProposalsTable) -> None:
    """A proposal whose change has begun cannot be replaced by somebody who has not seen that."""
    old = put(proposals, 1)
    before = proposals.current(ROLE)
    proposals.move(old.proposal_id, to=ProposalStatus.APPLYING, when=[ProposalStatus.READY])
    with pytest.raises(StaleState):
        proposals.make_current(drawn_up(2), ProposalStatus.READY, before=before, now=LATER)
    assert before
    with pytest.raises(StaleState):
        proposals.withdraw(before, now=LATER)


def test_together_or_not_at_all(proposals: ProposalsTable) -> None:
    """What must happen with a proposal happens with it, or the proposal is not stored."""
    missing = Update(key=Key(pk="no", sk="no"), assign={"a": 1}, when=(OneOf(name="a", values=(0,)),))
    with pytest.raises(StaleState):
        proposals.make_current(drawn_up(1), ProposalStatus.READY, before=None, now=LATER, also=[missing])
    assert proposals.current(ROLE) is None


def test_withdrawn(proposals: ProposalsTable) -> None:
    """A withdrawn proposal is over, and nothing points to it."""
    old = put(proposals, 1)
    before = proposals.current(ROLE)
    assert before
    proposals.withdraw(before, now=LATER)
    ended = proposals.get(old.proposal_id)
    assert ended
    assert (ended.status, proposals.current(ROLE)) == (ProposalStatus.SUPERSEDED, None)
    put(proposals, 2)


def test_moves_from_where_expected(proposals: ProposalsTable) -> None:
    """A status changes only from one of those that the mover knows of."""
    proposal = put(proposals, 1)
    with pytest.raises(StaleState):
        proposals.move(proposal.proposal_id, to=ProposalStatus.APPLYING, when=[ProposalStatus.WAITING])
    proposals.move(proposal.proposal_id, to=ProposalStatus.WAITING, when=[ProposalStatus.READY], execution_id="x-1")
    moved = proposals.get(proposal.proposal_id)
    assert moved
    assert (moved.status, moved.execution_id) == (ProposalStatus.WAITING, "x-1")


def test_replaced_proposals_wait_for_their_cancellation(proposals: ProposalsTable) -> None:
    """A replaced proposal is listed until somebody notes that its execution is cancelled, and never again."""
    old = put(proposals, 1)
    assert proposals.to_cancel(10) == ()
    put(proposals, 2)
    assert [each.proposal.proposal_id for each in proposals.to_cancel(10)] == [old.proposal_id]
    proposals.cancelled(old.proposal_id)
    assert proposals.to_cancel(10) == ()
    assert [each.proposal.proposal_id for each in proposals.every(ProposalStatus.SUPERSEDED)] == [old.proposal_id]


def test_what_was_not_replaced_is_not_cancelled(proposals: ProposalsTable) -> None:
    """Only a replaced proposal can be noted as cancelled."""
    with pytest.raises(StaleState):
        proposals.cancelled(put(proposals, 1).proposal_id)


def test_lists_by_status(proposals: ProposalsTable) -> None:
    """Proposals are listed by status, the oldest first."""
    for number in range(3):
        proposal = seal({**drawn_up(number).content, "principal": {"arn": f"{ROLE}-{number}"}})
        proposals.make_current(proposal, ProposalStatus.MANUAL, before=None, now=LATER)
    listed = [each.principal[-1] for each in proposals.every(ProposalStatus.MANUAL)]
    assert listed == ["0", "1", "2"]
    page = proposals.by_status(ProposalStatus.MANUAL, limit=2)
    assert (len(page.proposals), page.next_start is None) == (2, False)
    assert list(proposals.every(ProposalStatus.READY)) == []


def test_lists_what_is_in_force(proposals: ProposalsTable) -> None:
    """Applied proposals, whether something is due for them or not, and no others."""
    drawn = [seal({**drawn_up(number).content, "principal": {"arn": f"{ROLE}-{number}"}}) for number in range(4)]
    for proposal in drawn:
        proposals.make_current(proposal, ProposalStatus.MANUAL, before=None, now=LATER)
    for proposal in drawn[:3]:
        proposals.move(proposal.proposal_id, to=ProposalStatus.APPLIED, when=(ProposalStatus.MANUAL,))
    put_by = proposals.get(drawn[0].proposal_id)
    assert put_by
    proposals.put_by(put_by)
    assert [each.principal[-1] for each in proposals.every(ProposalStatus.APPLIED)] == ["1", "2"]
    assert [each.principal[-1] for each in proposals.standing()] == ["1", "2", "0"]


def test_other_items_are_none() -> None:
    """An item that is no proposal says so."""
    with pytest.raises(Unreadable, match="is no proposal"):
        stored_proposal_of({"pk": "PROPOSAL#p-1", "sk": "PROPOSAL"})
