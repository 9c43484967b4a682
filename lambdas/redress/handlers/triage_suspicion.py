"""λ triage, the watchful part: principals whose denials look like an intruder's get no grant."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from redress.adapters.findings_activity import subject_of
from redress.adapters.findings_table import FindingsTable
from redress.domain.errors import Retry, StaleState
from redress.domain.settings import Settings
from redress.domain.suspicion import Activity, assess
from redress.domain.values import dataclass
from redress.domain.words import Kind, State
from redress.handlers.observability import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from redress.adapters.findings_items import Stored
    from redress.domain.batch import Group
    from redress.domain.suspicion import Suspicion

ATTEMPTS = 4
UNDECIDED = frozenset({State.OPEN, State.REOPENED, State.PROPOSED, State.AWAITING_APPROVAL})
"""States of findings that might still end in a grant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Looks at the principals of one batch."""

    findings: FindingsTable
    settings: Settings
    telemetry: Telemetry

    def over(self, groups: Iterable[Group], known: Mapping[str, Stored]) -> dict[str, Suspicion]:
        """Returns the suspicion against each principal that has something new in this batch, where there is one.

        New is what may still be granted, and what comes back after an hour; a storm of one denial that has
        its answer costs no look.
        """
        shares: defaultdict[str, list[Group]] = defaultdict(list)
        for group in groups:
            stored = known.get(group.finding_id)
            if stored is None or stored.finding.state in UNDECIDED or stored.is_listed_before(group.last.event_time):
                shares[subject_of(group.verdict.principal)].append(group)
        judged = ((subject, self._assessed(subject, share)) for subject, share in shares.items())
        return {subject: suspicion for subject, suspicion in judged if suspicion}

    def mark(self, subject: str, suspicion: Suspicion, finding_ids: Iterable[str], now: datetime) -> None:
        """Makes these findings SUSPICIOUS, and all others of the principal that might still end in a grant.

        Raises:
            Retry: Others keep changing them.

        """
        from redress.handlers.triage_changes import Changes  # noqa: PLC0415 - seldom needed

        changes = Changes(findings=self.findings, telemetry=self.telemetry, now=now)
        named = tuple(finding_ids)
        for _ in range(ATTEMPTS):
            undecided = self.findings.by_principal(subject, UNDECIDED)
            found = {finding.finding_id: finding for finding in (*undecided, *self.findings.get_many(named))}
            try:
                marked = sum(changes.suspect(finding, suspicion) for finding in found.values())
            except StaleState:
                continue
            return self._tell(subject, suspicion, marked)
        raise Retry(f"the findings of {subject} keep changing")

    def _tell(self, subject: str, suspicion: Suspicion, marked: int) -> None:
        if marked:
            signals = [signal.name for signal in suspicion.signals]
            self.telemetry.count("Suspicions")
            self.telemetry.warning("principal is suspicious", principal=subject, signals=signals, findings=marked)

    def _assessed(self, subject: str, share: list[Group]) -> Suspicion | None:
        newest = max(share, key=lambda group: group.last.event_time)
        window = timedelta(seconds=self.settings.suspicious_window_seconds)
        activity = Activity(
            principal=subject,
            principal_type=newest.verdict.principal.type,
            denials=self.findings.activity.judged_by(subject, share, window=window),
            quarantined=any(group.verdict.kind is Kind.QUARANTINED_KEY for group in share),
            console_session=newest.last.console_session,
            user_agent=newest.last.user_agent,
        )
        # Judged by the time of the denials, so that what arrives late is judged as if it had come in time.
        return assess(activity, self.settings, newest.last.event_time)
