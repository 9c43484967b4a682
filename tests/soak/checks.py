"""What must be true when all is quiet, one line each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redress.domain.words import State
from tests.soak.pipeline import attribute_of, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.soak.denials import Load
    from tests.soak.pipeline import Seen

QUIET_STATES = {State.APPLYING.value, State.PROPOSED.value}
"""States that pass by themselves; nobody need be told."""
DENIALS = "DenialsDeadLetterQueueUrl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One expectation, and what was found."""

    what: str
    expected: int
    found: int

    @property
    def holds(self) -> bool:
        """Returns whether it was met."""
        return self.expected == self.found


def checks(load: Load, seen: Seen) -> list[Check]:
    """Returns every check."""
    return [*_counting(load, seen), *_dead_letters(load, seen), *_notices(seen), *_faults(seen)]


def _counting(load: Load, seen: Seen) -> Iterator[Check]:
    counts = {finding.finding_id: finding.count for finding in seen.findings}
    exact = sum(counts.get(finding_id) == count for finding_id, count in load.counts.items())
    yield Check(what="came to rest", expected=1, found=int(seen.settled))
    yield Check(what="findings", expected=len(load.counts), found=len(counts))
    yield Check(what="findings with the exact count", expected=len(load.counts), found=exact)
    yield Check(what="denials counted", expected=sum(load.counts.values()), found=sum(counts.values()))


def _dead_letters(load: Load, seen: Seen) -> Iterator[Check]:
    """A worker that is killed after it put a message aside puts it aside again: a repeat has the same message id."""
    letters = {_message_id(letter): letter for letter in seen.letters.get(DENIALS, ())}
    bodies = Counter(letter["Body"] for letter in letters.values())
    expected = Counter(load.poison)
    reasons = sum(bool(reason_of(letter)) for letter in letters.values())
    others = sum(len(queue) for name, queue in seen.letters.items() if name != DENIALS)
    yield Check(what="poison put aside", expected=len(load.poison), found=(bodies & expected).total())
    yield Check(what="of that, with a reason", expected=len(load.poison), found=reasons)
    yield Check(what="anything else put aside", expected=0, found=(bodies - expected).total() + others)


def _message_id(letter: dict[str, Any]) -> str:
    return str(letter["MessageAttributes"].get("message_id", {}).get("StringValue", letter["MessageId"]))


def _notices(seen: Seen) -> Iterator[Check]:
    heard = Counter(attribute_of(envelope, "notice_id") for envelope in seen.heard)
    due = {str(item["notice_id"]) for item in seen.ledger if item["how"] != "SILENT"}
    yield Check(what="notices in the ledger and heard", expected=len(due), found=len(due & set(heard)))
    yield Check(what="notices heard twice", expected=0, found=heard.total() - len(heard))
    yield Check(what="notices still owed", expected=0, found=sum(item["status"] != "SENT" for item in seen.ledger))
    states = [attribute_of(each, "notice_id") for each in seen.heard if attribute_of(each, "notice") == "STATE"]
    yield Check(what="notices of a state that nobody claimed", expected=0, found=len(set(states) - due))
    known = {(item["pk"], item["sk"]) for item in seen.ledger}
    wanted = set(_wanted(seen))
    yield Check(what="states of findings that were told", expected=len(wanted), found=len(wanted & known))


def _wanted(seen: Seen) -> Iterator[tuple[str, str]]:
    """Yields the place in the ledger of every state that a finding has been in and that people must hear of."""
    for finding in seen.findings:
        yield f"FINDING#{finding.finding_id}", "NOTICE#STATE#000001"
    for line in seen.audit:
        if line["to"] not in QUIET_STATES:
            yield str(line["pk"]), f"NOTICE#STATE#{str(line['sk']).removeprefix('AUDIT#')}"


def _faults(seen: Seen) -> Iterator[Check]:
    *kills, throttles = seen.struck
    yield Check(what="functions killed in the middle of a batch", expected=2, found=sum(kills))
    yield Check(what="calls were throttled", expected=1, found=int(throttles > 0))
