"""λ triage, asking AWS: what a denied call's message does not say, as far as it can be had.

Both sources are a bonus. What they cannot tell is noted on the verdict, and costs the denial nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from redress.domain.catalogue import Catalogue
from redress.domain.classify import classify
from redress.domain.words import DecodeStatus, Effect, Evidence, Layer
from redress.handlers.observability import Telemetry

if TYPE_CHECKING:
    from redress.domain.authorization_details import AuthorizationDetails
    from redress.domain.decoded import Decoded
    from redress.domain.denied_call import DeniedCall
    from redress.domain.verdict import Verdict

T = TypeVar("T")

BUDGET_SECONDS = 20.0
"""For all questions of one batch; λ triage has 60 seconds."""
NO_TIME = "AWS was not asked for more evidence: this batch of denials had no time left."


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """An answer that was not to be had.

    Attributes:
        note: Why, and what would help, in one sentence.
        final: Whether asking for another call is as pointless (no permission, no such API).

    """

    note: str
    status: DecodeStatus = DecodeStatus.FAILED
    final: bool = False


class Decode(Protocol):
    """Asks STS what an encoded message says."""

    def __call__(self, encoded: str) -> Decoded | Missing:
        """Returns the decoded message, or why there is none."""


class Details(Protocol):
    """Asks for the authorization details of one request."""

    def __call__(self, authorization_id: str, region: str | None) -> AuthorizationDetails | Missing:
        """Returns the details, or why there are none."""


@dataclass(slots=True, kw_only=True)
class EvidenceDesk:
    """Asks for one batch: within its time, and never again where the answer would be the same.

    Attributes:
        decode: None where messages are not decoded.
        details: None where details are not fetched.
        clock: Seconds, from any start.

    """

    decode: Decode | None
    details: Details | None
    catalogue: Catalogue
    telemetry: Telemetry
    clock: Callable[[], float]
    _started: float = field(init=False)
    _pointless: dict[str, Missing] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._started = self.clock()

    def completed(self, verdict: Verdict, call: DeniedCall) -> Verdict:
        """Returns the verdict on the call with whatever AWS adds to it; the same one if that is nothing."""
        decoded, details = self._decoded(verdict), self._details(verdict, call)
        if decoded is None and details is None:
            return verdict
        better = classify(call, catalogue=self.catalogue, decoded=_had(decoded), details=_had(details))
        gaps = [each for each in (decoded, details) if isinstance(each, Missing)]
        status = decoded.status if isinstance(decoded, Missing) else better.decode_status
        return replace(better, decode_status=status, notes=(*better.notes, *(gap.note for gap in gaps)))

    def _decoded(self, verdict: Verdict) -> Decoded | Missing | None:
        decode, encoded = self.decode, verdict.encoded
        if decode is None or encoded is None:
            return None
        answer = self._ask("decode", lambda: decode(encoded))
        if isinstance(answer, Missing):
            self.telemetry.count("DecodeFailures", status=answer.status.value)
        return answer

    def _details(self, verdict: Verdict, call: DeniedCall) -> AuthorizationDetails | Missing | None:
        fetch, identifier = self.details, verdict.authorization_id
        if fetch is None or identifier is None:
            return None
        return self._ask("details", lambda: fetch(identifier, call.region))

    def _ask(self, source: str, question: Callable[[], T | Missing]) -> T | Missing:
        if source in self._pointless:
            return self._pointless[source]
        if self.clock() - self._started > BUDGET_SECONDS:
            return Missing(note=NO_TIME)
        answer = question()
        if isinstance(answer, Missing) and answer.final:
            self._pointless[source] = answer
        return answer


def is_unresolved(verdict: Verdict) -> bool:
    """Returns whether asking AWS about another call of the finding could teach us something.

    A decoded message never names the layer, so a verdict drawn from one is as good as it gets.
    """
    weak = verdict.evidence in (Evidence.NONE, Evidence.REPORTED)
    return weak and (verdict.layer is Layer.UNKNOWN or verdict.effect is Effect.UNKNOWN)


def _had(answer: T | Missing | None) -> T | None:
    return None if isinstance(answer, Missing) else answer
