"""What a principal was denied, one small item for each of its findings.

They serve twice: they list a principal's findings, at once and at half the price of an index; and they
say which actions, addresses and keys it used, from which suspicion is drawn. An item is written when a
finding is first seen and again when it comes back after an hour or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from redress.adapters.table_writes import Ask, Item, Store, every_item
from redress.domain.codec import iso, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redress.domain.finding import Finding

SORT = "ACTIVITY#"
KEPT = timedelta(days=400)
ASSESSED_LIMIT = 500
"""Items read to judge a principal. Their order is that of a hash, so of more they are a fair sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One thing that a principal was denied.

    Attributes:
        at: When it was last noted: the first denial, or the first after an hour without one.

    """

    finding_id: str
    action: str | None
    at: datetime
    source_ip: str | None = None
    access_key_id: str | None = None


class ActivityTable:
    """The activity items of the table."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, findings: Iterable[Finding], now: datetime) -> None:
        """Writes one item for each finding; a repeat does no harm.

        Raises:
            Retry: The table did not take them all.

        """
        self._store.put_all([_item_of(finding, now) for finding in findings])

    def of(self, principal: str, *, at_most: int = ASSESSED_LIMIT) -> tuple[Activity, ...]:
        """Returns what the principal was denied, in no particular order."""
        ask = Ask(value=target_key(principal), prefix=SORT, limit=at_most)
        return tuple(map(_activity_of, every_item(self._store, ask, at_most=at_most)))


def target_key(principal: str) -> str:
    """Returns the partition key of a principal's items."""
    return f"TARGET#{principal}"


def subject_of(finding: Finding) -> str:
    """Returns the text that names a finding's principal in keys, whatever is known of it."""
    principal = finding.verdict.principal
    known = principal.arn or principal.session_arn or principal.unique_id or principal.invoked_by
    return (known or f"unknown:{principal.account or ''}")[:1_000]


def _item_of(finding: Finding, now: datetime) -> Item:
    item: Item = {
        "pk": target_key(subject_of(finding)),
        "sk": f"{SORT}{finding.finding_id}",
        "at": iso(finding.last_seen),
        "ttl": int((now + KEPT).timestamp()),
    }
    extra = {
        "action": finding.verdict.action,
        "source_ip": finding.last.source_ip,
        "access_key_id": finding.last.access_key_id,
    }
    return item | {name: value for name, value in extra.items() if value}


def _activity_of(item: Item) -> Activity:
    return Activity(
        finding_id=item["sk"].removeprefix(SORT),
        action=item.get("action"),
        at=moment(item["at"]),
        source_ip=item.get("source_ip"),
        access_key_id=item.get("access_key_id"),
    )
