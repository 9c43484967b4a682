"""The metrics that the functions write (namespace ``Redress``, by Powertools), as data for dashboard, alarms and docs.

Every one has the dimension ``service`` with the value ``redress`` besides those listed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SERVICE: Final = "redress"
"""``POWERTOOLS_SERVICE_NAME`` of all functions: a metric has the same dimensions whoever writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric.

    Attributes:
        name: Its name.
        meaning: What one unit of it is.
        function: Who writes it.
        dimension: What it is split by, or nothing.

    """

    name: str
    meaning: str
    function: str
    dimension: str = ""


METRICS: Final = (
    Metric(name="Denials", meaning="denied calls, each counted once", function="triage", dimension="kind"),
    Metric(name="Duplicates", meaning="deliveries of denied calls known before", function="triage"),
    Metric(name="Ignored", meaning="events that are no denials", function="triage", dimension="reason"),
    Metric(name="Malformed", meaning="messages put on the dead-letter queue with a reason", function="triage"),
    Metric(name="DecodeFailures", meaning="encoded messages not decoded", function="triage", dimension="status"),
    Metric(name="Findings", meaning="new findings", function="triage", dimension="kind"),
    Metric(name="FindingsByLayer", meaning="new findings", function="triage", dimension="layer"),
    Metric(name="Suspicions", meaning="principals found suspicious", function="triage"),
    Metric(name="Reopened", meaning="findings denied again after their fix", function="triage"),
    Metric(name="Proposals", meaning="proposals written", function="propose"),
    Metric(name="GuardVerdicts", meaning="proposals judged", function="propose", dimension="verdict"),
    Metric(name="NoFixes", meaning="findings that no policy should fix", function="propose", dimension="reason"),
    Metric(name="ProposalsStarted", meaning="runbook executions started", function="start"),
    Metric(name="ProposalsHeld", meaning="proposals that wait for room", function="start"),
    Metric(name="FindingsMoved", meaning="findings that reached a state", function="track", dimension="state"),
    Metric(name="RestoresStarted", meaning="restores that λ track started", function="track"),
    Metric(
        name="ReconcileFaults", meaning="things passed over: not readable, or not brought up to date", function="track"
    ),
    Metric(name="Waiting", meaning="executions that wait for a signature, at the last look", function="track"),
    Metric(name="OldestApprovalSeconds", meaning="age of the oldest of them", function="track"),
    Metric(name="TimeToApprovalSeconds", meaning="first denial to signature", function="track"),
    Metric(name="TimeToFixSeconds", meaning="first denial to verified fix", function="track"),
    Metric(name="Notices", meaning="notices sent", function="notify"),
    Metric(name="TimeToNoticeSeconds", meaning="first denial to first notice", function="notify"),
)
BY_NAME: Final = {metric.name: metric for metric in METRICS}
