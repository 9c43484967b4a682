"""Asks the index of advisories about every package that is pinned here: ``make audit``.

pip-audit is installed into .venv/audit on the first run, with hashes, from requirements/audit.lock. Where no index of
advisories can be reached, that is said, and the answer is 0: not knowing is no finding. ``--strict`` makes it 1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / ".venv" / "audit"
LOCKS: Final = ("lambda", "dev", "sandbox", "setup", "audit")
"""Of ``requirements/*.lock``; those of peers are installed for comparison only, and apart."""
SECONDS: Final = 300

Run = subprocess.CompletedProcess[str]


class NoAnswerError(Exception):
    """Nobody could be asked; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One known weakness of one pinned package."""

    lock: str
    package: str
    version: str
    advisory: str
    fixed_in: str


def advisories(lock: str, run: Callable[[Sequence[str]], Run]) -> tuple[Advisory, ...]:
    """Returns what is known of the packages of one lock file.

    Raises:
        NoAnswerError: pip-audit could not ask.

    """
    path = ROOT / "requirements" / f"{lock}.lock"
    answer = run(
        [str(FOLDER / "bin" / "pip-audit"), "-f", "json", "--disable-pip", "--require-hashes", "-r", str(path)]
    )
    try:
        found = json.loads(answer.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError) as error:
        raise NoAnswerError(_last_line(answer)) from error
    unanswered = [package["name"] for package in found if "skip_reason" in package]
    if unanswered:
        raise NoAnswerError(f"the index knows nothing of {len(unanswered)} of {len(found)} packages of {lock}.lock")
    return tuple(_known(lock, found))


def _known(lock: str, packages: Iterable[dict[str, Any]]) -> Iterable[Advisory]:
    for package in packages:
        for each in package.get("vulns", ()):
            fixed = ", ".join(each.get("fix_versions", ())) or "no version yet"
            yield Advisory(
                lock=lock, package=package["name"], version=package["version"], advisory=each["id"], fixed_in=fixed
            )


def install(run: Callable[[Sequence[str]], Run]) -> None:
    """Makes .venv/audit if it is not what requirements/audit.lock says.

    Raises:
        NoAnswerError: It could not be installed.

    """
    uv = str(ROOT / ".venv" / "bin" / "uv")
    lock = str(ROOT / "requirements" / "audit.lock")
    python = str(FOLDER / "bin" / "python")
    made = [] if Path(python).exists() else [[sys.executable, "-m", "venv", "--without-pip", str(FOLDER)]]
    for command in (*made, [uv, "pip", "sync", "-q", "--require-hashes", "--python", python, lock]):
        done = run(command)
        if done.returncode:
            raise NoAnswerError(f"pip-audit cannot be installed: {_last_line(done)}")


def _last_line(done: Run) -> str:
    lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return lines[-1].strip()[:300] if lines else "no reason given"


def _run(command: Sequence[str]) -> Run:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoAnswerError(f"{Path(command[0]).name}: {error}") from error


def main(words: Sequence[str] | None = None, run: Callable[[Sequence[str]], Run] = _run) -> int:
    """Prints what is known; returns 1 if that is anything, 0 if it is nothing or nobody could be asked."""
    parser = argparse.ArgumentParser(prog="make audit", description="Ask for advisories on the pinned packages.")
    parser.add_argument("--strict", action="store_true", help="fail where nobody could be asked")
    strict: bool = parser.parse_args(words).strict
    try:
        install(run)
        found = [each for lock in LOCKS for each in advisories(lock, run)]
    except NoAnswerError as error:
        print(f"audit: skipped, no index of advisories can be asked ({error})", file=sys.stderr)
        return int(strict)
    for each in found:
        print(f"{each.lock}.lock: {each.package} {each.version}: {each.advisory}, fixed in {each.fixed_in}")
    print(f"{len(found)} advisories on {len(LOCKS)} lock files")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
