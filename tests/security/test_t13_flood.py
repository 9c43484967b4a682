"""A principal causes as many denials as it can: what does that cost, and whom does it wake?"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from redress.adapters.findings_activity import ASSESSED_LIMIT, PART_LIMIT, ActivityTable, target_key
from redress.adapters.table_writes import Key
from redress.domain.batch import Denial, gather
from redress.domain.codec import iso
from redress.domain.denied_call import DeniedCall
from redress.domain.lifecycle_proposal import FiledProposal
from redress.domain.no_fix import no_fix
from redress.domain.noticing_flood import SPENT
from redress.domain.noticing_wave import cause_of
from redress.domain.parse import parse_record
from redress.domain.settings import Settings
from redress.domain.starting import agenda
from redress.domain.words import NoFixReason, ProposalStatus, State
from tests.denials import NOON, ROLE, VERDICT
from tests.fakes import FakeStore
from tests.unit.handlers.test_triage import World, event, record, sweep
from tests.unit.notices.world import SECURITY, finding, life, moved, of
from tests.unit.notices.world import World as Notices

if TYPE_CHECKING:
    from redress.domain.batch import Group
    from redress.domain.finding import Finding
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


@pytest.mark.parametrize("batch", [1, 4, 12])
@pytest.mark.parametrize("old", [0, 600, 6_000])
def test_t13_flood_of_findings_hides_no_burst(old: int, batch: int) -> None:
    """Twelve different actions are a burst, however many findings of one action the principal filled its past with."""
    world = World()
    for number in range(old):
        past = hashlib.sha256(str(number).encode()).hexdigest()[:20]
        key = Key(pk=target_key(ROLE), sk=f"ACTIVITY#f-{past}")
        world.store.items[key] = {"pk": key.pk, "sk": key.sk, "at": iso(NOON - timedelta(days=1)), "action": "s3:Old"}
    bodies = sweep(13)
    for start in range(0, 12, batch):
        world.deliver(*bodies[start : start + batch])
    assert world.telemetry.counts["Suspicions",] == 1
    suspicious = [item for item in world.store.of_kind("FINDING") if item["state"] == State.SUSPICIOUS]
    assert len(suspicious) >= batch


def test_t13_flood_of_actions_keeps_what_is_noted_small() -> None:
    """However many different actions a crowded principal is denied, the item that notes them has its limit."""
    store = FakeStore()
    table = ActivityTable(store)
    for number in range(ASSESSED_LIMIT):
        table.note([denied("s3:Old", number)], NOON)
    for start in range(0, 1_000, 100):
        groups = [denied(f"s3:Action{number}", number) for number in range(start, start + 100)]
        table.judged_by(ROLE, groups, window=timedelta(minutes=10))
    (noted,) = store.of_kind("RECENT#")
    assert len(noted["actions"]) == PART_LIMIT


def denied(action: str, number: int) -> Group:
    """One denial of this action to the role."""
    verdict = replace(VERDICT, action=action)
    call = parse_record(record(f"e-{number}"))
    assert isinstance(call, DeniedCall)
    (group,) = gather(
        [Denial(finding_id=f"f-{number:020x}{len(action)}", resource_template=None, verdict=verdict, call=call)]
    )
    return group


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
    assert (len(plan.queue), plan.room) == (cap * 3, 1)


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


@pytest.mark.parametrize("reason", [NoFixReason.RESOURCE_UNKNOWN, NoFixReason.GUARD_BLOCKED])
@pytest.mark.parametrize("decoys", [4, 10])
def test_t13_flood_of_decoys_hides_no_call_from_the_security_team(decoys: int, reason: NoFixReason) -> None:
    """However many cheap denials a principal causes first, one that switches off the watching is told, and once."""
    world = Notices()
    for number in range(decoys):
        decoy = told_of("kms:Decrypt", number)
        world.deliver(*life(decoy, moved(decoy, State.NO_FIX, no_fix=no_fix(reason))))
    before = len(world.texts())
    stopped = told_of("cloudtrail:StopLogging", 99)
    world.deliver(*life(stopped, moved(stopped, State.NO_FIX, no_fix=no_fix(NoFixReason.GUARD_BLOCKED))))
    assert [text for text in world.texts()[before:] if "StopLogging" in text] == []
    (told,) = (text for text in world.texts(SECURITY) if "StopLogging" in text)
    assert "Who can act: the security team." in " ".join(told.split())


@pytest.mark.parametrize("action", ["iam:CreateAccessKey", "sts:AssumeRole", "kms:PutKeyPolicy"])
def test_t13_flood_of_decoys_hides_no_try_at_what_takes_two(action: str) -> None:
    """A wall that held against escalation is told, however many walls the principal ran into on purpose before."""
    world = Notices()
    for number in range(10):
        decoy = told_of("s3:PutObject", number)
        world.deliver(*life(decoy, moved(decoy, State.NO_FIX, no_fix=no_fix(NoFixReason.PERMISSIONS_BOUNDARY))))
    tried = told_of(action, 99)
    world.deliver(*life(tried, moved(tried, State.NO_FIX, no_fix=no_fix(NoFixReason.PERMISSIONS_BOUNDARY))))
    assert [text for text in world.texts() if action in text]


def test_t13_flood_of_principals_before_one_wall_hides_no_try_at_what_takes_two() -> None:
    """Many roles that one guardrail stops are one cause; whoever tries to escalate before the same one is another."""
    guardrail = "arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-1"
    stopped = replace(finding(1), verdict=replace(finding(1).verdict, action="s3:PutObject", policy_arn=guardrail))
    escalating = replace(stopped, verdict=replace(stopped.verdict, action="iam:CreateAccessKey"))
    reading = replace(stopped, verdict=replace(stopped.verdict, action="s3:GetObject"))
    assert cause_of(stopped) == cause_of(reading) != cause_of(escalating)


def test_t13_flood_of_one_blocked_action_wakes_security_a_few_times() -> None:
    """Its notices are bounded too, for each action and window; the last one says that it stands for all."""
    world = Notices()
    for number in range(50):
        blocked = told_of("cloudtrail:StopLogging", number)
        world.deliver((blocked, moved(blocked, State.NO_FIX, no_fix=no_fix(NoFixReason.GUARD_BLOCKED))))
    assert len(world.notices(SECURITY)) == SPENT
    assert "are not told one by one" in " ".join(world.texts(SECURITY)[-1].split())


def told_of(action: str, number: int) -> Finding:
    """A finding of the one principal, of this action."""
    plain = finding(number)
    return replace(plain, verdict=replace(plain.verdict, action=action))
