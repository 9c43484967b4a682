r"""Wildcards in actions, resources and condition values.

A *glob* is text in which ``*`` and ``?`` are wildcards and a backslash makes the next character literal.
Between two stars the leftmost match of a piece is always a right one, so no step is ever taken back
and hostile patterns cannot stall us: pieces without ``?`` are found as plain text, the others by regular
expressions with atomic groups.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

Test = Callable[[str], object]
"""Truthy where the text matches."""

ARN_FIELDS = 6
_TOKEN = re.compile(r"\\.|[*?]|[^\\*?]+|\\", re.DOTALL)
_SPECIAL = re.compile(r"([\\*?])")


def literal(text: str) -> str:
    """Returns the glob that matches exactly this text."""
    return _SPECIAL.sub(r"\\\1", text) if _SPECIAL.search(text) else text


def from_policy(text: str) -> str:
    """Returns the glob for text of a policy, whose backslashes mean themselves."""
    return text.replace("\\", "\\\\") if "\\" in text else text


def has_wildcard(text: str) -> bool:
    """Returns whether text of a policy holds ``*`` or ``?``."""
    return "*" in text or "?" in text


@lru_cache(maxsize=8192)
def glob_test(glob: str) -> Test:
    """Returns a function that tells whether the whole of its argument matches the glob."""
    if "?" in glob or "\\" in glob:
        return re.compile(_expression(glob), re.DOTALL).fullmatch
    head, *rest = glob.split("*")
    if not rest:
        return glob.__eq__
    *middle, tail = rest
    inner = tuple(piece for piece in middle if piece)
    if not inner and not tail:
        return lambda text: text.startswith(head)
    return _stars(head, inner, tail)


def _stars(head: str, inner: tuple[str, ...], tail: str) -> Test:
    least = len(head) + len(tail)

    def test(text: str) -> bool:
        if len(text) < least or not (text.startswith(head) and text.endswith(tail)):
            return False
        at, end = len(head), len(text) - len(tail)
        for piece in inner:
            at = text.find(piece, at, end) + len(piece)
            if at < len(piece):
                return False
        return True

    return test


def _expression(glob: str) -> str:
    """Returns the regular expression of a glob."""
    pieces: list[list[str]] = [[]]
    for text in _TOKEN.findall(glob):
        if text == "*":
            pieces.append([])
        else:
            pieces[-1].append(text)
    head, *rest = (_piece(piece) for piece in pieces)
    if not rest:
        return head
    *middle, tail = rest
    return f"{head}{''.join(f'(?>.*?{piece})' for piece in middle if piece)}.*{tail}"


def _piece(tokens: list[str]) -> str:
    return "".join("." if text == "?" else re.escape(text[1:] if text[0] == "\\" else text) for text in tokens)


@lru_cache(maxsize=8192)
def arn_test(glob: str) -> Test:
    """Returns a function that matches an ARN field by field: no wildcard reaches over one of its first five colons.

    Text of fewer than six fields matches an ARN only by a star at its very end, which stands for the rest.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    ("within ARN segments, the parts separated by colons") and the ARN condition operators.
    """
    *leading, last = glob.split(":", ARN_FIELDS - 1)
    if len(leading) < ARN_FIELDS - 1 and not last.endswith("*"):
        return _never
    if not any(map(has_wildcard, leading)):
        return glob_test(glob)
    return _fields(tuple(glob_test(field) for field in leading), glob_test(last))


def _fields(leading: tuple[Test, ...], last: Test) -> Test:
    amount = len(leading)

    def test(text: str) -> bool:
        fields = text.split(":", amount)
        if len(fields) <= amount or not last(fields[amount]):
            return False
        return all(one(field) for one, field in zip(leading, fields, strict=False))

    return test


def meet(one: str, other: str) -> bool:
    """Returns whether there is text that two patterns of ``*`` and ``?`` both match.

    Takes time in proportion to the product of their lengths, whatever they hold.
    """
    reached = {(0, 0)}
    ahead = [(0, 0)]
    while ahead:
        at, there = ahead.pop()
        if at == len(one) and there == len(other):
            return True
        further = set(_further(one, at, other, there)) - reached
        reached |= further
        ahead.extend(further)
    return False


def _further(one: str, at: int, other: str, there: int) -> Iterator[tuple[int, int]]:
    mine, theirs = one[at : at + 1], other[there : there + 1]
    if mine == "*":
        yield at + 1, there
    if theirs == "*":
        yield at, there + 1
    if mine == "*" and theirs:
        yield at, there + 1
    if theirs == "*" and mine:
        yield at + 1, there
    if mine and theirs and (mine == theirs or "?" in {mine, theirs}):
        yield at + 1, there + 1


def _never(_: str) -> bool:
    return False
