"""Finds the error messages in a text that somebody copied from a terminal or a log."""

from __future__ import annotations

import re
from dataclasses import dataclass

from redress.domain.message import read_message
from redress.domain.message_grammar import SAYS, WHOLE_BLOB
from redress.domain.words import Layer

# A terminal breaks a long word into lines of its own width; nothing narrower is a terminal.
NARROWEST = 40
BORDERS = "│╷╵| \t"
"""What Terraform draws around an error."""
MOST_LINES = 60
DENIED = re.compile(
    r"denied|authoriz|forbidden|explicit deny|not allowed|no access|Error Code: |api error |An error occurred \(",
    re.IGNORECASE,
)


CODE = re.compile(
    r"An error occurred \(([A-Za-z.]{1,100})\) when calling"
    r"|Error Code: ([A-Za-z.]{1,100})|api error ([A-Za-z.]{1,100}):"
)
"""Where boto3 and the AWS CLI, the Java SDK, and the Go SDK (so Terraform) put the error code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An error message as text."""

    source: str
    position: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """An encoded authorization message by itself."""

    source: str
    position: str
    text: str


def texts_in(text: str, source: str, position: str) -> list[Message | Encoded]:
    """Returns the messages of a text, each with its lines joined; none where nothing in it tells of a denial."""
    if '\\"' in text:  # copied out of JSON
        text = text.replace('\\"', '"').replace("\\n", "\n")
    blob = _blob(text)
    if blob:
        return [Encoded(source=source, position=position, text=blob)]
    numbered = [
        Message(source=source, position=f"{position}, line {number}" if number > 1 else position, text=message)
        for number, message in _messages(text)
    ]
    return [message for message in numbered if DENIED.search(message.text)]


def code_in(text: str) -> str | None:
    """Returns the error code that an SDK put around a message."""
    found = CODE.search(text)
    return next((code for code in found.groups() if code), None) if found else None


def _blob(text: str) -> str | None:
    # What sts:DecodeAuthorizationMessage takes: one long word, which a terminal may have broken.
    *lines, last = text.split() or [""]
    whole = "".join((*lines, last))
    return whole if all(len(line) >= NARROWEST for line in lines) and WHOLE_BLOB.fullmatch(whole) else None


def _messages(text: str) -> list[tuple[int, str]]:
    """Returns each message with the number of its first line: a line that says who may not do what begins one."""
    lines = [line.strip(BORDERS) for line in text.splitlines()]
    starts = [number for number, line in enumerate(lines) if SAYS.search(line)]
    if len(starts) <= 1:
        return [(1, _joined(lines))]
    ends = [*starts[1:], len(lines)]
    return [(start + 1, _joined(lines[start:end])) for start, end in zip(starts, ends, strict=True)]


def _joined(lines: list[str]) -> str:
    """Returns a message's lines as one: as many as it can be read with, since a stack trace may follow it."""
    for end in range(min(len(lines), MOST_LINES), 0, -1):
        text = " ".join(" ".join(lines[:end]).split())
        parts = read_message(text)
        if parts.layer is not Layer.UNKNOWN and not parts.ambiguous:
            return text
    return " ".join(" ".join(lines).split())
