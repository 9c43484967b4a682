"""λ triage, the counting half: one batch of denied calls on its way into the table."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from redress.adapters.findings_activity import subject_of
from redress.adapters.findings_table import FindingsTable
from redress.domain.batch import gather
from redress.domain.catalogue import Catalogue
from redress.domain.errors import Retry, Unreadable
from redress.domain.redaction import redact, redact_text
from redress.domain.reopening import comes_back
from redress.domain.settings import Settings
from redress.domain.values import dataclass
from redress.domain.verdict import is_unresolved, resolves
from redress.domain.words import State
from redress.handlers.observability import Telemetry
from redress.handlers.triage_intake import HealthEvents, Intake, PutAside
from redress.handlers.triage_late import Decoder, DetailsReader
from redress.handlers.triage_suspicion import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from redress.adapters.findings_counter import Recorded
    from redress.adapters.findings_items import Stored
    from redress.domain.batch import Group
    from redress.domain.finding import Finding
    from redress.domain.suspicion import Suspicion
    from redress.handlers.triage_evidence import EvidenceDesk


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
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
            waiting = tuple(self._waiting(groups, known))
            suspects = self._watch.over(groups, known)  # after the counting, so that no notice waits for it
        except Retry as error:
            self.desk.telemetry.warning("a batch has to wait", error=str(error))
            return tuple(group.finding_id for group in groups)
        return (*waiting, *self._marked(groups, suspects))

    @property
    def _watch(self) -> Watch:
        return Watch(findings=self.desk.findings, settings=self.desk.settings, telemetry=self.desk.telemetry)

    def _marked(self, groups: Iterable[Group], suspects: Mapping[str, Suspicion]) -> Iterator[str]:
        for subject, suspicion in suspects.items():
            finding_ids = [each.finding_id for each in groups if subject_of(each.verdict.principal) == subject]
            try:
                self._watch.mark(subject, suspicion, finding_ids, self.now)
            except Retry as error:
                self.desk.telemetry.warning("a suspicion has to wait", principal=subject, error=str(error))
                yield from finding_ids

    def _waiting(self, groups: Iterable[Group], known: Mapping[str, Stored]) -> Iterator[str]:
        evidence = cache(self._evidence)
        for group in groups:
            try:
                self._record(group, known.get(group.finding_id), evidence)
            except (Retry, Unreadable) as error:
                self.desk.telemetry.warning("a finding has to wait", finding_id=group.finding_id, error=str(error))
                yield group.finding_id

    def _evidence(self) -> EvidenceDesk:
        from redress.handlers.triage_evidence import EvidenceDesk  # noqa: PLC0415 - seldom needed

        return EvidenceDesk(
            decoder=self.desk.decoder,
            reader=self.desk.reader,
            catalogue=self.desk.catalogue,
            telemetry=self.desk.telemetry,
            clock=time.monotonic,
        )

    def _record(self, group: Group, stored: Stored | None, evidence: Callable[[], EvidenceDesk]) -> None:
        snapshot = None
        asks = group.verdict.encoded is not None or group.verdict.authorization_id is not None
        if asks and (stored is None or is_unresolved(stored.finding.verdict) or comes_back(stored.finding, group)):
            completed = evidence().completed(group.verdict, group.call)
            group, snapshot = replace(group, verdict=completed.verdict), completed.snapshot
        recorded = self.desk.findings.record(group, now=self.now, stored=stored)
        self._tell(group, recorded)
        if snapshot:
            self._keep(group, "EVIDENCE", redact_text(snapshot, len(snapshot)))
        if recorded.is_new and self.desk.settings.keep_raw_events:
            self._keep(group, "RAW", json.dumps(redact(self.intake.records.get(group.call.event_id))))
        self._follow(recorded.finding, group)

    def _follow(self, finding: Finding, group: Group) -> None:
        if resolves(finding.verdict, group.verdict) or finding.state is State.MUTED or comes_back(finding, group):
            from redress.handlers.triage_changes import Changes  # noqa: PLC0415 - seldom needed

            changes = Changes(findings=self.desk.findings, telemetry=self.desk.telemetry, now=self.now)
            changes.follow(finding, group)

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
        if group.finding_id not in known or known[group.finding_id].is_listed_before(group.last.event_time)
    ]
