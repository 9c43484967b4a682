"""λ triage, the reading half: from the messages of the queue to denied calls; nothing bad gets past it or is lost."""

from __future__ import annotations

from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from redress.domain.batch import Denial
from redress.domain.catalogue import Catalogue
from redress.domain.classify import classify
from redress.domain.denied_call import NotADenial
from redress.domain.envelopes import records_in
from redress.domain.errors import DeadLetter, MalformedRecord, Retry
from redress.domain.fingerprint import fingerprint
from redress.domain.parse import parse_record
from redress.domain.sighting import bounded
from redress.domain.values import dataclass
from redress.domain.words import DecodeStatus
from redress.handlers.messages import is_health_event
from redress.handlers.observability import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from redress.domain.denied_call import DeniedCall, Principal
    from redress.domain.health import HealthEvent
    from redress.handlers.messages import Message

AHEAD = timedelta(days=1)
"""How far clocks may be apart."""
OWN_ROLES = "role/redress/"
"""How the sixth part of the ARN of every role of Redress itself begins."""


class HealthEvents(Protocol):
    """Keeps what AWS Health says."""

    def keep(self, event: HealthEvent, *, now: datetime) -> bool:
        """Stores the event unless a newer word on it is there; raises Retry."""


class PutAside(Protocol):
    """Keeps messages that can never be processed."""

    def put(self, body: str, *, reason: str, message_id: str) -> None:
        """Keeps a message with its reason; raises Retry."""


@dataclass(slots=True, kw_only=True)
class Intake:
    """What one batch holds.

    Attributes:
        denials: To be counted.
        carriers: Ids of the messages that brought each finding its denials.
        records: The record of each denied call, by event id, as it came.
        failed: Ids of messages to be delivered again.

    """

    denials: list[Denial] = field(default_factory=list)
    carriers: dict[str, list[str]] = field(default_factory=dict)
    records: dict[str, object] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads batches."""

    catalogue: Catalogue
    health: HealthEvents
    dead_letters: PutAside
    telemetry: Telemetry

    def read(self, messages: Iterable[Message], now: datetime) -> Intake:
        """Returns what the batch holds; what nobody can ever read has been put aside with its reason."""
        intake = Intake()
        for message in messages:
            try:
                self._take(message, intake, now)
            except DeadLetter as error:
                self._put_aside(message, error, intake)
            except Retry as error:
                self._again(message, error, intake)
        return intake

    def _take(self, message: Message, intake: Intake, now: datetime) -> None:
        event = message.parsed()
        if is_health_event(event):
            self._keep_health(event, now)
            return
        faults: list[DeadLetter] = []
        for record in records_in(event):
            try:
                self._take_record(record, message, intake, now)
            except DeadLetter as error:
                faults.append(error)
        if faults:
            raise faults[0]  # what was good is taken, and known should the message be replayed

    def _take_record(self, record: object, message: Message, intake: Intake, now: datetime) -> None:
        call = parse_record(record)
        if not isinstance(call, NotADenial) and call.event_time > now + AHEAD:
            # Believed, it would be the newest denial for ever, and reopen its finding after every fix.
            raise MalformedRecord("eventTime is more than a day ahead of the clock")
        reason = call.reason if isinstance(call, NotADenial) else "own_call" if is_own(call.principal) else None
        if reason or isinstance(call, NotADenial):
            self.telemetry.count("Ignored", reason=reason or "")
            return
        denial = self._denial(bounded(call))
        intake.denials.append(denial)
        intake.carriers.setdefault(denial.finding_id, []).append(message.message_id)
        intake.records[call.event_id] = record

    def _denial(self, call: DeniedCall) -> Denial:
        # The fingerprint is made of the record alone: evidence that AWS gives today and refuses tomorrow
        # would make two findings of one.
        verdict = classify(call, catalogue=self.catalogue)
        finding_id, template = fingerprint(verdict, call)
        if verdict.decode_status is DecodeStatus.TRUNCATED:
            self.telemetry.count("DecodeFailures", status=verdict.decode_status.value)
        return Denial(finding_id=finding_id, resource_template=template, verdict=verdict, call=call)

    def _keep_health(self, event: Mapping[str, Any], now: datetime) -> None:
        from redress.domain.health import read_health_event  # noqa: PLC0415 - seldom needed

        news = read_health_event(event)
        if news:
            self.health.keep(news, now=now)
            self.telemetry.info("AWS Health event", service=news.service, region=news.region, status=news.status)

    def _put_aside(self, message: Message, error: DeadLetter, intake: Intake) -> None:
        try:
            self.dead_letters.put(message.body, reason=str(error), message_id=message.message_id)
        except Retry as fault:
            self._again(message, fault, intake)
            return
        self.telemetry.count("Malformed")
        self.telemetry.warning("message put aside", message_id=message.message_id, reason=str(error))

    def _again(self, message: Message, error: Retry, intake: Intake) -> None:
        intake.failed.append(message.message_id)
        self.telemetry.warning("message has to wait", message_id=message.message_id, error=str(error))


def is_own(principal: Principal) -> bool:
    """Returns whether the principal is one of Redress's own roles."""
    # Not anywhere in the ARN: the path of anybody's role may hold colons and slashes.
    return ":".join((principal.arn or "").split(":")[5:]).startswith(OWN_ROLES)


def carried_by(intake: Intake, finding_ids: Iterable[str]) -> Iterator[str]:
    """Yields the ids of the messages that brought denials of these findings."""
    return (message_id for finding_id in finding_ids for message_id in intake.carriers.get(finding_id, ()))
