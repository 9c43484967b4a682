"""Rules for all tests: those that share a running sandbox run in one worker, so that there is one of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent

# No property depends on how fast the machine is. On a server the same examples run every time, so that a red run
# is the change's own doing; everywhere else each run looks at new ones.
settings.register_profile("everywhere", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("server", settings.get_profile("everywhere"), derandomize=True, database=None)
settings.load_profile("server" if os.environ.get("CI") else "everywhere")
TOGETHER = ("e2e", "integration/sandbox", "integration/store", "integration/runbooks", "infra", "security")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups tests by the folder whose fixtures are costly."""
    for item in items:
        place = Path(item.path).relative_to(ROOT).as_posix()
        group = next((name for name in TOGETHER if place.startswith(f"{name}/")), None)
        if group:
            item.add_marker(pytest.mark.xdist_group(group))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what tests recorded as ``shown`` (seeds, counts), from whichever worker they ran in."""
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, value in report.user_properties:
            if name == "shown":
                terminalreporter.write_line(str(value))
