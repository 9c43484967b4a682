"""Every kind in every rendering, and every state as an e-mail, as files that a person has read.

``REDRESS_REWRITE=1 pytest tests/unit/card/test_golden.py`` writes them anew; read what changed.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from redress.domain.card import Renderings, renderings
from redress.domain.card.phrases import EVIDENCE_STRENGTH, KIND_TITLES, OWNER_WORDS, PHRASES, POLICY_WORDS, UNDONE
from redress.domain.card.steps import STEPS
from redress.domain.words import Evidence, Kind, NoFixReason, Owner, PolicyIs, State
from tests.unit.card.cards import VARIANTS, card_of, moment_of, told_of, wide_card

GOLDEN = Path(__file__).resolve().parents[2] / "cases" / "card" / "golden"
REWRITE = os.environ.get("REDRESS_REWRITE") == "1"
MOMENTS = [state.value.lower().replace("_", "-") for state in State] + list(VARIANTS)


def check(name: str, text: str) -> None:
    """Compares with the file of this name, or writes it."""
    path = GOLDEN / name
    if REWRITE:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def pretty(text: str) -> str:
    """Returns JSON as a person reads it."""
    value: Any = json.loads(text)
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def shown_of(kind: Kind) -> Renderings:
    """Returns the renderings for a kind."""
    finding, proposal = told_of(kind)
    card = replace(card_of(finding, proposal), notice_id="n-0123456789abcdef0123")
    return renderings(card, finding)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_in_every_rendering(kind: Kind) -> None:
    """The card reads as its files do."""
    shown, name = shown_of(kind), kind.value.lower()
    check(f"{name}.txt", f"Subject: {shown.subject}\n\n{shown.text}")
    check(f"{name}.chat.json", pretty(shown.chat))
    check(f"{name}.slack.json", pretty(shown.slack))
    check(f"{name}.json", pretty(shown.machine))


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_state_as_an_e_mail(moment: str) -> None:
    """What changed and who acts next reads as the file does."""
    finding, proposal = moment_of(moment)
    shown = renderings(card_of(finding, proposal), finding)
    check(f"state-{moment}.txt", f"Subject: {shown.subject}\n\n{shown.text}")


def test_the_account_wide_card() -> None:
    """One cause and many principals read as the files do."""
    card, finding = wide_card()
    shown = renderings(replace(card, notice_id="n-0123456789abcdef0123"), finding)
    check("account-wide.txt", f"Subject: {shown.subject}\n\n{shown.text}")
    check("account-wide.chat.json", pretty(shown.chat))
    check("account-wide.slack.json", pretty(shown.slack))
    check("account-wide.json", pretty(shown.machine))


def test_no_word_is_without_its_words() -> None:
    """Every state, kind, owner, evidence and end of a runbook has its wording."""
    assert set(PHRASES) == set(State)
    assert set(KIND_TITLES) == set(Kind)
    assert set(OWNER_WORDS) == set(Owner)
    assert set(STEPS) == set(NoFixReason)
    assert set(EVIDENCE_STRENGTH) == set(Evidence)
    assert set(POLICY_WORDS) == set(UNDONE) == {*PolicyIs, None}


def test_no_file_is_left_over() -> None:
    """Each golden file belongs to a kind or a moment."""
    names = (*(kind.lower() for kind in Kind), "account-wide")
    kinds = {f"{name}{end}" for name in names for end in (".txt", ".chat.json", ".slack.json", ".json")}
    assert {path.name for path in GOLDEN.iterdir()} == kinds | {f"state-{moment}.txt" for moment in MOMENTS}
