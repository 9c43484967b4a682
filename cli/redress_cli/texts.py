"""Finds the error messages in a text that somebody copied from a terminal or a log."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import pairwise

from redress.domain.message import read_message
from redress.domain.message_grammar import SAYS, WHOLE_BLOB
from redress.domain.words import Effect, Layer

# A terminal breaks a long word into lines of its own width; nothing narrower is a terminal.
NARROWEST = 40
BORDERS = "│╷╵| \t"
"""What Terraform draws around an error."""
QUOTED_BY = "#> "
"""What begins the lines of a comment, and of a mail that was answered."""
MOST_LINES = 60
DENIED = re.compile(
    r"denied|authoriz|forbidden|explicit deny|not allowed|no access|Error Code: |api error |An error occurred \(",
    re.IGNORECASE,
)


HINTS = re.compile(
    r"policy allows the|assume|permissions (?:to|for) |any privilege|trust policy|logged in|security_exception",
    re.IGNORECASE,
)
"""Words of denials that other texts hold as well: these count only where the message can be read."""

CODE = re.compile(
    r"An error occurred \(([A-Za-z.]{1,100})\) when calling"
    r"|Error Code: ([A-Za-z.]{1,100})|api error ([A-Za-z.]{1,100}):"
    r"|, RequestID: [^,\s]{0,80}, ([A-Za-z]{1,90}(?:Exception|Fault)): "
)
"""Where boto3 and the AWS CLI, the Java SDK, and the Go SDK (so Terraform) put the error code."""

XML_ERROR = re.compile(r"(?:<Code>([A-Za-z.]{1,100})</Code>\s{0,80})?<Message>([^<]{1,16384})</Message>")
"""The body of an answer of S3, Route 53 and other services that answer in XML."""
REFUSES = re.compile(r"(?:[Nn]ot|n't) authorized to(?: perform(?! this)|$)|is not allowed to execute")
WHO = re.compile(r"User:? |An error occurred \(")
FEW = 3
"""Lines between who asked and what was refused."""
ENDS = re.compile(r" on resource:? [\"'`]?(?:arn:[^\s\"]{1,2048}|\*)[\"'`.]{0,2}$")
GOES_ON = re.compile(r"(?:is|because|with|on|status|Encoded|Go)\b|\(")
"""How AWS's sentence goes on behind an ARN."""
STACK = re.compile(
    r"at \S+ \(|at \S+:\d+|Traceback |File \"|with \S+,$|on \S+ line \d+|For debugging logs|See details in "
)
"""How a line begins that belongs to no message."""


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
    text = _without_xml(text)
    blob = _blob(text)
    if blob:
        return [Encoded(source=source, position=position, text=blob)]
    text = _unbroken(text)
    numbered = [
        Message(source=source, position=f"{position}, line {number}" if number > 1 else position, text=message)
        for number, message in _messages(text)
    ]
    return [message for message in numbered if DENIED.search(message.text) or _is_told(message.text)]


def tells(text: str) -> bool:
    """Returns whether the text tells of a denial in words that can be read, whatever else holds such words."""
    return bool(DENIED.search(text) or HINTS.search(text)) and (_is_read(text) or code_in(text) is not None)


def _is_told(text: str) -> bool:
    return HINTS.search(text) is not None and _is_read(text)


def _is_read(text: str) -> bool:
    parts = read_message(text)
    return bool(parts.action or parts.look_alike) or (parts.layer, parts.effect) != (Layer.UNKNOWN, Effect.UNKNOWN)


def code_in(text: str) -> str | None:
    """Returns the error code that an SDK put around a message."""
    found = CODE.search(text)
    return next((code for code in found.groups() if code), None) if found else None


def _without_xml(text: str) -> str:
    # The Java SDK's way to name a code is one that is read below.
    errors = XML_ERROR.findall(text)
    told = [
        f"{html.unescape(said).strip()} (Service: AWS; Error Code: {code or 'AccessDenied'})" for code, said in errors
    ]
    return "\n".join(told) or text


def _blob(text: str) -> str | None:
    # What sts:DecodeAuthorizationMessage takes: one long word, which a terminal may have broken.
    *lines, last = text.split() or [""]
    whole = "".join((*lines, last))
    return whole if all(len(line) >= NARROWEST for line in lines) and WHOLE_BLOB.fullmatch(whole) else None


def _messages(text: str) -> list[tuple[int, str]]:
    """Returns each message with the number of its first line: a line that says who may not do what begins one."""
    lines = [line.strip(BORDERS).lstrip(QUOTED_BY) for line in text.splitlines()]
    starts = _starts(lines)
    if len(starts) <= 1:
        return [(1, _joined(lines))]
    ends = [*starts[1:], len(lines)]
    return [(start + 1, _joined(lines[start:end])) for start, end in zip(starts, ends, strict=True)]


def _starts(lines: list[str]) -> list[int]:
    starts: list[int] = []
    refused = -1
    for number, line in enumerate(lines):
        if REFUSES.search(line):
            # A terminal may have broken the message before it comes to that.
            above = range(max(refused + 1, number - FEW), number + 1)
            starts.append(next((each for each in above if WHO.search(lines[each])), number))
            refused = number
    return starts


def _joined(lines: list[str]) -> str:
    """Returns a message's lines as one: as many as it can be read with, since a stack trace may follow it."""
    for end in range(min(len(lines), MOST_LINES), 0, -1):
        text = _one(lines[:end])
        parts = read_message(text)
        if (parts.layer, parts.effect) != (Layer.UNKNOWN, Effect.UNKNOWN) and not parts.ambiguous:
            return text
    return _one(_of_message(lines))


def _of_message(lines: list[str]) -> list[str]:
    # A message that gives no reason ends with its resource, or where a stack trace begins.
    text = ""
    for number, line in enumerate(lines):
        if text and STACK.match(line):
            return lines[:number]
        text = f"{text} {line}" if text or SAYS.search(line) else ""
        if ENDS.search(text):
            return lines[: number + 1]
    return lines


def _one(lines: list[str]) -> str:
    text = ""
    for line in lines:
        # An ARN that was broken behind a slash goes on with the next line.
        broken = text.endswith("/") and text.rpartition(" ")[2].startswith("arn:") and not GOES_ON.match(line)
        text += line if broken else f" {line}"
    return " ".join(text.split())


def _unbroken(text: str) -> str:
    """Returns the text without the breaks of a terminal: two lines of the full width, one below the other."""
    lines = text.split("\n")
    width = max(map(len, lines))
    full = [len(line) == width >= NARROWEST and line[-1] not in BORDERS for line in lines]
    below = pairwise(zip(lines, full, strict=True))
    if not any(
        one_full and next_full and _goes_on(one, following) for (one, one_full), (following, next_full) in below
    ):
        return text
    return "".join(line if edge else f"{line}\n" for line, edge in zip(lines, full, strict=True))


def _goes_on(line: str, following: str) -> bool:
    # A log says the same thing again and again, in lines of one length.
    return line != following and not (REFUSES.search(line) and REFUSES.search(following))
