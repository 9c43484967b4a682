"""λ propose answers every open finding: with one sealed proposal for its principal, or with a NoFix."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters import findings_table
from redress.adapters.findings_items import item_of, key_of
from redress.adapters.findings_table import FindingsTable
from redress.adapters.iam_catalogue import IamCatalogue
from redress.adapters.proposals_table import OPEN, ProposalsTable, StoredProposal
from redress.adapters.table_health import HealthTable
from redress.domain.batch import Denial
from redress.domain.codec import iso
from redress.domain.denied_call import Principal
from redress.domain.errors import Refused, Retry, StaleState
from redress.domain.fingerprint import fingerprint
from redress.domain.health import read_health_event
from redress.domain.lifecycle import advance
from redress.domain.lifecycle_occurrences import (
    Applied,
    ApprovalRequested,
    Cleared,
    Muted,
    MuteEnded,
    Rejected,
    Suspected,
)
from redress.domain.plan import Plan
from redress.domain.proof import prove
from redress.domain.settings import Settings
from redress.domain.target import NamedPolicy, Target
from redress.domain.words import Effect, Kind, Layer, NoFixReason, PrincipalType, ProposalStatus, State
from redress.handlers import propose_answers
from redress.handlers.messages import Change
from redress.handlers.propose import Desk, _answers, propose, sweep
from redress.handlers.propose_answers import NO_ROOM
from redress_cli.clear import clear
from tests.denials import NOON, PRINCIPAL, ROLE, VERDICT, call, group
from tests.fakes import FakeStore, FakeTelemetry

if TYPE_CHECKING:
    from redress.domain.finding import Finding
    from redress.domain.lifecycle_occurrences import Occurrence
    from redress.domain.proposal import Probe, Proof
    from redress.domain.verdict import Verdict

READS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::orders-archive/*"}],
}
HEALTH_EVENT = {
    "detail-type": "AWS Health Event",
    "detail": {
        "eventArn": "arn:aws:health:us-east-1::event/S3/AWS_S3_OPERATIONAL_ISSUE/1",
        "service": "S3",
        "eventTypeCategory": "issue",
        "statusCode": "open",
        "eventRegion": "us-east-1",
        "lastUpdatedTime": "Sat, 21 Nov 2026 11:00:00 GMT",
    },
}


@dataclass
class World:
    """λ propose with everything around it in memory; IAM knows one role that may read the bucket."""

    settings: Settings = field(default_factory=Settings)
    complete: bool = True
    read: list[str] = field(default_factory=list)
    tags: tuple[tuple[str, str], ...] | None = None
    asked: list[str] = field(default_factory=list)
    now: datetime = NOON + timedelta(minutes=1)
    woken: int = 0
    start_is_away: bool = False

    def __post_init__(self) -> None:
        self.store, self.telemetry = FakeStore(), FakeTelemetry()
        self.findings = FindingsTable(self.store, pause=lambda _: None)
        self.proposals = ProposalsTable(self.store)
        self.health = HealthTable(self.store)

    def target(self, principal: Principal) -> Target:
        """The role as IAM describes it."""
        self.read.append(principal.arn or "")
        policy = NamedPolicy(name="inline:reads", document=READS)
        return Target(principal=principal, region="us-east-1", exists=True, tags=self.tags or (), policies=(policy,))

    def prove(self, *, target: Target, document: str, probes: tuple[Probe, ...]) -> Proof:
        """The evaluator's proof; the simulator's silence is not counted against it."""
        proof = prove(target=target, document=document, probes=probes)
        return replace(proof, complete=self.complete, after="allowed")

    @property
    def desk(self) -> Desk:
        """The desk of one invocation."""
        return Desk(
            findings=self.findings,
            proposals=self.proposals,
            open_issues=self.health.open_issues,
            read_target=self.target,
            prove=self.prove,
            catalogue=IamCatalogue(),
            settings=self.settings,
            telemetry=self.telemetry,
            wake=self.wake,
            tags=self.tags_of,
        )

    def wake(self) -> None:
        """Counts the calls of λ start, which Lambda may refuse."""
        self.woken += 1
        if self.start_is_away:
            raise Retry("throttled")

    def tags_of(self, principal: Principal) -> tuple[tuple[str, str], ...] | None:
        """The role's tags, asked for alone."""
        self.asked.append(principal.arn or "")
        return self.tags

    def denied(self, action: str = "s3:PutObject", **changes: Any) -> Finding:  # noqa: ANN401 - any field of a verdict
        """The stored finding of one denial."""
        verdict: Verdict = replace(VERDICT, action=action, **changes)
        made = call(f"e-{action}", principal=verdict.principal, event_name=action.partition(":")[2])
        finding_id, template = fingerprint(verdict, made)

        share = group(Denial(finding_id=finding_id, resource_template=template, verdict=verdict, call=made))
        self.findings.activity.note([share], NOON)
        return self.findings.record(share, now=NOON).finding

    def streamed(self, *findings: Finding) -> list[str]:
        """The sequence numbers that must come again after these findings' changes (``s-0``, ``s-1`` …)."""
        changes = [
            Change(sequence=f"s-{at}", old=None, new=item_of(finding, frozenset({b"12345678"})))
            for at, finding in enumerate(findings)
        ]
        answer = propose(changes, desk=self.desk, now=self.now)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def again(self, finding: Finding) -> Finding:
        """The finding as it is stored now."""
        found = self.findings.get(finding.finding_id)
        assert found
        return found

    @property
    def current(self) -> StoredProposal:
        """The role's current proposal."""
        current = self.proposals.current(ROLE)
        assert current
        return current


def test_one_finding_becomes_one_proposal() -> None:
    """A missing permission becomes a READY proposal with exactly the denied action, and the finding points to it."""
    world = World()
    finding = world.denied()
    assert world.streamed(finding) == []
    content = world.current.proposal.content
    (statement,) = content["statements"]
    assert statement["Action"] == "s3:PutObject"
    assert (world.current.status, world.current.finding_ids) == (ProposalStatus.READY, (finding.finding_id,))
    after = world.again(finding)
    assert (after.state, after.proposal_id) == (State.PROPOSED, world.current.proposal.proposal_id)
    assert [entry["to"] for entry in world.findings.audit_trail(finding.finding_id)] == ["PROPOSED"]


MINE = (("owner", "team-orders"), ("env", "prod"))


def test_the_tags_are_kept_with_the_answer() -> None:
    """Who owns the principal, and whether it is production, is on the finding that got a fix; nothing is read twice."""
    world = World(tags=MINE)
    finding = world.denied()
    world.streamed(finding)
    after = world.again(finding)
    assert (after.owner, after.production, after.tags_read) == ("team-orders", True, True)
    assert world.asked == []


def test_the_tags_are_kept_where_no_policy_changes() -> None:
    """One call reads them for a principal whose policies need no reading."""
    world = World(tags=MINE)
    denied = world.denied(layer=Layer.SERVICE_CONTROL_POLICY, effect=Effect.EXPLICIT_DENY, kind=Kind.EXPLICIT_DENY)
    world.streamed(denied)
    after = world.again(denied)
    assert (after.state, after.owner, after.production) == (State.NO_FIX, "team-orders", True)
    assert (world.read, world.asked) == ([], [ROLE])


def test_tags_that_cannot_be_read_are_not_none() -> None:
    """What IAM does not say is not kept as if there were none; the answer goes out all the same."""
    world = World()
    denied = world.denied(layer=Layer.SERVICE_CONTROL_POLICY, effect=Effect.EXPLICIT_DENY, kind=Kind.EXPLICIT_DENY)
    world.streamed(denied)
    assert (world.again(denied).state, world.again(denied).tags_read) == (State.NO_FIX, False)


def test_findings_of_a_principal_become_one_proposal() -> None:
    """All open findings of one principal are covered by one proposal."""
    world = World()
    both = [world.denied("s3:PutObject"), world.denied("s3:DeleteObject")]
    world.streamed(*both)
    assert world.current.finding_ids == tuple(sorted(each.finding_id for each in both))
    assert world.telemetry.counts["Proposals",] == 1


def test_a_part_of_a_rejected_joint_fix_can_be_asked_for_again() -> None:
    """What is opened again after the rejection gets a proposal of its own; the rest stays rejected."""
    world = World()
    wanted, unwanted = world.denied("s3:PutObject"), world.denied("s3:DeleteObject")
    world.streamed(wanted, unwanted)
    joint = world.current.proposal.proposal_id
    world.proposals.move(joint, to=ProposalStatus.REJECTED, when=(ProposalStatus.READY,))
    for each in (wanted, unwanted):
        proposed = world.again(each)
        world.findings.change(proposed, advance(proposed, Rejected(cause="only the upload", execution_id="e"), NOON))
    muted = advance(world.again(wanted), Muted(cause="to open it again", until=NOON + timedelta(days=1)), NOON)
    world.findings.change(world.again(wanted), muted)
    world.findings.change(muted, advance(muted, MuteEnded(cause="ended by hand"), NOON))
    world.streamed(world.again(wanted))
    assert world.current.finding_ids == (wanted.finding_id,)
    assert [each["Action"] for each in world.current.proposal.content["statements"]] == ["s3:PutObject"]
    assert world.again(unwanted).state is State.REJECTED


def test_a_later_finding_replaces_the_waiting_proposal() -> None:
    """A new finding makes a new proposal that covers the old ones too; the old proposal is SUPERSEDED."""
    world = World()
    first = world.denied("s3:PutObject")
    world.streamed(first)
    before = world.current
    second = world.denied("s3:DeleteObject")
    world.streamed(second)
    assert set(world.current.finding_ids) == {first.finding_id, second.finding_id}
    old = world.proposals.get(before.proposal.proposal_id)
    assert old
    assert (old.status, old.marks["superseded_by"]) == (ProposalStatus.SUPERSEDED, world.current.proposal.proposal_id)
    assert world.again(first).proposal_id == world.current.proposal.proposal_id


def test_start_is_called_for_what_is_ready_and_for_what_is_replaced() -> None:
    """λ start hears at once of a proposal that starts by itself, and of one whose request is to be cancelled."""
    world = World()
    world.streamed(world.denied("s3:PutObject"))
    assert world.woken == 1
    world.settings = Settings(auto_start=False)
    world.streamed(world.denied("s3:DeleteObject"))
    assert world.woken == 2
    world.settings = Settings(protected_principals=(ROLE,))
    world.streamed(world.denied("s3:PutObjectAcl"))
    assert world.woken == 3
    assert world.proposals.current(ROLE) is None


def test_start_is_not_called_for_what_a_person_must_start() -> None:
    """A first proposal that a person starts is no work for λ start."""
    world = World(settings=Settings(auto_start=False))
    world.streamed(world.denied())
    assert (world.current.status, world.woken) == (ProposalStatus.MANUAL, 0)


def test_a_start_that_cannot_be_called_is_left_to_its_schedule() -> None:
    """The proposal is filed and its findings are answered, whether or not Lambda takes the call."""
    world = World(start_is_away=True)
    denied = world.denied()
    world.streamed(denied)
    assert (world.current.status, world.again(denied).state) == (ProposalStatus.READY, State.PROPOSED)
    assert "λ start finds this by its schedule" in [message for message, _ in world.telemetry.said]


def test_whoever_was_asked_to_sign_what_is_replaced_is_told() -> None:
    """The trail names the replaced proposal only where an approval request had gone out."""
    world = World()
    first = world.denied("s3:PutObject")
    world.streamed(first)
    ready = world.current.proposal.proposal_id
    world.streamed(world.denied("s3:DeleteObject"))
    waiting = world.current.proposal.proposal_id
    world.proposals.move(waiting, to=ProposalStatus.WAITING, when=(ProposalStatus.READY,), execution_id="e-1")
    world.streamed(world.denied("s3:PutObjectTagging"))
    causes = [entry["cause"] for entry in world.findings.audit_trail(first.finding_id)]
    assert [f"takes the place of {waiting}" in cause for cause in causes] == [False, False, True]
    assert not [cause for cause in causes if ready in cause]


def test_redelivery_changes_nothing() -> None:
    """The same change delivered twice, or a crash after any write, ends in the same proposal."""
    world = World()
    finding = world.denied()
    world.streamed(finding)
    before = world.current
    world.streamed(finding)
    assert world.current == before
    assert world.again(finding).state_version == 2


def test_crash_before_the_write_is_made_good() -> None:
    """Where the table is away, the change is delivered again, and then answered."""
    world = World()
    finding = world.denied()

    def away(operation: str) -> None:
        if operation == "write":
            raise Retry("throttled")

    world.store.before = away
    assert world.streamed(finding) == ["s-0"]
    assert world.proposals.current(ROLE) is None
    world.store.before = lambda _: None
    assert world.streamed(finding) == []
    assert world.again(finding).state is State.PROPOSED


def test_one_principal_fails_alone() -> None:
    """A principal that has to wait does not hold up the others of the batch."""
    world = World()
    other = replace(PRINCIPAL, arn="arn:aws:iam::111122223333:role/other")
    mine, theirs = world.denied(), world.denied(principal=other)
    reading = world.target

    def target(principal: Principal) -> Target:
        if principal.arn == other.arn:
            raise Retry("IAM is away")
        return reading(principal)

    world.target = target  # type: ignore[method-assign]  # one principal cannot be read
    assert world.streamed(theirs, mine) == ["s-0"]
    assert (world.again(mine).state, world.again(theirs).state) == (State.PROPOSED, State.OPEN)


def test_overtaken_is_done_again() -> None:
    """When a finding changes while its proposal is drawn up, everything is read and planned again."""
    world = World()
    finding = world.denied()
    done: list[str] = []

    def overtake(operation: str) -> None:
        if operation == "write" and not done:
            done.append(operation)
            now = world.again(finding)
            world.findings.change(now, replace(now, state_version=now.state_version + 1, state=State.REOPENED))

    world.store.before = overtake
    assert world.streamed(finding) == []
    assert (world.again(finding).state, world.again(finding).state_version) == (State.PROPOSED, 3)


def test_no_fix_needs_no_look_at_iam() -> None:
    """What no policy could mend gets its NoFix with reason and owner, and IAM is not even read."""
    world = World()
    finding = world.denied(kind=Kind.ORGANIZATION_GUARDRAIL, layer=Layer.SERVICE_CONTROL_POLICY)
    world.streamed(finding)
    answer = world.again(finding).no_fix
    assert answer
    assert (world.again(finding).state, answer.reason) == (State.NO_FIX, NoFixReason.ORGANIZATION_GUARDRAIL)
    assert world.read == []
    assert world.telemetry.counts["NoFixes", "ORGANIZATION_GUARDRAIL"] == 1


def test_principals_without_arn_are_answered() -> None:
    """A call by the root user or by nobody known is answered too."""
    world = World()
    nobody = world.denied(principal=Principal(type=PrincipalType.ANONYMOUS))
    world.streamed(nobody)
    assert world.again(nobody).state is State.NO_FIX


def test_mixed_answers() -> None:
    """Of one principal's findings each gets its own answer."""
    world = World()
    fixable = world.denied("s3:PutObject")
    denied = world.denied("s3:DeleteObject", effect=Effect.EXPLICIT_DENY, kind=Kind.EXPLICIT_DENY)
    world.streamed(fixable, denied)
    assert (world.again(fixable).state, world.again(denied).state) == (State.PROPOSED, State.NO_FIX)
    assert world.current.finding_ids == (fixable.finding_id,)


def test_incomplete_proof_waits_for_a_person() -> None:
    """A proposal whose proof is incomplete is never started unasked."""
    world = World(complete=False)
    world.streamed(world.denied())
    assert world.current.status is ProposalStatus.MANUAL


def test_risky_change_waits_for_a_person() -> None:
    """A change that the guard wants two people for is never started unasked."""
    world = World()
    world.streamed(world.denied("iam:PassRole", resource="arn:aws:iam::111122223333:role/admin"))
    current = world.proposals.current(ROLE)
    assert current is None or current.status is ProposalStatus.MANUAL


def test_automatic_start_can_be_switched_off() -> None:
    """With the knob off every proposal waits for a person."""
    world = World(settings=Settings(auto_start=False))
    world.streamed(world.denied())
    assert world.current.status is ProposalStatus.MANUAL


def test_health_issue_holds_the_proposal() -> None:
    """While AWS has an issue with the service, the finding stays open and says why; the sweep answers it afterwards."""
    world = World()
    issue = read_health_event(HEALTH_EVENT)
    assert issue
    world.health.keep(issue, now=NOON)
    finding = world.denied()
    world.streamed(finding)
    world.streamed(finding)
    assert world.again(finding).state is State.OPEN
    assert world.again(finding).notes == ("AWS Health reports an open issue of s3 in us-east-1; no fix until it ends.",)
    world.health.keep(replace(issue, status="closed", updated=NOON), now=NOON)
    world.now = NOON + timedelta(minutes=10)
    assert sweep(desk=world.desk, now=world.now) == 1
    assert world.again(finding).state is State.PROPOSED


def test_waits_while_a_change_is_applied() -> None:
    """While the principal's policy is being changed, a new finding waits; its pre-image would be stale at once."""
    world = World()
    first = world.denied("s3:PutObject")
    world.streamed(first)
    world.proposals.move(
        world.current.proposal.proposal_id, to=ProposalStatus.APPLYING, when=[ProposalStatus.READY], execution_id="x"
    )
    second = world.denied("s3:DeleteObject")
    assert world.streamed(second) == []
    assert world.again(second).state is State.OPEN


def test_proposal_that_nobody_asks_for_is_withdrawn() -> None:
    """When the reason for an unsigned proposal goes away, the proposal is SUPERSEDED and nothing points to it."""
    world = World()
    first = world.denied("s3:PutObject")
    world.streamed(first)
    before = world.current
    world.settings = Settings(protected_principals=(ROLE,))
    world.streamed(world.denied("s3:DeleteObject"))
    old = world.proposals.get(before.proposal.proposal_id)
    assert old
    assert (old.status, world.proposals.current(ROLE)) == (ProposalStatus.SUPERSEDED, None)
    assert world.again(first).state is State.NO_FIX


def denied_in_buckets(world: World, number: int) -> None:
    """Makes findings of the same action on as many buckets."""
    for each in range(number):
        world.denied("s3:PutObject", resource=f"arn:aws:s3:::bucket-{each:02d}/reports/a.csv")
    world.streamed(*world.findings.by_principal(ROLE))


def test_many_findings_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """More findings than one transaction can change are all covered."""
    monkeypatch.setattr(propose_answers, "WITH_THE_PROPOSAL", 2)
    world = World()
    denied_in_buckets(world, 7)
    states = {finding.state for finding in world.findings.by_principal(ROLE)}
    assert State.OPEN not in states


def test_what_the_request_has_no_room_for_waits_and_comes_next() -> None:
    """Findings beyond what can be shown stay open with a note, change nothing by waiting, and get their turn."""
    world = World(settings=Settings(suspicious_distinct_actions=99))
    denied_in_buckets(world, 20)
    first = world.current
    waiting = [found for found in world.findings.by_principal(ROLE) if found.state is State.OPEN]
    assert len(waiting) + len(first.finding_ids) == 20
    assert {found.notes for found in waiting} == {(NO_ROOM,)}
    world.now += timedelta(minutes=5)
    sweep(desk=world.desk, now=world.now)
    assert world.current.proposal == first.proposal
    assert [world.again(found) for found in waiting] == waiting
    for finding_id in first.finding_ids:
        before = world.findings.get(finding_id)
        assert before
        signed = Applied(cause="signed", execution_id="e-1", approved_by=("ana",), applied_at=world.now)
        world.findings.change(before, advance(before, signed, world.now))
    sweep(desk=world.desk, now=world.now)
    assert set(world.current.finding_ids) == {found.finding_id for found in waiting}


def test_what_loses_its_room_in_a_request_is_ended() -> None:
    """A finding of a proposal that a newer one cannot show any more does not wait for a signature that no one gives."""
    world = World()
    finding = world.denied()
    world.streamed(finding)
    _answers(world.desk, None, world.now).write(
        Plan(later=(finding.finding_id,)), (world.again(finding),), world.current
    )
    assert world.again(finding).state is State.EXPIRED


def _of_another(world: World, number: int) -> Finding:
    arn = f"arn:aws:iam::111122223333:role/other-{number}"
    return world.denied(principal=replace(PRINCIPAL, arn=arn))


def test_the_sweep_begins_with_what_has_waited_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many newer findings there are, the oldest without an answer gets one."""
    monkeypatch.setattr(findings_table, "LISTED_LIMIT", 1)
    world = World()
    older, newer = _of_another(world, 1), _of_another(world, 2)
    world.store.items[key_of(newer.finding_id)]["last_seen"] = "2026-11-21T23:00:00Z"
    world.now += timedelta(minutes=10)
    assert sweep(desk=world.desk, now=world.now) == 1
    assert (world.again(older).state, world.again(newer).state) == (State.PROPOSED, State.OPEN)


def test_one_unreadable_proposal_stops_no_other_principal() -> None:
    """It is named in the log; the others of the batch, and of the sweep, are answered."""
    world = World()
    bad, good, left = (_of_another(world, number) for number in range(3))
    world.streamed(bad)
    next(iter(world.store.of_kind("PROPOSAL")))["expires_at"] = "2026-13-01"
    worse = world.denied("s3:DeleteObject", principal=bad.verdict.principal)
    assert world.streamed(worse, good) == []
    world.now += timedelta(minutes=10)
    assert sweep(desk=world.desk, now=world.now) == 2
    assert [world.again(each).state for each in (worse, good, left)] == [State.OPEN, State.PROPOSED, State.PROPOSED]
    assert "a principal cannot be answered" in [message for message, _ in world.telemetry.said]


def test_unreadable_changes_are_skipped() -> None:
    """A change whose image is no finding is named in the log and does not stop the stream."""
    world = World()
    finding = world.denied()
    broken = {**item_of(finding, frozenset({b"12345678"})), "data": b"?"}
    changes = [Change(sequence="s-0", old=None, new=broken), Change(sequence="s-1", old=None, new=None)]
    assert propose(changes, desk=world.desk, now=NOON) == {"batchItemFailures": []}
    assert world.telemetry.said[0][0] == "a finding cannot be read"


def test_bodies_are_canonical() -> None:
    """What is stored is byte for byte what the digest covers."""
    world = World()
    world.streamed(world.denied())
    item = next(iter(world.store.of_kind("PROPOSAL")))
    assert json.loads(item["body"])["finding_ids"] == item["finding_ids"]
    assert item["state"] == "PROPOSAL#READY"


def test_suspicion_sticks_to_the_principal() -> None:
    """While one finding of a principal is suspicious, its new findings are too, and nothing waits for a signature."""
    world = World()
    first, second = world.denied("s3:PutObject"), world.denied("s3:DeleteObject")
    world.streamed(first, second)
    before = world.current.proposal.proposal_id
    seen = world.again(first)
    world.findings.change(seen, advance(seen, Suspected(cause="burst"), world.now))
    third = world.denied("s3:GetObjectAcl")
    world.streamed(third)
    assert {finding.state for finding in world.findings.by_principal(ROLE)} == {State.SUSPICIOUS}
    withdrawn = world.proposals.get(before)
    assert withdrawn
    assert (withdrawn.status, world.proposals.current(ROLE)) == (ProposalStatus.SUPERSEDED, None)


MANY = ("PutObject", "DeleteObject", "GetObjectAcl", "PutObjectAcl", "GetObjectTagging", "PutObjectTagging")
MORE = ("GetObjectVersion", "GetBucketAcl", "GetBucketPolicy", "GetBucketTagging", "ListBucket", "GetBucketLocation")


def _happens(world: World, finding: Finding, occurrence: Occurrence) -> Finding:
    seen = world.again(finding)
    after = advance(seen, occurrence, world.now)
    world.findings.change(seen, after)
    return after


def _suspected(world: World) -> list[Finding]:
    """Twelve suspicious findings of one principal, the clock a minute on."""
    found = [world.denied(f"s3:{name}") for name in (*MANY, *MORE)]
    suspicious = [_happens(world, each, Suspected(cause="burst")) for each in found]
    world.now += timedelta(minutes=1)
    return suspicious


def _cleared(world: World) -> int:
    return clear(ROLE, Cleared(cause="our own inventory"), world.findings, world.now)


def test_one_clear_is_for_the_principal() -> None:
    """Cleared once, none of twelve suspicious findings is suspicious again; each gets an answer instead."""
    world = World()
    found = _suspected(world)
    assert _cleared(world) == 12
    world.streamed(*map(world.again, found))
    world.now += timedelta(minutes=10)
    sweep(desk=world.desk, now=world.now)
    assert {world.again(each).state for each in found} <= {State.PROPOSED, State.NO_FIX}
    with pytest.raises(Refused, match="under no suspicion"):
        _cleared(world)


def test_a_clear_that_was_cut_off_counts_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is cleared stays so, though others of the principal are suspicious from before; the rest is cleared anew."""
    monkeypatch.setattr(findings_table, "TOGETHER", 5)
    world = World()
    found = _suspected(world)
    writes: list[str] = []

    def die(operation: str) -> None:
        writes.extend([operation] * (operation == "write"))
        if len(writes) == 2:
            raise Killed

    world.store.before = die
    with pytest.raises(Killed):
        _cleared(world)
    world.store.before = lambda _: None
    for each in map(world.again, found):
        world.streamed(each)
    assert Counter(world.again(each).state for each in found)[State.SUSPICIOUS] == 7
    assert _cleared(world) == 7


def test_a_clear_meets_another_change() -> None:
    """A finding that changes meanwhile is read again; one that always does is a fault to be told."""
    world = World()
    first = _suspected(world)[0]
    claims = iter(range(1))

    def claim(operation: str) -> None:
        if operation == "write" and next(claims, None) is not None:
            now = world.again(first)
            world.findings.amend(now, replace(now, claimed_by="ana"))

    world.store.before = claim
    assert _cleared(world) == 12

    def always(operation: str) -> None:
        if operation == "write":
            raise StaleState("changed")

    again = _happens(world, first, Suspected(cause="burst"))
    assert again.cleared_at
    world.store.before = always
    with pytest.raises(StaleState, match="keep changing"):
        _cleared(world)


def test_suspicion_after_a_clear_sticks_again() -> None:
    """What is suspected later than a person's word makes the principal's other findings suspicious as before."""
    world = World()
    found = _suspected(world)
    _cleared(world)
    world.now += timedelta(minutes=1)
    _happens(world, found[0], Suspected(cause="another burst"))
    world.streamed(*map(world.again, found[1:]))
    assert {world.again(each).state for each in found} == {State.SUSPICIOUS}


@pytest.mark.parametrize(
    ("away", "back"),
    [
        (Suspected(cause="burst"), Cleared(cause="it was me")),
        (Muted(cause="noise", until=NOON + timedelta(hours=1)), MuteEnded(cause="by date")),
    ],
)
def test_a_finding_comes_back_to_the_proposal_that_still_stands(away: Occurrence, back: Occurrence) -> None:
    """After suspicion or silence the finding is covered by the same proposal again."""
    world = World()
    finding = world.denied()
    world.streamed(finding)
    drawn = world.current.proposal.proposal_id
    for each in (away, back):
        _happens(world, finding, each)
    world.streamed(world.again(finding))
    after = world.again(finding)
    assert (after.state, after.proposal_id, world.current.status) == (State.PROPOSED, drawn, ProposalStatus.READY)


@pytest.mark.parametrize(("later", "state"), [(-60, State.PROPOSED), (60, State.FIXED)])
def test_what_was_applied_in_silence_is_a_fix_when_it_ends(later: int, state: State) -> None:
    """A finding that is open again is FIXED by what was applied meanwhile, unless it was denied after that."""
    world = World()
    finding = world.denied()
    world.streamed(finding)
    drawn = world.current.proposal.proposal_id
    _happens(world, finding, Muted(cause="noise", until=world.now))
    applied_at = iso(NOON + timedelta(hours=1, minutes=later))
    world.proposals.move(drawn, to=ProposalStatus.APPLIED, when=OPEN, execution_id="e-1", applied_at=applied_at)
    seen = world.again(finding)
    last = replace(seen.last, event_time=NOON + timedelta(hours=1))
    item = item_of(replace(seen, last=last, last_seen=last.event_time), frozenset({b"12345678"}))
    world.store.items[key_of(finding.finding_id)] = item
    world.now = NOON + timedelta(hours=3)
    _happens(world, finding, MuteEnded(cause="by date"))
    world.streamed(world.again(finding))
    assert world.again(finding).state is state


class Killed(BaseException):
    """The process ends here."""


def consistent(world: World, *findings: Finding) -> None:
    """Checks that all findings are covered by the one proposal that is open, and the pointer names it."""
    open_ones = [
        proposal
        for status in (ProposalStatus.READY, ProposalStatus.MANUAL)
        for proposal in world.proposals.every(status)
    ]
    assert open_ones == [world.current]
    assert {world.again(finding).proposal_id for finding in findings} == {world.current.proposal.proposal_id}
    assert {world.again(finding).state for finding in findings} == {State.PROPOSED}
    for finding in findings:
        trail = world.findings.audit_trail(finding.finding_id)
        assert len(trail) == world.again(finding).state_version - 1


def _nobody_is_stranded(world: World) -> None:
    """Checks, after a sweep, that no finding waits on a proposal that was replaced or withdrawn."""
    world.now += timedelta(minutes=10)
    sweep(desk=world.desk, now=world.now)
    waiting = world.findings.by_principal(ROLE, [State.PROPOSED, State.AWAITING_APPROVAL])
    stored = [world.proposals.get(each.proposal_id or "") for each in waiting]
    assert [each for each in stored if each is None or each.status is ProposalStatus.SUPERSEDED] == []


def _asked_to_sign(world: World, actions: tuple[str, ...]) -> list[Finding]:
    """Findings on one proposal that waits for a signature."""
    found = [world.denied(each) for each in actions]
    world.streamed(*found)
    drawn = world.current.proposal.proposal_id
    world.proposals.move(drawn, to=ProposalStatus.WAITING, when=OPEN, execution_id="e-1")
    for each in found:
        _happens(world, each, ApprovalRequested(cause="asked", execution_id="e-1"))
    return found


def _streamed_until_death(world: World, at: int, *findings: Finding) -> None:
    """Brings the findings to a worker that dies at its call of this number."""
    calls: list[str] = []

    def die(operation: str) -> None:
        calls.append(operation)
        if len(calls) == at:
            raise Killed

    world.store.before = die
    with contextlib.suppress(Killed):
        world.streamed(*findings)
    world.store.before = lambda _: None


HALVES = {
    "withdrawn": Settings(protected_principals=(ROLE,)),
    "replaced": Settings(),
}


@pytest.mark.parametrize("together", [1, 48])
@pytest.mark.parametrize("what", HALVES)
@pytest.mark.parametrize("at", range(1, 16))
def test_an_answer_cut_in_half_is_completed(monkeypatch: pytest.MonkeyPatch, at: int, what: str, together: int) -> None:
    """Wherever the worker dies, and though the change never comes again, no finding stays on what was replaced."""
    monkeypatch.setattr(propose_answers, "WITH_THE_PROPOSAL", together)
    world = World()
    _asked_to_sign(world, ("s3:PutObject", "s3:PutObjectTagging", "s3:GetObjectTagging"))
    new = world.denied("s3:DeleteObject")
    world.settings = HALVES[what]
    _streamed_until_death(world, at, new)
    _nobody_is_stranded(world)


@pytest.mark.parametrize("what", [*HALVES, "suspected"])
@pytest.mark.parametrize("at", range(1, 16))
def test_a_claim_in_the_middle_strands_nothing(at: int, what: str) -> None:
    """Somebody takes a finding while its answer is written; the answer is completed all the same."""
    world = World()
    old = _asked_to_sign(world, ("s3:PutObject", "s3:PutObjectTagging"))
    new = world.denied("s3:DeleteObject")
    world.settings = HALVES.get(what, world.settings)
    if what == "suspected":
        _happens(world, world.denied("s3:GetObjectAcl"), Suspected(cause="burst"))
    calls: list[str] = []

    def claim(operation: str) -> None:
        calls.append(operation)
        if len(calls) == at:
            for each in map(world.again, old):
                with contextlib.suppress(StaleState):
                    world.findings.amend(each, replace(each, claimed_by="ana"))

    world.store.before = claim
    world.streamed(new)
    world.store.before = lambda _: None
    _nobody_is_stranded(world)


@pytest.mark.parametrize("at", range(1, 20))
def test_death_at_any_call(at: int) -> None:
    """Wherever the worker dies, the redelivery ends with one open proposal that covers all findings."""
    world = World()
    findings = [world.denied("s3:PutObject"), world.denied("s3:DeleteObject")]
    _streamed_until_death(world, at, *findings)
    world.now += timedelta(minutes=1)
    assert world.streamed(*findings) == []
    consistent(world, *findings)
    _nobody_is_stranded(world)


@pytest.mark.parametrize("at", range(1, 20))
def test_two_at_once(at: int) -> None:
    """Two workers on one principal, one inside the other at any call, end with one open proposal."""
    world = World()
    first, second = world.denied("s3:PutObject"), world.denied("s3:DeleteObject")
    calls: list[str] = []

    def overtake(operation: str) -> None:
        calls.append(operation)
        if len(calls) == at:
            world.now += timedelta(seconds=7)
            world.streamed(second)

    world.store.before = overtake
    assert world.streamed(first) == []
    consistent(world, first, second)
    _nobody_is_stranded(world)
