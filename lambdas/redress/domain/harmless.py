"""Makes text that an attacker may have written safe to show to a person."""

from __future__ import annotations

import unicodedata

# Cc control, Cf format (bidi overrides, zero width), Cs surrogates, Co private use, Zl/Zp line breaks.
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
"""Letters, signs and accents that fonts leave blank or draw nothing for: fillers, joiners, variation selectors.

Source: the Unicode Character Database, Default_Ignorable_Code_Point; and the empty Braille pattern.
"""
_CONTROLS = dict.fromkeys((*range(32), 127), " ")
ELLIPSIS = "…"


def harmless(text: str, limit: int = 256) -> str:
    """Returns the text on one line, without invisible characters, at most ``limit`` characters long.

    What is cut ends in ``…``. Each run of hidden characters and white space becomes one space, so that words
    which an attacker glued together or tore apart by hidden characters look as odd as they are.
    """
    line = " ".join(_shown(text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS


def harmless_lines(text: str) -> str:
    """Returns the text with its lines and their blanks as they stand, and a blank for every hidden character."""
    return "\n".join(map(_shown, text.split("\n")))


def _shown(text: str) -> str:
    if text.isascii():  # most texts: of these only control characters are hidden
        return text if text.isprintable() else text.translate(_CONTROLS)
    return "".join([" " if _is_hidden(character) else character for character in text])


def _is_hidden(character: str) -> bool:
    return character in UNSEEN or unicodedata.category(character) in HIDDEN


def is_plain_ascii(text: str) -> bool:
    """Returns whether every character is printable ASCII; look-alike letters of other scripts are not."""
    return text.isascii() and text.isprintable()


def flagged(text: str, limit: int = 256) -> str:
    """Returns harmless text; names that hold look-alike letters of other scripts say so behind them."""
    shown = harmless(text, limit)
    return shown if is_plain_ascii(shown.replace(ELLIPSIS, "")) else f"{shown} (contains letters outside ASCII)"
