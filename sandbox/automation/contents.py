"""The content of a document: its text, and what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import yaml

from sandbox.automation import calendars, document, strictly, validate
from sandbox.automation.errors import Code, Refusal

AUTOMATION: Final = "Automation"
CALENDAR: Final = "ChangeCalendar"
MAX_SIZE: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A checked content.

    Attributes:
        raw: The parsed JSON or YAML of a runbook, or None.

    """

    text: str
    type: str
    format: str
    raw: Mapping[str, object] | None = None
    runbook: document.Document | None = None
    calendar: calendars.Calendar | None = None


def read_content(text: str, doc_type: str, doc_format: str) -> Content:
    """Returns the content after all checks.

    Raises:
        Refusal: It is too large, no document of its type, or uses something that doesn't run here.

    """
    if len(text.encode()) > MAX_SIZE:
        raise Refusal(Code.DOCUMENT_SIZE, f"The size limit of a document is {MAX_SIZE} bytes")
    if doc_type == CALENDAR:
        return Content(text=text, type=doc_type, format="TEXT", calendar=_calendar(text))
    if doc_type != AUTOMATION or doc_format not in {"JSON", "YAML"}:
        raise Refusal(Code.VALIDATION, f"{doc_format} documents of type {doc_type} are not supported here")
    try:
        raw = parse(text, doc_format)
        found = validate.problems(raw)
    except RecursionError as error:
        raise Refusal(Code.DOCUMENT_CONTENT, "The content is nested too deeply") from error
    if found:
        raise Refusal(Code.DOCUMENT_CONTENT, "; ".join(found))
    return Content(text=text, type=doc_type, format=doc_format, raw=raw, runbook=document.read(raw))


def _calendar(text: str) -> calendars.Calendar:
    try:
        return calendars.read(text)
    except ValueError as error:
        raise Refusal(Code.DOCUMENT_CONTENT, str(error)) from error


def parse(text: str, doc_format: str) -> Mapping[str, object]:
    """Returns the map that a JSON or YAML text holds.

    Raises:
        Refusal: It holds none.

    """
    try:
        value = strictly.read_json(text) if doc_format == "JSON" else strictly.read_yaml(text)
    except (ValueError, yaml.YAMLError) as error:
        raise Refusal(Code.DOCUMENT_CONTENT, f"The content is no {doc_format}: {error}") from error
    if not isinstance(value, Mapping):
        raise Refusal(Code.DOCUMENT_CONTENT, "The content must be a map")
    return value


def text_in(content: Content, doc_format: str | None) -> str:
    """Returns the content's text in a format (default: its own)."""
    if content.raw is None or doc_format in {None, content.format}:
        return content.text
    return json.dumps(content.raw, indent=2) if doc_format == "JSON" else yaml.safe_dump(content.raw, sort_keys=False)
