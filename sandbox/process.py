"""The sandbox's server as a child process that never outlives whoever started it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import boto3
import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

ROOT: Final = Path(__file__).parents[1]
PYTHON: Final = ROOT / ".venv" / "sandbox" / "bin" / "python"
ACCOUNT: Final = "000000000000"
REGION: Final = "us-east-1"
ROOT_KEY: Final = {"AccessKeyId": "test", "SecretAccessKey": "test"}
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 6.0
LOG_TAIL: Final = 1500


class SandboxError(Exception):
    """The sandbox did not start, or something in it failed; the text says what to do."""


class Sandbox:
    """The local AWS, as a context manager.

    Attributes:
        endpoint: ``http://127.0.0.1:PORT`` once started.
        log: What the server and its Lambdas wrote.

    """

    def __init__(self, *, port: int = 0, state_dir: Path | None = None) -> None:
        self.endpoint = ""
        self._port = port
        self._kept = state_dir is not None
        self._state = state_dir or Path(tempfile.gettempdir()) / f"redress-sandbox-{secrets.token_hex(6)}"
        self._server: subprocess.Popen[str] | None = None
        self._session: Any = boto3.session.Session(botocore_session=_own_session())
        self._making = threading.Lock()

    @property
    def log(self) -> Path:
        """Returns the path of the server's log."""
        return self._state / "server.log"

    @property
    def pid(self) -> int:
        """Returns the server's process id."""
        return self._running().pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the server and returns once it answers.

        Raises:
            SandboxError: The port is in use, the set-up is missing, or it did not come up.

        """
        if not PYTHON.exists():
            raise SandboxError(f"{PYTHON} is missing: run `make setup` first")
        self._state.mkdir(mode=0o700, parents=True, exist_ok=self._kept)
        try:
            with self.log.open("w") as log:
                self._server = self._spawn(log)
            self.endpoint = self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def _spawn(self, log: Any) -> subprocess.Popen[str]:  # noqa: ANN401 - an open file
        words = ["--port", str(self._port), "--state-dir", str(self._state / "tmp"), "--while-stdin"]
        forget = [] if self._kept else ["--forget", str(self._state)]
        return subprocess.Popen(  # noqa: S603 - our own server
            [str(PYTHON), "-m", "sandbox.server", *words, *forget],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'lambdas'}", "REDRESS_PYTHON": sys.executable},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # one group, so that its workers can be ended with it
        )

    def _wait_until_ready(self) -> str:
        server = self._running()
        timer = threading.Timer(START_SECONDS, server.kill)
        timer.start()
        try:
            line = server.stdout.readline() if server.stdout else ""
        finally:
            timer.cancel()
        word, _, endpoint = line.strip().partition(" ")
        if word != "ready":
            server.wait(STOP_SECONDS)
            raise SandboxError(self._why_not())
        return endpoint

    def _why_not(self) -> str:
        said = self.log.read_text(errors="replace").strip()[-LOG_TAIL:]
        return f"the local AWS did not start: {said or 'it wrote nothing'}"

    def _running(self) -> subprocess.Popen[str]:
        if self._server is None:
            raise SandboxError("the local AWS is not running")
        return self._server

    def stop(self) -> None:
        """Stops the server and everything it started; does nothing if it is stopped."""
        server, self._server = self._server, None
        if server is not None:
            _end(server)
        if not self._kept:
            shutil.rmtree(self._state, ignore_errors=True)

    def order_faults(self, *rules: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Replaces the rules of ``sandbox.faults``; returns them as the server keeps them."""
        return self._faults("POST", json.dumps(rules).encode())

    def faults(self) -> list[dict[str, Any]]:
        """Returns the rules of ``sandbox.faults`` with how often each struck."""
        return self._faults("GET", None)

    def _faults(self, method: str, body: bytes | None) -> list[dict[str, Any]]:
        credential = f"AWS4-HMAC-SHA256 Credential={ROOT_KEY['AccessKeyId']}/20260101/{REGION}/redress/aws4_request"
        request = urllib.request.Request(  # noqa: S310 - our own endpoint
            f"{self.endpoint}/_redress/faults", data=body, method=method, headers={"Authorization": credential}
        )
        with urllib.request.urlopen(request, timeout=STOP_SECONDS) as answer:  # noqa: S310 - our own endpoint
            rules: list[dict[str, Any]] = json.loads(answer.read())
        return rules

    def wait(self) -> int:
        """Returns the server's exit code once it has ended by itself."""
        return self._running().wait()

    def client(self, service: str, credentials: Mapping[str, Any] | None = None, **options: Any) -> Any:  # noqa: ANN401
        """Returns a boto3 client of the sandbox.

        Args:
            service: As boto3 names it.
            credentials: As STS returns them; root's where omitted.
            options: Passed on to boto3 (``region_name``, ``config``).

        """
        keys = credentials or ROOT_KEY
        settings = {
            "region_name": REGION,
            "endpoint_url": self.endpoint,
            "config": Config(retries={"total_max_attempts": 1}),
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys.get("SessionToken"),
        }
        with self._making:  # making clients is not thread-safe, but one session reads each service model once
            return self._session.client(service, **{**settings, **options})


def _own_session() -> botocore.session.Session:
    """Returns a session that looks at nobody's profile, configuration or credentials."""
    nothing: dict[str, Any] = {"profile": (None, None, None, None)}
    for name in ("config_file", "credentials_file"):
        nothing[name] = (None, None, os.devnull, None)
    return botocore.session.Session(session_vars=nothing)


def _end(server: subprocess.Popen[str]) -> None:
    group = server.pid
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _kill_group(group)
        server.wait()
        for pipe in (server.stdin, server.stdout):
            if pipe:
                pipe.close()


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
