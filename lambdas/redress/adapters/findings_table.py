"""Findings in the table: counted exactly, changed on the condition that nobody else did."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from redress.adapters.findings_activity import ActivityTable
from redress.adapters.findings_counter import Counter, Recorded
from redress.adapters.findings_items import PREFIX, Stored, finding_of, key_of, state_of, stored_of
from redress.adapters.table_packing import pack, unpack
from redress.adapters.table_writes import Ask, Item, Key, NotMet, OneOf, Put, Store, Update, every_item
from redress.domain.codec import iso
from redress.domain.errors import StaleState, Unreadable
from redress.domain.finding import Finding
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from redress.domain.batch import Group
    from redress.domain.words import State

PAGE = 50
LISTED_LIMIT = 1_000
"""Findings in one state that are looked at, and lines of an audit trail."""
EVERY_FINDING = 1_000_000
TOGETHER = 40
"""Changes of state in one transaction: two writes each, 100 in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsPage:
    """Findings of one page.

    Attributes:
        findings: The newest first.
        next_start: What ``start`` must be for the next page; None after the last.

    """

    findings: tuple[Finding, ...]
    next_start: Mapping[str, Any] | None


class FindingsTable:
    """The findings of the table.

    Every method may raise ``Retry`` where DynamoDB cannot answer now, and ``Unreadable`` where an item
    is not what the code writes.

    Args:
        store: ``DynamoStore(client("dynamodb"), table_name)``, or the fake.
        pause: How to wait before another attempt at counting.

    """

    def __init__(self, store: Store, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._store = store
        self._counter = Counter(store, pause=pause, spread=random.random)
        self.activity = ActivityTable(store)

    def get(self, finding_id: str) -> Finding | None:
        """Returns the finding as it is now, or None."""
        item = self._store.get(key_of(finding_id))
        return finding_of(item) if item else None

    def get_many(self, finding_ids: Iterable[str]) -> tuple[Finding, ...]:
        """Returns those of the findings that exist, as they are now, in any order."""
        return tuple(each.finding for each in self.known(finding_ids).values())

    def known(self, finding_ids: Iterable[str]) -> Mapping[str, Stored]:
        """Returns those of the findings that exist and can be read, by id, with what ``record`` needs of them.

        One that cannot be read is left out here, so that it does not stop the others; ``get`` and ``record`` name it.
        """
        items = self._store.get_many(key_of(finding_id) for finding_id in finding_ids)
        return {each.finding.finding_id: each for each in map(_readable, items) if each}

    def record(self, group: Group, *, now: datetime, stored: Stored | None = None) -> Recorded:
        """Counts a finding's share of a batch, each event once; makes the finding at its first sighting.

        Args:
            group: The denials.
            now: The present, for what is written at the first sighting.
            stored: The finding as it was read, or None if it did not exist then.

        Raises:
            Retry: Others changed the finding again and again while we tried.

        """
        return self._counter.record(group, now=now, stored=stored)

    def change(self, before: Finding, after: Finding, *, expires: datetime | None = None) -> None:
        """Stores a change of state with its line in the audit trail, both or neither.

        Args:
            before: The finding that the change was based on.
            after: The same, ``state_version`` one higher.
            expires: When DynamoDB may delete it, unless its state changes again before.

        Raises:
            StaleState: The stored finding is not what ``before`` was read as any more.

        """
        update, audit = self.change_writes(before, after)
        if expires:
            update = replace(update, assign={**update.assign, "ttl": int(expires.timestamp())}, remove=())
        self._store_if(before, update, audit)

    def amend(self, before: Finding, after: Finding) -> None:
        """Stores what changed beside the state: notes, the verdict, who claimed it.

        Raises:
            StaleState: The stored finding is not what ``before`` was read as any more.

        """
        self._store_if(before, self._update(before, replace(after, edits=before.edits + 1)))

    def change_writes(self, before: Finding, after: Finding) -> tuple[Update, Put]:
        """Returns what ``change`` would write, for a transaction with other items."""
        return replace(self._update(before, after), remove=("ttl",)), Put(item=_audit_item(before, after))

    def change_all(self, changes: Iterable[tuple[Finding, Finding]]) -> None:
        """Stores changes of state as ``change`` does, many in one transaction.

        Raises:
            StaleState: One of the findings is not what it was read as any more; some of the others may be stored.

        """
        left = list(changes)
        for part in (left[at : at + TOGETHER] for at in range(0, len(left), TOGETHER)):
            writes = [write for before, after in part for write in self.change_writes(before, after)]
            self._store_if(part[0][0], *writes)

    def by_state(
        self,
        state: State,
        *,
        limit: int = PAGE,
        start: Mapping[str, Any] | None = None,
        oldest_first: bool = False,
    ) -> FindingsPage:
        """Returns findings in this state, the newest or the oldest first, and where the next page starts.

        The index lags behind a little; the findings themselves are read as they are now, and those that
        have left the state meanwhile are not among them.
        """
        ask = Ask(value=state.value, index="by_state", newest_first=not oldest_first, limit=limit, start=start)
        page = self._store.query(ask)
        found = self.get_many(_id_of(item) for item in page.items)
        still = (each for each in found if each.state is state)
        ordered = sorted(still, key=lambda each: each.last_seen, reverse=not oldest_first)
        return FindingsPage(findings=tuple(ordered), next_start=page.next_start)

    def every(self, state: State, *, at_most: int | None = None, oldest_first: bool = False) -> Iterator[Finding]:
        """Yields the findings in this state, page by page, at most so many (``LISTED_LIMIT``).

        Whoever looks for what is overdue takes the oldest first: the newest are never due, however many there are.
        """
        start: Mapping[str, Any] | None = None
        left = LISTED_LIMIT if at_most is None else at_most
        while left > 0:
            page = self.by_state(state, limit=min(PAGE, left), start=start, oldest_first=oldest_first)
            yield from page.findings
            start, left = page.next_start, left - PAGE
            if start is None:
                return

    def by_principal(self, principal: str, states: Iterable[State] = ()) -> tuple[Finding, ...]:
        """Returns a principal's findings in any of these states (all, if none is named), the newest first."""
        listed = [each.finding_id for each in self.activity.of(principal, at_most=EVERY_FINDING)]
        wanted = frozenset(states)
        parts = (listed[at : at + PAGE] for at in range(0, len(listed), PAGE))
        found = (each for part in parts for each in self.get_many(part))
        kept = (each for each in found if not wanted or each.state in wanted)
        return tuple(sorted(kept, key=lambda each: each.last_seen, reverse=True))

    def audit_trail(self, finding_id: str) -> tuple[Item, ...]:
        """Returns the changes of state, the oldest first: from, to, actor, cause, at, execution_id."""
        ask = Ask(value=f"{PREFIX}{finding_id}", prefix="AUDIT#")
        return every_item(self._store, ask, at_most=LISTED_LIMIT)

    def keep(self, finding_id: str, name: str, text: str, *, until: datetime) -> None:
        """Stores a text beside its finding, packed: a redacted record (``RAW#…``), AWS's account (``EVIDENCE#…``)."""
        item = {"pk": key_of(finding_id).pk, "sk": name, "text": pack(text), "ttl": int(until.timestamp())}
        self._store.put_all([item])

    def kept(self, finding_id: str, name: str) -> str | None:
        """Returns a text that was stored beside its finding, or None."""
        item = self._store.get(Key(pk=key_of(finding_id).pk, sk=name))
        return unpack(item["text"]) if item else None

    def _store_if(self, before: Finding, *writes: Update | Put) -> None:
        try:
            self._store.write(*writes)
        except NotMet as error:
            raise StaleState(
                f"finding {before.finding_id} is not at version {before.state_version} any more; read it again",
            ) from error

    def _update(self, before: Finding, after: Finding) -> Update:
        return Update(
            key=key_of(before.finding_id),
            assign=state_of(after),
            when=tuple(OneOf(name=name, values=(getattr(before, name),)) for name in ("state_version", "edits")),
        )


def _readable(item: Item) -> Stored | None:
    try:
        return stored_of(item)
    except Unreadable:
        return None


def _audit_item(before: Finding, after: Finding) -> Item:
    return {
        "pk": key_of(after.finding_id).pk,
        "sk": f"AUDIT#{after.state_version:06d}",
        "item_type": "audit",
        "from": before.state.value,
        "to": after.state.value,
        "actor": after.actor,
        "cause": after.cause,
        "at": iso(after.changed_at),
        **({"execution_id": after.execution_id} if after.execution_id else {}),
    }


def _id_of(item: Item) -> str:
    return str(item["pk"]).removeprefix(PREFIX)
