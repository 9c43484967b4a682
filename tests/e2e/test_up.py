"""``make sandbox`` as a newcomer uses it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from sandbox.process import PYTHON, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 180.0
REDRESS = "import sys; from redress_cli.main import main; sys.exit(main())"
LAST = "approve FINDING"


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A sandbox on a free port, and what it printed."""
    if not PYTHON.exists():
        pytest.skip("the sandbox is not set up: run make setup")
    command = [sys.executable, "-m", "sandbox.up", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        assert process.stdout
        printed = ""
        while LAST not in printed and (line := process.stdout.readline()):
            printed += line
        yield process, printed
        process.send_signal(signal.SIGINT)
        process.wait(timeout=SECONDS)


def _files(printed: str) -> dict[str, Path]:
    found = (ROOT / name for name in re.findall(r"source (\S+\.env)  +", printed))
    return {path.stem: path for path in found}


def _as(file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a command with the variables of an identity's file."""
    given = dict(re.findall(r"export (\w+)=(.*)", file.read_text(encoding="utf-8")))
    environment = {**os.environ, **given, "PYTHONPATH": os.pathsep.join(("cli", "lambdas"))}
    return subprocess.run(list(words), cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def _redress(file: Path, *words: str) -> str:
    done = _as(file, sys.executable, "-c", REDRESS, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _waiting(file: Path) -> str:
    """Returns the id of the finding that waits for a signature, once there is one."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        listed = [json.loads(line) for line in _redress(file, "findings", "--json").splitlines()]
        for finding in listed:
            if finding["state"] == "AWAITING_APPROVAL":
                return str(finding["finding_id"])
        time.sleep(0.5)
    raise AssertionError("no finding waits for a signature")


def test_a_second_one_leaves_the_first_its_files(running: tuple[subprocess.Popen[str], str]) -> None:
    """Where the port is taken nothing is started, and nothing of the running one is removed."""
    _, printed = running
    (port,) = re.findall(r"Endpoint +http://127\.0\.0\.1:(\d+)", printed)
    again = [sys.executable, "-m", "sandbox.up", "--port", port]
    done = subprocess.run(again, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    assert (done.returncode, "is in use" in done.stderr) == (1, True)
    assert set(_files(printed)) == {"root", "application", "approver", "second-approver"}
    assert all(path.exists() for path in _files(printed).values())


def test_the_commands_that_it_prints_lead_through_the_loop(running: tuple[subprocess.Popen[str], str]) -> None:
    """A call is denied, the finding is listed and shown, the approver signs, and the call goes through."""
    files, put = _files(running[1]), [str(PYTHON.parent / "aws"), "s3api", "put-object"]
    call = [*put, "--bucket", "orders", "--key", "first.json"]
    assert f"{' '.join(call[1:])}\n" in running[1]
    assert "AccessDenied" in _as(files["application"], *call).stderr
    finding = _waiting(files["approver"])
    assert "s3:PutObject" in _redress(files["approver"], "show", finding)
    assert "sent: Approve" in _redress(files["approver"], "approve", finding, "--yes")
    deadline = time.monotonic() + SECONDS
    while _as(files["application"], *call).returncode and time.monotonic() < deadline:
        time.sleep(0.5)
    assert _as(files["application"], *call).returncode == 0


def test_it_takes_its_own_files_away(running: tuple[subprocess.Popen[str], str]) -> None:
    """After Ctrl-C no identity of it is left."""
    process, printed = running
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=SECONDS) == 0
    assert not any(path.exists() for path in _files(printed).values())
