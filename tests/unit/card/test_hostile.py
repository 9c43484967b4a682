"""Text that an attacker wrote is text in every rendering, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from redress.domain.card import by_protocol, renderings
from redress.domain.finding import Finding, NoFix
from redress.domain.proposal import Proposal, seal
from redress.domain.severity import Circumstances
from redress.domain.words import Evidence, Kind, NoFixReason, Owner, PrincipalType, State
from tests.unit.card.cards import card_of, moment_of, proposal_of, told_of
from tests.unit.card.reading import faults_of

TRICKS = json.loads((Path(__file__).resolve().parents[2] / "cases" / "card" / "tricks.json").read_text())


SIGHTED = (
    "event_id", "event_source", "event_name", "region", "account", "request_id", "source_ip",
    "user_agent", "session_name", "error_code", "message", "access_key_id",
)  # fmt: skip


def spoiled(finding: Finding, text: str) -> Finding:
    """Returns the finding with the text wherever an event or a person could have put it."""
    principal = replace(
        finding.verdict.principal,
        arn=f"arn:aws:iam::111122223333:role/{text}",
        account=text,
        session_arn=text,
        session_name=text,
        invoked_by=text,
    )
    verdict = replace(
        finding.verdict,
        principal=principal,
        action=text,
        resource=text,
        policy_arn=text,
        matched_statement=text,
        notes=(text, text),
    )
    changes: dict[str, Any] = dict.fromkeys(SIGHTED, text)
    last = replace(finding.last, **changes)
    no_fix = NoFix(reason=NoFixReason.UNSAFE_TEXT, owner=Owner.SECURITY_TEAM, detail=text) if finding.no_fix else None
    return replace(
        finding,
        verdict=verdict,
        last=last,
        resource_template=text,
        resources=(text, text),
        actor=text,
        cause=text,
        claimed_by=text,
        approved_by=(text, text),
        execution_id=text,
        no_fix=no_fix,
        owner=text,
        notes=(text, text),
    )


def spoiled_proposal(proposal: Proposal, text: str) -> Proposal:
    """Returns a proposal whose words of other systems are the text; its statements never are (``domain.grammar``)."""
    content = proposal.content
    content["guard"]["hits"] = [{"rule": text, "verdict": "NOTE", "reason": text}] * 2
    content["proof"] |= {"source": text, "still_denied_by": text, "unknown_layers": [text], "notes": [text]}
    content["proof"]["complete"] = False
    content |= {"likely_next": [text], "owned_by": {"tool": text, "name": text}}
    return seal(content)


def faults(text: str, finding: Finding, proposal: Proposal | None) -> list[str]:
    """Returns what is wrong with the renderings of a finding spoiled by the text."""
    bad = spoiled(finding, text)
    worse = spoiled_proposal(proposal, text) if proposal else None
    card = card_of(bad, worse, Circumstances(owner=text))
    for told in (card, replace(card, lead=text, trouble=text, title=text)):
        found = faults_of(renderings(told, bad))
        if found:
            return found
    return []


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick["name"])
@pytest.mark.parametrize("kind", [Kind.MISSING_PERMISSION, Kind.UNKNOWN])
def test_known_tricks_do_nothing(trick: dict[str, str], kind: Kind) -> None:
    """No mention, link, markup, emoji, hidden character, forged line or broken limit in any rendering."""
    assert faults(trick["text"], *told_of(kind)) == []


@pytest.mark.parametrize("state", State)
def test_tricks_do_nothing_in_any_state(state: State) -> None:
    """Each state's sentences quote other words."""
    finding, proposal = moment_of(state.value.lower().replace("_", "-"))
    for trick in TRICKS[::6]:
        assert faults(trick["text"], finding, proposal) == []


SPECIAL = st.sampled_from("<>&`*_~:@#[](){}|!/\\\"'.\n\r\t\u202e\u200b\u2028\x1b\ud800\U0001f600é中א")
PIECES = st.sampled_from(
    ["<!channel>", "https://", "www.", "```", ":a:", "&lt;", "](", "{{", "}}", "\r\n\r\n", "Press  "]
)
HOSTILE = st.lists(SPECIAL | PIECES | st.text(max_size=5), max_size=80).map("".join)


@given(HOSTILE, st.sampled_from(Kind))
@settings(max_examples=150, deadline=None)
def test_no_text_does_anything(text: str, kind: Kind) -> None:
    """Whatever the letters, in whatever order."""
    assert faults(text, *told_of(kind)) == []


@given(HOSTILE, st.sampled_from(PrincipalType), st.sampled_from(Evidence))
@settings(max_examples=60, deadline=None)
def test_no_caller_is_special(text: str, type_: PrincipalType, evidence: Evidence) -> None:
    """Each kind of principal is named by another of its words."""
    finding, proposal = told_of(Kind.UNKNOWN)
    principal = replace(finding.verdict.principal, type=type_)
    verdict = replace(finding.verdict, principal=principal, evidence=evidence)
    assert faults(text, replace(finding, verdict=verdict), proposal) == []


def test_a_name_of_look_alike_letters_says_so() -> None:
    """An admin with a Cyrillic a is no admin."""
    finding, _ = told_of(Kind.UNKNOWN)
    last = replace(finding.last, session_name="\u0430dmin")
    shown = renderings(card_of(replace(finding, last=last)), finding)
    assert "\u0430dmin (contains letters outside ASCII)" in shown.text


def test_what_is_to_be_copied_stands_as_it_is() -> None:
    """Between backticks an ARN keeps its stars and underscores, so that it can be pasted."""
    finding, _ = told_of(Kind.UNKNOWN)
    odd = replace(finding, resource_template="arn:aws:s3:::a_b*c~d/[e]/*")
    shown = renderings(card_of(odd), odd)
    for text in (shown.chat, shown.slack, shown.machine, shown.text):
        assert "arn:aws:s3:::a_b*c~d/[e]/*" in text


@given(HOSTILE)
@example("\U0001f600" * 80)
@example('\\"' * 80)
@settings(max_examples=30, deadline=None)
def test_a_publish_is_utf_8_within_the_limit_of_sns(text: str) -> None:
    """Four protocols in one message, a quarter of a megabyte at most."""
    finding, _ = told_of(Kind.MISSING_PERMISSION)
    proposal = proposal_of(Kind.MISSING_PERMISSION)
    bad = spoiled(finding, text * 50)
    message = by_protocol(renderings(card_of(bad, proposal), bad)).encode()
    assert len(message) < 256 * 1_024 - 4_096
    assert set(json.loads(message)) == {"default", "email", "sms", "lambda"}
