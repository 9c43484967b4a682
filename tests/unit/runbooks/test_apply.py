"""Redress-ApplyPolicyFix: what is signed is what happens."""

from __future__ import annotations

import pytest

from redress.domain.proposal import canonical_json
from redress.domain.words import ProposalStatus
from tests.runbook_world import ACCOUNT, ANA, BEN, BUCKET, RESTORE, ROLE, World, allow, document, proposal, ready_world

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-us-east-1-role-orders-service"
USER = f"arn:aws:iam::{ACCOUNT}:user/people/carl"


@pytest.fixture
def world() -> World:
    """A world with the role."""
    return ready_world()


def test_a_new_policy_holds_exactly_the_signed_bytes_and_is_attached(world: World) -> None:
    """Where there was no policy, one is made of the signed document and attached to the role."""
    signed = world.file(proposal(world))
    world.applied(signed)
    assert world.iam.policies[POLICY].versions == {"v1": signed.content["document"]}
    assert world.iam.attached == {(ROLE, POLICY)}
    assert world.item(signed)["status"] == "APPLIED"
    assert world.item(signed)["version_id"] == "v1"
    assert world.item(signed)["approved_by"] == [ANA]


def test_a_second_proposal_becomes_the_next_version(world: World) -> None:
    """Where there is a policy, the signed document is its new default version."""
    world.applied(world.file(proposal(world)))
    more = world.file(proposal(world, allow(), allow("s3:GetObject")))
    world.applied(more)
    found = world.iam.policies[POLICY]
    assert (found.default, found.versions["v2"]) == ("v2", more.content["document"])
    assert world.iam.writes == ["create_policy", "attach_role_policy", "create_policy_version"]


def test_users_get_their_policy_attached(world: World) -> None:
    """A user's fix is attached by AttachUserPolicy."""
    world.iam.add_user(USER)
    world.applied(world.file(proposal(world, principal=USER)))
    assert world.iam.attached == {(USER, f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-us-east-1-user-carl")}


def test_the_sixth_version_makes_room_by_dropping_the_oldest(world: World) -> None:
    """IAM keeps five versions: the oldest that is not the default goes."""
    for number in range(6):
        world.applied(world.file(proposal(world, allow(resource=f"{BUCKET}/{number}/*"))))
    assert list(world.iam.policies[POLICY].versions) == ["v2", "v3", "v4", "v5", "v6"]
    assert world.iam.policies[POLICY].default == "v6"


def test_a_detached_policy_with_the_right_document_is_only_attached(world: World) -> None:
    """No version is written where only the attachment is missing."""
    world.applied(world.file(proposal(world)))
    world.iam.attached.clear()
    world.applied(world.file(proposal(world)))
    assert world.iam.writes == ["create_policy", "attach_role_policy", "attach_role_policy"]


def test_a_rejection_changes_nothing(world: World) -> None:
    """A rejected proposal leaves IAM as it was, and the execution is Rejected."""
    execution = world.start(world.file(proposal(world)))
    world.run()
    world.sign(execution, reject=True, comment="use the shared role")
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Rejected", [])


def test_an_unanswered_request_times_out_and_changes_nothing(world: World) -> None:
    """After the approval's time the execution is TimedOut."""
    execution = world.start(world.file(proposal(world)))
    world.run()
    world.pass_time(days=1, seconds=1)
    assert (world.status(execution), world.iam.writes) == ("TimedOut", [])


def test_a_signature_after_the_proposal_expired_changes_nothing(world: World) -> None:
    """The proposal's own expiry is checked again after the signature."""
    execution = world.start(world.file(proposal(world, expires_at="2026-11-21T13:00:00Z")))
    world.run()
    world.clock.move(hours=2)
    world.sign(execution)
    world.run()
    assert world.status(execution) == "Failed"
    assert "expired at 2026-11-21T13:00:00Z" in world.item_failure()
    assert world.iam.writes == []


def test_a_second_run_of_an_applied_proposal_is_refused(world: World) -> None:
    """Running the runbook again changes nothing and leaves the proposal APPLIED."""
    signed = world.file(proposal(world))
    world.applied(signed)
    again = world.start(signed)
    world.run()
    assert world.status(again) == "Failed"
    assert "the proposal is APPLIED" in world.failure(again)
    assert world.item(signed)["status"] == "APPLIED"


def test_two_executions_of_one_proposal_apply_it_once(world: World) -> None:
    """The second execution refuses, because the first works on the proposal."""
    signed = world.file(proposal(world), ProposalStatus.MANUAL)
    first, second = world.start(signed), world.start(signed)
    world.run()
    assert world.status(second) == "Failed"
    assert f"execution {first} works on this proposal already" in world.failure(second)
    world.sign(first)
    world.run()
    assert world.status(first) == "Success"


def test_two_principals_do_not_wait_for_each_other(world: World) -> None:
    """Proposals of different principals are applied side by side."""
    world.iam.add_user(USER)
    one = world.file(proposal(world))
    other = world.file(proposal(world, principal=USER, finding_ids=["f-00000000000000000001"]))
    executions = [world.start(one), world.start(other)]
    world.run()
    for execution in executions:
        world.sign(execution)
    world.run()
    assert [world.status(execution) for execution in executions] == ["Success", "Success"]
    assert world.iam.attached == {
        (ROLE, POLICY),
        (USER, f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-us-east-1-user-carl"),
    }


def test_the_lock_is_given_back(world: World) -> None:
    """After success and after failure nobody holds the principal's lock."""
    world.applied(world.file(proposal(world)))
    assert not [key for key in world.items if key.sk == "LOCK"]


def test_a_lock_of_a_finished_execution_is_taken_over(world: World) -> None:
    """An execution that was cut off does not block its principal for ever."""
    signed = world.file(proposal(world))
    execution = world.start(signed)
    world.run()
    world.lock("11111111-2222-3333-4444-555555555555")
    world.sign(execution)
    world.run()
    assert world.status(execution) == "Success"


def test_a_lock_of_a_running_execution_is_respected(world: World) -> None:
    """While another execution changes the principal, nothing is written."""
    world.iam.add_user(USER)
    other = world.file(proposal(world, principal=USER, finding_ids=["f-00000000000000000001"]))
    execution, blocker = world.start(world.file(proposal(world))), world.start(other)
    world.run()
    world.lock(blocker)
    world.sign(execution)
    world.run()
    assert world.status(execution) == "Failed"
    assert f"execution {blocker} is changing the same principal" in world.item_failure()
    assert world.iam.writes == []


def test_a_newer_proposal_makes_the_old_signature_worthless(world: World) -> None:
    """A signature for a proposal that was replaced applies nothing."""
    old = world.file(proposal(world))
    execution = world.start(old)
    world.run()
    world.file(proposal(world, allow("s3:GetObject")))
    world.sign(execution)
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])
    assert world.item(old)["status"] == "SUPERSEDED"


def test_nothing_is_built_upon_what_is_half_taken_back(world: World) -> None:
    """While a restore that was cut off is not finished, a newer proposal is refused."""
    lower = world.file(proposal(world))
    world.applied(lower)
    world.fails = lambda order: "after" if order.step == "settle" else ""
    restore = world.start(lower, RESTORE)
    world.run()
    world.sign(restore)
    world.run()
    world.fails = lambda _: ""
    upper = world.start(world.file(proposal(world)))
    world.run()
    assert world.status(upper) == "Failed"
    assert f"{lower.proposal_id} is being taken back" in world.failure(upper)
    again = world.start(lower, RESTORE)
    world.run()
    assert world.status(again) == "Success"
    world.applied(world.file(proposal(world)))


@pytest.mark.parametrize("state", ["SUSPICIOUS", "MUTED", "NO_FIX", "REJECTED", "CLOSED"])
def test_a_finding_that_asks_for_nothing_any_more_gets_nothing(world: World, state: str) -> None:
    """The finding is looked at again after the signature."""
    execution = world.start(world.file(proposal(world)))
    world.run()
    world.finding_item()["state"] = state
    world.sign(execution)
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])


def test_a_probe_that_stays_denied_takes_the_change_back(world: World) -> None:
    """The simulator's word counts: without it the pre-image is restored and both causes are told."""
    world.iam.denied_probes = {"s3:PutObject"}
    signed = world.file(proposal(world))
    execution = world.start(signed)
    world.run()
    world.sign(execution)
    world.run()
    assert world.status(execution) == "Failed"
    assert world.iam.image() == ((), ())
    assert world.item(signed)["policy_is"] == "BEFORE"
    assert "still denied: s3:PutObject" in world.item(signed)["failure"]
    assert "IAM is as it was before" in world.item(signed)["failure"]


def test_a_closed_calendar_stops_it_before_anybody_is_asked() -> None:
    """With a change calendar that is closed, no request goes out."""
    world = ready_world(ChangeCalendars=["freeze"], CalendarNames=["freeze"])
    world.calendar = "CLOSED"
    execution = world.start(world.file(proposal(world)))
    world.run()
    assert (world.status(execution), world.asked) == ("Failed", [])


@pytest.mark.parametrize(("calendar", "status"), [("OPEN", "Success"), ("CLOSED", "Failed")])
def test_the_calendar_is_asked_again_after_the_signature(calendar: str, status: str) -> None:
    """A calendar that closed while the request waited stops the change."""
    world = ready_world(ChangeCalendars=["freeze"], CalendarNames=["freeze"])
    execution = world.start(world.file(proposal(world)))
    world.run()
    world.calendar = calendar
    world.sign(execution)
    world.run()
    assert (world.status(execution), bool(world.iam.writes)) == (status, status == "Success")


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [(ANA, BEN, "Success"), (ANA, ANA, "Failed"), (BEN, ANA, "Success")],
)
def test_two_people_must_be_two_people(world: World, first: str, second: str, status: str) -> None:
    """Where the guard asks for two signatures, one person cannot give both."""
    guarded = {"verdict": "TWO_APPROVERS", "hits": [{"rule": "pass-role", "verdict": "TWO_APPROVERS", "reason": "x"}]}
    execution = world.start(world.file(proposal(world, guard=guarded)))
    world.run()
    for who in (first, second):
        world.sign(execution, who)
        world.run()
    assert world.status(execution) == status
    assert bool(world.iam.writes) == (status == "Success")


def test_the_denied_principal_cannot_sign_for_itself() -> None:
    """An approver that is the denied role itself is refused, whatever path and session name it shows."""
    world = ready_world(Approvers=[ROLE])
    execution = world.start(world.file(proposal(world)))
    world.run()
    world.sign(execution, f"arn:aws:sts::{ACCOUNT}:assumed-role/orders-service/somebody")
    world.run()
    assert (world.status(execution), world.iam.writes) == ("Failed", [])
    assert "denied principal itself" in world.item_failure()


def test_what_was_there_and_is_not_ours_stays(world: World) -> None:
    """Statements that the document keeps are kept byte for byte, and shown as kept."""
    world.applied(world.file(proposal(world, allow("s3:GetObject"))))
    world.file(proposal(world, allow("s3:GetObject"), allow()))
    execution = world.start(world.file(proposal(world, allow("s3:GetObject"), allow())))
    world.run()
    message = world.asked[-1].message
    assert "Statements: 1 new, 0 dropped, 1 kept" in message
    assert f"+ {canonical_json(allow())}" in message
    assert world.status(execution) == "Waiting"


def test_a_dropped_statement_is_shown(world: World) -> None:
    """A document that takes something away says so before it is signed."""
    world.applied(world.file(proposal(world, allow("s3:GetObject"))))
    world.start(world.file(proposal(world)))
    world.run()
    assert f"- {canonical_json(allow('s3:GetObject'))}" in world.asked[-1].message


def test_a_document_that_grants_more_than_its_list_shows_is_refused(world: World) -> None:
    """A proposal that claims other statements than its document holds is never shown to anybody."""
    lie = proposal(world, statements=[allow("s3:GetObject")], document=document(allow("s3:DeleteBucket", "*")))
    execution = world.start(world.file(lie))
    world.run()
    assert (world.status(execution), world.asked) == ("Failed", [])
    assert "its list of statements does not show" in world.failure(execution)
