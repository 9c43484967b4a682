"""The card as Slack Block Kit, for an incoming webhook.

docs.slack.dev/reference/block-kit: 50 blocks, header 150 characters, section text 3,000, 10 fields of 2,000,
button text 75, address 3,000. What is to be copied stands between backticks; running text has look-alikes in place of
markup, or stands in plain_text objects, which Slack does not interpret; buttons are links only, so that nothing can be
changed from Slack.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from redress.domain.card.links import APPROVE
from redress.domain.card.plain import no_fix_text, worry
from redress.domain.card.safe_text import GRAVE, code, cut, escaped, neutral, running, told, units
from redress.domain.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from redress.domain.card.content import Card, Change, Fact, Link

Block = dict[str, Any]

BLOCK_LIMIT = 50
HEADER_LIMIT = 150
TEXT_LIMIT = 3_000
FIELD_LIMIT = 2_000
FIELDS = 10
BUTTON_LIMIT = 75
BUTTONS = 5
ADDRESS_LIMIT = 3_000
CONTEXT_LIMIT = 2_000
FALLBACK_LIMIT = 3_000
LINE_LIMIT = 700
EMPTY = "-"
"""Slack refuses a whole message for one empty text."""

MARKS = {Severity.CRITICAL: "\N{LARGE RED CIRCLE}", Severity.HIGH: "\N{LARGE ORANGE CIRCLE}"}
MARKS |= {Severity.MEDIUM: "\N{LARGE YELLOW CIRCLE}", Severity.LOW: "\N{LARGE BLUE CIRCLE}"}


def message(card: Card) -> dict[str, Any]:
    """Returns what the webhook is sent."""
    title = f"{MARKS[card.severity]} {card.severity}: {card.title}"
    return bounded(f"{title}. {card.now}", [header(title), *_blocks(card)])


def note(title: str, text: str) -> dict[str, Any]:
    """Returns the message for a notice that is plain text: the daily digest, an alarm."""
    lines = (f"{told(line, TEXT_LIMIT - 1)}\n" for line in text.splitlines())
    head = told(title, HEADER_LIMIT)
    return bounded(head, [header(head), *map(section, _chunks(lines, TEXT_LIMIT))])


def bounded(fallback: str, blocks: Sequence[Block]) -> dict[str, Any]:
    """Returns a message of at most 50 blocks; where some do not fit, the last says so.

    Args:
        fallback: What a notification on a phone shows; Slack reads markup in it.
        blocks: All of them.

    """
    kept = list(blocks[:BLOCK_LIMIT])
    if len(blocks) > BLOCK_LIMIT:
        left = len(blocks) - BLOCK_LIMIT + 1
        kept[-1] = section(f"… and {left} more parts, which Slack has no room for.")
    quiet = {"unfurl_links": False, "unfurl_media": False, "link_names": False}
    return {"text": escaped(neutral(fallback), FALLBACK_LIMIT), "blocks": kept, **quiet}


def header(title: str) -> Block:
    """Returns a header block."""
    return {"type": "header", "text": _plain(title, HEADER_LIMIT)}


def section(text: str) -> Block:
    """Returns a section of text that Slack does not interpret."""
    return {"type": "section", "text": _plain(text, TEXT_LIMIT)}


def fields(facts: Iterable[Fact]) -> Iterator[Block]:
    """Yields sections of at most ten labelled values each, in two columns."""
    rest = iter(facts)
    while some := list(islice(rest, FIELDS)):
        yield {"type": "section", "fields": [_field(fact) for fact in some]}


def buttons(links: Iterable[Link]) -> Iterator[Block]:
    """Yields a row of link buttons; what is no web address gets none."""
    fit = [link for link in links if link.url.startswith("https://") and units(link.url) <= ADDRESS_LIMIT]
    if fit:
        yield {"type": "actions", "elements": [_button(number, link) for number, link in enumerate(fit[:BUTTONS])]}


def _blocks(card: Card) -> Iterator[Block]:
    yield {"type": "section", "text": _mrkdwn(running(card.what, TEXT_LIMIT))}
    yield _told(_summary(card))
    yield from buttons(card.links)
    yield {"type": "divider"}
    yield from _fix_blocks(card.change) if card.change else ()
    yield _told(_reasons(card))
    yield from fields(card.facts)
    yield from _commands(card)


def _summary(card: Card) -> Iterator[tuple[str, str]]:
    yield "News", card.lead
    yield "Worry?", f"{worry(card.severity)}: {card.severity_reason}."
    yield "Now", f"{card.now} {card.cause}".rstrip()
    yield "AWS", card.trouble
    yield "Seen", f"{card.seen}."
    yield "Next", card.next


def _reasons(card: Card) -> Iterator[tuple[str, str]]:
    if card.no_fix:
        yield "No fix", no_fix_text(card, card.no_fix)
    yield "Why", f"{card.why} {card.meaning}"
    yield "Not known", " ".join(card.notes)
    yield "Noted", " ".join(card.remarks)


def _fix_blocks(change: Change) -> Iterator[Block]:
    yield from _statements(change.statements)
    yield _told(_around_fix(change))


def _statements(statements: Sequence[str]) -> Iterator[Block]:
    """Yields the statements, each whole: one that is cut could be read as what it is not."""
    fences = [f"*The fix*\n```{escaped(each.replace('`', GRAVE), 2 * TEXT_LIMIT)}```" for each in statements[:FIELDS]]
    fit = [fence for fence in fences if units(fence) <= TEXT_LIMIT]
    yield from ({"type": "section", "text": _mrkdwn(fence)} for fence in fit)
    if len(fit) < len(statements):
        yield section(f"{len(statements) - len(fit)} of the fix's statements do not fit here: see redress show.")


def _around_fix(change: Change) -> Iterator[tuple[str, str]]:
    yield "Covers", change.covers
    yield "Policy of the fix", f'"{change.policy_arn}"'
    yield "Proof", change.proof
    yield "Guard", " ".join(change.guard)
    yield (
        "Made by",
        f"{change.owned_by}. Commit the patch there; this fix is a stop-gap." * bool(change.owned_by),
    )
    yield "Likely to be denied next", ", ".join(change.likely_next)
    yield "Lasting", change.lasting


def _told(lines: Iterable[tuple[str, str]]) -> Block:
    """Returns a section of labelled lines, those without text left out, each line short enough for all to fit."""
    shown = [f"*{label}*  {running(text, LINE_LIMIT)}" for label, text in lines if text]
    return {"type": "section", "text": _mrkdwn(cut([f"{line}\n" for line in shown], TEXT_LIMIT).rstrip("\n"))}


def _commands(card: Card) -> Iterator[Block]:
    lines = [f"{code(command.text, LINE_LIMIT)}  {command.purpose}\n" for command in card.commands]
    if card.patches:
        formats = ", ".join(name for name, _ in card.patches)
        lines.append(f"{code(f'{card.show} --patch FORMAT', LINE_LIMIT)}  to commit: {formats}\n")
    if card.notice_id:
        lines.append(f"Notice {card.notice_id}\n")
    yield {"type": "context", "elements": [_mrkdwn(cut(lines, CONTEXT_LIMIT).rstrip("\n"))]}


def _field(fact: Fact) -> Block:
    return _mrkdwn(f"*{fact.label}*\n{code(fact.value, FIELD_LIMIT - len(fact.label) - 3)}")


def _button(number: int, link: Link) -> Block:
    shown: Block = {"type": "button", "text": _plain(link.label, BUTTON_LIMIT), "url": link.url}
    shown["action_id"] = f"link-{number}"
    return shown | ({"style": "primary"} if link.label == APPROVE else {})


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": cut(text, limit) or EMPTY, "emoji": False}


def _chunks(lines: Iterable[str], limit: int) -> Iterator[str]:
    """Yields the lines in pieces of at most ``limit`` units; a longer line is cut."""
    chunk = ""
    for line in lines:
        if chunk and units(chunk) + units(line) > limit:
            yield chunk.rstrip("\n")
            chunk = ""
        chunk += cut(line, limit)
    yield chunk.rstrip("\n")
