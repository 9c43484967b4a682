"""Reads whatever an engineer has at hand: trail files, folders of them, JSON lines, an error message."""

from __future__ import annotations

import gzip
import json
import re
import sys
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from redress.domain.envelopes import records_in
from redress.domain.errors import MalformedRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What sts:DecodeAuthorizationMessage takes: one long word of URL-safe base64.
ENCODED = re.compile(r"[A-Za-z0-9_-]{100,10240}\Z")
# Objects around one record or one message: key, and the type that its value must have.
WRAPPERS: tuple[tuple[str, type], ...] = (("record", dict), ("envelope", dict), ("errorMessage", str), ("message", str))
GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One JSON value that should be a CloudTrail record, and where it stood."""

    source: str
    position: str
    value: object


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A piece of input that could not be read; the rest goes on."""

    source: str
    position: str
    reason: str


Item = Record | Message | Encoded | Problem


def files_of(names: Iterable[str]) -> Iterator[str]:
    """Yields the files that the names stand for: a folder gives all its files, sorted; ``-`` is standard input."""
    for name in names:
        path = Path(name)
        if name != "-" and path.is_dir():
            yield from (str(child) for child in sorted(path.rglob("*")) if _is_log(child))
        else:
            yield name


def _is_log(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and "CloudTrail-Digest" not in path.parts


def items_of(name: str) -> Iterator[Item]:
    """Yields what one file (or ``-``) holds, problems included, in input order."""
    try:
        text = _text_of(name)
    except (OSError, EOFError, zlib.error) as error:
        yield Problem(source=name, position="file", reason=f"cannot be read: {_cause(error)}")
    except UnicodeDecodeError as error:
        yield Problem(source=name, position=f"byte {error.start}", reason="is not UTF-8 text")
    else:
        yield from items_in(text, name)


def _cause(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _text_of(name: str) -> str:
    raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    if raw.startswith(GZIP_MAGIC):
        raw = gzip.decompress(raw)
    return raw.decode("utf-8-sig")


def items_in(text: str, source: str) -> Iterator[Item]:
    """Yields what a text holds: one JSON document, JSON lines, or an error message."""
    stripped = text.strip()
    if not stripped:
        yield Problem(source=source, position="file", reason="is empty")
    elif stripped[0] not in "{[":
        yield _words(stripped, source)
    else:
        yield from _json_items(stripped, source)


def _words(text: str, source: str) -> Item:
    if ENCODED.match(text):
        return Encoded(source=source, position="text", text=text)
    return Message(source=source, position="text", text=" ".join(text.split()))


def _at(item: Item, position: str) -> Item:
    return replace(item, position=position)


def _unwrapped(value: object) -> object:
    # Collections of records and of messages wrap each in an object that says where it comes from.
    if not isinstance(value, dict) or "eventSource" in value or "eventName" in value:
        return value
    for key, kind in WRAPPERS:
        if isinstance(value.get(key), kind):
            return value[key]
    return value


def _json_items(text: str, source: str) -> Iterator[Item]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        if "\n" in text:
            yield from _lines(text, source)
        else:
            yield _not_json(source, "line 1", error)
    else:
        yield from _records(value, source, "record")


def _lines(text: str, source: str) -> Iterator[Item]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield _not_json(source, f"line {number}", error)
        else:
            yield from _records(value, source, f"line {number}, record")


def _not_json(source: str, position: str, error: Exception) -> Problem:
    column = f", column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
    reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    return Problem(source=source, position=f"{position}{column}", reason=f"is not JSON: {reason}")


def _records(value: object, source: str, label: str) -> Iterator[Item]:
    value = _unwrapped(value)
    if isinstance(value, str):
        yield _at(_words(value.strip(), source), label)
        return
    try:
        for number, record in enumerate(records_in(value), start=1):
            yield Record(source=source, position=f"{label} {number}", value=record)
    except MalformedRecord as error:
        yield Problem(source=source, position=label, reason=str(error))
