"""The card as plain text, for e-mail and terminals."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from redress.domain.harmless import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from redress.domain.card.content import Card, Change, Unfixed
    from redress.domain.severity import Severity

SUBJECT_LIMIT = 99
WIDTH = 78
LABELS = 12
WORRY = {"CRITICAL": "Yes, now", "HIGH": "Yes", "MEDIUM": "Not tonight", "LOW": "No"}


def subject(card: Card) -> str:
    """Returns an SNS subject: under 100 characters, printable ASCII, no line break."""
    ascii_ = f"[Redress {card.severity}] {card.title}".replace("…", "...").encode("ascii", "replace").decode()
    return harmless(ascii_, SUBJECT_LIMIT).replace("…", "")


def body(card: Card) -> str:
    """Returns the message text; lines end in one line feed."""
    parts = (_first(card), _why(card), _fix(card), _no_fix(card), _patches(card), _details(card), _links(card))
    return "\n".join("\n".join(lines) + "\n" for part in parts if (lines := list(part)))


def worry(severity: Severity) -> str:
    """Returns whether to worry, in a word or two."""
    return WORRY[severity]


def no_fix_text(card: Card, no_fix: Unfixed) -> str:
    """Returns why no policy changes and who can act; what the card says elsewhere is not said again."""
    detail = "" if no_fix.detail == card.meaning or no_fix.detail in card.now else f"{no_fix.detail} "
    return f"{detail}Reason: {no_fix.reason}. Who can act: {no_fix.who}."


def _first(card: Card) -> Iterator[str]:
    yield from _wrapped(card.what, hang=2)
    yield ""
    yield from _row("News", card.lead) if card.lead else ()
    yield from _row("Worry?", f"{worry(card.severity)} ({card.severity}): {card.severity_reason}.")
    yield from _row("Now", f"{card.now} {card.cause}".rstrip())
    yield from _row("AWS", card.trouble) if card.trouble else ()
    yield from _row("Seen", f"{card.seen}.")
    yield from _row("Next", card.next)
    pressed = [link.url for link in card.links if link.pressed]
    longest = max(len(command.text) for command in card.commands)
    lines = pressed + [f"{command.text:<{longest}}  # {command.purpose}" for command in card.commands]
    yield from (f"{'Press' if not number else '':<{LABELS}}{line}" for number, line in enumerate(lines))


def _why(card: Card) -> Iterator[str]:
    yield "WHY"
    yield from _wrapped(f"{card.why} {card.meaning}", indent=2)
    yield from (line for note in card.notes for line in _wrapped(f"Not known: {note}", indent=2))
    yield from (line for remark in card.remarks for line in _wrapped(f"Noted: {remark}", indent=2))


def _fix(card: Card) -> Iterator[str]:
    change = card.change
    if change is None:
        return
    yield "THE FIX"
    yield from (f"  {statement}" for statement in change.statements)
    yield from _change_rows(change)


def _change_rows(change: Change) -> Iterator[str]:
    yield from _row("Covers", change.covers, indent=2) if change.covers else ()
    yield from _row("Policy", change.policy_arn, indent=2)
    yield from _row("Proof", change.proof, indent=2)
    yield from _row("Guard", " ".join(change.guard), indent=2)
    if change.owned_by:
        text = f"{change.owned_by}. Commit the patch there; this fix is a stop-gap."
        yield from _row("Made by", text, indent=2)
    if change.likely_next:
        yield from _row("Then", f"Likely to be denied next: {', '.join(change.likely_next)}.", indent=2)
    if change.lasting:
        yield from _row("Lasting", change.lasting, indent=2)
    yield from _row("Proposal", change.proposal_id, indent=2)
    yield from _row("Digest", change.digest, indent=2)


def _no_fix(card: Card) -> Iterator[str]:
    if card.no_fix:
        yield "NO FIX"
        yield from _wrapped(no_fix_text(card, card.no_fix), indent=2)


def _patches(card: Card) -> Iterator[str]:
    if card.patches:
        first, *others = (name for name, _ in card.patches)
        more = f"  # or {', '.join(others)}" if others else ""
        yield "TO COMMIT"
        yield f"  {card.show} --patch {first}{more}"


def _details(card: Card) -> Iterator[str]:
    yield "DETAILS"
    yield from (line for fact in card.facts for line in _row(fact.label, fact.value, indent=2))
    yield from _row("Finding", card.finding_id, indent=2)
    yield from _row("Notice", card.notice_id, indent=2) if card.notice_id else ()


def _links(card: Card) -> Iterator[str]:
    if not card.links:
        return
    yield "LINKS"
    width = max(len(link.label) for link in card.links) + 2
    yield from (f"  {link.label:<{width}}{link.url}" for link in card.links)


def _row(label: str, text: str, indent: int = 0) -> Iterator[str]:
    lines = _wrapped(text, width=WIDTH - LABELS - indent)
    heads: Iterable[str] = (label, *[""] * len(lines))
    yield from (f"{'':<{indent}}{head:<{LABELS}}{line}" for head, line in zip(heads, lines, strict=False))


def _wrapped(text: str, *, width: int = WIDTH, indent: int = 0, hang: int = 0) -> list[str]:
    """Returns the text's lines; ``hang`` keeps the later ones off the left edge, where only our own labels stand."""
    pad = " " * indent
    return textwrap.wrap(
        text,
        width,
        initial_indent=pad,
        subsequent_indent=pad + " " * hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
