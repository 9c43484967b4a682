"""Other people's words made safe for each place where they are shown.

Three steps, each for its place: :func:`told` for all (one line, nothing hidden, no live link), then for Slack's
mrkdwn either :func:`escaped` (inside backticks, where only ``&``, ``<`` and ``>`` mean something) or
:func:`neutral` (in running text, where look-alikes stand in for markup, since mrkdwn has no escape).
Source: docs.slack.dev/messaging/formatting-message-text.
"""

from __future__ import annotations

import re
import unicodedata

from redress.domain.harmless import ELLIPSIS, harmless, is_plain_ascii

SHORT, LONG = 160, 600
QUOTE = '"'
GRAVE = "\N{MODIFIER LETTER GRAVE ACCENT}"
"""Stands in for a backtick between backticks."""
MOST_MARKS = 3
"""Accents on one letter; more of them climb over the lines above and below."""
_MARKS = frozenset({"Mn", "Me"})
_LINK = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LOOK_ALIKES = str.maketrans(
    {"*": "∗", "_": "ˍ", "`": "ˋ", "~": "∼", "[": "⟦", "]": "⟧", "@": "＠", "#": "＃", "\\": "∖"}  # noqa: RUF001 - look-alikes on purpose: client markdown has no escape
)
_EMOJI = re.compile(r":(?=[\w+'-]+:)")


def told(text: str, limit: int = SHORT) -> str:
    """Returns the text on one line, with nothing hidden, and no link that a mail or chat program would offer."""
    shown = _calm(harmless(text, limit))
    return harmless(_LINK.sub(lambda found: f"[{found[0]}]", shown), limit)


def named(text: str, limit: int = 2 * SHORT) -> str:
    """Returns told text; where it holds letters that may look like others, it says so behind them."""
    shown = told(text, limit)
    return shown if is_plain_ascii(shown.replace(ELLIPSIS, "")) else f"{shown} (contains letters outside ASCII)"


def neutral(text: str) -> str:
    """Returns text in which no chat program finds markup, mentions or emoji names."""
    return _EMOJI.sub("∶", text.translate(_LOOK_ALIKES))  # noqa: RUF001 - the sign of ratio, on purpose


def escaped(text: str, limit: int) -> str:
    """Returns text for mrkdwn, at most ``limit`` units long after escaping; no entity is cut in two."""
    return cut(_entities(text), limit)


def _entities(text: str) -> list[str] | str:
    if _ENTITIES.keys().isdisjoint(text):
        return text
    return [_ENTITIES.get(character, character) for character in text]


def running(text: str, limit: int) -> str:
    """Returns running text for mrkdwn: neutral, and what stands in quotation marks exactly, between backticks."""
    pieces: list[str] = []
    parts = text.split(QUOTE)
    for number, part in enumerate(parts):
        is_inside, is_closed = number % 2 == 1, number < len(parts) - 1
        if is_inside and is_closed and part.strip():
            pieces.append(code(part, limit))
        else:
            whole = QUOTE * is_inside + part + QUOTE * (is_inside and is_closed)
            pieces += _entities(neutral(whole))
    return cut(pieces, limit)


def code(text: str, limit: int) -> str:
    """Returns text between backticks, where nothing but an entity means anything."""
    return f"`{escaped(text.replace('`', GRAVE), limit - 2)}`"


def cut(text: str | list[str], limit: int) -> str:
    """Returns the text (or its pieces, none of them cut in two), at most ``limit`` units long."""
    whole = "".join(text)
    if units(whole) <= limit:
        return whole
    kept: list[str] = []
    room = limit - units(ELLIPSIS)
    for piece in text:
        room -= units(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + ELLIPSIS


def units(text: str) -> int:
    """Returns the length in UTF-16 units: whether a service counts these or characters, it never counts more."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _calm(text: str) -> str:
    """Returns the text with at most three accents on each letter."""
    if text.isascii():
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in _MARKS else 0
        if run <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)
