"""A principal causes as many denials as it can: what does that cost, and whom does it wake?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from redress.domain.lifecycle_proposal import FiledProposal
from redress.domain.settings import Settings
from redress.domain.starting import agenda
from redress.domain.words import ProposalStatus, State
from tests.denials import NOON, ROLE
from tests.unit.handlers.test_triage import World, event, record
from tests.unit.notices.world import SECURITY, finding, moved, of
from tests.unit.notices.world import World as Notices

if TYPE_CHECKING:
    from tests.infra.template import Template


def test_t13_flood_of_one_denial_is_one_finding_and_few_writes() -> None:
    """A hundred denials of one kind are one finding with their count, written once."""
    world = World()
    world.deliver(*(event(record(f"e-{number}")) for number in range(100)))
    assert world.finding.count == 100
    writes = world.store.calls.count("write")
    world.deliver(*(event(record(f"f-{number}")) for number in range(100)))
    assert world.finding.count == 200
    assert world.store.calls.count("write") - writes <= 2


def test_t13_flood_of_names_does_not_make_a_finding_of_each() -> None:
    """Object keys, sessions and user agents of the caller's choice do not multiply findings."""
    world = World()
    bodies = []
    for number in range(50):
        made = record(f"e-{number}", userAgent=f"agent {number}", sourceIPAddress=f"198.51.100.{number}")
        made["userIdentity"]["arn"] += str(number)
        made["errorMessage"] = made["errorMessage"].replace("order-1", f"order-{number}")
        bodies.append(event(made))
    world.deliver(*bodies)
    assert world.finding.count == 50


def test_t13_flood_of_long_texts_fills_no_table() -> None:
    """Nobody chooses the size of an item: each stays far below what one write unit takes several times over."""
    world = World()
    made = record("e-1", userAgent="x" * 200_000, sourceIPAddress="y" * 100_000, requestID="z" * 100_000)
    made["errorMessage"] += "w" * 200_000
    world.deliver(event(made))
    (item,) = world.store.of_kind("FINDING")
    assert len(repr(item)) < 8_000


def test_t13_flood_of_proposals_waits_for_room() -> None:
    """No more approvals wait than the cap, however many proposals are ready."""
    cap = Settings().max_waiting_approvals
    ready = [
        FiledProposal(
            proposal_id=f"p-{number:020x}",
            digest="0" * 64,
            principal=ROLE,
            finding_ids=(),
            status=ProposalStatus.READY,
            created_at=NOON,
            expires_at=NOON.replace(year=2027),
        )
        for number in range(cap * 3)
    ]
    plan = agenda(ready=ready, waiting=cap - 1, cap=cap, now=NOON)
    assert (len(plan.start), plan.held) == (1, cap * 3 - 1)


def test_t13_flood_starves_nobody(template: Template) -> None:
    """Triage runs a few at a time, and every function's time is bounded."""
    (feed,) = (
        each for each in template.resources("AWS::Lambda::EventSourceMapping") if "ScalingConfig" in each.properties
    )
    assert feed.properties["ScalingConfig"]["MaximumConcurrency"] <= 10
    for function in template.resources("AWS::Lambda::Function"):
        assert function.properties["Timeout"] <= 300


def test_t13_flood_of_principals_is_a_few_notices_and_hides_nothing_else() -> None:
    """Five hundred roles with one cause are a handful of notices; suspicion and other causes are told through them."""
    world = Notices()
    flood = [of(f"role-{number}", finding(number)) for number in range(500)]
    world.deliver(*((None, each) for each in flood))
    few = len(world.notices())
    assert few <= Settings().account_burst_principals + 3
    quiet = of("victim", finding(900))
    other = replace(quiet, verdict=replace(quiet.verdict, action="iam:CreateAccessKey"))
    world.deliver((None, other), (flood[300], moved(flood[300], State.SUSPICIOUS)))
    assert len(world.notices()) == few + 1
    assert "iam:CreateAccessKey" in world.texts()[-1]
    assert len(world.notices(SECURITY)) == 1


def test_t13_flood_counts_whoever_hides_in_it() -> None:
    """A finding of the same cause has no notice of its own, but the account-wide card names it or counts it."""
    world = Notices()
    world.deliver(*((None, of(f"role-{number}", finding(number))) for number in range(9)))
    world.deliver((None, of("victim", finding(9))))
    assert "victim" in world.texts()[-1]
    assert "5 of their 10 new findings get no notice of their own" in " ".join(world.texts()[-1].split())
