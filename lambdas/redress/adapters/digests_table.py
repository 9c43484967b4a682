"""Which digests have gone out, and where to: one item a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from redress.adapters.table_writes import Key, Store, Update
from redress.domain.codec import iso
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from datetime import datetime

PARTITION = "DIGEST"
KEPT = timedelta(days=30)
PREFIX = "sent_"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestsTable:
    """The digests of the table; every method may raise ``Retry``."""

    store: Store

    def sent(self, date: str) -> frozenset[str]:
        """Returns the names of the topics that have the digest of this date."""
        known = self.store.get(Key(pk=PARTITION, sk=date)) or {}
        return frozenset(name.removeprefix(PREFIX) for name in known if name.startswith(PREFIX))

    def mark(self, date: str, topic: str, *, now: datetime) -> None:
        """Notes that a topic has it."""
        marks = {f"{PREFIX}{topic}": iso(now), "ttl": int((now + KEPT).timestamp())}
        self.store.write(Update(key=Key(pk=PARTITION, sk=date), assign=marks))
