"""CreateDocument, UpdateDocument, … and GetCalendarState."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sandbox.automation import requests, views
from sandbox.automation.contents import read_content, text_in
from sandbox.automation.durations import read_timestamp
from sandbox.automation.errors import Code, Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.automation.calendars import Calendar
    from sandbox.automation.caller import Caller
    from sandbox.automation.documents import Documents, Entry, Version
    from sandbox.automation.ports import Clock

Payload = Mapping[str, object]


class DocumentOperations:
    """The operations on documents."""

    def __init__(self, *, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock
        self.table: Mapping[str, Callable[[Payload, Caller], dict[str, object]]] = {
            "CreateDocument": self._create,
            "UpdateDocument": self._update,
            "UpdateDocumentDefaultVersion": self._set_default,
            "GetDocument": self._get,
            "DescribeDocument": self._describe,
            "ListDocuments": self._list,
            "DeleteDocument": self._delete,
            "GetCalendarState": self._calendar_state,
        }

    def _create(self, payload: Payload, caller: Caller) -> dict[str, object]:
        for member in ("Attachments", "Requires"):
            if payload.get(member):
                raise Refusal(Code.VALIDATION, f"{member} are not supported here")
        content = read_content(
            requests.text(payload, "Content"),
            requests.text(payload, "DocumentType", "Command"),
            requests.text(payload, "DocumentFormat", "JSON"),
        )
        version_name = requests.text(payload, "VersionName", "")
        tags = requests.tags(payload)
        entry = self._documents.create(requests.text(payload, "Name"), content, version_name=version_name, tags=tags)
        return {"DocumentDescription": views.document(entry, entry.latest, caller.account)}

    def _update(self, payload: Payload, caller: Caller) -> dict[str, object]:
        entry = self._documents.update(
            requests.text(payload, "Name"),
            requests.text(payload, "Content"),
            requests.text(payload, "DocumentFormat", "JSON"),
            requests.optional(payload, "DocumentVersion"),
            requests.text(payload, "VersionName", ""),
        )
        return {"DocumentDescription": views.document(entry, entry.latest, caller.account)}

    def _set_default(self, payload: Payload, _caller: Caller) -> dict[str, object]:
        name, number = requests.text(payload, "Name"), requests.text(payload, "DocumentVersion")
        entry = self._documents.set_default(name, number)
        return {"Description": {"Name": entry.name, "DefaultVersion": str(entry.default)}}

    def _get(self, payload: Payload, _caller: Caller) -> dict[str, object]:
        wanted = requests.optional(payload, "DocumentVersion"), requests.optional(payload, "VersionName")
        entry, version = self._documents.version(requests.text(payload, "Name"), *wanted)
        doc_format = requests.optional(payload, "DocumentFormat") or version.content.format
        return {
            "Name": entry.name,
            "CreatedDate": round(version.created.timestamp(), 3),
            "DocumentVersion": str(version.number),
            "Status": "Active",
            "Content": text_in(version.content, doc_format),
            "DocumentType": entry.type,
            "DocumentFormat": doc_format if version.content.raw else version.content.format,
        }

    def _describe(self, payload: Payload, caller: Caller) -> dict[str, object]:
        wanted = requests.optional(payload, "DocumentVersion"), requests.optional(payload, "VersionName")
        entry, version = self._documents.version(requests.text(payload, "Name"), *wanted)
        return {"Document": views.document(entry, version, caller.account)}

    def _list(self, payload: Payload, caller: Caller) -> dict[str, object]:
        if payload.get("DocumentFilterList"):
            raise Refusal(Code.FILTER_KEY, "DocumentFilterList is not supported here; use Filters")
        wanted = requests.filters(payload, "Filters", ("Key", "Values"))
        found = [entry for entry in self._documents.all() if all(_passes(entry, *one) for one in wanted)]
        entries, token = requests.page(payload, found)
        shown = [views.identifier(entry, _default(entry), caller.account) for entry in entries]
        return {"DocumentIdentifiers": shown, **({"NextToken": token} if token else {})}

    def _delete(self, payload: Payload, _caller: Caller) -> dict[str, object]:
        if payload.get("DocumentVersion") or payload.get("VersionName"):
            raise Refusal(Code.DOCUMENT_OPERATION, "Deleting single versions is not supported here")
        self._documents.delete(requests.text(payload, "Name"))
        return {}

    def _calendar_state(self, payload: Payload, _caller: Caller) -> dict[str, object]:
        names = payload.get("CalendarNames")
        if not isinstance(names, list) or not names:
            raise Refusal(Code.VALIDATION, "CalendarNames must be a list with at least one name")
        calendars = [self._calendar(str(name)) for name in names]
        at = self._at(requests.optional(payload, "AtTime"))
        state = "OPEN" if all(calendar.state(at) == "OPEN" for calendar in calendars) else "CLOSED"
        moments = [moment for calendar in calendars if (moment := calendar.next_transition(at))]
        following = {"NextTransitionTime": _iso(min(moments))} if moments else {}
        return {"State": state, "AtTime": _iso(at), **following}

    def _calendar(self, name: str) -> Calendar:
        _, version = self._documents.version(name)
        if not version.content.calendar:
            raise Refusal(Code.DOCUMENT_TYPE, f"{name} is no ChangeCalendar")
        return version.content.calendar

    def _at(self, text: str | None) -> datetime:
        try:
            return read_timestamp(text) if text else self._clock.now()
        except ValueError as error:
            raise Refusal(Code.VALIDATION, f"AtTime: {error}") from error


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _default(entry: Entry) -> Version:
    return entry.version(None) or entry.latest


def _passes(entry: Entry, key: str, values: list[str]) -> bool:
    if key == "Name":
        return any(entry.name.startswith(value) for value in values)
    if key == "DocumentType":
        return entry.type in values
    if key == "Owner":
        return "Self" in values or "Private" in values
    raise Refusal(Code.FILTER_KEY, f"The filter {key} is not supported here")
