"""What a principal was denied, one small item for each of its findings.

They serve twice: they list a principal's findings, at once and at half the price of an index; and they
say which actions, addresses and keys it used, from which suspicion is drawn. An item is written when a
finding is first seen and again when it comes back after an hour or more.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from redress.adapters.table_writes import Ask, Item, Key, Store, Update, every_item
from redress.domain.codec import iso, moment
from redress.domain.sighting import ACTION_LIMIT
from redress.domain.suspicion import Seen
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redress.domain.batch import Group
    from redress.domain.denied_call import Principal
    from redress.domain.suspicion import Denial

SORT = "ACTIVITY#"
KEPT = timedelta(days=400)
ASSESSED_LIMIT = 500
"""Items read to judge a principal. Their order is that of a hash: of more they are a sample of its past, which may
hold nothing of its present; that is then noted and read apart."""
RECENT = "RECENT#"
PARTS = 4
"""Of the window in which different actions are counted; what a crowded principal was denied is noted for each."""
PART_LIMIT = 64
"""Actions noted for one part: more than any alarm needs, and few enough for one item."""
RECENT_KEPT = timedelta(days=2)
SUBJECT_LIMIT = 1_500
"""Bytes; DynamoDB takes 2,048 in a partition key."""


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

    def note(self, groups: Iterable[Group], now: datetime) -> None:
        """Writes one item for each group; a repeat does no harm.

        It must be written before the finding: a finding that is not listed would never be proposed for.

        Raises:
            Retry: The table did not take them all.

        """
        self._store.put_all([_item_of(group, now) for group in groups])

    def of(self, principal: str, *, at_most: int = ASSESSED_LIMIT) -> tuple[Activity, ...]:
        """Returns what the principal was denied, in no particular order."""
        ask = Ask(value=target_key(principal), prefix=SORT, limit=at_most)
        return tuple(map(_activity_of, every_item(self._store, ask, at_most=at_most)))

    def judged_by(self, principal: str, groups: Iterable[Group], *, window: timedelta) -> tuple[Denial, ...]:
        """Returns what a principal is judged by: these groups, and what else it was denied lately and before.

        Args:
            principal: Its subject.
            groups: What it was denied now; its items are written.
            window: In which different actions are counted.

        """
        present = tuple(map(_seen, groups))
        past = self.of(principal)
        if len(past) < ASSESSED_LIMIT:
            return (*past, *present)
        return (*past, *self._lately(principal, present, window / PARTS), *present)

    def _lately(self, principal: str, present: tuple[Seen, ...], part: timedelta) -> tuple[Seen, ...]:
        """Notes what a crowded principal is denied now, and returns what was noted of it in the window before."""
        newest = max(each.at for each in present)
        number = int(newest.timestamp() // part.total_seconds())
        keys = {_part_key(principal, number - back): number - back for back in range(PARTS + 1)}
        found = {keys[Key(pk=item["pk"], sk=item["sk"])]: item for item in self._store.get_many(keys)}
        known: set[str] = set(found.get(number, {}).get("actions", ()))
        fresh = sorted({each.action for each in present if each.action} - known)[: PART_LIMIT - len(known)]
        if fresh:
            ttl = int((newest + RECENT_KEPT).timestamp())
            key = _part_key(principal, number)
            self._store.write(Update(key=key, assign={"ttl": ttl}, add={"actions": set(fresh)}))
        ends = {at: datetime.fromtimestamp((at + 1) * part.total_seconds(), UTC) for at in found}
        return tuple(
            Seen(action=action, at=min(newest, ends[at])) for at, item in found.items() for action in item["actions"]
        )


def target_key(principal: str) -> str:
    """Returns the partition key of a principal's items."""
    return f"TARGET#{principal}"


def subject_of(principal: Principal) -> str:
    """Returns the text that names a principal in keys, whatever is known of it."""
    known = principal.arn or principal.session_arn or principal.unique_id or principal.invoked_by
    text = known or f"unknown:{principal.account or ''}"
    return text.encode("utf-8", "replace")[:SUBJECT_LIMIT].decode("utf-8", "ignore")


def _part_key(principal: str, number: int) -> Key:
    return Key(pk=target_key(principal), sk=f"{RECENT}{number}")


def _seen(group: Group) -> Seen:
    return Seen(
        action=(group.verdict.action or "")[:ACTION_LIMIT] or None,
        at=group.last.event_time,
        source_ip=group.last.source_ip,
        access_key_id=group.last.access_key_id,
    )


def _item_of(group: Group, now: datetime) -> Item:
    seen = _seen(group)
    item: Item = {
        "pk": target_key(subject_of(group.verdict.principal)),
        "sk": f"{SORT}{group.finding_id}",
        "at": iso(seen.at),
        "ttl": int((now + KEPT).timestamp()),
    }
    extra = {"action": seen.action, "source_ip": seen.source_ip, "access_key_id": seen.access_key_id}
    return item | {name: value for name, value in extra.items() if value}


def _activity_of(item: Item) -> Activity:
    return Activity(
        finding_id=item["sk"].removeprefix(SORT),
        action=item.get("action"),
        at=moment(item["at"]),
        source_ip=item.get("source_ip"),
        access_key_id=item.get("access_key_id"),
    )
