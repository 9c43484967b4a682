"""What makes a principal suspicious, and what does not."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from redress.domain import suspicion
from redress.domain.settings import Settings
from redress.domain.suspicion import Activity, Seen, assess
from redress.domain.words import PrincipalType
from tests.unit.fix.builders import NOW

CASES = json.loads((Path(__file__).parents[2] / "cases" / "fix" / "suspicion.json").read_text())


def activity(case: dict[str, Any]) -> Activity:
    """Returns the activity that a case describes: ``recent`` a minute ago, ``earlier`` days ago."""
    recent = [seen(one, minutes=1) for one in case.get("recent", [])]
    earlier = [seen(one, minutes=60 * 24 * 3) for one in case.get("earlier", [])]
    return Activity(
        principal="p",
        principal_type=PrincipalType(case.get("principal_type", "ROLE")),
        denials=(*recent, *earlier),
        quarantined=case.get("quarantined", False),
        console_session=case.get("console", False),
        user_agent=case.get("user_agent"),
    )


def seen(one: dict[str, str], minutes: int) -> Seen:
    """Returns one denial of some minutes ago."""
    return Seen(
        at=NOW - timedelta(minutes=minutes),
        action=one.get("action", "s3:PutObject"),
        source_ip=one.get("ip", "192.0.2.1"),
        access_key_id=one.get("key"),
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_signals_add_up_to_suspicion_or_not(case: dict[str, Any]) -> None:
    """Each case gives its signals, and suspicion only where they reach the threshold."""
    found = assess(activity(case), Settings.from_json(json.dumps(case.get("settings", {}))), NOW)
    assert [signal.name for signal in (found.signals if found else ())] == case["signals"]


def test_no_circumstance_condemns_alone() -> None:
    """A new address, a new key, the console, a tool's name or half a burst are each below the threshold."""
    circumstances = (
        suspicion.FIRST_SEEN_ADDRESS,
        suspicion.UNKNOWN_KEY,
        suspicion.CONSOLE,
        suspicion.ATTACK_TOOL,
        suspicion.HALF_A_BURST,
    )
    assert max(circumstances) < suspicion.THRESHOLD
    assert suspicion.FIRST_SEEN_ADDRESS + suspicion.UNKNOWN_KEY < suspicion.THRESHOLD


def test_the_reason_says_everything() -> None:
    """A suspicion explains itself in whole sentences."""
    found = assess(Activity(principal="p", principal_type=PrincipalType.ROOT, quarantined=True), Settings(), NOW)
    assert found is not None
    assert found.score == suspicion.ROOT + suspicion.QUARANTINED
    assert found.reason == "The root user made the call. AWS quarantined the principal: its key leaked."
