"""Reading the message of a denial."""

from __future__ import annotations

from typing import Any

import pytest

from redress.domain.look_alikes import LOOK_ALIKES, REMARKS
from redress.domain.message import read_message
from tests.unit.why import corpus
from tests.unit.why.cases import cases, named


@pytest.mark.parametrize("case", cases("messages.json"), ids=named)
def test_each_form_of_message_is_read(case: dict[str, Any]) -> None:
    """Every documented and every seen form of message gives its parts, and nothing that it does not say."""
    parts = read_message(case["message"])
    assert {name: getattr(parts, name) for name in case["expected"]} == case["expected"]


@pytest.mark.parametrize("case", cases("look_alikes.json"), ids=named)
def test_each_text_that_names_no_action_is_read(case: dict[str, Any]) -> None:
    """A text that looks like a denial and is none has its kind, and what it leaves out is noted."""
    parts = read_message(case["message"])
    assert {"look_alike": parts.look_alike, "notes": list(parts.notes)} == case["expected"]


def test_every_look_alike_and_remark_has_a_case() -> None:
    """No text of the tables stays untried."""
    tried = [case["message"] for case in cases("look_alikes.json")]
    assert [words for words, _ in LOOK_ALIKES + REMARKS if not any(words in text for text in tried)] == []


def test_no_action_of_a_collected_message_is_overlooked() -> None:
    """An action is found in every collected message that says "to perform" and a name with a colon."""
    silent = [
        line["message"]
        for line in corpus.lines("messages.jsonl")
        if "not authorized to perform: " in line["message"] and read_message(line["message"]).action is None
    ]
    assert silent == []
