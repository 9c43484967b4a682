"""A finding as an item of the table, and back.

Three parts with three writers, so that none of them overwrites another's news:

- the counters (``count``, ``first_seen``, ``last_seen`` and the marks) belong to whoever counts,
- ``latest`` (newest denial, resources seen) too,
- ``state``, ``state_version``, ``edits``, ``changed_at`` and ``data`` (everything else) to whoever changes the state.

``last_seen`` on the item is the sort key of an index, where each change costs two more writes: it moves
once an hour. The exact time is that of the newest denial. There is no attribute ``principal``: the
activity items list a principal's findings (see ``findings_activity``), for half the price of an index.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from redress.adapters.table_packing import pack, unpack
from redress.adapters.table_writes import Item, Key
from redress.domain.codec import decode, encode, iso, moment
from redress.domain.counting import Tally
from redress.domain.errors import Unreadable
from redress.domain.finding import Finding
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from datetime import datetime

PREFIX = "FINDING#"
SORT = "FINDING"
_WHOLE = ("state", "state_version", "edits", "count", "first_seen", "changed_at")
_TOP = {*_WHOLE, "finding_id", "last_seen"}
_LATEST = {"last", "resources"}
_DATA = {each.name for each in fields(Finding)} - _TOP - _LATEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A finding as it was read, with what its counting needs.

    Attributes:
        listed: The item's ``last_seen``: the hour under which the index lists it.

    """

    finding: Finding
    tally: Tally
    listed: str

    def is_listed_before(self, seen: datetime) -> bool:
        """Returns whether the index lists the finding under an earlier hour than this moment's."""
        return self.listed < hour_of(seen)


def key_of(finding_id: str) -> Key:
    """Returns the key of a finding's item."""
    return Key(pk=f"{PREFIX}{finding_id}", sk=SORT)


def is_finding(item: Item) -> bool:
    """Returns whether an item of the table, or an image of its stream, is a finding."""
    return item.get("sk") == SORT and str(item.get("pk", "")).startswith(PREFIX)


def finding_of(item: Item) -> Finding:
    """Returns the finding that an item, or the image of one in the table's stream, holds.

    Raises:
        Unreadable: The item is no finding, or part of it is missing or wrong.

    """
    try:
        parts = _parts(item)
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"item {item.get('pk')!r} is no finding: {error!r}") from error
    return decode(Finding, parts)


def stored_of(item: Item) -> Stored:
    """Returns the finding with what its counting needs.

    Raises:
        Unreadable: The item is no finding.

    """
    finding = finding_of(item)
    sealed_to = item.get("sealed_to")
    tally = Tally(
        count=finding.count,
        open_marks=frozenset(item.get("seen", ())),
        sealed=int(item.get("sealed", 0)),
        sealed_to=moment(sealed_to) if sealed_to else None,
        newest=finding.last_seen,
    )
    return Stored(finding=finding, tally=tally, listed=str(item["last_seen"]))


def item_of(finding: Finding, marks: frozenset[bytes]) -> Item:
    """Returns the item of a finding that was never stored, its marks as the open set."""
    key = key_of(finding.finding_id)
    return {
        "pk": key.pk,
        "sk": key.sk,
        "item_type": "finding",
        "count": finding.count,
        "first_seen": iso(finding.first_seen),
        "last_seen": hour_of(finding.last_seen),
        "latest": latest_of(finding),
        "seen": set(marks),
        **state_of(finding),
    }


def state_of(finding: Finding) -> dict[str, Any]:
    """Returns the attributes that a change of state writes."""
    return {
        "state": finding.state.value,
        "state_version": finding.state_version,
        "edits": finding.edits,
        "changed_at": iso(finding.changed_at),
        "data": _packed(finding, _DATA),
    }


def latest_of(finding: Finding) -> bytes:
    """Returns the attribute ``latest``."""
    return _packed(finding, _LATEST)


def hour_of(seen: datetime) -> str:
    """Returns the hour under which the index lists a finding."""
    return iso(seen.replace(minute=0, second=0, microsecond=0))


def _packed(finding: Finding, names: set[str]) -> bytes:
    given = {name: content for name, content in encode(finding).items() if name in names}
    return pack(json.dumps(given, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def _parts(item: Item) -> dict[str, Any]:
    latest = json.loads(unpack(item["latest"]))
    top = {name: item[name] for name in _WHOLE}
    rest = {"finding_id": item["pk"].removeprefix(PREFIX), "last_seen": latest["last"]["event_time"]}
    return {**json.loads(unpack(item["data"])), **latest, **top, **rest}
