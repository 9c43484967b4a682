"""The wrappers that CloudTrail records travel in."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import TYPE_CHECKING, Any

from redress.domain.errors import MalformedRecord
from redress.domain.parse_dlm import is_dlm_event

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 8
_LARGEST = 64 * 1024 * 1024
_LISTS = ("Records", "Events", "logEvents", "QueryResultRows")
_TEXTS = ("CloudTrailEvent", "eventJson", "_raw", "message", "Message", "body", "Body")


def records_in(value: object) -> Iterator[object]:
    """Yields the CloudTrail records inside a parsed JSON value, in order, unparsed.

    Knows: a bare record, an array of them, a trail's file (``Records``), an EventBridge event, LookupEvents
    answers (``CloudTrailEvent`` as text), CloudTrail Lake rows (``eventJson``), a CloudWatch Logs subscription
    (plain, or as Lambda gets it: gzip in base64), SNS and SQS around any of these, and the wrappers
    of a few log shippers. What it doesn't know it yields as it is; ``parse_record`` names what is wrong with it.

    Raises:
        MalformedRecord: A text inside an envelope is no JSON, or the nesting has no end.

    """
    yield from _records(value, 0)


def _records(value: object, depth: int) -> Iterator[object]:
    if depth > _DEEPEST:
        raise MalformedRecord(f"envelopes nested more than {_DEEPEST} deep")
    if isinstance(value, list):
        for entry in value:
            yield from _records(entry, depth + 1)
    elif isinstance(value, dict) and not _is_record(value):
        yield from _unwrapped(value, depth + 1)
    else:
        yield value


def _is_record(value: dict[str, Any]) -> bool:
    # An SQS message has an eventSource too (``aws:sqs``), and a body.
    return ("eventName" in value or ("eventSource" in value and "body" not in value)) or is_dlm_event(value)


def _unwrapped(value: dict[str, Any], depth: int) -> Iterator[object]:
    inner = _list_of(value)
    if inner is not None:
        yield from _records(inner, depth)
        return
    nested = _object_of(value)
    if nested is not None:
        yield from _records(nested, depth)
        return
    text = next((value[name] for name in _TEXTS if isinstance(value.get(name), str)), None)
    if text is None:
        yield value
    else:
        yield from _records(_parsed(text), depth)


def _list_of(value: dict[str, Any]) -> object | None:
    for name in _LISTS:
        if isinstance(value.get(name), list):
            return [_row(row) for row in value[name]] if name == "QueryResultRows" else value[name]
    return None


def _row(row: object) -> object:
    # A Lake row is a list of one-member objects, one for each column.
    if not isinstance(row, list):
        return row
    return {name: cell for column in row if isinstance(column, dict) for name, cell in column.items()}


def _object_of(value: dict[str, Any]) -> object | None:
    detail = value.get("detail")
    if isinstance(detail, dict) and "detail-type" in value:
        return detail
    logs = value.get("awslogs")
    if isinstance(logs, dict) and isinstance(logs.get("data"), str):
        return _inflated(logs["data"])
    for path in (("input", "message"), ("aws", "cloudtrail"), ("aws",), ("detail",), ("Sns",), ("eventData",)):
        found: Any = value
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, (dict, list)):
            return found
        if isinstance(found, str) and found.startswith("{"):
            return _parsed(found)
    return None


def _inflated(data: str) -> object:
    try:
        machine = zlib.decompressobj(wbits=31)
        raw = machine.decompress(base64.b64decode(data, validate=True), _LARGEST)
        return _parsed(raw.decode("utf-8"))
    except (binascii.Error, zlib.error, UnicodeDecodeError, ValueError) as error:
        raise MalformedRecord(f"awslogs.data is no gzip in base64: {error}") from error


def _parsed(text: str) -> object:
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedRecord(f"the text inside an envelope is no JSON: {error}") from error
    return parsed
