"""The day in one notice: what is open, who waits, what is noisy, what was fixed, and what Redress cannot see."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from redress.domain.commands import command
from redress.domain.coverage import Gap, line
from redress.domain.finding import Finding
from redress.domain.harmless import harmless
from redress.domain.noticing_wave import Cause, Wave
from redress.domain.severity import Severity, severity_of
from redress.domain.values import dataclass
from redress.domain.words import Kind, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

K = TypeVar("K", Severity, Kind)
DAY = timedelta(days=1)
LONG = timedelta(days=30)
"""After which a stop-gap should be looked at: whoever owns the principal has had the time to commit it."""
LISTED = 5
NAME_LIMIT = 120
SUBJECT_LIMIT = 99
OPEN_STATES = (
    State.SUSPICIOUS,
    State.FAILED,
    State.REOPENED,
    State.AWAITING_APPROVAL,
    State.PROPOSED,
    State.APPLYING,
    State.OPEN,
)
"""States in which somebody, or Redress, still has something to do."""
NOISY_STATES = (*OPEN_STATES, State.NO_FIX, State.REJECTED, State.EXPIRED, State.RESTORED)
"""States whose denials go on."""
LOOKED_AT = (*NOISY_STATES, State.FIXED, State.CLOSED, State.MUTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The findings in one state, the newest first.

    Attributes:
        is_cut: Whether there are more.

    """

    findings: tuple[Finding, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A proposal that waits: for a signature, or for room to ask for one."""

    proposal_id: str
    principal: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Findings of many principals that were told by one card.

    Attributes:
        cause_id: By which ``redress findings`` lists them.

    """

    cause_id: str
    cause: Cause
    wave: Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What was looked at, and when.

    Attributes:
        found: By state; what is absent was not found.
        waiting: In any order.
        held: Proposals that wait for room to ask for a signature, in their order.
        cap: Requests that may wait for a signature at once.
        together: Those that went on today, in the order in which they are listed.
        standing: When each fix that is in force was applied, in any order.
        more_stand: Whether there are more than these.
        gaps: What Redress cannot see.
        region: The stack's, for the commands.

    """

    at: datetime
    found: Mapping[State, Sample]
    waiting: tuple[Waiting, ...] = ()
    gaps: tuple[Gap, ...] = ()
    together: tuple[Together, ...] = ()
    held: tuple[Waiting, ...] = ()
    cap: int = 0
    standing: tuple[datetime, ...] = ()
    more_stand: bool = False
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and its lines; every line is harmless text."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The day, ready to be rendered.

    Attributes:
        subject: Under 100 characters of printable ASCII.
        region: The stack's.

    """

    subject: str
    date: str
    sections: tuple[Section, ...]
    region: str = ""


def digest(day: Day) -> Digest:
    """Returns the day's digest; a day without anything has one too, as a sign of life."""
    parts = (_open, _waiting, _held, _together, _noisy, _fixed, _standing, _suspicious, _expired, _sight)
    made = [part(day) for part in parts]
    sections = tuple(each for each in made if each.lines)
    return Digest(subject=_subject(day), date=f"{day.at:%Y-%m-%d}", sections=sections, region=day.region)


def _subject(day: Day) -> str:
    findings, more = _all(day, OPEN_STATES)
    counts = f"{len(findings)}{more} open, {len(day.waiting)} waiting for a signature"
    suspicious = len(_all(day, (State.SUSPICIOUS,))[0])
    worry = f", {suspicious} SUSPICIOUS" if suspicious else ""
    blind = f", {len(day.gaps)} gaps" if day.gaps else ""
    return f"[Redress] {day.at:%Y-%m-%d}: {counts}{worry}{blind}"[:SUBJECT_LIMIT]


def _open(day: Day) -> Section:
    findings, more = _all(day, OPEN_STATES)
    by_kind = Counter(each.verdict.kind for each in findings)
    by_severity = Counter(severity_of(each)[0] for each in findings)
    lines = (
        *_counted("By severity", by_severity, Severity),
        *_counted("By kind", by_kind, Kind),
        *(f"More than these are {state.value}; only the newest were counted." for state in _cut(day, OPEN_STATES)),
    )
    return Section(heading=f"Open findings: {len(findings)}{more}", lines=lines or ("None.",))


def _waiting(day: Day) -> Section:
    oldest = sorted(day.waiting, key=lambda each: each.since)
    lines = [_in_line(each, "approve", day) for each in oldest[:LISTED]]
    return Section(heading=f"Waiting for a signature: {len(oldest)}, the oldest first", lines=tuple(lines))


def _held(day: Day) -> Section:
    lines = [_in_line(each, "show", day) for each in day.held[:LISTED]]
    room = f"At most {day.cap} requests may wait for a signature at once (max_waiting_approvals): sign or reject some."
    return Section(
        heading=f"Fixes that wait for room to ask for a signature: {len(day.held)}, the next one first",
        lines=(*lines, room) if lines else (),
    )


def _in_line(each: Waiting, verb: str, day: Day) -> str:
    words = command(f"{verb} {each.proposal_id}", day.region)
    return f"{_long(day.at - each.since)}: {harmless(each.principal, NAME_LIMIT)} ({words})"


def _together(day: Day) -> Section:
    lines = [
        f"{each.wave.principals:,} principals of account {harmless(each.cause.account, NAME_LIMIT)} since "
        f"{each.wave.since:%m-%d %H:%M} UTC: {each.cause.kind} by {harmless(each.cause.by, 2 * NAME_LIMIT)}; "
        f"{each.wave.held:,} of {each.wave.findings:,} findings had no notice of their own "
        f"({command(f'findings --cause {each.cause_id}', day.region)})"
        for each in day.together[:LISTED]
    ]
    return Section(heading=f"Told together, account-wide, by cause: {len(day.together)}", lines=tuple(lines))


def _noisy(day: Day) -> Section:
    findings, _ = _all(day, NOISY_STATES)
    loud = sorted((each for each in findings if _today(day, each.last_seen)), key=lambda each: -each.count)
    lines = [f"{each.count:,} times: {_named(each)}" for each in loud[:LISTED] if each.count > 1]
    return Section(heading="Denied most often, of those denied today", lines=tuple(lines))


def _fixed(day: Day) -> Section:
    findings, more = _all(day, (State.FIXED, State.CLOSED))
    fixed = [(each, each.fixed_at) for each in findings if each.fixed_at and _today(day, each.fixed_at)]
    times = sorted(at - each.first_seen for each, at in fixed)
    if not times:
        return Section(heading="Fixed today", lines=())
    half, most = (_long(_share(times, share)) for share in (0.5, 0.9))
    lines = [
        f"From the first denial to the fix: half within {half}, nine of ten within {most}.",
        *(_named(each) for each, _ in fixed[:LISTED]),
    ]
    return Section(heading=f"Fixed today: {len(times)}{more}", lines=tuple(lines))


def _standing(day: Day) -> Section:
    old = [each for each in day.standing if day.at - each > LONG]
    heading = f"Fixes in force: {len(day.standing)}{'+' * day.more_stand}"
    if not old:
        return Section(heading=heading, lines=())
    since = f"{len(old)} of them for more than {LONG.days} days, the oldest since {min(old):%Y-%m-%d}."
    words = f"Which of them the principals' own policies have made needless: {command('fixes', day.region)}"
    return Section(heading=heading, lines=(f"{since} {words}",))


def _suspicious(day: Day) -> Section:
    findings, more = _all(day, (State.SUSPICIOUS,))
    principals = Counter(_principal(each) for each in findings)
    lines = [f"{harmless(who, NAME_LIMIT)}: {count} findings" for who, count in principals.most_common(LISTED)]
    return Section(heading=f"Under suspicion: {len(principals)}{more} principals", lines=tuple(lines))


def _expired(day: Day) -> Section:
    findings, more = _all(day, (State.EXPIRED,))
    today = [each for each in findings if _today(day, each.changed_at)]
    lines = [f"{_named(each)} (nothing was changed)" for each in today[:LISTED]]
    return Section(heading=f"Expired unsigned today: {len(today)}{more}", lines=tuple(lines))


def _sight(day: Day) -> Section:
    lines = [f"{gap.missing}: {gap.detail}" for gap in day.gaps[:LISTED]]
    return Section(heading="What Redress cannot see", lines=(line(day.gaps), *lines))


def _all(day: Day, states: Iterable[State]) -> tuple[tuple[Finding, ...], str]:
    """Returns the findings in these states, and ``+`` where there are more of them."""
    chosen = [day.found.get(state, Sample()) for state in states]
    return tuple(each for sample in chosen for each in sample.findings), "+" * any(each.is_cut for each in chosen)


def _cut(day: Day, states: Iterable[State]) -> Iterator[State]:
    return (state for state in states if day.found.get(state, Sample()).is_cut)


def _counted(label: str, counts: Mapping[K, int], order: Iterable[K]) -> Iterator[str]:
    shown = [f"{name} {counts[name]}" for name in order if counts.get(name)]
    if shown:
        yield f"{label}: {', '.join(shown)}."


def _today(day: Day, at: datetime) -> bool:
    return day.at - at <= DAY


def _share(times: Sequence[timedelta], share: float) -> timedelta:
    """Returns the smallest of the sorted times that so large a share of them does not exceed (nearest rank)."""
    return times[max(0, math.ceil(share * len(times)) - 1)]


def _named(finding: Finding) -> str:
    action = finding.verdict.action or finding.last.event_name
    return f"{harmless(_principal(finding), NAME_LIMIT)} {harmless(action, NAME_LIMIT)} ({finding.finding_id})"


def _principal(finding: Finding) -> str:
    principal = finding.verdict.principal
    return principal.arn or principal.session_arn or principal.name or "unknown principal"


def _long(time: timedelta) -> str:
    """Returns ``45 s``, ``12 min``, ``7 h`` or ``3 d``: the largest unit that the time fills, cut down."""
    seconds = max(0, int(time.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
