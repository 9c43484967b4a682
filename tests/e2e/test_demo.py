"""``make demo`` as a newcomer runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.process import PYTHON

ROOT = Path(__file__).parents[2]
SECONDS = 300


def test_the_demo_shows_the_whole_loop() -> None:
    """The demo ends well: the denied call succeeds after the fix, is denied after the restore, and a Deny stays."""
    if not PYTHON.exists():
        pytest.skip("the sandbox is not set up: run make setup")
    command = [sys.executable, "-m", "sandbox.demo", "--yes"]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for stage in ("the same call, again", "the call is denied again", "says why no policy should change"):
        assert stage in done.stdout
    mail = done.stdout[done.stdout.index("e-mail: [Redress") :]
    for words in ("Fix waits for approval", "WHY", "THE FIX", "redress approve p-"):
        assert words in mail
