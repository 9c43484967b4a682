"""SSM documents and their versions, in memory: runbooks and change calendars."""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from sandbox.automation.contents import Content, read_content
from sandbox.automation.errors import Code, Refusal

if TYPE_CHECKING:
    from sandbox.automation.ports import Clock

NAME: Final = re.compile(r"[a-zA-Z0-9_\-.]{3,128}")
RESERVED: Final = ("aws", "amazon", "amzn", "AWSEC2", "AWSConfigRemediation", "AWSSupport")
MAX_VERSIONS: Final = 1_000
MAX_DOCUMENTS: Final = 500
Tags: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a document, as it was sent."""

    number: int
    name: str
    content: Content
    created: datetime

    @property
    def digest(self) -> str:
        """Returns the SHA-256 of the content's text."""
        return hashlib.sha256(self.content.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A document with all its versions; the newest is the last."""

    name: str
    type: str
    versions: tuple[Version, ...]
    default: int = 1
    tags: Tags = ()

    @property
    def latest(self) -> Version:
        """Returns the newest version."""
        return self.versions[-1]

    def version(self, wanted: str | None, name: str | None = None) -> Version | None:
        """Returns the version by number, ``$LATEST``, ``$DEFAULT`` (also None) or version name, or None."""
        if name:
            return next((one for one in self.versions if one.name == name), None)
        numbers = {None: self.default, "$DEFAULT": self.default, "$LATEST": self.latest.number}
        number = str(numbers.get(wanted, wanted))
        return next((one for one in self.versions if str(one.number) == number), None)


class Documents:
    """The documents of one account and Region."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}

    def create(self, name: str, content: Content, *, version_name: str = "", tags: Tags = ()) -> Entry:
        """Returns the new document, its first version being the default.

        Raises:
            Refusal: The name is taken or not allowed.

        """
        if not NAME.fullmatch(name) or name.lower().startswith(tuple(prefix.lower() for prefix in RESERVED)):
            raise Refusal(Code.VALIDATION, f"{name!r} is not allowed as a document name")
        with self._lock:
            if name in self._entries:
                raise Refusal(Code.DOCUMENT_EXISTS, f"Document with name {name} already exists")
            if len(self._entries) >= MAX_DOCUMENTS:
                raise Refusal(Code.DOCUMENT_LIMIT, f"An account has at most {MAX_DOCUMENTS} documents")
            first = Version(number=1, name=version_name, content=content, created=self._clock.now())
            return self._put(Entry(name=name, type=content.type, versions=(first,), tags=tags))

    def update(self, name: str, text: str, doc_format: str, base: str | None, version_name: str = "") -> Entry:
        """Returns the document with a new newest version; the default version stays.

        ``base`` is the version that the new one is based on: ``$LATEST`` or the newest number.

        Raises:
            Refusal: There is no such document, the base is not the newest, or nothing would change.

        """
        with self._lock:
            entry = self._get(name)
            latest = entry.latest
            self._check_base(entry, base)
            content = read_content(text, entry.type, doc_format)
            if content.text == latest.content.text:
                raise Refusal(Code.DUPLICATE_CONTENT, "The content of the document is the same as its newest version")
            if version_name and entry.version(None, version_name):
                raise Refusal(Code.DUPLICATE_VERSION_NAME, f"The version name {version_name} is taken")
            new = Version(number=latest.number + 1, name=version_name, content=content, created=self._clock.now())
            return self._put(replace(entry, versions=(*entry.versions, new)))

    def _check_base(self, entry: Entry, base: str | None) -> None:
        if base not in {None, "$LATEST", str(entry.latest.number)}:
            raise Refusal(Code.DOCUMENT_VERSION, f"Version {base} is not the newest of {entry.name}")
        if len(entry.versions) >= MAX_VERSIONS:
            raise Refusal(Code.DOCUMENT_VERSION_LIMIT, f"A document has at most {MAX_VERSIONS} versions")

    def set_default(self, name: str, number: str) -> Entry:
        """Returns the document with another default version.

        Raises:
            Refusal: There is no such document or version.

        """
        with self._lock:
            entry = self._get(name)
            version = None if number.startswith("$") else entry.version(number)
            if not version:
                raise Refusal(Code.DOCUMENT_VERSION, f"{name} has no version {number}")
            return self._put(replace(entry, default=version.number))

    def delete(self, name: str) -> None:
        """Deletes a document with all versions; executions of it go on.

        Raises:
            Refusal: There is no such document.

        """
        with self._lock:
            self._get(name)
            del self._entries[name]

    def get(self, name: str) -> Entry:
        """Returns the document by name or ARN.

        Raises:
            Refusal: There is none.

        """
        with self._lock:
            return self._get(name)

    def version(self, name: str, wanted: str | None = None, version_name: str | None = None) -> tuple[Entry, Version]:
        """Returns a document and one of its versions (default: the default one).

        Raises:
            Refusal: There is no such document or version.

        """
        entry = self.get(name)
        version = entry.version(wanted, version_name)
        if not version:
            raise Refusal(Code.DOCUMENT_VERSION, f"{entry.name} has no version {version_name or wanted}")
        return entry, version

    def all(self) -> list[Entry]:
        """Returns all documents by name."""
        with self._lock:
            return sorted(self._entries.values(), key=lambda entry: entry.name)

    def _get(self, name: str) -> Entry:
        entry = self._entries.get(name.rsplit("/", 1)[-1])
        if not entry:
            raise Refusal(Code.DOCUMENT, f"Document with name {name} does not exist")
        return entry

    def _put(self, entry: Entry) -> Entry:
        self._entries[entry.name] = entry
        return entry
