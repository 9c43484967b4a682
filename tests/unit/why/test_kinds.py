"""The closed list of kinds, and its page."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest

from redress.domain.kinds import KINDS
from redress.domain.parse_codes import REASON_KINDS
from redress.domain.words import Kind

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reasons.md"
ROW = re.compile(
    r'\| <a id="([a-z0-9_]+)"></a>`([A-Z0-9_]+)` \| (.*?) \| (.*?) \| (.*?) \| .*? \(`([A-Z_]+)`\) \| (.*?) \|'
)


@lru_cache(maxsize=1)
def rows() -> dict[str, tuple[str, ...]]:
    """Returns the cells of each row of the page's table, by kind."""
    found = [ROW.fullmatch(line) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    return {row.group(2): row.groups() for row in found if row}


def test_the_list_has_every_kind() -> None:
    """No kind is without meaning, next step and owner."""
    assert set(KINDS) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_row_on_the_page(kind: Kind) -> None:
    """The page says what the code says: meaning, next step, owner, fix or the reason why there is none."""
    facts = KINDS[kind]
    fix = "Fix" if facts.no_fix is None else f"NoFix: `{facts.no_fix}`"
    anchor, _, meaning, evidence, next_step, owner, fixed = rows()[kind]
    assert (anchor, meaning, next_step, owner, fixed) == (
        kind.lower(), facts.meaning, facts.next_step, facts.owner, fix,
    )  # fmt: skip
    assert evidence


def test_every_word_for_no_denial_stands_on_the_page() -> None:
    """The page lists each reason with the kind of trouble that it is."""
    text = PAGE.read_text(encoding="utf-8")
    missing = [
        reason
        for reason, kind in REASON_KINDS.items()
        if f"| `{reason}` | {f'[`{kind}`](#{kind.lower()})' if kind else 'none'} |" not in text
    ]
    assert missing == []


@pytest.mark.parametrize("kind", Kind)
def test_meaning_and_next_step_are_plain_sentences(kind: Kind) -> None:
    """Each is one sentence that begins with a capital, ends with a full stop and fits a line of e-mail."""
    for sentence in (KINDS[kind].meaning, KINDS[kind].next_step):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert len(sentence) <= 160
