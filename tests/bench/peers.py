"""Peers, each in an environment of its own, installed when first asked for from a lock file with hashes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMES = ("access-undenied", "trailscraper")
SECONDS = 180


def installed(name: str) -> tuple[Path | None, str]:
    """Returns the interpreter of a peer's environment, or None and why there is none."""
    home = ROOT / ".venv" / f"peers-{name}"
    python, ready = home / "bin" / "python", home / ".ready"
    if ready.exists():
        return python, ""
    uv, lock = Path(sys.executable).with_name("uv"), ROOT / "requirements" / f"peer-{name}.lock"
    steps = (
        [str(uv), "venv", "-q", "--clear", "--python", sys.executable, str(home)],
        [str(uv), "pip", "install", "-q", "--require-hashes", "--python", str(python), "-r", str(lock)],
    )
    try:
        for step in steps:
            subprocess.run(step, check=True, capture_output=True, text=True, timeout=SECONDS)  # noqa: S603 - a pinned tool
    except (OSError, subprocess.SubprocessError) as error:
        return None, f"not measured: it could not be installed ({_last_line(error)})"
    ready.touch()
    return python, ""


def _last_line(error: Exception) -> str:
    lines = str(getattr(error, "stderr", "") or error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__
