"""``scripts/setup`` says in one sentence what is missing, and mends what an interruption left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / "scripts" / "setup"
# A Python that makes itself a virtual environment, and whose pip behaves as told.
PYTHON = """#!/usr/bin/env bash
echo "$*" >>calls.txt
case "$*" in
  "-m venv .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *"pip install"*) echo "{says}"; exit 1 ;;
esac
"""
OLD = """#!/usr/bin/env bash
[ "$1" = --version ] && echo "Python 3.10.13"
[ "$1" = --version ]
"""


def run(folder: Path, python: str, *, chosen: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the script of a checkout that holds nothing else."""
    (folder / "scripts").mkdir(exist_ok=True)
    script = shutil.copy(SETUP, folder / "scripts" / "setup")
    return subprocess.run(  # noqa: S603 - our own script
        [script],
        env={**os.environ, "PYTHON": python, "CHOSEN": chosen},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def stub(folder: Path, text: str) -> str:
    """Writes an executable and returns its path."""
    path = folder / "python"
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def said(result: subprocess.CompletedProcess[str]) -> str:
    """Returns the one line of a failed run."""
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    return line


def test_no_python(tmp_path: Path) -> None:
    """A missing Python is one sentence that says which to install."""
    assert said(run(tmp_path, "no-such-python")).startswith("setup: no no-such-python on PATH: install Python 3.11")


def test_old_python(tmp_path: Path) -> None:
    """An old Python is one sentence that names its version, and makes no environment."""
    assert said(run(tmp_path, stub(tmp_path, OLD))).startswith("setup: Python 3.10.13 is too old")
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("cause", ["[Errno 111] Connection refused", "error sending request for url", "ENOTFOUND"])
def test_no_network(tmp_path: Path, cause: str) -> None:
    """No network is one sentence that says to connect; what the installer printed stays in the log."""
    line = said(run(tmp_path, stub(tmp_path, PYTHON.format(says=cause))))
    assert line.startswith("setup: no network while installing uv")
    assert cause in (tmp_path / ".venv" / "setup.log").read_text()


def test_other_failure(tmp_path: Path) -> None:
    """Any other failure shows the end of the log, then one sentence that says where the whole log is."""
    result = run(tmp_path, stub(tmp_path, PYTHON.format(says="hash mismatch")))
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        "hash mismatch",
        "setup: failed while installing uv; the whole log is in .venv/setup.log",
    ]


def test_half_made_environment(tmp_path: Path) -> None:
    """An environment that was interrupted while it was made, and so has no pip, is made again."""
    broken = tmp_path / ".venv" / "bin"
    broken.mkdir(parents=True)
    (broken / "python").symlink_to("/nonexistent")
    run(tmp_path, stub(tmp_path, PYTHON.format(says="x")))
    assert "-m venv .venv" in (tmp_path / "calls.txt").read_text().splitlines()


@pytest.mark.parametrize(("chosen", "made"), [("command", True), ("", False)])
def test_another_python_is_named(tmp_path: Path, chosen: str, *, made: bool) -> None:
    """An environment is made anew for a Python that was named; the default one leaves it as it is."""
    bin_folder = tmp_path / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    other = bin_folder / "python"
    other.write_text("#!/usr/bin/env bash\necho /elsewhere\n")
    other.chmod(0o755)
    run(tmp_path, stub(tmp_path, PYTHON.format(says="x")), chosen=chosen)
    assert ("-m venv .venv" in (tmp_path / "calls.txt").read_text().splitlines()) is made
