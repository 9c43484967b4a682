"""λ triage, the seldom half: denials that change a finding's state, not just its count.

Loaded when that happens first: most denials are of a new finding, or of one that waits for its fix.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from redress.adapters.findings_table import FindingsTable
from redress.domain.errors import Refused, Retry, StaleState
from redress.domain.lifecycle import advance
from redress.domain.lifecycle_occurrences import DeniedAgain, MuteEnded, Occurrence, Suspected
from redress.domain.reopening import comes_back
from redress.domain.sighting import storable
from redress.domain.values import dataclass
from redress.domain.verdict import resolves
from redress.domain.words import State
from redress.handlers.observability import Telemetry

if TYPE_CHECKING:
    from redress.domain.batch import Group
    from redress.domain.finding import Finding
    from redress.domain.suspicion import Suspicion

ATTEMPTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Moves findings on."""

    findings: FindingsTable
    telemetry: Telemetry
    now: datetime

    def follow(self, finding: Finding, group: Group) -> None:
        """Does what the denial means for a finding that had been settled, muted or not understood.

        Raises:
            Retry: Others keep changing it.

        """
        for _ in range(ATTEMPTS):
            try:
                return self._followed(finding, group)
            except StaleState:
                finding = self.findings.get(finding.finding_id) or finding
        raise Retry(f"finding {finding.finding_id} keeps changing")

    def suspect(self, finding: Finding, suspicion: Suspicion) -> bool:
        """Makes the finding SUSPICIOUS; returns whether it was not, and could be.

        Raises:
            StaleState: Somebody else changed it.

        """
        if finding.state is State.SUSPICIOUS:
            return False
        try:
            after = advance(finding, Suspected(cause=suspicion.reason), self.now)
        except Refused:
            return False  # its fix stands and is watched
        self.findings.change(finding, after)
        return True

    def _followed(self, finding: Finding, group: Group) -> None:
        occurrence = _occurrence(finding, group)
        if occurrence:
            self._advance(finding, occurrence)
        elif resolves(finding.verdict, group.verdict):
            self.findings.amend(finding, replace(finding, verdict=storable(group.verdict)))

    def _advance(self, finding: Finding, occurrence: Occurrence) -> None:
        try:
            after = advance(finding, occurrence, self.now)
        except Refused:
            return
        self.findings.change(finding, after)
        self.telemetry.info("finding changed", finding_id=finding.finding_id, state=after.state.value)
        if after.state is State.REOPENED:
            self.telemetry.count("Reopened")


def _occurrence(finding: Finding, group: Group) -> Occurrence | None:
    if comes_back(finding, group):
        return DeniedAgain(
            cause="The call was denied again after the finding had been settled.",
            event_time=finding.last_seen,
            verdict=storable(group.verdict),
        )
    if finding.state is State.MUTED and finding.muted_until and finding.muted_until <= finding.last_seen:
        return MuteEnded(cause="The call was denied after the silence had ended.")
    return None
