"""Findings for tests, with everything that a test does not care about filled in."""

from __future__ import annotations

from typing import Any

from redress.domain.finding import Finding, Sighting
from redress.domain.words import State
from tests.denials import NOON, VERDICT


def finding(state: State = State.OPEN, **changes: Any) -> Finding:  # noqa: ANN401 - any field
    """Returns a finding in this state."""
    plain = {
        "finding_id": "f-1",
        "verdict": VERDICT,
        "resource_template": None,
        "state": state,
        "state_version": 7,
        "count": 3,
        "first_seen": NOON,
        "last_seen": NOON,
        "last": Sighting(event_id="e", event_time=NOON, event_source="s3.amazonaws.com", event_name="PutObject"),
        "changed_at": NOON,
    }
    return Finding(**{**plain, **changes})
