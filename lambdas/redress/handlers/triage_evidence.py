"""λ triage, asking AWS: what a denied call's message does not say, as far as it can be had.

Both sources are a bonus. What they cannot tell is noted on the verdict, and costs the denial nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace
from typing import TYPE_CHECKING

from redress.domain.authorization_details import DetailsAnswer
from redress.domain.catalogue import Catalogue
from redress.domain.classify import classify
from redress.domain.decoded import DecodeAnswer
from redress.domain.values import dataclass
from redress.domain.verdict import Verdict
from redress.domain.words import DecodeStatus
from redress.handlers.observability import Telemetry
from redress.handlers.triage_late import Decoder, DetailsReader

if TYPE_CHECKING:
    from redress.domain.denied_call import DeniedCall

BUDGET_SECONDS = 20.0
"""For all questions of one batch; λ triage has 60 seconds."""
MISSES_LIMIT = 3
"""Failures in a row after which a source is not asked again in this batch."""
NO_TIME = "AWS was not asked for more evidence on this denial: its batch had no time left."


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A verdict with what AWS added to it.

    Attributes:
        snapshot: The authorization details as AWS gave them, which it forgets after a day; None where there are none.

    """

    verdict: Verdict
    snapshot: str | None = None


@dataclass(slots=True, kw_only=True)
class EvidenceDesk:
    """Asks for one batch: within its time, and not again and again where there is no answer.

    Attributes:
        decoder: None where messages are not decoded.
        reader: None where details are not fetched.
        clock: Seconds, from any start.

    """

    decoder: Decoder | None
    reader: DetailsReader | None
    catalogue: Catalogue
    telemetry: Telemetry
    clock: Callable[[], float]
    _started: float = field(init=False)
    _misses: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._started = self.clock()

    def completed(self, verdict: Verdict, call: DeniedCall) -> Completed:
        """Returns the verdict on the call with whatever AWS adds to it; the same one if that is nothing."""
        decoded, details = self._decoded(verdict), self._details(verdict, call)
        if decoded is None and details is None:
            return Completed(verdict=verdict)
        decoded, details = decoded or DecodeAnswer(status=verdict.decode_status), details or DetailsAnswer()
        better = classify(call, catalogue=self.catalogue, decoded=decoded.decoded, details=details.details)
        status = decoded.status if decoded.decoded is None else better.decode_status
        notes = tuple(dict.fromkeys((*better.notes, *decoded.notes, *details.notes)))
        return Completed(verdict=replace(better, decode_status=status, notes=notes), snapshot=details.snapshot)

    def _decoded(self, verdict: Verdict) -> DecodeAnswer | None:
        if self.decoder is None or verdict.encoded is None:
            return None
        if not self._may_ask("decode"):
            return DecodeAnswer(status=DecodeStatus.FAILED, notes=(NO_TIME,))
        answer = self.decoder.decode(verdict.encoded)
        # An expired message says nothing about the next one; a missing permission does.
        hopeless = MISSES_LIMIT if answer.status is DecodeStatus.NOT_PERMITTED else 1
        self._learn("decode", 0 if answer.decoded else hopeless)
        if answer.decoded is None:
            self.telemetry.count("DecodeFailures", status=answer.status.value)
        return answer

    def _details(self, verdict: Verdict, call: DeniedCall) -> DetailsAnswer | None:
        if self.reader is None or verdict.authorization_id is None:
            return None
        if not self._may_ask("details"):
            return DetailsAnswer(notes=(NO_TIME,))
        answer = self.reader.fetch(verdict.authorization_id, region=call.region)
        self._learn("details", 0 if answer.details else 1)
        return answer

    def _may_ask(self, source: str) -> bool:
        in_time = self.clock() - self._started < BUDGET_SECONDS
        return in_time and self._misses.get(source, 0) < MISSES_LIMIT

    def _learn(self, source: str, misses: int) -> None:
        self._misses[source] = self._misses.get(source, 0) + misses if misses else 0
