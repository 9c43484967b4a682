"""When a denial brings a finding back that had been settled: asked of every denial, so it stands by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from redress.domain.words import State

if TYPE_CHECKING:
    from datetime import datetime

    from redress.domain.batch import Group
    from redress.domain.finding import Finding

SETTLED = (State.FIXED, State.CLOSED, State.RESTORED, State.EXPIRED, State.FAILED)
"""States that a later denial ends."""
GRACE = timedelta(minutes=2)
"""After a change of a policy IAM may go on denying for a while; such denials do not reopen a finding."""


def reopens(finding: Finding, event_time: datetime) -> bool:
    """Returns whether a denial at this time reopens the finding: it was settled, and before the denial."""
    return finding.state in SETTLED and event_time > finding.changed_at


def comes_back(finding: Finding, group: Group) -> bool:
    """Returns whether the denials of a group reopen the finding."""
    newest = max(finding.last_seen, group.last.event_time)
    return reopens(finding, newest - GRACE)
