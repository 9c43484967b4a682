"""The card for Amazon Q Developer in chat applications (custom notification schema 1.0).

docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html: title at most 250 characters, description 8,000,
each next step 350, each keyword 75. Text is client markdown, which Slack and Teams read each in its own way: running
text has look-alikes in place of markup, and what is to be copied stands between backticks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.domain.card.plain import no_fix_text, worry
from redress.domain.card.safe_text import code, cut, running, units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.card.content import Card, Change

TITLE_LIMIT = 250
DESCRIPTION_LIMIT = 8_000
NEXT_STEP_LIMIT = 350
KEYWORD_LIMIT = 75
LINE_LIMIT = 700
STATEMENT_LIMIT = 2_500
BREAK = "  \n"
"""A line break in every kind of Markdown."""


def notification(card: Card) -> dict[str, Any]:
    """Returns the custom notification; one thread per finding."""
    return {
        "version": "1.0",
        "source": "custom",
        "id": card.notice_id or f"{card.finding_id}-{card.state}",
        "content": {
            "textType": "client-markdown",
            "title": _text(f"{card.severity}: {card.title}", TITLE_LIMIT),
            "description": _description(card),
            "nextSteps": list(_steps(card)),
            "keywords": [cut(word, KEYWORD_LIMIT) for word in _keywords(card)],
        },
        "metadata": {
            "threadId": card.wide.cause if card.wide else card.finding_id,
            "summary": _text(card.now, TITLE_LIMIT),
            "eventType": card.state.value,
            "additionalContext": _context(card),
            "enableCustomActions": True,
        },
    }


def _text(text: str, limit: int) -> str:
    return running(text, limit)


def _keywords(card: Card) -> tuple[str, ...]:
    return ("Redress", card.severity.value, card.state.value)


def _context(card: Card) -> dict[str, str]:
    ids = {"FindingId": card.finding_id, "ProposalId": card.change.proposal_id if card.change else ""}
    return {name: value for name, value in ids.items() if value}


def _steps(card: Card) -> Iterator[str]:
    yield _text(card.next, NEXT_STEP_LIMIT)
    for command in card.commands:
        yield f"{code(command.text, NEXT_STEP_LIMIT - len(command.purpose) - 2)}: {command.purpose}"


def _description(card: Card) -> str:
    """Returns the lines that fit, each whole."""
    kept: list[str] = []
    room = DESCRIPTION_LIMIT
    for line in _lines(card):
        room -= units(BREAK) + units(line)
        if room < 0:
            break
        kept.append(line)
    return BREAK.join(kept)


def _lines(card: Card) -> Iterator[str]:
    yield _text(card.what, LINE_LIMIT)
    yield from (_line("News", card.lead),) if card.lead else ()
    yield _line("Worry?", f"{worry(card.severity)} ({card.severity}): {card.severity_reason}.")
    yield _line("Now", f"{card.now} {card.cause}".rstrip())
    yield from (_line("AWS", card.trouble),) if card.trouble else ()
    yield _line("Seen", f"{card.seen}.")
    yield _line("Why", f"{card.why} {card.meaning}")
    yield from (_line("Not known", note) for note in card.notes)
    yield from (_line("Noted", remark) for remark in card.remarks)
    yield from _fix_lines(card)
    yield from (f"*{fact.label}* {code(fact.value, LINE_LIMIT)}" for fact in card.facts)
    yield from (f"{link.label}: {link.url}" for link in card.links)


def _fix_lines(card: Card) -> Iterator[str]:
    if card.change:
        yield from map(_statement, card.change.statements)
        yield from (_line("Covers", card.change.covers),) if card.change.covers else ()
        yield f"*Policy of the fix* {code(card.change.policy_arn, LINE_LIMIT)}"
        yield _line("Proof", card.change.proof)
        yield _line("Guard", " ".join(card.change.guard))
        yield from _more_of(card.change)
    if card.no_fix:
        yield _line("No fix", no_fix_text(card, card.no_fix))
    if card.patches:
        yield _line("Patches", f"{', '.join(name for name, _ in card.patches)} (redress show … --patch).")


def _more_of(change: Change) -> Iterator[str]:
    if change.owned_by:
        yield _line("Made by", f"{change.owned_by}. Commit the patch there; this fix is a stop-gap.")
    if change.likely_next:
        yield _line("Likely to be denied next", ", ".join(change.likely_next))
    if change.lasting:
        yield _line("Lasting", change.lasting)


def _statement(statement: str) -> str:
    """Returns the statement whole, or where it stands: one that is cut could be read as what it is not."""
    shown = f"*Fix* {code(statement, 2 * DESCRIPTION_LIMIT)}"
    return shown if units(shown) <= STATEMENT_LIMIT else "*Fix* too long to show here: see redress show."


def _line(label: str, text: str) -> str:
    return f"*{label}* {_text(text, LINE_LIMIT)}"
