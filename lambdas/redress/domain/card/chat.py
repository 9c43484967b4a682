"""The card for Amazon Q Developer in chat applications (custom notification schema 1.0).

docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html: title at most 250 characters, description 8,000,
each next step 350, each keyword 75. Text is client markdown, so whatever could be markup is escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.domain.harmless import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.card.content import Card

TITLE_LIMIT = 250
DESCRIPTION_LIMIT = 8_000
NEXT_STEP_LIMIT = 350
KEYWORD_LIMIT = 75
MARKUP = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "_": "ˍ", "`": "ˋ", "~": "∼", "[": "⟦", "]": "⟧", "@": "＠"}  # noqa: RUF001 - look-alikes on purpose: client markdown has no escape
)


def notification(card: Card) -> dict[str, Any]:
    """Returns the custom notification; one thread per finding."""
    steps = [_cut(_plain(step), NEXT_STEP_LIMIT) for step in (card.next_step, *card.commands)]
    return {
        "version": "1.0",
        "source": "custom",
        "id": f"{card.finding_id}-{card.state}",
        "content": {
            "textType": "client-markdown",
            "title": _cut(_plain(card.title), TITLE_LIMIT),
            "description": _cut("\n".join(_lines(card)), DESCRIPTION_LIMIT),
            "nextSteps": steps,
            "keywords": [_cut(word, KEYWORD_LIMIT) for word in (card.severity.value, card.state.value)],
        },
        "metadata": {
            "threadId": card.finding_id,
            "summary": _cut(_plain(card.state_line), TITLE_LIMIT),
            "eventType": card.state.value,
            "additionalContext": {"FindingId": card.finding_id},
            "enableCustomActions": True,
        },
    }


def _plain(text: str) -> str:
    return harmless(text, DESCRIPTION_LIMIT).translate(MARKUP)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _lines(card: Card) -> Iterator[str]:
    yield _plain(card.state_line)
    yield _plain(f"{card.what} {card.why} {card.meaning}")
    yield from (f"*{fact.label}*: {_plain(fact.value)}" for fact in card.facts)
    if card.change:
        yield from (_plain(statement) for statement in card.change.statements)
        yield _plain(f"Proof: {card.change.proof}. Guard: {'; '.join(card.change.guard)}")
    if card.no_fix:
        yield _plain(f"No fix: {card.no_fix}")
    yield from (f"{link.label}: {link.url}" for link in card.links)
