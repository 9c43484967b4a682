"""Secrets are taken out of events by rule, before anything is stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain.redaction import DEPTH_LIMIT, MEMBER_LIMIT, REDACTED, TEXT_LIMIT, redact, redact_text

CASES = Path(__file__).parents[2] / "cases" / "redaction"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def cases(name: str) -> list[Any]:
    """The cases of a file, each by its name."""
    return [pytest.param(case, id=case["name"]) for case in json.loads((CASES / name).read_text())]


@pytest.mark.parametrize("case", cases("texts.json"))
def test_texts(case: dict[str, str]) -> None:
    """A text loses its secrets and nothing else."""
    assert redact_text(case["text"]) == case["expected"]


@pytest.mark.parametrize("case", cases("members.json"))
def test_members(case: dict[str, Any]) -> None:
    """Request parameters lose their secrets and nothing else."""
    assert redact(case["given"]) == case["expected"]


@given(JSON)
def test_any_json(value: object) -> None:
    """Any JSON comes back as JSON, and redacting again changes nothing that matters."""
    once = redact(value)
    json.dumps(once)
    assert redact(once) == once


@given(st.text(min_size=8, alphabet=st.characters(codec="ascii", categories=("L", "N"))))
def test_no_password_survives(secret: str) -> None:
    """Whatever a member called password holds is gone."""
    assert secret not in json.dumps(redact({"request": {"newPassword": secret, "note": f"password={secret}"}}))


def test_bounds() -> None:
    """Texts, lists, objects and nesting have limits, and what is left out is said."""
    assert len(redact("x" * 5_000)) == TEXT_LIMIT
    assert redact(["a"] * (MEMBER_LIMIT + 5))[-1] == "[5 more]"
    assert redact({str(n): n for n in range(MEMBER_LIMIT + 2)})["[more]"] == 2
    deep: object = "end"
    for _ in range(DEPTH_LIMIT + 3):
        deep = [deep]
    assert "[nested too deep]" in json.dumps(redact(deep))


def test_words() -> None:
    """The replacement itself is left alone."""
    assert redact_text(f"password={REDACTED}") == f"password={REDACTED}"
