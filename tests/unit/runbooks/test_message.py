"""What the approver reads is whole, true, and cannot be forged from the outside."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.runbook_scripts.message import LIMIT, clean, looked_at, message
from infra.runbook_scripts.stored import Refusal
from redress.domain.card.change import change_of
from redress.domain.card.links import Place
from redress.domain.explain_words import LAYER_WORDS
from redress.domain.plan_steps import MOST_SHOWN
from redress.domain.proof_words import checked
from redress.domain.proposal import canonical_json, seal
from redress.domain.words import Layer, State
from tests.runbook_world import BUCKET, World, allow, content, document
from tests.unit.fix import builders

WORLD = World()
DIGEST = "0123456789abcdef" * 4
EVENTS = {
    "Digest": DIGEST,
    "ExecutionId": "e" * 36,
    "Region": "us-gov-west-1",
    "Partition": "aws-us-gov",
    "ApprovalTimeoutSeconds": 86_400,
}
NOTHING = {"text": "", "exists": False, "attached": False}
HOSTILE = st.text(st.characters(codec="utf-8"), max_size=1_300)


def _said(**changes: object) -> list[str]:
    text = message({**content(WORLD), **changes}, NOTHING, EVENTS)
    assert len(text) <= LIMIT
    return text.split("\n")


@given(summary=HOSTILE, reason=HOSTILE, name=HOSTILE)
def test_no_text_can_forge_a_line(summary: str, reason: str, name: str) -> None:
    """Line breaks, controls, direction marks and double braces in any text of the body are gone."""
    hits = [{"rule": "x", "verdict": "NOTE", "reason": reason}]
    owner = {"tool": "Terraform", "name": name}
    lines = _said(summary=summary, guard={"verdict": "NOTE", "hits": hits}, owned_by=owner)
    starts = [line.split(":")[0].split(" ")[0] for line in lines if line]
    assert starts.count("Digest") == 1
    assert len(lines) == len(_said(guard={"verdict": "NOTE", "hits": hits}, owned_by=owner))
    for line in lines:
        assert not [mark for mark in line if unicodedata.category(mark)[0] == "C"]
        assert line.startswith(("+", "-")) or "{{" not in line


@given(st.integers(1, 60), st.integers(1, 200))
def test_statements_are_gained_only_if_all_are_shown_whole(count: int, length: int) -> None:
    """Every gained statement stands there whole, or nobody is asked."""
    statements = [allow(resource=f"{BUCKET}/{number}{'x' * length}") for number in range(count)]
    try:
        lines = _said(document=document(*statements))
    except Refusal:
        assert sum(len(canonical_json(each)) + 3 for each in statements) > MOST_SHOWN
        return
    assert [line[2:] for line in lines if line.startswith("+ ")] == [canonical_json(each) for each in statements]
    assert f"Statements: {count} new, 0 dropped, 0 kept" in lines


@given(st.integers(1, 60), st.integers(1, 200))
def test_what_is_lost_comes_last_and_is_counted_where_it_has_no_room(count: int, length: int) -> None:
    """As many dropped statements as there is room for, whole, behind all that is gained; then the number of others."""
    dropped = [allow(resource=f"{BUCKET}/{number}{'x' * length}") for number in range(count)]
    held = {"text": document(*dropped), "exists": True, "attached": True}
    lines = message({**content(WORLD), "document": document(allow("s3:GetObject"))}, held, EVENTS).split("\n")
    listed = [line for line in lines if line.startswith(("+ ", "- "))]
    assert listed[0] == f"+ {canonical_json(allow('s3:GetObject'))}"
    assert listed[1:] == [f"- {canonical_json(each)}" for each in dropped[: len(listed) - 1]]
    missing = count - len(listed) + 1
    assert (f"{missing} more dropped: see redress show p-{DIGEST[:20]}" in lines) == (missing > 0)


LONG = "W" * 4_000
LONGEST: dict[str, Any] = {
    "summary": LONG,
    "principal": {"arn": LONG},
    "policy": {"arn": LONG},
    "guard": {"verdict": LONG, "hits": [{"rule": "x", "verdict": "TWO_APPROVERS", "reason": LONG}] * 40},
    "proof": {
        "before": LONG,
        "after": LONG,
        "source": LONG,
        "complete": True,
        "unknown_layers": [layer.value for layer in Layer],
    },
    "owned_by": {"tool": LONG, "name": LONG},
    "remove_after_hours": 9_999,
}
"""The longest texts that a proposal may hold."""


def test_everything_at_its_longest_leaves_the_room_that_the_planner_counts_on() -> None:
    """Whatever else is said, statements of MOST_SHOWN characters are shown whole."""
    gained = [allow(resource=f"{BUCKET}/1"), allow(resource=f"{BUCKET}/2")]
    free = MOST_SHOWN - sum(len(canonical_json(each)) + 3 for each in gained)
    gained[1] = allow(resource=f"{BUCKET}/2{'x' * free}")
    held = {"text": document(*(allow(resource=f"{BUCKET}/{number}") for number in range(3, 99))), "attached": True}
    lines = message({**content(WORLD), **LONGEST, "document": document(*gained)}, held, EVENTS).split("\n")
    assert [line for line in lines if line.startswith("+ ")] == [f"+ {canonical_json(each)}" for each in gained]
    assert "Statements: 2 new, 96 dropped, 0 kept" in lines
    assert "  and 38 more reasons" in lines
    assert any("two different people" in line for line in lines)
    assert len("\n".join(lines)) <= LIMIT


def test_reasons_give_way_to_statements() -> None:
    """Five reasons of the guard are told, or two and the number of the others where statements need the room."""
    hits = [{"rule": "x", "verdict": "NOTE", "reason": "W" * 160}] * 6
    wide = [allow(resource=f"{BUCKET}/{number}{'x' * 1_150}") for number in range(2)]
    assert "  and 1 more reasons" in _said(guard={"verdict": "NOTE", "hits": hits})
    assert "  and 4 more reasons" in _said(guard={"verdict": "NOTE", "hits": hits}, document=document(*wide))


def test_it_says_all_that_a_signature_is_about() -> None:
    """Digest, why, risk, proof, deadline, undo, policy, statements and where to sign are there."""
    text = "\n".join(_said(remove_after_hours=8))
    parts = ["Digest you sign: " + DIGEST, "Why: ", "Risk: CLEAN", "today denied (nothing allows it)", "Sign before: "]
    parts += ["removed again after 8 h", "Undo: redress restore", "policy/redress/", "+ {", "automation/execution/eee"]
    assert [part for part in parts if part not in text] == []


def test_why_is_said_once_and_without_what_the_other_lines_say() -> None:
    """Of the summary only its own line of it is there; an older summary without one is there as it is."""
    found = builders.finding()
    plan = builders.plan(found)
    assert plan.proposal
    (line,) = (line for line in _said(summary=plan.proposal.content["summary"]) if line.startswith("Why: "))
    assert line == "Why: 3 denied calls; no identity policy allows this."
    assert "Why: its policies lack it" in _said(summary="its policies\nlack it")


@pytest.mark.parametrize("before", ["implicitDeny", "explicitDeny", "unknown"])
@pytest.mark.parametrize("source", ["evaluator", "iam:SimulatePrincipalPolicy"])
def test_decisions_have_the_words_of_the_card(before: str, source: str) -> None:
    """Today and afterwards, and who says so, in the words of the notices."""
    proof = {**content(WORLD)["proof"], "before": before, "source": source}
    (line,) = (line for line in _said(proof=proof) if line.startswith("Proof: "))
    assert line.removeprefix("Proof: t") == change_of(
        seal({**content(WORLD), "proof": proof}), State.AWAITING_APPROVAL
    ).proof.removeprefix("T")


@pytest.mark.parametrize(
    ("lives", "waits", "said"), [(48, 24, 24), (2, 24, 2), (48, 72, 48)], ids=["the runbook", "the proposal", "longer"]
)
def test_the_deadline_is_the_sooner_of_the_two(lives: int, waits: int, said: int) -> None:
    """SSM waits so long for a signature; past its own end a proposal can no longer be applied."""
    now = datetime.now(UTC)
    ends = f"{now + timedelta(hours=lives):%Y-%m-%dT%H:%M:%SZ}"
    body = {**content(WORLD), "expires_at": ends}
    text = message(body, NOTHING, {**EVENTS, "ApprovalTimeoutSeconds": waits * 3600})
    told = next(line for line in text.split("\n") if line.startswith("Sign before: ")).removeprefix("Sign before: ")
    at = datetime.strptime(told, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)
    assert abs(at - (now + timedelta(hours=said))) < timedelta(minutes=2)


def test_an_incomplete_proof_says_so() -> None:
    """Whoever signs sees that the proof has gaps."""
    proof = {**content(WORLD)["proof"], "complete": False}
    assert any("INCOMPLETE" in line for line in _said(proof=proof))


@given(st.booleans(), st.lists(st.sampled_from([layer.value for layer in Layer]), unique=True))
def test_the_request_says_of_the_proof_what_notices_say(complete: bool, unknown: list[str]) -> None:  # noqa: FBT001 - drawn
    """What was checked, and what nobody could check, is one sentence in both places."""
    proof = {**content(WORLD)["proof"], "complete": complete, "unknown_layers": unknown}
    told = checked(complete=complete, unknown=unknown)
    (line,) = (line for line in _said(proof=proof) if line.startswith("Proof: "))
    assert looked_at(proof) == told
    assert line.endswith(told)
    for name in unknown:
        assert (LAYER_WORDS[Layer(name)] if name != Layer.UNKNOWN else "unknown") in told


@given(HOSTILE, st.integers(4, 200))
def test_cleaned_text_is_one_short_line(text: str, limit: int) -> None:
    """The cleaned text is short, on one line, and cleaning it again changes nothing."""
    found = clean(text, limit)
    assert len(found) <= limit
    assert len(found.splitlines()) <= 1
    assert clean(found, limit) == found


def test_statements_are_ascii() -> None:
    """Letters that look like others show as escapes in a statement."""
    lines = _said(document=json.dumps({"Statement": [allow(resource=f"{BUCKET}/\u0430dmin")]}))
    assert any("\\u0430dmin" in line for line in lines)


def test_what_an_unattached_policy_holds_is_gained_by_attaching_it() -> None:
    """All statements of a policy that lay unattached are shown as new."""
    text = document(allow("s3:GetObject"), allow())
    body = {**content(WORLD), "document": text}
    lain = message(body, {"text": text, "attached": False}, EVENTS)
    held = message(body, {"text": text, "attached": True}, EVENTS)
    assert "Statements: 2 new, 0 dropped, 0 kept" in lain
    assert canonical_json(allow("s3:GetObject")) in lain
    assert "Statements: 0 new, 0 dropped, 2 kept" in held


@pytest.mark.parametrize(
    ("partition", "region", "console"),
    [
        ("aws", "eu-west-1", "https://eu-west-1.console.aws.amazon.com/"),
        ("aws-us-gov", "us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
        ("aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/"),
    ],
)
def test_the_link_leads_to_the_console_of_the_partition(partition: str, region: str, console: str) -> None:
    """As the card's does."""
    text = message(content(WORLD), NOTHING, {**EVENTS, "Partition": partition, "Region": region})
    assert f"Approve or reject: {console}systems-manager/automation/execution/" in text
    assert Place(region=region, partition=partition).console == console.rstrip("/")
