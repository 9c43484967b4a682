"""The writes that count; what is to be written is decided by ``redress.domain.counting``."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from redress.adapters.findings_items import PREFIX, Stored, hour_of, item_of, key_of, latest_of, stored_of
from redress.adapters.table_writes import Absent, Ask, NotMet, OneOf, Put, Store, Update, Write, every_item
from redress.domain.batch import newest_resources
from redress.domain.codec import iso
from redress.domain.counting import STEP_LIMIT, Step, Tally, first_step, look_back, next_step
from redress.domain.errors import Retry
from redress.domain.finding import Finding
from redress.domain.sighting import ARN_LIMIT, storable
from redress.domain.values import dataclass
from redress.domain.words import State

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from redress.domain.batch import Group

LEDGER_KEPT = timedelta(days=45)
"""Longer than an event can be under way: EventBridge retries for a day, and one message may lie in the rule's
dead-letter queue, in the queue and, replayed, in the queue's dead-letter queue, 14 days each."""
ATTEMPTS = 24
PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 1.0
_SORT = "SEEN#"
_EVERY_SET = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What counting a group came to.

    Attributes:
        finding: As it is stored now.
        is_new: Whether this made the finding.
        counted: Events counted now; the group's others had been counted before.

    """

    finding: Finding
    is_new: bool
    counted: int


class Counter:
    """Counts groups of denials on their findings."""

    def __init__(self, store: Store, *, pause: Callable[[float], None], spread: Callable[[], float]) -> None:
        self._store = store
        self._pause = pause
        self._spread = spread

    def record(self, group: Group, *, now: datetime, stored: Stored | None) -> Recorded:
        """Counts each event of the group once; see ``FindingsTable.record``."""
        so_far = Recorded(finding=_blank(group, now), is_new=False, counted=0)
        for attempt in range(ATTEMPTS):
            try:
                after, counted = self._count(group, now, stored)
            except NotMet:
                self._wait(attempt)
                stored = self._read(group.finding_id)
                continue
            so_far = _with(so_far, stored, after, counted)
            if counted < STEP_LIMIT:
                return so_far
            stored = after
        raise Retry(f"finding {group.finding_id} was changed by others {ATTEMPTS} times while we counted")

    def _count(self, group: Group, now: datetime, stored: Stored | None) -> tuple[Stored, int]:
        if stored is None:
            return self._do(first_step(group.seen), group, now, None)
        since = look_back(stored.tally, group.seen)
        sealed = self._sealed(group.finding_id, since) if since else set()
        step = next_step(stored.tally, group.seen, sealed)
        return self._do(step, group, now, stored) if step else (stored, 0)

    def _do(self, step: Step, group: Group, now: datetime, stored: Stored | None) -> tuple[Stored, int]:
        after = _after(group, step, stored, now)
        self._store.write(*_writes(step, stored, after, now))
        return after, len(step.counted)

    def _sealed(self, finding_id: str, since: datetime) -> set[bytes]:
        ask = Ask(value=f"{PREFIX}{finding_id}", prefix=_SORT, since=_second(since))
        sets: list[set[bytes]] = [item["marks"] for item in every_item(self._store, ask, at_most=_EVERY_SET)]
        return set().union(*sets)

    def _read(self, finding_id: str) -> Stored | None:
        item = self._store.get(key_of(finding_id))
        return stored_of(item) if item else None

    def _wait(self, attempt: int) -> None:
        self._pause(self._spread() * min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2**attempt))


def _with(so_far: Recorded, before: Stored | None, after: Stored, counted: int) -> Recorded:
    return Recorded(
        finding=after.finding,
        is_new=so_far.is_new or before is None,
        counted=so_far.counted + counted,
    )


def _writes(step: Step, before: Stored | None, after: Stored, now: datetime) -> tuple[Write, ...]:
    if before is None:
        return (Put(item=item_of(after.finding, step.counted), when=(Absent(),)),)
    changes = _changes(before, after)
    still = (OneOf(name="count", values=(before.tally.count,)),)
    key, count = key_of(after.finding.finding_id), {"count": len(step.counted)}
    if not step.sealing:
        return (Update(key=key, assign=changes, add={**count, "seen": set(step.counted)}, when=still),)
    changes |= {"sealed": after.tally.sealed, "sealed_to": _second(step.newest)}
    gone = ("seen",) if before.tally.open_marks else ()
    return _sealed_set(step, after, now), Update(key=key, assign=changes, add=count, remove=gone, when=still)


def _sealed_set(step: Step, after: Stored, now: datetime) -> Put:
    item = {
        "pk": key_of(after.finding.finding_id).pk,
        "sk": f"{_SORT}{_second(step.newest)}#{after.tally.sealed:08d}",
        "marks": set(step.sealing),
        "ttl": int((now + LEDGER_KEPT).timestamp()),
    }
    return Put(item=item)


def _changes(before: Stored, after: Stored) -> dict[str, Any]:
    old, new = before.finding, after.finding
    changes: dict[str, Any] = {}
    if (old.last, old.resources) != (new.last, new.resources):
        changes["latest"] = latest_of(new)
    if new.first_seen < old.first_seen:
        changes["first_seen"] = iso(new.first_seen)
    if after.listed != before.listed:
        changes["last_seen"] = after.listed
    return changes


def _after(group: Group, step: Step, before: Stored | None, now: datetime) -> Stored:
    old = before.finding if before else _blank(group, now)
    last = group.last if group.last.event_time > old.last.event_time else old.last
    finding = replace(
        old,
        count=old.count + len(step.counted),
        first_seen=min(old.first_seen, group.first_seen),
        last_seen=last.event_time,
        last=last,
        resources=newest_resources(old.resources, group.resources),
    )
    return Stored(finding=finding, tally=_tally(step, before, finding), listed=hour_of(finding.last_seen))


def _tally(step: Step, before: Stored | None, finding: Finding) -> Tally:
    sealed, sealed_to = (before.tally.sealed, before.tally.sealed_to) if before else (0, None)
    open_marks = before.tally.open_marks if before else frozenset()
    return Tally(
        count=finding.count,
        open_marks=frozenset() if step.sealing else open_marks | step.counted,
        sealed=sealed + bool(step.sealing),
        sealed_to=step.newest if step.sealing else sealed_to,
        newest=max(finding.last_seen, step.newest),
    )


def _blank(group: Group, now: datetime) -> Finding:
    return Finding(
        finding_id=group.finding_id,
        verdict=storable(group.verdict),
        resource_template=(group.resource_template or "")[:ARN_LIMIT] or None,
        state=State.OPEN,
        state_version=1,
        count=0,
        first_seen=group.first_seen,
        last_seen=group.last.event_time,
        last=group.last,
        changed_at=now,
        cause="first denied",
    )


def _second(moment: datetime) -> str:
    return iso(moment.replace(microsecond=0))
