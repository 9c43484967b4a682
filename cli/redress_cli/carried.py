"""Finds the error messages that JSON carries which is no CloudTrail record: a line of a log, the body of an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from redress.domain.message_grammar import SAYS
from redress_cli.texts import Message, tells, texts_in

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 8
_RECORDS = frozenset({"eventSource", "eventName", "detail-type"})


def carried_in(value: object, source: str, position: str) -> list[Message]:
    """Returns the messages among the texts of a JSON value; none where it is a record, or none tells of a denial.

    Of several texts those count that name an action, else the first.
    """
    if isinstance(value, dict) and not _RECORDS.isdisjoint(value):
        return []
    told = [text for text in dict.fromkeys(_texts(value, 0)) if tells(text)]
    naming = [text for text in told if SAYS.search(text)] or told[:1]
    found = (message for text in naming for message in texts_in(text, source, position))
    return [message for message in found if isinstance(message, Message)]


def _texts(value: object, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        inner = _inner(value)
        yield from (value,) if inner is None else _texts(inner, depth + 1)
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one, depth + 1)


def _inner(text: str) -> object | None:
    # A body is JSON inside JSON.
    if not text.startswith("{"):
        return None
    try:
        inner: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return inner
