"""What the approver reads is whole, true, and cannot be forged from the outside."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from infra.runbook_scripts.message import LIMIT, clean, looked_at, message
from redress.domain.explain_words import LAYER_WORDS
from redress.domain.proof_words import checked
from redress.domain.proposal import canonical_json
from redress.domain.words import Layer
from tests.runbook_world import BUCKET, World, allow, content, document

WORLD = World()
DIGEST = "0123456789abcdef" * 4
NOTHING = {"text": "", "exists": False, "attached": False}
HOSTILE = st.text(st.characters(codec="utf-8"), max_size=1_300)


def _said(**changes: object) -> list[str]:
    text = message({**content(WORLD), **changes}, NOTHING, DIGEST, "e" * 36, "us-east-1")
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
def test_statements_are_shown_whole_or_not_at_all(count: int, length: int) -> None:
    """As many whole statements as there is room for, then how many more there are and where."""
    statements = [allow(resource=f"{BUCKET}/{number}{'x' * length}") for number in range(count)]
    lines = _said(document=document(*statements))
    shown = [line[2:] for line in lines if line.startswith("+ ")]
    assert shown == [canonical_json(each) for each in statements[: len(shown)]]
    missing = count - len(shown)
    assert f"Statements: {count} new, 0 dropped, 0 kept" in lines
    assert (f"{missing} more: see redress show p-{DIGEST[:20]}" in lines) == (missing > 0)


def test_everything_at_its_longest_still_fits() -> None:
    """The longest texts that a proposal may hold leave room for the statements' count."""
    long = "W" * 4_000
    hits = [{"rule": "x", "verdict": "TWO_APPROVERS", "reason": long}] * 40
    lines = _said(summary=long, guard={"verdict": "TWO_APPROVERS", "hits": hits}, owned_by={"tool": long, "name": long})
    assert "Statements: 1 new, 0 dropped, 0 kept" in lines
    assert "  and 35 more reasons" in lines
    assert any("two different people" in line for line in lines)


def test_it_says_all_that_a_signature_is_about() -> None:
    """Digest, why, risk, proof, expiry, undo, policy, statements and where to sign are there."""
    text = "\n".join(_said(remove_after_hours=8))
    parts = ["Digest you sign: " + DIGEST, "Why: ", "Risk: CLEAN", "before implicitDeny, after allowed", "Expires: "]
    parts += ["removed again after 8 h", "Undo: redress restore", "policy/redress/", "+ {", "automation/execution/eee"]
    assert [part for part in parts if part not in text] == []


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
    lain = message(body, {"text": text, "attached": False}, DIGEST, "e", "us-east-1")
    held = message(body, {"text": text, "attached": True}, DIGEST, "e", "us-east-1")
    assert "Statements: 2 new, 0 dropped, 0 kept" in lain
    assert canonical_json(allow("s3:GetObject")) in lain
    assert "Statements: 0 new, 0 dropped, 2 kept" in held
