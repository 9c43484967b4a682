"""A wave: many principals of one account are denied for one cause, and people are told once, not once for each.

The first few principals are told one by one. After them one account-wide card stands for all, and comes again at
10, 100, 1,000 principals. What is held back is only that a finding is new and that no policy changes for it; what asks
for somebody's act, and everything that security looks at, is told as always.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from redress.domain.finding import Finding
from redress.domain.noticing import Route, is_severe, route_of
from redress.domain.noticing_flood import FIRST_THRESHOLD, WINDOW, How, threshold_of
from redress.domain.values import dataclass
from redress.domain.words import Effect, Kind, Layer, PrincipalType, State

LONGEST = timedelta(days=1)
"""After so long a wave that never rests is told from its beginning again, and its findings' counts are told."""
NAMED = 10
NAME_LIMIT = 128
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What denials have in common that are told together.

    Attributes:
        account: Of the principals.
        by: The denying policy, with the action where that is severe by its name; where none is named, the action.

    """

    account: str
    layer: Layer
    effect: Effect
    kind: Kind
    by: str

    @property
    def id(self) -> str:
        """Returns ``c-`` and 20 hex digits, the same for the same cause."""
        text = SEPARATOR.join((self.account, self.layer, self.effect, self.kind, self.by))
        return f"c-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """The principals that are denied for one cause.

    Attributes:
        since: When the first of them was told of.
        last: When the newest finding joined.
        principals: How many there are, each counted once.
        findings: Theirs, as they were first seen.
        held: Those of them that were not told one by one.
        named: Names of the newest principals that were not, the newest last.
        example: Id of the finding that its newest card was made of.
        is_told_out: Whether it has come to rest, and what it had come to by then was told.

    """

    since: datetime
    last: datetime
    principals: int = 0
    findings: int = 0
    held: int = 0
    named: tuple[str, ...] = ()
    example: str = ""
    is_told_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A principal's place in a wave: it was the ``number``-th of the one that began then."""

    since: datetime
    number: int


def cause_of(finding: Finding) -> Cause:
    """Returns what a finding shares with others that have the same cause."""
    verdict, last = finding.verdict, finding.last
    call = (verdict.action or f"{last.event_source}:{last.event_name}").lower()
    policy = verdict.policy_arn or ""
    return Cause(
        account=verdict.principal.account or last.account or "",
        layer=verdict.layer,
        effect=verdict.effect,
        kind=verdict.kind,
        by=(f"{policy} {call}" if is_severe(finding) else policy) if policy else call,
    )


def may_be_held(finding: Finding) -> bool:
    """Returns whether a notice of the finding as it is now asks nothing of anyone, and does not concern security."""
    is_for_security = route_of(finding) is Route.SECURITY or finding.verdict.principal.type is PrincipalType.ROOT
    return not is_for_security and (is_first_sight(finding) or is_first_answer(finding))


def is_first_sight(finding: Finding) -> bool:
    """Returns whether the finding is new."""
    return finding.state is State.OPEN and finding.state_version == 1


def is_first_answer(finding: Finding) -> bool:
    """Returns whether the finding has just got its first answer: no policy changes."""
    return finding.state is State.NO_FIX and finding.state_version == 2  # noqa: PLR2004 - the first change of state


def join(
    wave: Wave | None, member: Member | None, *, name: str, at: datetime, singles: int
) -> tuple[How, Wave, Member]:
    """Returns how a new finding is told, and the wave and the principal's place in it afterwards.

    Args:
        wave: As it was; None where there is none.
        member: The principal's place in this wave or an older one; None where it has none.
        name: The principal's.
        at: When the finding was made; what is older than the wave belongs to it too.
        singles: Principals that are told one by one.

    """
    if wave is None or is_over(wave, at, singles):
        wave = Wave(since=at, last=at)
    known = member if member and member.since == wave.since else None
    number = known.number if known else wave.principals + 1
    how = _how(number, singles, is_new=known is None)
    is_held = how is not How.SINGLE
    after = replace(
        wave,
        last=max(wave.last, at),
        principals=max(wave.principals, number),
        findings=wave.findings + 1,
        held=wave.held + is_held,
        named=_named(wave.named, name) if is_held else wave.named,
        is_told_out=False,
    )
    return how, after, known or Member(since=wave.since, number=number)


def is_wide(wave: Wave, singles: int) -> bool:
    """Returns whether the wave has had its card."""
    return wave.principals > singles


def is_over(wave: Wave, at: datetime, singles: int) -> bool:
    """Returns whether what happens at this time begins another wave: after a rest, or after a day."""
    longest = LONGEST if is_wide(wave, singles) else WINDOW
    return at - wave.last >= WINDOW or at - wave.since >= longest


def is_last_card_due(wave: Wave, now: datetime, singles: int) -> bool:
    """Returns whether the wave is over, and more principals are in it than its newest card said."""
    told = max(singles + 1, threshold_of(wave.principals))
    return is_over(wave, now, singles) and wave.principals > told and not wave.is_told_out


def as_first_seen(finding: Finding) -> Finding:
    """Returns the finding as the wave's cards show it: whatever became of this one since is not what they tell."""
    return Finding(
        finding_id=finding.finding_id,
        verdict=finding.verdict,
        resource_template=finding.resource_template,
        resources=finding.resources,
        state=State.OPEN,
        state_version=1,
        count=finding.count,
        first_seen=finding.first_seen,
        last_seen=finding.last_seen,
        last=finding.last,
        changed_at=finding.first_seen,
        owner=finding.owner,
        production=finding.production,
        tags_read=finding.tags_read,
    )


def next_told(principals: int) -> int:
    """Returns the number of principals at which the card comes again."""
    return max(FIRST_THRESHOLD, 10 * threshold_of(principals))


def _how(number: int, singles: int, *, is_new: bool) -> How:
    if number <= singles:
        return How.SINGLE
    return How.WAVE if is_new and number in {singles + 1, threshold_of(number)} else How.SILENT


def _named(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    others = tuple(each for each in names if each != name[:NAME_LIMIT])
    return (*others, name[:NAME_LIMIT])[-NAMED:]
