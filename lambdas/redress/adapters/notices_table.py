"""Which notices have gone out: one item per finding and occasion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redress.adapters.table_writes import Absent, Item, Key, NotMet, OneOf, Put, Store, Update
from redress.domain.codec import iso

if TYPE_CHECKING:
    from datetime import datetime


TTL_SECONDS = 30 * 86_400
CLAIMED, SENT = "CLAIMED", "SENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesTable:
    """The ledger of notices.

    A notice is claimed before it is published and marked afterwards. If the Lambda dies in between, the retry
    finds the claim without the mark and publishes: rather twice than never, and the second carries the same id.
    """

    store: Store

    def claim(self, finding_id: str, key: str, *, now: datetime) -> bool:
        """Returns whether this notice has not gone out yet."""
        place = _key(finding_id, key)
        expires = int(now.timestamp()) + TTL_SECONDS
        item: Item = {"pk": place.pk, "sk": place.sk, "item_type": "notice", "status": CLAIMED}
        item |= {"at": iso(now), "ttl": expires}
        try:
            self.store.write(Put(item=item, when=(Absent(),)))
        except NotMet:
            known = self.store.get(place)
            return known is None or known["status"] != SENT
        return True

    def sent(self, finding_id: str, key: str) -> None:
        """Marks a notice as gone out."""
        unmarked = (OneOf(name="status", values=(CLAIMED, SENT)),)
        self.store.write(Update(key=_key(finding_id, key), assign={"status": SENT}, when=unmarked))


def _key(finding_id: str, key: str) -> Key:
    return Key(pk=f"FINDING#{finding_id}", sk=f"NOTICE#{key}")
