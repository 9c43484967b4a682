"""One cause that befalls many principals of an account is told once, whoever would like to hide in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redress.adapters.findings_items import is_finding, key_of
from redress.adapters.notices_table import NoticesTable
from redress.adapters.notices_waves import WavesTable
from redress.domain.card.wave import PROBABLY, probably
from redress.domain.no_fix import no_fix
from redress.domain.noticing_flood import WINDOW, How
from redress.domain.noticing_wave import LONGEST, Member, Wave, cause_of, join, may_be_held, next_told
from redress.domain.settings import Settings
from redress.domain.severity import MANY, Severity, severity_of_many
from redress.domain.words import Effect, Kind, Layer, NoFixReason, PrincipalType, ProposalStatus, State
from tests.denials import NOON
from tests.unit.notices.world import (
    CHAT,
    FINDINGS,
    SECURITY,
    World,
    at,
    counted,
    finding,
    life,
    minutes,
    moved,
    of,
    played,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redress.domain.finding import Finding

SINGLES = Settings().account_burst_principals
POLICY = "arn:aws:organizations::987654321098:policy/o-qv5af4abcd/service_control_policy/p-2kgnabcd"
CARDS = [6, 10, 100]


def guarded(number: int, *, role: int | None = None, **changes: object) -> Finding:
    """A finding that a service control policy denies to a role."""
    made = of(f"role-{number if role is None else role}", finding(number, **changes))
    verdict = replace(
        made.verdict,
        layer=Layer.SERVICE_CONTROL_POLICY,
        effect=Effect.EXPLICIT_DENY,
        kind=Kind.ORGANIZATION_GUARDRAIL,
        policy_arn=POLICY,
        action=f"s3:Action{number}",
    )
    return replace(made, verdict=verdict)


def answered(each: Finding) -> Finding:
    """The finding once it is known that no policy changes."""
    return moved(each, State.NO_FIX, no_fix=no_fix(NoFixReason.ORGANIZATION_GUARDRAIL))


def new(*findings: Finding) -> list[tuple[Finding | None, Finding]]:
    """The records of new findings."""
    return [(None, each) for each in findings]


def titles(world: World) -> list[str]:
    """The subjects of the account-wide cards."""
    return [each for each in world.subjects() if "one cause" in each]


def wave_of(world: World, each: Finding) -> Wave:
    """The wave that the ledger keeps."""
    ((_, _, wave),) = WavesTable(store=world.store, singles=SINGLES).recent(each.changed_at - minutes(1))
    return wave


@pytest.mark.parametrize("batch", [1, 100])
def test_one_changed_guardrail(batch: int) -> None:
    """300 roles that one policy denies: the first five with their answers, and a card at 6, 10 and 100."""
    world, found = World(), [guarded(number) for number in range(300)]
    changes = [*new(*found), *((each, answered(each)) for each in found)]
    for start in range(0, len(changes), batch):
        world.deliver(*changes[start : start + batch])
    assert len(world.notices()) == 2 * SINGLES + len(CARDS)
    assert [title.split()[2] for title in titles(world)] == [str(count) for count in CARDS]
    assert set(world.notices().values()) == {1}
    wave = wave_of(world, found[0])
    assert (wave.principals, wave.findings, wave.held) == (300, 300, 295)
    assert world.owed() == []


def test_the_card_in_plain_words() -> None:
    """What, how many, since when, what has probably happened, who can act, and how to see all of them."""
    world = World()
    world.deliver(*new(*(guarded(number) for number in range(10))))
    text = " ".join(world.texts()[-1].split())
    for part in (
        f'10 roles or users of account 111122223333 were denied by the same service control policy, "{POLICY}".',
        "5 of their 10 new findings get no notice of their own. None is lost: each is counted and answered.",
        "10 principals since 2026-11-21 12:00 UTC",
        "Probably a service control policy was attached to the account, or changed.",
        "Look first at what was changed shortly before 2026-11-21 12:00 UTC. Ask the organization's administrators",
        "This card comes again at 100 principals.",
        "Newest role-9, role-8, role-7, role-6, role-5",
        f"redress findings --cause {cause_of(guarded(0)).id} --region us-east-1 # all of them",
    ):
        assert part in text
    assert "redress claim" not in text


def test_machines_know_an_account_wide_card() -> None:
    """Its attributes let a filter through that wants what is somebody's turn; its document has exact counts."""
    world = World()
    kept: list[dict[str, dict[str, str]]] = []
    publish = world.topics.publish

    def listening(topic_arn: str, **message: object) -> None:
        kept.append(message["attributes"])  # type: ignore[arg-type]
        publish(topic_arn, **message)  # type: ignore[arg-type]

    world.topics.publish = listening  # type: ignore[method-assign]
    world.deliver(*new(*(guarded(number) for number in range(6))))
    values = {name: each["StringValue"] for name, each in kept[-1].items()}
    assert (values["notice"], values["state"], values["severity"]) == ("ACCOUNT", "ACCOUNT", "MEDIUM")
    assert "principal" not in values
    chat = json.loads(next(body for arn, _, _, body in reversed(world.topics.sent) if arn == CHAT))
    assert chat["metadata"]["threadId"] == cause_of(guarded(0)).id


def test_each_number_has_its_severity() -> None:
    """Very many are grave, several are not harmless, and what is worse stays so."""
    told = [severity_of_many(each, "own", count) for each in Severity for count in (6, MANY)]
    assert [severity for severity, _ in told] == [
        *(Severity.CRITICAL, Severity.CRITICAL, Severity.HIGH, Severity.HIGH),
        *(Severity.MEDIUM, Severity.HIGH, Severity.MEDIUM, Severity.HIGH),
    ]
    assert [reason == "own" for _, reason in told] == [True, True, True, True, True, False, False, False]


@pytest.mark.parametrize("layer", Layer)
@pytest.mark.parametrize("effect", Effect)
def test_every_layer_has_its_guess(layer: Layer, effect: Effect) -> None:
    """What has probably happened is said for every layer."""
    verdict = replace(guarded(1).verdict, layer=layer, effect=effect)
    assert probably(verdict)
    assert set(PROBABLY) == set(Layer)
    assert "no permission" in probably(replace(verdict, kind=Kind.THROTTLED))


DIFFERENT: list[dict[str, object]] = [
    {"policy_arn": POLICY + "x"},
    {"layer": Layer.RESOURCE_CONTROL_POLICY},
    {"effect": Effect.IMPLICIT_DENY},
    {"kind": Kind.EXPLICIT_DENY},
    {"policy_arn": None},
]


@pytest.mark.parametrize("change", DIFFERENT, ids=[next(iter(each)) for each in DIFFERENT])
def test_another_cause_is_told(change: dict[str, object]) -> None:
    """A flood of one cause hides the first notice of no other."""
    world = World()
    world.deliver(*new(*(guarded(number) for number in range(50))))
    before = len(world.notices())
    other = guarded(99)
    world.deliver((None, replace(other, verdict=replace(other.verdict, **change))))  # type: ignore[arg-type]
    assert len(world.notices()) == before + 1


def test_another_account_is_told() -> None:
    """Principals of somebody else's account fill their own wave, not ours."""
    world = World()
    foreign = [guarded(number) for number in range(50)]
    abroad = [
        replace(each.verdict, principal=replace(each.verdict.principal, account="444455556666")) for each in foreign
    ]
    world.deliver(*new(*(replace(each, verdict=verdict) for each, verdict in zip(foreign, abroad, strict=True))))
    before = len(world.notices())
    world.deliver(*new(guarded(99)))
    assert len(world.notices()) == before + 1


def test_without_a_policy_the_action_is_the_cause() -> None:
    """Where no policy is named, only the same action is told together."""
    plain = [of(f"role-{number}", finding(number)) for number in range(20)]
    other = of("role-x", finding(99))
    world = World()
    world.deliver(*new(*plain))
    assert len(world.notices()) == SINGLES + 2
    world.deliver((None, replace(other, verdict=replace(other.verdict, action="s3:DeleteObject"))))
    assert len(world.notices()) == SINGLES + 3
    assert "a policy that allowed it to all of them was detached" in " ".join(world.texts()[-2].split())


def test_one_principal_makes_no_wave() -> None:
    """However many findings one principal causes, those of others are told."""
    world = World()
    world.deliver(*new(*(guarded(number, role=0) for number in range(200))))
    world.deliver(*new(*(guarded(900 + number) for number in range(SINGLES - 1))))
    assert titles(world) == []
    assert len(world.notices()) == 4 + SINGLES - 1


def held(world: World, count: int = 20) -> Finding:
    """A finding of a wave whose own notice was held."""
    world.deliver(*new(*(guarded(number) for number in range(count))))
    return guarded(count - 1)


ACTS = [State.SUSPICIOUS, State.AWAITING_APPROVAL, State.FAILED, State.REJECTED, State.EXPIRED, State.REOPENED]


@pytest.mark.parametrize("state", [*ACTS, State.PROPOSED, State.FIXED, State.MUTED])
def test_what_asks_for_an_act_is_never_held(state: State) -> None:
    """A finding whose first notice was held tells its further life like any other."""
    world = World()
    each = held(world)
    before = len(world.topics.sent)
    world.deliver((each, moved(each, state)))
    assert len(world.topics.sent) == before + 2
    assert each.finding_id in world.texts(SECURITY if state is State.SUSPICIOUS else FINDINGS)[-1]


def test_a_claim_of_a_held_finding_is_told() -> None:
    """Somebody found it by the card."""
    world = World()
    each = held(world)
    before = len(world.notices())
    world.deliver((each, replace(each, claimed_by="ana", edits=1)))
    assert len(world.notices()) == before + 1


def test_security_is_never_held() -> None:
    """Leaked keys, the root user, and answers that concern the security team are told, flood or no flood."""
    leaked = guarded(1, role=1)
    leaked = replace(leaked, verdict=replace(leaked.verdict, kind=Kind.QUARANTINED_KEY))
    root = guarded(2)
    root = replace(
        root, verdict=replace(root.verdict, principal=replace(root.verdict.principal, type=PrincipalType.ROOT))
    )
    planted = moved(guarded(3), State.NO_FIX, no_fix=no_fix(NoFixReason.UNSAFE_TEXT))
    assert [may_be_held(each) for each in (leaked, root, planted, guarded(4), answered(guarded(5)))] == [
        False, False, False, True, True
    ]  # fmt: skip
    world = World()
    held(world)
    sent = len(world.topics.sent)
    world.deliver((guarded(19), moved(guarded(19), State.NO_FIX, no_fix=no_fix(NoFixReason.UNSAFE_TEXT))))
    assert len(world.topics.sent) == sent + 2


def test_an_answer_follows_its_first_notice() -> None:
    """That no policy changes is told of those whose first notice was, and held for the others; later ones are told."""
    world = World()
    held(world)
    before = len(world.notices())
    world.deliver(*((guarded(number), answered(guarded(number))) for number in range(20)))
    assert len(world.notices()) == before + SINGLES
    again = moved(moved(answered(guarded(19)), State.REOPENED), State.NO_FIX, no_fix=no_fix(NoFixReason.EXPLICIT_DENY))
    world.deliver((replace(again, state_version=3), again))
    assert len(world.notices()) == before + SINGLES + 1


def test_counts_of_held_findings_are_quiet_for_a_day() -> None:
    """A thousand principals that repeat their calls are not a thousand counts; after a day counts are told again."""
    world = World()
    each = held(world)
    before = len(world.notices())
    world.deliver(*life(each, counted(each, 50, after=minutes(20)), counted(each, 5_000, after=minutes(1_439)))[1:])
    assert len(world.notices()) == before
    world.deliver((counted(each, 5_000), counted(each, 5_001, after=minutes(1_441))))
    assert len(world.notices()) == before + 1
    first = guarded(0)
    world.deliver((first, counted(first, 50, after=minutes(20))))
    assert len(world.notices()) == before + 2


def test_a_wave_ends_after_a_rest() -> None:
    """Ten quiet minutes later the first few are told one by one again, and the digest still knows both."""
    world = World()
    world.deliver(*new(*(guarded(number, changed_at=at(number / 10)) for number in range(20))))
    count = len(world.notices())
    later = [guarded(100 + number, changed_at=at(30 + number / 10)) for number in range(20)]
    world.deliver(*new(*later))
    assert len(world.notices()) == 2 * count
    recent = WavesTable(store=world.store, singles=SINGLES).recent
    assert [(wave.since, wave.principals) for _, _, wave in recent(NOON)] == [(at(30), 20), (NOON, 20)]
    assert [wave.principals for _, _, wave in recent(at(10))] == [20]


def test_the_last_card_has_the_final_numbers() -> None:
    """Whoever read of ten principals reads of all of them once it is over: once, in the same thread and topic."""
    world = World()
    world.deliver(*new(*(guarded(number) for number in range(63))))
    told = len(world.notices())
    assert world.sweep(after=minutes(9)) == 0
    world.deliver((guarded(9), moved(guarded(9), State.SUSPICIOUS)))  # of which the card at ten was made
    assert world.sweep(after=minutes(10)) == 1
    assert world.sweep(after=minutes(15)) == 0
    assert len(world.notices()) == told + 1
    assert set(world.notices().values()) == {1}
    assert "63 principals, one cause, at rest now." in world.subjects()[-1]
    text = " ".join(world.texts()[-1].split())
    assert "58 of their 63 new findings get no notice of their own." in text
    assert "No other principal for 10 minutes, which need not mean that it is mended. This is its last card." in text
    assert "comes again" not in text
    assert world.owed() == []


def test_the_last_card_waits_for_more_than_was_told() -> None:
    """Where the newest card said it all, nothing more comes."""
    for count in (SINGLES, SINGLES + 1, 10, 100):
        world = World()
        world.deliver(*new(*(guarded(number) for number in range(count))))
        assert world.sweep(after=minutes(60)) == 0
    world = World()
    world.deliver(*new(*(guarded(number) for number in range(SINGLES + 2))))
    assert world.sweep(after=minutes(60)) == 1


def test_who_comes_late_is_told_of_too() -> None:
    """A finding that is older than the rest belongs to the wave: its last card comes again, with one more."""
    world = World()
    world.deliver(*new(*(guarded(number) for number in range(12))))
    assert world.sweep(after=minutes(11)) == 1
    world.deliver(*new(guarded(12, changed_at=at(3))))
    assert world.sweep(after=minutes(12)) == 0
    assert world.sweep(after=minutes(13)) == 1
    assert [title.split()[2] for title in titles(world)] == ["6", "10", "12", "13"]


def test_a_wave_that_has_a_successor_gets_its_last_card() -> None:
    """The next wave of the same cause began before anybody looked."""
    world = World()
    world.deliver(*new(*(guarded(number) for number in range(12))))
    world.deliver(*new(*(guarded(100 + number, changed_at=at(30)) for number in range(8))))
    assert world.sweep(after=minutes(31)) == 1
    assert world.sweep(after=minutes(41)) == 1
    assert [title.split()[2] for title in titles(world)] == ["6", "10", "6", "12", "8"]


def test_somebody_joins_while_the_last_card_is_claimed() -> None:
    """The claim fails, and the next look tells the new number."""
    world = World()
    world.deliver(*new(*(guarded(number) for number in range(12))))
    joined: list[int] = []

    def meanwhile(call: str) -> None:
        if call == "write" and not joined:
            joined.append(1)
            world.deliver(*new(guarded(12, changed_at=at(1))))

    world.store.before = meanwhile
    assert [world.sweep(after=minutes(after)) for after in (11, 12, 13)] == [0, 1, 0]
    assert [title.split()[2] for title in titles(world)] == ["6", "10", "13"]


def test_a_forgotten_example_ends_a_wave_silently() -> None:
    """The finding that the card would be made of has expired: nothing is told, and nobody asks again."""
    world = World()
    world.deliver(*new(*(guarded(number) for number in range(12))))
    assert world.sweep(after=minutes(1)) == 0
    world.store.items = {key: item for key, item in world.store.items.items() if not is_finding(item)}
    assert world.sweep(after=minutes(11)) == 0
    (item,) = (each for each in world.store.of_kind("WAVE"))
    assert item["is_told_out"]


def test_an_unreadable_example_stops_no_other_wave() -> None:
    """Its card cannot be made; that of another wave goes out all the same."""
    world = World()
    others = [
        replace(each, verdict=replace(each.verdict, policy_arn=POLICY + "x")) for each in map(guarded, range(50, 62))
    ]
    world.deliver(*new(*(guarded(number) for number in range(12)), *others))
    example = key_of(guarded(9).finding_id)
    world.store.items[example] = {"pk": example.pk, "sk": example.sk}
    assert world.sweep(after=minutes(11)) == 1
    assert world.sweep(after=minutes(16)) == 0


def test_a_wave_that_never_rests_is_told_daily() -> None:
    """Nobody keeps a wave alive for weeks to hide in it."""
    wave, member, told = None, None, []
    for number in range(2_000):
        how, wave, _ = join(wave, member, name=str(number), at=at(number), singles=SINGLES)
        told += [number] if how is not How.SILENT else []
    assert [number for number in told if LONGEST / minutes(1) <= number < LONGEST / minutes(1) + 6] == [
        *range(1440, 1446)
    ]


@settings(max_examples=100, deadline=None)
@given(arrivals=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 400)), max_size=60), singles=st.integers(1, 7))
def test_a_wave_counts_exactly(arrivals: Iterable[tuple[int, int]], singles: int) -> None:
    """Whoever comes, how often and in which order: each principal of a wave is counted once, each finding too."""
    wave: Wave | None = None
    seats: dict[int, Member] = {}
    findings = 0
    for who, seconds in arrivals:
        since = wave.since if wave else None
        how, wave, seats[who] = join(
            wave, seats.get(who), name=str(who), at=NOON + timedelta(seconds=seconds), singles=singles
        )
        findings = findings + 1 if since == wave.since else 1
        inside = [each for each in seats.values() if each.since == wave.since]
        assert sorted(each.number for each in inside) == list(range(1, wave.principals + 1))
        assert wave.findings == findings
        assert (how is How.SINGLE) == (seats[who].number <= singles)


@pytest.mark.parametrize(("count", "following"), [(6, 10), (10, 100), (99, 100), (100, 1_000), (4_000, 10_000)])
def test_when_the_card_comes_again(count: int, following: int) -> None:
    """The number that the card promises is the next that is told."""
    assert next_told(count) == following
    wave = Wave(since=NOON, last=NOON, principals=following - 1)
    assert join(wave, None, name="x", at=NOON, singles=SINGLES)[0] is How.WAVE


def test_nothing_is_held_where_the_knob_says_so() -> None:
    """With 0, every principal is told; no item is written for waves."""
    world = World()
    world.desk = replace(world.desk, ledger=NoticesTable(store=world.store, singles=0))
    world.deliver(*new(*(guarded(number) for number in range(20))))
    assert len(world.notices()) == 20
    assert list(world.store.of_kind("WAVE")) == []


def test_a_finding_costs_a_few_calls() -> None:
    """What λ notify asks the table for a new finding does not grow with the wave, and nothing is listed."""
    world = World()
    costs = []
    for number in range(200):
        world.store.calls.clear()
        world.deliver(*new(guarded(number)))
        costs.append([each for each in world.store.calls if each != "written"])
    assert costs[150:] == [["get_many", "write"]] * 50  # held
    assert max(map(len, costs)) == 4
    assert "query" not in {call for cost in costs for call in cost}


def test_names_of_a_wave_are_harmless_and_few() -> None:
    """Ten of the newest names are kept, each cut; the item does not grow with the wave."""
    world = World()
    world.deliver(*new(*(of("x" * 3_000 + f"\u202e<!channel>\n{number}", guarded(number)) for number in range(40))))
    (item,) = (each for each in world.store.of_kind("WAVE"))
    assert len(item["named"]) <= 10
    assert len(repr(item)) < 4_000
    assert "\u202e" not in "".join(world.texts())


def mixed_story() -> list[tuple[Finding | None, Finding]]:
    """A wave with answers, a suspicion and a request for a signature in it."""
    found = [guarded(number) for number in range(12)]
    asked = moved(found[11], State.AWAITING_APPROVAL, proposal_id="p-1")
    return [
        *new(*found[:8]),
        *((each, answered(each)) for each in found[4:8]),
        (answered(found[7]), moved(answered(found[7]), State.SUSPICIOUS)),
        *new(*found[8:]),
        (found[11], asked),
    ]


def play(faults: dict[int, str] | None = None) -> World:
    """The story with these faults."""
    return played(mixed_story(), ProposalStatus.WAITING, faults)


CLEAN = play()
TOPICS = (FINDINGS, SECURITY, CHAT)


def everything(world: World) -> list[set[str]]:
    """Which notices went where."""
    return [set(world.notices(topic)) for topic in TOPICS]


def count_of(world: World) -> Wave:
    """The wave of the story, looked at when all faults are over."""
    world.faults.clear()
    return wave_of(world, guarded(0))


def test_the_story() -> None:
    """Five and one answer, cards at 6, 10 and the end, the suspicion and the request: nothing owed, nothing twice."""
    assert [len(each) for each in everything(CLEAN)] == [10, 1, 11]
    assert all(set(CLEAN.notices(topic).values()) == {1} for topic in TOPICS)
    assert (count_of(CLEAN).principals, count_of(CLEAN).held) == (12, 7)
    assert CLEAN.owed() == []


@pytest.mark.parametrize("number", range(0, len(CLEAN.calls), 2))
@pytest.mark.parametrize("fault", ["kill", "throttle"])
def test_a_fault_at_any_call_of_a_wave(number: int, fault: str) -> None:
    """One fault anywhere loses nothing, counts nobody twice, and doubles a notice only before its mark."""
    world = play({number: fault, number + 1: fault} if number % 4 else {number: fault})
    assert everything(world) == everything(CLEAN)
    assert sum(count - 1 for topic in TOPICS for count in world.notices(topic).values()) <= world.excused
    assert count_of(world) == count_of(CLEAN)
    assert world.owed() == []


@settings(max_examples=40, deadline=None)
@given(faults=st.dictionaries(st.integers(0, 2 * len(CLEAN.calls)), st.sampled_from(["kill", "throttle"]), max_size=25))
def test_any_combination_of_faults_in_a_wave(faults: dict[int, str]) -> None:
    """Any number of faults together."""
    world = play(faults)
    assert everything(world) == everything(CLEAN)
    assert count_of(world) == count_of(CLEAN)


@settings(max_examples=30, deadline=None)
@given(again=st.lists(st.tuples(st.integers(0, 17), st.integers(1, 18)), max_size=5))
def test_replays_of_a_wave(again: list[tuple[int, int]]) -> None:
    """The stream may bring any stretch again: nobody is told or counted again."""
    world = play()
    for start, length in again:
        world.now += minutes(3)
        world.deliver(*mixed_story()[start : start + length])
    assert everything(world) == everything(CLEAN)
    assert count_of(world) == count_of(CLEAN)


def test_two_functions_at_once() -> None:
    """Findings that two shards of the stream bring at once are counted one after the other."""
    world = World()
    interleaved: list[int] = []

    def meanwhile(call: str) -> None:
        if call == "write" and not interleaved:
            interleaved.append(1)
            world.deliver(*new(guarded(50)))

    world.deliver(*new(*(guarded(number) for number in range(8))))
    world.store.before = meanwhile
    world.deliver(*new(guarded(8)))
    assert (count_of(world).principals, count_of(world).findings) == (10, 10)
    assert [title.split()[2] for title in titles(world)] == ["6", "10"]


def test_windows_are_those_of_the_page() -> None:
    """Ten minutes and a day."""
    assert minutes(10) == WINDOW
    assert timedelta(days=1) == LONGEST
