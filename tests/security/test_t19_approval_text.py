"""The text that the approver reads before he signs, made to lie."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.runbook_scripts.message import LIMIT, message
from redress.domain.proposal import canonical_json
from tests.runbook_world import ACCOUNT, BUCKET, World, allow, document, proposal, ready_world
from tests.unit.fix import builders

INSTANCE = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0123456789abcdef0"
ASSOCIATION = builders.finding("ssm:CreateAssociation", INSTANCE).finding_id

FORGERIES = (
    "harmless\nRisk: CLEAN\nStatements: 0 new, 0 dropped, 0 kept",
    "harmless\r\nDigest you sign: " + "0" * 64,
    "harmless\u2028+ {}",
    "harmless\u202e",
    "{{ global:ACCOUNT_ID }}",
    "x" * 10_000,
)


def message_of(world: World, **changes: object) -> str:
    """Returns what the approver is asked to read."""
    wanted = changes.pop("wanted", [allow()])
    assert isinstance(wanted, list)
    execution = world.start(world.file(proposal(world, *wanted, **changes)))
    world.run()
    assert world.status(execution) == "Waiting", world.failure(execution)
    return world.asked[-1].message


@pytest.mark.parametrize("text", FORGERIES)
@pytest.mark.parametrize("field", ["summary", "guard", "owned_by"])
def test_t19_approval_text_has_no_forged_line(field: str, text: str) -> None:
    """No text of the proposal makes a line, hides one or pushes a statement out of the message."""
    changes = {
        "summary": text,
        "guard": {"verdict": "NOTE", "hits": [{"rule": "x", "verdict": "NOTE", "reason": text}]},
        "owned_by": {"tool": text, "name": text},
    }
    lines = message_of(ready_world(), **{field: changes[field]}).split("\n")
    for start in ("Digest you sign: ", "Risk: ", "Statements: ", "Approve or reject: ", "+ "):
        assert len([line for line in lines if line.startswith(start)]) == 1
    assert f"+ {canonical_json(allow())}" in lines
    assert len("\n".join(lines)) <= LIMIT
    assert not any("{{" in line for line in lines if not line.startswith("+"))


@pytest.mark.parametrize("count", [1, 5, 15])
def test_t19_approval_text_cuts_no_statement(count: int) -> None:
    """Statements that are gained are there, all of them and whole."""
    wanted = [allow(resource=f"{BUCKET}/{number}/{'y' * 90}") for number in range(count)]
    lines = message_of(ready_world(), wanted=wanted).split("\n")
    assert [json.loads(line[2:]) for line in lines if line.startswith("+ ")] == wanted


LONG_NAMES = [allow(resource=f"{BUCKET}/{number}/{'quarterly-report-' * 31}") for number in range(6)]


@pytest.mark.parametrize(
    "wanted", [[*LONG_NAMES, allow("ssm:DescribeParameters", "*")], [allow(resource=f"{BUCKET}/{'x' * 5_000}")]]
)
def test_t19_approval_text_is_not_sent_without_a_statement_that_would_be_gained(wanted: list[dict[str, Any]]) -> None:
    """Long names push nothing out of the message: where one statement has no room, nobody is asked at all."""
    world = ready_world()
    execution = world.start(world.file(proposal(world, *wanted, summary="Uploads of six reports.")))
    world.run()
    assert (world.status(execution), world.asked, world.iam.writes) == ("Failed", [], [])
    assert "does not fit whole" in world.failure(execution)


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 99)), min_size=1, max_size=14, unique_by=lambda one: one[1])
)
def test_t19_approval_text_shows_whole_what_any_plan_would_grant(names: list[tuple[int, int]]) -> None:
    """Whatever is denied, each statement that a plan gains stands whole in the request, or waits for the next plan."""
    denied = [
        builders.finding("s3:PutObject", f"arn:aws:s3:::app-uploads/{number}/{'q' * length}.csv")
        for length, number in names
    ]
    plan = builders.plan(*denied, builders.finding("ssm:CreateAssociation", INSTANCE))
    assert plan.proposal
    body = plan.proposal.content
    events = {"Digest": plan.proposal.digest, "ExecutionId": "e" * 36, "Region": "eu-west-1", "Partition": "aws"}
    text = message(body, {"text": "", "attached": False}, {**events, "ApprovalTimeoutSeconds": 86_400})
    shown = [json.loads(line[2:]) for line in text.split("\n") if line.startswith("+ ")]
    assert shown == json.loads(body["document"])["Statement"]
    assert {*plan.covered, *plan.later} == {*(one.finding_id for one in denied), ASSOCIATION}


def test_t19_approval_text_tells_of_what_comes_into_force_by_attaching() -> None:
    """Where the policy lay unattached, all that it holds is new to the principal, and shown as new."""
    world = ready_world()
    world.applied(world.file(proposal(world, allow("s3:GetObject"))))
    world.iam.attached.clear()
    text = message_of(world, wanted=[allow("s3:GetObject"), allow()])
    assert "Statements: 2 new" in text


def test_t19_approval_text_is_refused_where_a_strangers_statement_would_come_into_force() -> None:
    """A statement that somebody put into the unattached policy is in no list, so nobody is asked to sign it."""
    world = ready_world()
    world.applied(world.file(proposal(world)))
    world.iam.attached.clear()
    (policy,) = world.iam.policies.values()
    policy.versions[policy.default] = document(allow("s3:DeleteBucket", "*"))
    hidden = proposal(world, allow(), document=document(allow("s3:DeleteBucket", "*"), allow()))
    asked = len(world.asked)
    execution = world.start(world.file(hidden))
    world.run()
    assert (world.status(execution), len(world.asked)) == ("Failed", asked)
