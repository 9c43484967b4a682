"""The limits of each receiver, at their edges, in many scripts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain.card import chat, renderings, slack
from redress.domain.card.change import Change
from redress.domain.card.content import Card, Command, Link
from redress.domain.card.facts import Fact
from redress.domain.card.plain import subject
from redress.domain.card.safe_text import code, cut, escaped, running
from redress.domain.words import Kind
from tests.unit.card.cards import card_of, told_of
from tests.unit.card.reading import block_faults, faults_of, mrkdwn_faults, size_faults, units

SCRIPTS = {
    "latin": "aé",
    "greek": "Ελ",
    "hebrew": "אב",
    "arabic": "عر",
    "devanagari": "हि",
    "thai": "ไท",
    "chinese": "中文",
    "korean": "한국",
    "emoji": "\U0001f600\U0001f4a5",
    "gothic": "\U00010330\U00010331",
    "entities": "&<>",
    "mixed": "a&中<\U0001f600>",
}


def of_length(letters: str, length: int) -> str:
    """Returns a text of the letters, as many UTF-16 units long; padded with ``x`` where a letter takes two."""
    text = letters * (length // units(letters))
    return text + "x" * (length - units(text))


def card(**changes: object) -> Card:
    """Returns a card with these parts."""
    return replace(card_of(*told_of(Kind.MISSING_PERMISSION)), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("limit", [75, 150, 250, 350, 2_000, 3_000, 8_000])
@pytest.mark.parametrize("over", [-1, 0, 1])
def test_text_is_cut_at_the_limit_and_no_earlier(script: str, limit: int, over: int) -> None:
    """One under and just at it: whole. One over: cut, with a sign that it was."""
    text = of_length(SCRIPTS[script], limit + over)
    shown = cut(text, limit)
    assert (shown == text) is (over <= 0)
    assert units(shown) <= limit
    assert over <= 0 or (shown.endswith("…") and units(shown) >= limit - 2)


@given(st.text(), st.integers(min_value=2, max_value=60))
def test_no_entity_is_cut_in_two(text: str, limit: int) -> None:
    """What remains, read back, is the beginning of the text."""
    shown = escaped(text, limit)
    back = shown.removesuffix("…").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert units(shown) <= limit
    assert text.startswith(back)


def test_escapes_are_escaped_first() -> None:
    """An entity in the text stays text."""
    assert escaped("&lt;!channel&gt; <!here>", 100) == "&amp;lt;!channel&amp;gt; &lt;!here&gt;"


@given(st.text(alphabet='"ab<&*_`:@['), st.integers(min_value=6, max_value=80))
def test_quotations_are_exact_and_the_rest_is_neutral(text: str, limit: int) -> None:
    """However quotation marks stand, backticks come in pairs, and nothing outside them is markup."""
    shown = running(text, limit)
    assert list(mrkdwn_faults(shown)) == []
    assert units(shown) <= limit


def test_a_quotation_can_be_copied() -> None:
    """Its stars and underscores stay."""
    assert running('on "a*b_c:d:" *now* "', 100) == 'on `a*b_c:d:` ∗now∗ "'  # noqa: RUF001 - the look-alikes meant


@given(st.text(alphabet="`a<&*"), st.integers(min_value=4, max_value=40))
def test_code_holds_no_other_backtick(text: str, limit: int) -> None:
    """Nothing ends our span but our own backtick."""
    shown = code(text, limit)
    assert shown.count("`") == 2
    assert units(shown) <= limit


@pytest.mark.parametrize("count", [1, 49, 50, 51, 200])
def test_fifty_blocks(count: int) -> None:
    """The fiftieth says how many are left out, where there are more."""
    message = slack.bounded("text", [slack.section(str(number)) for number in range(count)])
    assert list(block_faults(message)) == []
    assert len(message["blocks"]) == min(count, 50)
    last = message["blocks"][-1]["text"]["text"]
    assert last == (str(count - 1) if count <= 50 else f"… and {count - 49} more parts, which Slack has no room for.")


@pytest.mark.parametrize("count", [1, 9, 10, 11, 20, 21])
def test_ten_fields(count: int) -> None:
    """Further ones go into further sections."""
    blocks = list(slack.fields([Fact(label="L", value=str(number)) for number in range(count)]))
    assert [len(block["fields"]) for block in blocks] == [10] * (count // 10) + ([count % 10] if count % 10 else [])


@pytest.mark.parametrize("script", SCRIPTS)
def test_long_text_everywhere(script: str) -> None:
    """A card of which every part is too long keeps every limit, and says the same in all renderings."""
    finding, _ = told_of(Kind.MISSING_PERMISSION)
    long = of_length(SCRIPTS[script], 9_000)
    texts = {"what", "now", "next", "cause", "why", "meaning", "seen", "lead", "trouble", "title"}
    change = Change(
        proposal_id="p-0", policy_arn=long, statements=(json.dumps({"a": long}), '{"a": 1}'), guard_verdict="NOTE",
        guard=(long,) * 30,
        proof=long, digest="d", expires_at="2026", likely_next=(long,), owned_by=long, lasting=long,
    )  # fmt: skip
    told = card(
        **dict.fromkeys(texts, long),
        change=change,
        notes=(long,) * 9,
        facts=tuple(Fact(label=f"Label {number}", value=long) for number in range(31)),
        commands=tuple(Command(text="redress show", purpose="p" * 40) for _ in range(40)),
    )
    assert list(size_faults(chat.notification(told), slack.message(told))) == []
    assert len(subject(told)) < 100
    shown = renderings(told, finding)
    assert list(size_faults(json.loads(shown.chat), json.loads(shown.slack))) == []


@pytest.mark.parametrize(("size", "shown"), [(2_900, True), (2_976, True), (2_985, False), (6_000, False)])
def test_a_statement_is_whole_or_not_there(size: int, shown: bool) -> None:  # noqa: FBT001 - a table
    """An approver never reads half of one."""
    statement = "{" + "a" * (size - 2) + "}"
    change = replace(card().change or pytest.fail("no change"), statements=(statement,))
    blocks = json.dumps(slack.message(card(change=change)))
    assert (statement in blocks) is shown
    assert ("1 of the fix's statements do not fit here" in blocks) is not shown


@pytest.mark.parametrize(("length", "kept"), [(3_000, 1), (3_001, 0)])
def test_addresses_of_buttons(length: int, kept: int) -> None:
    """One that Slack would refuse has no button, and the message goes out."""
    link = Link(label="L" * 80, url="https://docs.example.com/".ljust(length, "x"))
    blocks = list(slack.buttons([link]))
    assert len(blocks) == kept
    assert all(len(each["elements"][0]["text"]["text"]) <= 75 for each in blocks)


def test_a_path_is_no_button() -> None:
    """Where the documentation has no address, there is nothing to press."""
    assert list(slack.buttons([Link(label="Docs", url="docs/reasons.md")])) == []


@pytest.mark.parametrize("length", [1, 78, 79, 80, 81, 98, 99, 100, 500])
@pytest.mark.parametrize("script", ["latin", "chinese", "emoji"])
def test_subjects(length: int, script: str) -> None:
    """Under a hundred characters of ASCII, whatever the title."""
    assert len(subject(card(title=of_length(SCRIPTS[script], length)))) < 100
    assert subject(card(title=of_length(SCRIPTS[script], length))).isascii()


@pytest.mark.parametrize("length", [0, 1, 2_999, 3_000, 3_001, 40_000, 160_000])
def test_other_text_fits(length: int) -> None:
    """A digest of any length becomes sections, up to fifty blocks."""
    text = "\n".join("中" * 99 for _ in range(length // 100)) + "x" * (length % 100)
    message = slack.note("Redress: the day", text)
    assert list(block_faults(message)) == []


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_keeps_every_rule(kind: Kind) -> None:
    """Cards as they are need no cutting and have no fault."""
    finding, proposal = told_of(kind)
    shown = renderings(card_of(finding, proposal), finding)
    assert faults_of(shown) == []
    assert "…" not in shown.text + json.loads(shown.slack)["text"]
