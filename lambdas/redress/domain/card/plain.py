"""The card as plain text, for e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.harmless import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.card.content import Card, Change

SUBJECT_LIMIT = 99


def subject(card: Card) -> str:
    """Returns an SNS subject: under 100 characters, printable ASCII, no line break."""
    return harmless(card.title, SUBJECT_LIMIT).encode("ascii", "replace").decode()


def body(card: Card) -> str:
    """Returns the message text; lines end in one line feed."""
    return "\n".join(_lines(card)) + "\n"


def _lines(card: Card) -> Iterator[str]:
    yield card.state_line
    yield f"Severity: {card.severity} ({card.severity_reason})"
    yield ""
    yield f"{card.what} {card.why} {card.meaning}"
    yield ""
    width = max(len(fact.label) for fact in card.facts) + 2
    yield from (f"{fact.label + ':':<{width}}{fact.value}" for fact in card.facts)
    yield ""
    yield from _change_lines(card.change) if card.change else ()
    yield from (f"No fix: {card.no_fix}", "") if card.no_fix else ()
    yield f"Next step: {card.next_step}"
    yield from (f"  {command}" for command in card.commands)
    yield ""
    yield from (f"{link.label}: {link.url}" for link in card.links)
    yield f"Finding: {card.finding_id}"


def _change_lines(change: Change) -> Iterator[str]:
    yield "Proposed statement:" if len(change.statements) == 1 else "Proposed statements:"
    yield from (f"  {statement}" for statement in change.statements)
    yield f"Proof: {change.proof}"
    yield f"Guard: {change.guard[0]}"
    yield from (f"  {hit}" for hit in change.guard[1:])
    yield f"Digest: {change.digest}"
    yield f"Expires: {change.expires_at}"
    yield ""
