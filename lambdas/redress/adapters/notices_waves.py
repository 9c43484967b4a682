"""The waves of notices: one item for each cause, one small item for each principal in it.

The item of a cause bears a revision, and every finding that joins is one transaction with it: no principal is counted
twice, and of two that come at once one comes second. A wave that had its card stands in the index ``by_state``, for the
digest; when the next one of the same cause begins, it is kept beside it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from redress.adapters.findings_activity import subject_of
from redress.adapters.table_writes import Absent, Ask, Item, Key, OneOf, Put, Store, Update, Write, every_item
from redress.domain.codec import iso, moment
from redress.domain.noticing_flood import How
from redress.domain.noticing_wave import Cause, Member, Wave, cause_of, is_last_card_due, is_wide, join
from redress.domain.values import dataclass
from redress.domain.words import Effect, Kind, Layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redress.domain.finding import Finding

KEPT = timedelta(days=30)
MEMBERS_KEPT = timedelta(days=3)
"""Longer than a wave lasts."""
PREFIX, SORT = "NOTICES#", "WAVE"
WIDE = "NOTICE#WAVE"
"""In the index ``by_state``: waves that had their card."""
LISTED = 20
BY_LIMIT = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """How a new finding is told, and the writes that hold its place in the wave."""

    how: How
    cause: Cause
    wave: Wave
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rested:
    """A wave that is over.

    Attributes:
        cause: The cause's id.
        told_out: The write that notes that its last card is on its way; it fails where somebody joined meanwhile.

    """

    cause: str
    wave: Wave
    told_out: Update


@dataclass(frozen=True, slots=True, kw_only=True)
class WavesTable:
    """The waves; every method may raise ``Retry``.

    Attributes:
        singles: Principals of a wave that are told one by one.

    """

    store: Store
    singles: int

    def joined(self, finding: Finding, found: Mapping[Key, Item]) -> Joined:
        """Returns the place of a new finding; its writes fail where somebody else joined meanwhile.

        Args:
            finding: As it was first seen.
            found: What the table holds under its ``wave_keys``.

        """
        cause, subject = cause_of(finding), subject_of(finding.verdict.principal)
        place, seat = wave_keys(finding)
        known, sat = found.get(place), found.get(seat)
        before = wave_of(known) if known else None
        member = Member(since=moment(sat["since"]), number=sat["number"]) if sat else None
        name = finding.verdict.principal.name or subject
        how, wave, after = join(before, member, name=name, at=finding.changed_at, singles=self.singles)
        wave = replace(wave, example=finding.finding_id) if how is How.WAVE else wave
        writes = [self._wave_put(place, cause, wave, known)]
        if after != member:
            writes.append(_member_put(seat, after))
        if known and before and before.since != wave.since and is_wide(before, self.singles):
            writes.append(Put(item={**known, "sk": f"{SORT}#{known['since']}"}))
        return Joined(how=how, cause=cause, wave=wave, writes=tuple(writes))

    def recent(self, since: datetime) -> Iterator[tuple[str, Cause, Wave]]:
        """Yields the waves that had their card and went on after this moment, the newest first, by their cause's id."""
        for item in sorted(self._listed(), key=lambda each: str(each["since"]), reverse=True):
            wave = wave_of(item)
            if wave.last >= since:
                yield item["pk"].removeprefix(PREFIX), _cause_of(item), wave

    def resting(self, now: datetime) -> Iterator[Rested]:
        """Yields the waves that are over, and of which more is to be told than their newest card did."""
        for item in self._listed() if self.singles else ():
            wave = wave_of(item)
            if is_last_card_due(wave, now, self.singles):
                unchanged = OneOf(name="revision", values=(item["revision"],))
                key = Key(pk=item["pk"], sk=item["sk"])
                told_out = Update(key=key, assign={"is_told_out": True}, add={"revision": 1}, when=(unchanged,))
                cause = item["pk"].removeprefix(PREFIX)
                yield Rested(cause=cause, wave=replace(wave, is_told_out=True), told_out=told_out)

    def _listed(self) -> tuple[Item, ...]:
        ask = Ask(value=WIDE, index="by_state", newest_first=True, limit=LISTED)
        listed = every_item(self.store, ask, at_most=LISTED)
        return self.store.get_many(Key(pk=item["pk"], sk=item["sk"]) for item in listed)

    def _wave_put(self, place: Key, cause: Cause, wave: Wave, known: Item | None) -> Put:
        revision = int(known["revision"]) if known else 0
        item: Item = {"pk": place.pk, "sk": place.sk, **_cause_item(cause), **wave_item(wave)}
        item |= {"revision": revision + 1, "ttl": int((wave.last + KEPT).timestamp())}
        if is_wide(wave, self.singles):
            item |= {"state": WIDE, "last_seen": iso(wave.since)}  # never changes, so the index is written once
        return Put(item=item, when=(OneOf(name="revision", values=(revision,)) if known else Absent(),))


def wave_keys(finding: Finding) -> tuple[Key, Key]:
    """Returns the keys of the wave that a new finding would join, and of its principal's place in it."""
    subject = subject_of(finding.verdict.principal)
    place = Key(pk=f"{PREFIX}{cause_of(finding).id}", sk=SORT)
    return place, Key(pk=place.pk, sk=f"MEMBER#{hashlib.sha256(subject.encode()).hexdigest()[:32]}")


def _member_put(seat: Key, member: Member) -> Put:
    item: Item = {"pk": seat.pk, "sk": seat.sk, "since": iso(member.since), "number": member.number}
    return Put(item=item | {"ttl": int((member.since + MEMBERS_KEPT).timestamp())})


def wave_item(wave: Wave) -> dict[str, Any]:
    """Returns a wave as attributes of an item."""
    return {
        "since": iso(wave.since),
        "last": iso(wave.last),
        "principals": wave.principals,
        "findings": wave.findings,
        "held": wave.held,
        "named": list(wave.named),
        "example": wave.example,
        "is_told_out": wave.is_told_out,
    }


def wave_of(item: Item) -> Wave:
    """Returns the wave that an item's attributes hold."""
    return Wave(
        since=moment(item["since"]),
        last=moment(item["last"]),
        principals=int(item["principals"]),
        findings=int(item["findings"]),
        held=int(item["held"]),
        named=tuple(item["named"]),
        example=item.get("example", ""),
        is_told_out=item.get("is_told_out", False),
    )


def _cause_item(cause: Cause) -> dict[str, Any]:
    return {
        "account": cause.account,
        "layer": cause.layer.value,
        "effect": cause.effect.value,
        "kind": cause.kind.value,
        "by": cause.by[:BY_LIMIT],
    }


def _cause_of(item: Item) -> Cause:
    return Cause(
        account=item["account"],
        layer=Layer(item["layer"]),
        effect=Effect(item["effect"]),
        kind=Kind(item["kind"]),
        by=item["by"],
    )
