"""Reads whatever an engineer has at hand: trail files, JSON lines, an error message.

JSON lines are read one at a time, so that a file of any length takes the memory of its longest line.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from redress.domain.envelopes import records_in
from redress.domain.errors import MalformedRecord
from redress_cli.carried import carried_in
from redress_cli.texts import Encoded, Message, tells, texts_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress_cli.inputs import Inputs

LONGEST = 128 * 1024 * 1024
"""Bytes of one document or one line; a trail's files stay far below."""
PASTED = 64 * 1024
"""Characters of what a person pastes; a longer text is a file."""
# Objects around one record or one message: key, and the type that its value must have.
WRAPPERS: tuple[tuple[str, type], ...] = (("record", dict), ("envelope", dict), ("errorMessage", str), ("message", str))
BOM = b"\xef\xbb\xbf"
# "[ERROR] …" and "[2026-11-21 …" begin lines of a log.
_BEGINS_JSON = re.compile(rb'\s*(?:\{|\[\s*(?:[\[{"\]]|$))')
_VALUE = re.compile(r"\S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One JSON value that should be a CloudTrail record, and where it stood."""

    source: str
    position: str
    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A piece of input that could not be read; the rest goes on."""

    source: str
    position: str
    reason: str


Item = Record | Message | Encoded | Problem


def items_in(inputs: Inputs) -> Iterator[Item]:
    """Yields what the inputs hold, problems included, in input order."""
    for name in inputs.files:
        yield from _items_of(name, inputs)


def _items_of(name: str, inputs: Inputs) -> Iterator[Item]:
    try:
        with inputs.opened(name) as stream:
            yield from _content(stream, name)
    except (OSError, EOFError, zlib.error) as error:
        yield Problem(source=name, position="file", reason=f"cannot be read: {_cause(error)}")


def _cause(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _content(stream: IO[bytes], name: str) -> Iterator[Item]:
    number, first = _first_line(stream)
    if not first:
        yield Problem(source=name, position="file", reason="is empty")
    elif not _BEGINS_JSON.match(first):
        yield from _text(first + stream.read(LONGEST), name)
    elif (value := _json(first)) is None:
        yield from _document(first + stream.read(LONGEST), name)
    elif not (following := stream.readline(LONGEST)):
        yield from _records(value, name, "record")
    else:
        yield from _records(value, name, f"line {number}, record")
        del value, first
        yield from _lines(stream, following, name, number)


def _first_line(stream: IO[bytes]) -> tuple[int, bytes]:
    """Returns the number of the first line that is not blank, and the line."""
    number = 0
    while line := stream.readline(LONGEST):
        number += 1
        bare = line.removeprefix(BOM) if number == 1 else line
        if bare.strip():
            return number, bare
    return number, b""


def _json(line: bytes) -> object | None:
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value


def _text(raw: bytes, name: str) -> Iterator[Item]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        yield Problem(source=name, position=f"byte {error.start}", reason="is not UTF-8 text")
    else:
        yield from _messages(text, name, "text")


def _messages(text: str, source: str, position: str) -> Iterator[Item]:
    found = texts_in(text, source, position)
    yield from found
    if not found:
        yield Problem(source=source, position=position, reason="is neither JSON nor the error message of a denied call")


def _document(raw: bytes, name: str) -> Iterator[Item]:
    try:
        text = raw.decode("utf-8")
        yield from _loose(text, name) or _values(text, name)
    except UnicodeDecodeError as error:
        yield Problem(source=name, position=f"byte {error.start}", reason="is not UTF-8 text")


def _loose(text: str, name: str) -> list[Message]:
    # What a tool printed in braces may be no JSON, and the message in it one that can be read all the same.
    if len(text) > PASTED or '"eventName"' in text:
        return []
    try:
        json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        found = texts_in(text, name, "text")
        return [message for message in found if isinstance(message, Message) and tells(message.text)]
    return []


def _values(text: str, name: str) -> Iterator[Item]:
    """Yields the records of JSON values that stand one behind the other, as jq prints them; often there is only one.

    After a broken value it goes on with the next line that begins an object.
    """
    decoder, at, line = json.JSONDecoder(), 0, 1
    while start := _VALUE.search(text, at):
        line += text.count("\n", at, start.end() - 1)
        at = start.end() - 1
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield _not_json(name, f"line {error.lineno if isinstance(error, json.JSONDecodeError) else line}", error)
            end = _next_object(text, error)
        else:
            alone = line == 1 and not _VALUE.search(text, end)
            yield from _records(value, name, "record" if alone else f"line {line}, record")
        line += text.count("\n", at, end)
        at = end


def _next_object(text: str, error: Exception) -> int:
    at = text.find("\n{", max(error.pos - 1, 0)) if isinstance(error, json.JSONDecodeError) else -1
    return at if at >= 0 else len(text)


def _lines(stream: IO[bytes], line: bytes, name: str, number: int) -> Iterator[Item]:
    """Yields the records of JSON lines as they are read."""
    while line:
        number += 1
        yield from _line(line, name, number)
        line = stream.readline(LONGEST)


def _line(line: bytes, name: str, number: int) -> Iterator[Item]:
    if not line.strip():
        return
    try:
        value = json.loads(line)
    except UnicodeDecodeError as error:
        yield Problem(source=name, position=f"line {number}, byte {error.start}", reason="is not UTF-8 text")
    except (ValueError, RecursionError) as error:
        yield _not_json(name, f"line {number}", error)
    else:
        yield from _records(value, name, f"line {number}, record")


def _not_json(source: str, position: str, error: Exception) -> Problem:
    column = f", column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
    reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error) or type(error).__name__
    return Problem(source=source, position=f"{position}{column}", reason=f"is not JSON: {reason}")


def _unwrapped(value: object) -> object:
    # Collections of records and of messages wrap each in an object that says where it comes from.
    if not isinstance(value, dict) or "eventSource" in value or "eventName" in value:
        return value
    for key, kind in WRAPPERS:
        if isinstance(value.get(key), kind):
            return value[key]
    return value


def _records(value: object, source: str, label: str) -> Iterator[Item]:
    value = _unwrapped(value)
    if isinstance(value, str):
        yield from _messages(value, source, label)
        return
    try:
        for number, record in enumerate(records_in(value), start=1):
            position = f"{label} {number}"
            told = carried_in(record, source, position)
            yield from told or (Record(source=source, position=position, value=record),)
    except MalformedRecord as error:
        yield from carried_in(value, source, label) or (Problem(source=source, position=label, reason=str(error)),)
