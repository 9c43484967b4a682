"""AWS Health events in the table, one item for each service, Region and event."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from redress.adapters.table_writes import Absent, Ask, Item, Key, NotMet, OneOf, Put, Store, every_item
from redress.domain.codec import from_json, iso, to_json
from redress.domain.errors import Unreadable
from redress.domain.health import HealthEvent, is_open_issue

if TYPE_CHECKING:
    from datetime import datetime

PARTITION = "HEALTH"
KEPT = timedelta(days=90)
EVENTS_LIMIT = 500


class HealthTable:
    """What AWS Health said; every method may raise ``Retry``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, event: HealthEvent, *, now: datetime) -> bool:
        """Stores the event unless a newer word on it is there; returns whether it did."""
        key = Key(pk=PARTITION, sk=f"{event.service}#{event.region}#{event.arn}")
        known = self._store.get(key)
        if known and known["updated"] > iso(event.updated):
            return False
        unchanged = OneOf(name="updated", values=(known["updated"],)) if known else Absent()
        try:
            self._store.write(Put(item=_item(key, event, now), when=(unchanged,)))
        except NotMet:
            return self.keep(event, now=now)  # somebody else wrote in between: look again who is newer
        return True

    def open_issues(self, now: datetime) -> tuple[HealthEvent, ...]:
        """Returns the trouble that AWS has now; an event that cannot be read is none."""
        items = every_item(self._store, Ask(value=PARTITION), at_most=EVENTS_LIMIT)
        return tuple(event for event in map(_event_of, items) if event and is_open_issue(event, now))


def _event_of(item: Item) -> HealthEvent | None:
    try:
        return from_json(HealthEvent, str(item.get("data")))
    except Unreadable:
        return None


def _item(key: Key, event: HealthEvent, now: datetime) -> Item:
    return {
        "pk": key.pk,
        "sk": key.sk,
        "item_type": "health",
        "updated": iso(event.updated),
        "data": to_json(event),
        "ttl": int((now + KEPT).timestamp()),
    }
