"""The link to the page on kinds of denials: there where the pages have an address, with the anchor of the kind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from redress.domain.card import Place, compose, reasons_page, renderings
from redress.domain.settings import Settings
from redress.domain.words import Kind
from redress.handlers import notify
from redress.handlers.settings import Environment, environment
from tests.unit.card.cards import told_of

REASONS = (Path(__file__).parents[3] / "docs" / "reasons.md").read_text()
FOLDER = "https://github.com/you/redress/blob/main/docs"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:findings"


@pytest.mark.parametrize(
    ("docs_url", "page"),
    [
        ("", "docs/reasons.md"),
        (FOLDER, f"{FOLDER}/reasons.md"),
        (f"{FOLDER}/", f"{FOLDER}/reasons.md"),
        (f"{FOLDER}/reasons.md", f"{FOLDER}/reasons.md"),
        ("https://wiki/redress/reasons.html/", "https://wiki/redress/reasons.html"),
        ("https://docs.example.com", "https://docs.example.com/reasons.md"),
    ],
)
def test_the_page(docs_url: str, page: str) -> None:
    """The knob names the folder or the page, with or without a slash at its end; none is a path in the repository."""
    assert reasons_page(docs_url) == page


def shown(kind: Kind, docs_url: str) -> tuple[list[str], str]:
    """Returns the addresses of Slack's buttons, and what Amazon Q Developer shows, of a kind's card."""
    finding, proposal = told_of(kind)
    place = Place(region="us-east-1", docs_url=reasons_page(docs_url))
    made = renderings(replace(compose(finding, proposal=proposal, place=place), notice_id="n-1"), finding)
    blocks: list[dict[str, Any]] = json.loads(made.slack)["blocks"]
    buttons = [each["url"] for block in blocks if block["type"] == "actions" for each in block["elements"]]
    return buttons, json.loads(made.chat)["content"]["description"]


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_its_anchor(kind: Kind) -> None:
    """In both chats the link leads to the row of the kind, and the page has that anchor."""
    anchor = kind.value.lower()
    buttons, description = shown(kind, FOLDER)
    assert f"{FOLDER}/reasons.md#{anchor}" in buttons
    assert f"{FOLDER}/reasons.md#{anchor}" in description
    assert f'<a id="{anchor}"></a>`{kind}`' in REASONS


def test_without_an_address_there_is_no_button() -> None:
    """Nothing leads nowhere."""
    buttons, _ = shown(Kind.UNKNOWN, "")
    assert [each for each in buttons if "reasons" in each] == []


def test_the_knob_reaches_the_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """λ notify writes cards with the operator's address."""
    given = Environment(
        table_name="t", findings_topic_arn=TOPIC, security_topic_arn=TOPIC, settings=Settings(docs_url=f"{FOLDER}/")
    )
    monkeypatch.setattr(notify, "environment", lambda: given)
    monkeypatch.setattr(notify, "client", lambda _: None)
    notify._desk.cache_clear()
    place = notify._desk().writer.place
    notify._desk.cache_clear()
    environment.cache_clear()
    assert place == Place(region="eu-west-1", docs_url=f"{FOLDER}/reasons.md")
