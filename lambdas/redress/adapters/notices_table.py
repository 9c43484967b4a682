"""The ledger of notices: which are claimed, how far each has come, and which are still owed.

A notice is claimed, published to one topic after the other, and marked after each. The claim holds the
finding as it was, so that whoever finishes the work sends what the change said, not what came later.
What is owed carries the attribute ``state`` and so stands in the index ``by_state``, until it is sent.

Claims, bursts and waves are one transaction: a replay reads what was decided and never decides again.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from redress.adapters.findings_activity import subject_of
from redress.adapters.findings_items import finding_of, key_of
from redress.adapters.notices_waves import Rested, WavesTable, wave_item, wave_keys, wave_of
from redress.adapters.table_packing import pack, unpack
from redress.adapters.table_writes import Absent, Ask, Item, Key, NotMet, OneOf, Put, Store, Update, Write, every_item
from redress.domain.codec import from_json, iso, moment, to_json
from redress.domain.errors import Retry, Unreadable
from redress.domain.finding import Finding
from redress.domain.noticing import Occasion, What, group_of, notice_id
from redress.domain.noticing_flood import FIRST_THRESHOLD, Crowd, How, Told, count_due, join, threshold_of
from redress.domain.noticing_wave import LONGEST, Wave, as_first_seen, is_first_answer, is_first_sight, may_be_held
from redress.domain.settings import Settings
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

KEPT = timedelta(days=30)
"""Longer than the stream can bring a change again."""
CLAIMED, SENT = "CLAIMED", "SENT"
OWED = "NOTICE#OWED"
"""In the index ``by_state``: notices that are claimed and not sent."""
LEFT_ALONE = timedelta(minutes=10)
"""Longer than an attempt can last: what was not tried for so long, nobody is at."""
OWED_LIMIT = 200
ATTEMPTS = 8
COUNT_KEY = "COUNT"
FIRST_KEY = "STATE#000001"
"""Of the notice that a finding is new."""
SINGLES = Settings().account_burst_principals


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice that is to be sent.

    Attributes:
        finding: As it was when the change happened.
        threshold: For ``What.COUNT``, the power of ten that it tells.
        sent: Names of the topics that have it already.
        cause: Id of what the finding shares with a wave's others, where it is told or held with them.
        wave: The wave as it was then, where this is its card.

    """

    finding: Finding
    what: What
    key: str
    how: How
    threshold: int = 0
    sent: frozenset[str] = field(default_factory=frozenset)
    cause: str = ""
    wave: Wave | None = None

    @property
    def id(self) -> str:
        """Returns its id, the same at every attempt."""
        return notice_id(self.finding.finding_id, f"{self.key}#{self.threshold}" if self.threshold else self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesTable:
    """The ledger; every method may raise ``Retry``.

    Attributes:
        singles: Principals with one cause that are told one by one; 0: all of them.

    """

    store: Store
    singles: int = SINGLES

    def claim(self, finding: Finding, occasion: Occasion, *, now: datetime) -> Notice | None:
        """Returns the notice if it is to be sent, or finished; None where it is out, or silent."""
        place = _place(finding, occasion.key)
        for _ in range(ATTEMPTS):
            found = self._found((place, *self._beside(finding, occasion)))
            if place in found:
                return self._taken_up(found[place], now)
            notice, writes = self._first(finding, occasion, found, now)
            if self._done(writes):
                return None if notice.how is How.SILENT else notice
        raise _crowded(finding)

    def claim_count(self, finding: Finding, *, now: datetime) -> Notice | None:
        """Returns the notice of the highest count passed, if it is due or was begun; else None."""
        if finding.count < FIRST_THRESHOLD:
            return None
        for _ in range(ATTEMPTS):
            known = self.store.get(_place(finding, COUNT_KEY))
            if known and known["status"] != SENT:
                return self._taken_up(known, now)
            due = count_due(finding, _told(known, finding))
            if not due:
                return None
            notice, writes = self._counted(finding, due, known, now)
            if self._done(writes):
                return None if notice.how is How.SILENT else notice
        raise _crowded(finding)

    def mark(self, notice: Notice, topic: str, *, is_last: bool, now: datetime) -> None:
        """Notes that a topic has the notice; after the last one it is not owed any more."""
        over = {"status": SENT} if is_last else {}
        update = Update(
            key=_place(notice.finding, notice.key),
            assign={f"sent_{topic}": iso(now), **over},
            remove=("state", "last_seen", "image") if is_last else (),
            when=(OneOf(name="notice_id", values=(notice.id,)),),
        )
        self._done((update,))

    def owed(self, now: datetime) -> Iterator[Notice]:
        """Yields the notices that were claimed and left alone, the oldest first; each is taken up for sending."""
        listed = every_item(self.store, Ask(value=OWED, index="by_state"), at_most=OWED_LIMIT)
        for item in listed:
            known = self.store.get(Key(pk=item["pk"], sk=item["sk"]))
            if known and known["status"] != SENT and now - moment(known["tried_at"]) >= LEFT_ALONE:
                notice = None
                with suppress(Retry, Unreadable):  # it stays owed, and stops no other
                    notice = self._taken_up(known, now, sweeping=True)
                if notice:
                    yield notice

    def last_cards(self, now: datetime) -> Iterator[Notice]:
        """Yields the last cards of waves that have come to rest, each claimed for sending."""
        for rested in WavesTable(store=self.store, singles=self.singles).resting(now):
            notice = self._last_card(rested)
            claim = (Put(item=_item(notice, now), when=(Absent(),)),) if notice else ()
            if self._done((*claim, rested.told_out)) and notice:
                yield notice

    def _last_card(self, rested: Rested) -> Notice | None:
        item = self.store.get(key_of(rested.wave.example))
        if item is None:
            return None  # settled and forgotten: so has the wave been
        try:
            finding = as_first_seen(finding_of(item))
        except Unreadable:
            return None  # the card cannot be made of it, and must not stop those of other waves
        key = f"{What.WAVE_END.value}#{iso(rested.wave.since)}#{rested.wave.principals}"
        return Notice(finding=finding, what=What.WAVE_END, key=key, how=How.WAVE, cause=rested.cause, wave=rested.wave)

    def _taken_up(self, known: Item, now: datetime, *, sweeping: bool = False) -> Notice | None:
        """Returns what is left to do of a claimed notice; None where that is nothing, or somebody else is at it."""
        if known["status"] == SENT:
            return None
        swept = known.get("swept_at")
        if swept and not sweeping and now - moment(swept) < LEFT_ALONE:
            return None  # the sweep is at it, and the next sweep should this one have died
        unchanged = (OneOf(name="tried_at", values=(known["tried_at"],)), OneOf(name="status", values=(CLAIMED,)))
        tried = {"tried_at": iso(now)} | ({"swept_at": iso(now)} if sweeping else {})
        key = Key(pk=known["pk"], sk=known["sk"])
        if not self._done((Update(key=key, assign=tried, when=unchanged),)):
            raise Retry(f"notice {known['notice_id']} is being sent by somebody else")
        return _notice_of(known)

    def _found(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """Returns what stands under these keys now, read in one call."""
        return {Key(pk=item["pk"], sk=item["sk"]): item for item in self.store.get_many(keys)}

    def _beside(self, finding: Finding, occasion: Occasion) -> Iterator[Key]:
        """Yields the keys of all that decides how a notice is told."""
        if occasion.what is not What.CLAIM:
            yield _burst_key(finding, occasion.what)
        if self._may_wave(finding, occasion):
            yield from (_place(finding, FIRST_KEY),) if is_first_answer(finding) else wave_keys(finding)

    def _may_wave(self, finding: Finding, occasion: Occasion) -> bool:
        return bool(self.singles) and occasion.what is What.STATE and may_be_held(finding)

    def _first(
        self, finding: Finding, occasion: Occasion, found: Mapping[Key, Item], now: datetime
    ) -> tuple[Notice, tuple[Write, ...]]:
        notice, waved = self._with_others(finding, occasion, found)
        if notice.how is How.SINGLE:
            how, together = _placed(finding, occasion.what, occasion.key, finding.changed_at, found)
            notice, waved = replace(notice, how=how), (*waved, *together)
        claim = Put(item=_item(notice, now), when=(Absent(),))
        return notice, (claim, *waved, *_count_said(notice, now))

    def _with_others(
        self, finding: Finding, occasion: Occasion, found: Mapping[Key, Item]
    ) -> tuple[Notice, tuple[Write, ...]]:
        """Returns how this notice stands among those of other principals, and the writes that hold its place."""
        notice = Notice(finding=finding, what=occasion.what, key=occasion.key, how=How.SINGLE)
        if not self._may_wave(finding, occasion):
            return notice, ()
        if is_first_answer(finding):
            cause = str(found.get(_place(finding, FIRST_KEY), {}).get("cause", ""))
            return (replace(notice, how=How.SILENT, cause=cause) if cause else notice), ()
        joined = WavesTable(store=self.store, singles=self.singles).joined(finding, found)
        if joined.how is How.SINGLE:
            return notice, joined.writes
        wave = joined.wave if joined.how is How.WAVE else None
        return replace(notice, how=joined.how, cause=joined.cause.id, wave=wave), joined.writes

    def _counted(
        self, finding: Finding, due: int, known: Item | None, now: datetime
    ) -> tuple[Notice, tuple[Write, ...]]:
        found = self._found((_burst_key(finding, What.COUNT),))
        how, together = _placed(finding, What.COUNT, f"{COUNT_KEY}#{due}", finding.last_seen, found)
        notice = Notice(finding=finding, what=What.COUNT, key=COUNT_KEY, how=how, threshold=due)
        unchanged = OneOf(name="notice_id", values=(known["notice_id"],)) if known else Absent()
        settled = (OneOf(name="status", values=(SENT,)),) if known else ()
        return notice, (Put(item=_item(notice, now), when=(unchanged, *settled)), *together)

    def _done(self, writes: Iterable[Write]) -> bool:
        try:
            self.store.write(*writes)
        except NotMet:
            return False
        return True


def _placed(
    finding: Finding, what: What, key: str, at: datetime, found: Mapping[Key, Item]
) -> tuple[How, tuple[Write, ...]]:
    """Returns how this notice stands in its principal's burst, and the write that holds its place."""
    if what is What.CLAIM:
        return How.SINGLE, ()
    place = _burst_key(finding, what)
    known = found.get(place)
    before = Crowd(since=moment(known["since"]), told=tuple(known["told"])) if known else None
    how, after = join(before, f"{finding.finding_id}#{key}", at)
    if after == before:
        return how, ()
    revision = known["revision"] if known else 0
    item: Item = {"pk": place.pk, "sk": place.sk, "since": iso(after.since), "told": list(after.told)}
    item |= {"revision": revision + 1, "ttl": int((at + KEPT).timestamp())}
    unchanged = OneOf(name="revision", values=(revision,)) if known else Absent()
    return how, (Put(item=item, when=(unchanged,)),)


def _burst_key(finding: Finding, what: What) -> Key:
    return Key(pk=f"NOTICES#{subject_of(finding.verdict.principal)}", sk=f"BURST#{group_of(finding, what)}")


def _place(finding: Finding, key: str) -> Key:
    return Key(pk=key_of(finding.finding_id).pk, sk=f"NOTICE#{key}")


def _item(notice: Notice, now: datetime) -> Item:
    place = _place(notice.finding, notice.key)
    item: Item = {
        "pk": place.pk,
        "sk": place.sk,
        "item_type": "notice",
        "notice_id": notice.id,
        "what": notice.what.value,
        "how": notice.how.value,
        "claimed_at": iso(now),
        "tried_at": iso(now),
    }
    if notice.key != COUNT_KEY:  # that one holds until the next threshold, however late it is passed
        item["ttl"] = int((now + KEPT).timestamp())
    if notice.threshold:
        item |= {"threshold": notice.threshold, "seen": iso(notice.finding.last_seen)}
    if notice.cause:
        item["cause"] = notice.cause
    if notice.wave:
        item["wave"] = wave_item(notice.wave)
    if notice.how is How.SILENT:
        return item | {"status": SENT}
    owed = {"state": OWED, "last_seen": iso(now), "image": pack(to_json(notice.finding))}
    return item | {"status": CLAIMED} | owed


def _count_said(notice: Notice, now: datetime) -> tuple[Write, ...]:
    """Returns what notes that the notice of first sight tells the count, or that the count is a wave's for a day."""
    finding = notice.finding
    threshold = threshold_of(finding.count)
    if notice.key != FIRST_KEY or not is_first_sight(finding) or not (threshold or notice.cause):
        return ()
    said = Notice(finding=finding, what=What.COUNT, key=COUNT_KEY, how=How.SILENT, threshold=threshold)
    item = _item(said, now) | {"threshold": threshold, "seen": iso(finding.last_seen)}
    return (Put(item=item | ({"quiet_until": iso(finding.changed_at + LONGEST)} if notice.cause else {})),)


def _notice_of(item: Item) -> Notice:
    return Notice(
        finding=from_json(Finding, unpack(item["image"])),
        what=What(item["what"]),
        key=item["sk"].removeprefix("NOTICE#"),
        how=How(item["how"]),
        threshold=item.get("threshold", 0),
        sent=frozenset(name.removeprefix("sent_") for name in item if name.startswith("sent_")),
        cause=item.get("cause", ""),
        wave=wave_of(item["wave"]) if "wave" in item else None,
    )


def _told(item: Item | None, finding: Finding) -> Told | None:
    """Returns what was told of the finding's count; what is older was told of one that was deleted since."""
    if item is None or moment(item["seen"]) < finding.first_seen:
        return None
    quiet = item.get("quiet_until")
    return Told(threshold=item["threshold"], seen=moment(item["seen"]), quiet_until=moment(quiet) if quiet else None)


def _crowded(finding: Finding) -> Retry:
    return Retry(f"the notices of finding {finding.finding_id} are claimed by others again and again")
