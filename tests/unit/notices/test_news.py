"""What is told: changes that ask or tell something, a claim, a reminder, trouble at AWS."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from redress.adapters.principal_tags import PrincipalTags
from redress.domain.errors import Retry, Unreadable
from redress.domain.health import HealthEvent, is_open_issue
from redress.domain.no_fix import no_fix
from redress.domain.noticing import Route, What, is_reminder, lead, news, notice_id, route_of
from redress.domain.words import Kind, NoFixReason, Owner, PolicyIs, PrincipalType, ProposalStatus, State
from tests.denials import NOON, PRINCIPAL
from tests.unit.notices.world import CHAT, FINDINGS, SECURITY, World, counted, finding, life, minutes, moved

ISSUE = HealthEvent(
    arn="arn:aws:health:us-east-1::event/S3/1",
    service="s3",
    region="us-east-1",
    category="issue",
    status="open",
    updated=NOON,
)
SILENT_STATES = {State.APPLYING}


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_told_or_silent(state: State) -> None:
    """Every state but APPLYING, which another one follows at once, is told when a finding reaches it."""
    old = finding(state=State.OPEN if state is not State.OPEN else State.MUTED)
    assert bool(news(old, moved(old, state))) is (state not in SILENT_STATES)


PROPOSED = [
    (ProposalStatus.READY, False),
    (ProposalStatus.WAITING, False),
    (ProposalStatus.SUPERSEDED, False),
    (ProposalStatus.MANUAL, True),
    (None, True),
]


@pytest.mark.parametrize(("status", "is_told"), PROPOSED)
def test_proposed_is_told_where_a_person_must_start(status: ProposalStatus | None, is_told: object) -> None:
    """A fix that starts by itself is told when it asks for a signature; one that does not, at once."""
    world = World()
    if status:
        world.proposals["p-1"] = status
    world.deliver((finding(), moved(finding(), State.PROPOSED, proposal_id="p-1")))
    assert bool(world.notices()) is is_told


def test_a_change_beside_the_state_is_silent() -> None:
    """Notes, counts and verdicts by themselves tell nothing."""
    assert news(finding(), replace(finding(), notes=("a note",), edits=1, count=9)) == ()


def test_a_claim_is_told() -> None:
    """Who takes a finding is told once, who gives it back too; each in its own notice."""
    taken = replace(finding(), claimed_by="arn:aws:iam::111122223333:user/ana", edits=1)
    given_back = replace(taken, claimed_by=None, edits=2)
    world = World()
    world.deliver(*life(finding(), taken, given_back), (finding(), taken))
    first, claim, release = world.texts()
    assert len(world.notices()) == 3
    assert "Taken by arn:aws:iam::111122223333:user/ana." in " ".join(claim.split())
    assert "Given back" in release
    assert "Taken" not in first


def test_a_reminder_is_told_once_as_such() -> None:
    """An overdue signature is mentioned once more, and its end by time is told."""
    asked = moved(finding(), State.AWAITING_APPROVAL)
    reminded = replace(moved(asked, State.AWAITING_APPROVAL, after=minutes(60)), reminded_at=NOON + minutes(60))
    world = World()
    world.deliver((finding(), asked), (asked, reminded), (reminded, moved(reminded, State.EXPIRED)))
    assert len(world.notices()) == 3
    assert is_reminder(reminded)
    assert not is_reminder(asked)


def test_what_a_runbook_does_to_a_muted_finding_is_told() -> None:
    """Silence is about denials, not about changes of IAM."""
    muted = moved(finding(), State.MUTED, muted_until=NOON + timedelta(days=1))
    longer = moved(muted, State.MUTED)
    cut_off = moved(longer, State.MUTED, policy_is=PolicyIs.UNKNOWN)
    assert [bool(news(old, new)) for old, new in ((muted, longer), (longer, cut_off))] == [False, True]


def test_the_route_of_grave_news() -> None:
    """What is suspicious, and leaked keys, go to the security topic; chat gets both."""
    leaked = finding(2, verdict=replace(finding().verdict, kind=Kind.QUARANTINED_KEY))
    world = World()
    world.deliver((None, leaked), (finding(), moved(finding(), State.SUSPICIOUS)), (None, finding(3)))
    assert [len(world.notices(topic)) for topic in (SECURITY, FINDINGS, CHAT)] == [2, 1, 3]


@pytest.mark.parametrize("reason", NoFixReason)
def test_the_route_of_an_answer(reason: NoFixReason) -> None:
    """What only the security team can act on goes to its topic, all else to the findings topic."""
    answer = no_fix(reason)
    told = moved(finding(), State.NO_FIX, no_fix=answer)
    assert (route_of(told) is Route.SECURITY) is (answer.owner is Owner.SECURITY_TEAM)


def test_trouble_at_aws_is_said() -> None:
    """A notice on what an open AWS Health issue touches says so; on anything else it does not."""
    world = World()
    world.issues = (ISSUE,)
    elsewhere = finding(2, last=replace(finding().last, region="eu-west-1"))
    world.deliver((None, finding()), (None, elsewhere))
    said = ["AWS Health reports an open issue of s3 in us-east-1" in " ".join(each.split()) for each in world.texts()]
    assert said == [True, False]


def test_an_issue_that_aws_has_forgotten_is_over() -> None:
    """The end of an issue may be lost on the way; what AWS has not spoken of for days holds nothing back."""
    assert is_open_issue(ISSUE, NOON + timedelta(days=2))
    assert not is_open_issue(ISSUE, NOON + timedelta(days=3))


@pytest.mark.parametrize(
    ("tags", "severity"),
    [((("env", "prod"),), "HIGH"), ((("env", "test"),), "MEDIUM"), ((), "MEDIUM"), (None, "MEDIUM")],
)
def test_tags_decide_the_severity(tags: tuple[tuple[str, str], ...] | None, severity: str) -> None:
    """A write that production is denied is grave; where IAM does not say, the notice goes out all the same."""
    world = World()
    world.tags = tags
    world.deliver((None, finding(last=replace(finding().last, read_only=False))))
    assert severity in world.subjects()[0]


def test_what_a_finding_remembers_of_its_tags_is_not_asked_again() -> None:
    """Once λ propose has kept what the tags say, notices say the same as digest and command line."""
    world = World()
    world.tags = (("env", "test"), ("owner", "somebody else"))
    write = replace(finding().last, read_only=False)
    world.deliver((None, finding(last=write, production=True, owner="team-orders", tags_read=True)))
    assert "HIGH" in world.subjects()[0]
    assert "team-orders" in world.texts()[0]


class FakeIam:
    """IAM with one tagged role."""

    def list_role_tags(self, **call: str) -> dict[str, object]:
        """Returns the tags of that role."""
        if call != {"RoleName": "orders-service"}:
            raise ClientError({"Error": {"Code": "NoSuchEntity", "Message": ""}}, "ListRoleTags")
        return {"Tags": [{"Key": "owner", "Value": "orders"}]}


def test_tags_are_read() -> None:
    """A role's tags are read by its name; of another account nothing is asked, and a fault is not an answer."""
    tags = PrincipalTags(FakeIam(), "111122223333")
    assert tags.of(PRINCIPAL) == (("owner", "orders"),)
    assert tags.of(replace(PRINCIPAL, arn="arn:aws:iam::111122223333:role/gone")) is None
    assert tags.of(replace(PRINCIPAL, account="444455556666")) == ()
    assert tags.of(replace(PRINCIPAL, type=PrincipalType.ROOT)) == ()


def test_notices_have_one_id() -> None:
    """The id depends on the finding and the occasion alone."""
    assert notice_id("f-1", "STATE#000001") == notice_id("f-1", "STATE#000001")
    assert len({notice_id("f-1", "STATE#000001"), notice_id("f-1", "STATE#000002"), notice_id("f-2", "COUNT")}) == 3


def test_hostile_names_stay_on_their_line() -> None:
    """Who claims a finding cannot write a line of the notice."""
    hostile = replace(finding(), claimed_by="x\r\nSeverity: none\u202e")
    assert lead(hostile, What.CLAIM) == "Taken by x Severity: none."


def test_times_are_measured() -> None:
    """The time to the first notice is measured from the first denial, once; every notice is counted."""
    world = World()
    world.now = NOON + timedelta(seconds=42)
    world.deliver(*life(finding(), moved(finding(), State.NO_FIX), counted(moved(finding(), State.NO_FIX), 12)))
    assert world.telemetry.counts[("TimeToNoticeSeconds",)] == 42
    assert world.telemetry.counts[("Notices",)] == 3


def test_chat_is_optional() -> None:
    """Without a chat topic, a notice is done when its one topic has it."""
    world = World(chat="")
    world.deliver((None, finding()))
    assert world.owed() == []
    assert len(world.topics.sent) == 1


def test_what_cannot_be_read_does_not_hold_up_the_rest() -> None:
    """A spoilt image is said in the log; the notices behind it go out."""
    from redress.handlers.messages import Change  # noqa: PLC0415 - only here
    from redress.handlers.notify import notify  # noqa: PLC0415 - only here
    from tests.unit.notices.world import change  # noqa: PLC0415 - only here

    world = World()
    spoilt = Change(sequence="0", old=None, new={"pk": "FINDING#f-0", "sk": "FINDING"})
    answer = notify([spoilt, change(1, None, finding())], desk=world.desk, now=NOON, telemetry=world.telemetry)
    assert answer == {"batchItemFailures": []}
    assert len(world.notices()) == 1


@pytest.mark.parametrize("what", ["proposal", "image"])
def test_a_notice_that_cannot_be_read_stops_no_other(what: str) -> None:
    """The sweep sends what it can; the unreadable one stays owed, where somebody finds it."""
    world = World()
    world.topics.enter = lambda _: _away()
    bad, good = moved(finding(1), State.REJECTED, proposal_id="p-bad"), finding(2)
    world.deliver((finding(1), bad), patience=1)
    world.now += minutes(1)
    world.deliver((None, good), patience=1)
    world.topics.enter = lambda _: None
    if what == "image":
        next(iter(world.store.of_kind("NOTICE#STATE#000002")))["image"] = b"?"
    else:
        writer = replace(world.desk.writer, proposal=_no_proposal)
        world.desk = replace(world.desk, writer=writer)
    assert world.sweep(after=minutes(20)) == 1
    assert world.owed() == ["NOTICE#STATE#000002"]


def _away() -> None:
    raise Retry("SNS is away")


def _no_proposal(_: str) -> None:
    raise Unreadable("no proposal")
