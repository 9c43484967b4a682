"""The server's life: quick to start, on the loopback only, and gone without a trace."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.process import PYTHON, ROOT, Sandbox, SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 3.0

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="the sandbox is not set up: run make setup")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def _gone(pid: int, seconds: float = 8.0) -> bool:
    deadline = time.monotonic() + seconds
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _alive(pid)


def test_it_starts_in_less_than_three_seconds_of_work() -> None:
    """From nothing to the first answer, in processor time, since other tests may keep the machine busy."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Sandbox() as sandbox:
        assert sandbox.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < START_SECONDS


def test_it_listens_on_the_loopback_only() -> None:
    """The endpoint is 127.0.0.1 by number, and no other address of the machine answers."""
    with Sandbox() as sandbox:
        port = int(sandbox.endpoint.rsplit(":", 1)[-1])
        assert sandbox.endpoint == f"http://127.0.0.1:{port}"
        others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in others - {"127.0.0.1"}:
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((str(address), port), timeout=1).close()


def test_urls_name_the_loopback_by_number() -> None:
    """Queue URLs are of the endpoint, so that no client looks up ``localhost``."""
    with Sandbox() as sandbox:
        url = sandbox.client("sqs").create_queue(QueueName="q")["QueueUrl"]
        assert url == f"{sandbox.endpoint}/000000000000/q"


def test_a_port_in_use_is_one_clear_sentence() -> None:
    """The caller learns which port, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError, match=f"port {port} of 127.0.0.1 is in use: stop what runs there"):
            Sandbox(port=port).start()


def test_the_server_says_so_and_exits_non_zero_on_a_port_in_use(tmp_path: Path) -> None:
    """Run by itself, it prints the sentence and nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = ["-m", "sandbox.server", "--port", str(taken.getsockname()[1]), "--state-dir", str(tmp_path)]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'lambdas'}"}
        done = subprocess.run(  # noqa: S603 - our own server
            [PYTHON, *words], env=environment, capture_output=True, text=True, timeout=30, check=False
        )
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert "is in use" in done.stderr


def test_stopping_removes_the_server_and_its_files() -> None:
    """After ``stop`` neither the process nor its folder is there."""
    sandbox = Sandbox()
    sandbox.start()
    server, folder = sandbox.pid, sandbox.log.parent
    sandbox.stop()
    assert _gone(server)
    assert not folder.exists()


def test_a_sandbox_that_never_started_leaves_nothing() -> None:
    """Neither making one nor failing to start it leaves a folder behind."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        sandbox = Sandbox(port=taken.getsockname()[1])
        assert not sandbox.log.parent.exists()
        with pytest.raises(SandboxError):
            sandbox.start()
    assert not sandbox.log.parent.exists()


WAITER = """
import sys, time
sys.path[:0] = [{root!r}, {lambdas!r}]
from sandbox.process import Sandbox
with Sandbox() as sandbox:
    print(sandbox.pid, sandbox.log.parent, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def starter() -> Iterator[subprocess.Popen[str]]:
    """A program that has started a sandbox and waits."""
    code = WAITER.format(root=str(ROOT), lambdas=str(ROOT / "lambdas"))
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as started:
        yield started
        started.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_server_never_outlives_who_started_it(starter: subprocess.Popen[str], number: signal.Signals) -> None:
    """Ctrl-C, an orderly end and a sudden one of the starter all end the server."""
    assert starter.stdout is not None
    server, folder = starter.stdout.readline().split()
    assert _alive(int(server))
    starter.send_signal(number)
    starter.wait(10)
    assert _gone(int(server))
    assert not Path(folder).exists()


def test_the_callers_own_aws_settings_do_not_leak_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles and keys of the person who runs it mean nothing in the sandbox."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_PROFILE", "production")
    with Sandbox() as sandbox:
        assert sandbox.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"
