"""Cards as Slack would show them, as pictures for the documentation.

``REDRESS_REWRITE=1 pytest tests/unit/card/test_pictures.py`` takes the pictures in docs/images anew; look at them.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from redress.domain.card import renderings
from redress.domain.words import Kind, State
from tests.unit.card.cards import card_of, in_state, proposal_of, told_of, wide_card
from tests.unit.card.slack_page import browser, mrkdwn, page, picture
from tests.unit.card.smaller_png import smaller

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
REWRITE = os.environ.get("REDRESS_REWRITE") == "1"
SCENES = ("awaiting-approval", "no-fix", "suspicious", "account-wide")
SMALL = 200_000
"""Bytes."""


def message_of(scene: str) -> dict[str, object]:
    """Returns the Slack message of a scene."""
    finding, proposal = told_of(Kind.MISSING_PERMISSION)
    if scene == "no-fix":
        finding, proposal = told_of(Kind.ORGANIZATION_GUARDRAIL)
    if scene == "suspicious":
        finding, proposal = in_state(finding, State.SUSPICIOUS), proposal_of(Kind.MISSING_PERMISSION)
    card, finding = wide_card() if scene == "account-wide" else (card_of(finding, proposal), finding)
    card = replace(card, notice_id="n-0123456789abcdef0123")
    shown: dict[str, object] = json.loads(renderings(card, finding).slack)
    return shown


@pytest.mark.parametrize("scene", SCENES)
def test_pictures_can_be_taken(scene: str, tmp_path: Path) -> None:
    """Each card becomes a picture that is small enough to be kept."""
    program = browser()
    if program is None:
        pytest.skip("there is no Chromium here to take pictures with")
    path = (IMAGES if REWRITE else tmp_path) / f"card-{scene}.png"
    picture(message_of(scene), path, program=program)
    path.write_bytes(smaller(path.read_bytes()))
    assert path.read_bytes().startswith(b"\x89PNG")
    assert 5_000 < path.stat().st_size < SMALL


@pytest.mark.parametrize("scene", SCENES)
def test_the_documentation_has_the_pictures(scene: str) -> None:
    """They are there, and the page on notices shows them."""
    assert (IMAGES / f"card-{scene}.png").stat().st_size < SMALL
    assert f"(images/card-{scene}.png)" in (IMAGES.parent / "notices.md").read_text(encoding="utf-8")


def test_the_page_shows_what_slack_would_interpret() -> None:
    """A mention or link that got through would be seen; what is escaped or between backticks is text."""
    assert mrkdwn("<!channel> *a* <https://x.example|b>") == (
        '<span class="mention">!channel</span> <b>a</b> <span class="mention">b</span>'
    )
    assert mrkdwn("`&lt;!channel&gt; *a*`") == "<code>&lt;!channel&gt; *a*</code>"
    assert 'class="mention"' not in page(message_of("no-fix"))
