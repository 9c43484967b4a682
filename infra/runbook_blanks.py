"""Python text without the blanks that Python does not need."""

from __future__ import annotations

import io
import tokenize
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def squeezed(text: str) -> str:
    """Returns the text without blanks inside of lines, but where two words would run together.

    Indents and the insides of texts stay; what it means is the same, which ``runbook_source`` makes sure of.
    """
    lines = text.splitlines(keepends=True)
    for line, start, end in reversed(list(_needless(text, lines))):
        lines[line] = lines[line][:start] + lines[line][end:]
    return "".join(lines)


def _needless(text: str, lines: list[str]) -> Iterator[tuple[int, int, int]]:
    """Yields line, start and end of each gap between two tokens of a line that may go."""
    for left, right in pairwise(tokenize.generate_tokens(io.StringIO(text).readline)):
        (row, start), (below, end) = left.end, right.start
        if row == below and 0 < start < end and lines[row - 1][start:end].isspace():
            before, after = lines[row - 1][start - 1], lines[row - 1][end]
            if not (_is_word(before) and (_is_word(after) or after in "'\"")):
                yield row - 1, start, end


def _is_word(mark: str) -> bool:
    return mark.isalnum() or mark == "_"
