"""λ triage: from denied calls on the queue to findings in the table, each call counted once."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from redress.adapters.authorization_details import AuthorizationDetailsReader
from redress.adapters.dead_letters import DeadLetters
from redress.adapters.decode import StsDecoder
from redress.adapters.findings_items import hour_of
from redress.adapters.findings_table import FindingsTable
from redress.adapters.iam_catalogue import IamCatalogue
from redress.adapters.sessions import client, details_client
from redress.adapters.table_client import DynamoStore
from redress.adapters.table_health import HealthTable
from redress.domain.batch import gather
from redress.domain.catalogue import Catalogue
from redress.domain.errors import Refused, Retry, StaleState
from redress.domain.lifecycle import advance, reopens
from redress.domain.lifecycle_occurrences import DeniedAgain, MuteEnded, Occurrence
from redress.domain.redaction import redact
from redress.domain.settings import Settings
from redress.domain.sighting import without_secrets
from redress.domain.words import State
from redress.handlers.messages import failed, messages_of
from redress.handlers.observability import Observed, Telemetry
from redress.handlers.settings import environment
from redress.handlers.triage_evidence import Decoder, DetailsReader, EvidenceDesk, is_unresolved
from redress.handlers.triage_intake import HealthEvents, Intake, PutAside, Reader, carried_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from redress.adapters.findings_counter import Recorded
    from redress.adapters.findings_items import Stored
    from redress.domain.batch import Group
    from redress.domain.finding import Finding
    from redress.handlers.messages import Message

GRACE = timedelta(minutes=2)
"""After a change of a policy IAM may go on denying for a while; such denials do not reopen a finding."""
ATTEMPTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that triage works with.

    Attributes:
        decoder: Decodes encoded messages; None where that is switched off.
        reader: Fetches authorization details; None where that is switched off.

    """

    findings: FindingsTable
    health: HealthEvents
    dead_letters: PutAside
    catalogue: Catalogue
    settings: Settings
    telemetry: Telemetry
    decoder: Decoder | None = None
    reader: DetailsReader | None = None


def triage(messages: Iterable[Message], *, desk: Desk, now: datetime) -> dict[str, Any]:
    """Counts the denied calls of a batch on their findings, one write for each finding.

    Returns:
        ``batchItemFailures``: the messages that could not be handled now.

    """
    reader = Reader(
        catalogue=desk.catalogue, health=desk.health, dead_letters=desk.dead_letters, telemetry=desk.telemetry
    )
    intake = reader.read(messages, now)
    waiting = _Batch(desk=desk, intake=intake, now=now).count() if intake.denials else ()
    return failed([*intake.failed, *carried_by(intake, waiting)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """One batch on its way into the table."""

    desk: Desk
    intake: Intake
    now: datetime

    def count(self) -> tuple[str, ...]:
        """Counts every finding's share; returns the ids of the findings that have to wait."""
        groups = gather(self.intake.denials)
        try:
            known = self.desk.findings.known(group.finding_id for group in groups)
            self.desk.findings.activity.note(_unlisted(groups, known), self.now)
        except Retry as error:
            self.desk.telemetry.warning("a batch has to wait", error=str(error))
            return tuple(group.finding_id for group in groups)
        return tuple(self._waiting(groups, known))

    def _waiting(self, groups: Iterable[Group], known: Mapping[str, Stored]) -> Iterator[str]:
        evidence = EvidenceDesk(
            decoder=self.desk.decoder,
            reader=self.desk.reader,
            catalogue=self.desk.catalogue,
            telemetry=self.desk.telemetry,
            clock=time.monotonic,
        )
        for group in groups:
            try:
                self._record(group, known.get(group.finding_id), evidence)
            except (Retry, StaleState) as error:
                self.desk.telemetry.warning("a finding has to wait", finding_id=group.finding_id, error=str(error))
                yield group.finding_id

    def _record(self, group: Group, stored: Stored | None, evidence: EvidenceDesk) -> None:
        snapshot = None
        if stored is None or is_unresolved(stored.finding.verdict) or self._comes_back(stored.finding, group):
            completed = evidence.completed(group.verdict, group.call)
            group, snapshot = replace(group, verdict=completed.verdict), completed.snapshot
        recorded = self.desk.findings.record(group, now=self.now, stored=stored)
        self._tell(group, recorded)
        if snapshot:
            self._keep(group, "EVIDENCE", snapshot)
        if recorded.is_new and self.desk.settings.keep_raw_events:
            self._keep(group, "RAW", json.dumps(redact(self.intake.records.get(group.call.event_id))))
        self._follow(recorded.finding, group)

    def _follow(self, finding: Finding, group: Group) -> None:
        """Does what the denial means for a finding that had been settled, muted or not understood."""
        for _ in range(ATTEMPTS):
            try:
                return self._followed(finding, group)
            except StaleState:
                finding = self.desk.findings.get(finding.finding_id) or finding
        raise Retry(f"finding {finding.finding_id} keeps changing")

    def _followed(self, finding: Finding, group: Group) -> None:
        occurrence = self._occurrence(finding, group)
        if occurrence:
            self._advance(finding, occurrence)
        elif is_unresolved(finding.verdict) and not is_unresolved(group.verdict):
            self.desk.findings.amend(finding, replace(finding, verdict=without_secrets(group.verdict)))

    def _occurrence(self, finding: Finding, group: Group) -> Occurrence | None:
        if self._comes_back(finding, group):
            return DeniedAgain(
                cause="The call was denied again after the finding had been settled.",
                event_time=finding.last_seen,
                verdict=without_secrets(group.verdict),
            )
        if finding.state is State.MUTED and finding.muted_until and finding.muted_until <= finding.last_seen:
            return MuteEnded(cause="The call was denied after the silence had ended.")
        return None

    def _comes_back(self, finding: Finding, group: Group) -> bool:
        newest = max(finding.last_seen, group.last.event_time)
        return reopens(finding, newest - GRACE)

    def _advance(self, finding: Finding, occurrence: Occurrence) -> None:
        try:
            after = advance(finding, occurrence, self.now)
        except Refused:
            return
        self.desk.findings.change(finding, after)
        self.desk.telemetry.info("finding changed", finding_id=finding.finding_id, state=after.state.value)
        if after.state is State.REOPENED:
            self.desk.telemetry.count("Reopened")

    def _tell(self, group: Group, recorded: Recorded) -> None:
        verdict, telemetry = recorded.finding.verdict, self.desk.telemetry
        duplicates = len(group.seen) - recorded.counted
        if recorded.counted:
            telemetry.count("Denials", recorded.counted, kind=verdict.kind.value)
        if duplicates:
            telemetry.count("Duplicates", duplicates)
        if recorded.is_new:
            telemetry.count("Findings", kind=verdict.kind.value)
            telemetry.count("FindingsByLayer", layer=verdict.layer.value)
            telemetry.info("new finding", finding_id=group.finding_id, kind=verdict.kind.value, action=verdict.action)

    def _keep(self, group: Group, kind: str, text: str) -> None:
        until = self.now + timedelta(days=self.desk.settings.finding_ttl_days)
        self.desk.findings.keep(group.finding_id, f"{kind}#{group.call.event_id[:128]}", text, until=until)


def _unlisted(groups: Iterable[Group], known: Mapping[str, Stored]) -> list[Group]:
    """Returns the groups whose activity is not noted for this hour yet."""
    return [
        group
        for group in groups
        if group.finding_id not in known or known[group.finding_id].listed < hour_of(group.last.event_time)
    ]


@cache
def _desk_parts() -> dict[str, Any]:
    given = environment()
    given.need("table_name", "dead_letter_queue_url")
    store = DynamoStore(client("dynamodb"), given.table_name)
    return {
        "findings": FindingsTable(store),
        "health": HealthTable(store),
        "dead_letters": DeadLetters(client("sqs"), given.dead_letter_queue_url),
        "catalogue": IamCatalogue(),
        "settings": given.settings,
        "decoder": StsDecoder(client("sts")),
        "reader": AuthorizationDetailsReader(details_client) if given.settings.fetch_authorization_details else None,
    }


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry point."""
    with Observed() as telemetry:
        desk = Desk(**_desk_parts(), telemetry=telemetry)
        return triage(messages_of(event), desk=desk, now=datetime.now(UTC))
