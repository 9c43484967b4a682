"""Texts of other systems (policy names, error texts, tool answers) made fit to be shown and sealed."""

from __future__ import annotations

LONGEST = 300


def plain(text: str, longest: int = LONGEST) -> str:
    """Returns the text as one line of printable ASCII without braces, cut to ``longest`` characters.

    SSM Automation would read two braces as a variable.
    """
    swapped = text.translate(_SWAPPED)
    line = "".join(letter if " " <= letter <= "~" else " " for letter in swapped).strip()
    return line if len(line) <= longest else f"{line[: longest - 3]}..."


_SWAPPED = str.maketrans("{}", "()")
