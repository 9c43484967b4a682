"""A batch of denied calls, gathered by finding: one write each, however many calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import accumulate

from redress.domain.counting import mark
from redress.domain.denied_call import DeniedCall
from redress.domain.finding import Sighting
from redress.domain.request_ids import refine
from redress.domain.sighting import sighting_of
from redress.domain.values import dataclass
from redress.domain.verdict import Verdict
from redress.domain.words import Evidence

RESOURCE_LIMIT = 20
"""Distinct resources that a finding keeps, the newest."""
RESOURCE_LENGTH = 600
RESOURCES_LENGTH = 2_000
"""Characters of them all together, so that long names cannot make every count dear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """One denied call with what was concluded from it."""

    finding_id: str
    resource_template: str | None
    verdict: Verdict
    call: DeniedCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A finding's share of a batch.

    Attributes:
        verdict: The one with the strongest evidence; of equals, the newest.
        call: The call that this verdict is of.
        seen: Event time by mark, each event once.
        last: The newest denial.
        resources: Distinct resources, as exact as the requests are, the newest last.

    """

    finding_id: str
    resource_template: str | None
    verdict: Verdict
    call: DeniedCall
    seen: Mapping[bytes, datetime]
    last: Sighting
    resources: tuple[str, ...]

    @property
    def first_seen(self) -> datetime:
        """Returns the oldest event time."""
        return min(self.seen.values())


def gather(denials: Iterable[Denial]) -> tuple[Group, ...]:
    """Returns one group for each finding, in the order in which they first came."""
    shares: defaultdict[str, list[Denial]] = defaultdict(list)
    for denial in denials:
        shares[denial.finding_id].append(denial)
    return tuple(_group(share) for share in shares.values())


def newest_resources(older: Iterable[str], newer: Iterable[str]) -> tuple[str, ...]:
    """Returns distinct resources, the newest last, as many as a finding keeps."""
    in_order = dict.fromkeys(each for each in reversed([*older, *newer]) if len(each) <= RESOURCE_LENGTH)
    newest = list(in_order)[:RESOURCE_LIMIT]
    room = accumulate(len(each) for each in newest)
    return tuple(reversed([each for each, used in zip(newest, room, strict=True) if used <= RESOURCES_LENGTH]))


def _group(share: list[Denial]) -> Group:
    share = sorted(share, key=lambda denial: denial.call.event_time)
    chosen = max(share, key=lambda denial: (_strength(denial), denial.call.event_time))
    return Group(
        finding_id=chosen.finding_id,
        resource_template=chosen.resource_template,
        verdict=chosen.verdict,
        call=chosen.call,
        seen=_seen(share),
        last=sighting_of(share[-1].call, share[-1].verdict.resource),
        resources=newest_resources((), (exact for each in share for exact in refine(each.verdict, each.call))),
    )


def _seen(share: Iterable[Denial]) -> dict[bytes, datetime]:
    seen: dict[bytes, datetime] = {}
    for denial in share:
        each, moment = mark(denial.call.dedupe_id), denial.call.event_time
        seen[each] = min(moment, seen.get(each, moment))
    return seen


_STRENGTH = {evidence: rank for rank, evidence in enumerate(reversed(Evidence))}


def _strength(denial: Denial) -> tuple[int, bool]:
    # Among equals, one with an encoded message that is whole can still be made stronger.
    return _STRENGTH[denial.verdict.evidence], denial.verdict.encoded is not None
