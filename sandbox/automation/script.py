"""Runs ``aws:executeScript`` scripts, each in a process of its own that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.automation.happenings import Failed, Outcome, RunScript, Succeeded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.automation.ports import Credentials

HOST: Final = Path(__file__).with_name("script_host.py")
MAX_OUTPUT: Final = 100 * 1024
MAX_ITEMS: Final = 100
MAX_FAILURE: Final = 4_000
GRACE_SECONDS: Final = 5
"""Past a step's time-out, so that the state machine's time-out comes first and is called one."""


class Scripts:
    """The running scripts."""

    def __init__(self, *, python: str, endpoint: str, region: str) -> None:
        self._python = python
        self._endpoint = endpoint
        self._region = region
        self._lock = threading.Lock()
        self._running: dict[tuple[str, int], subprocess.Popen[bytes]] = {}
        self._unwanted: set[tuple[str, int]] = set()

    def run(self, key: tuple[str, int], act: RunScript, credentials: Credentials, seconds: int) -> Outcome:
        """Returns what the function returned (``{"Payload": value}``), or how it failed."""
        order = json.dumps({"script": act.script, "handler": act.handler, "payload": act.payload}).encode()
        with tempfile.TemporaryDirectory(prefix="automation-") as folder:
            process = self._start(key, self._environment(credentials, folder), folder)
            try:
                answer, printed = process.communicate(order, timeout=seconds + GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                return Failed(message="The script did not end in time")
            finally:
                self._end(key, process)
        return _outcome(answer, printed)

    def _start(self, key: tuple[str, int], environment: Mapping[str, str], folder: str) -> subprocess.Popen[bytes]:
        with self._lock:
            process = subprocess.Popen(  # noqa: S603 - our own host program, no shell
                [self._python, "-I", str(HOST)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
            )
            self._running[key] = process
            if key in self._unwanted:
                _kill(process)
            return process

    def _environment(self, credentials: Credentials, folder: str) -> Mapping[str, str]:
        """Returns all that the script sees of its surroundings; nothing of the server's own environment."""
        return {
            "PATH": os.defpath,
            "HOME": folder,
            "AWS_ACCESS_KEY_ID": credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
            "AWS_SESSION_TOKEN": credentials.session_token,
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_REGION": self._region,
            "AWS_DEFAULT_REGION": self._region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _end(self, key: tuple[str, int], process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._running.pop(key, None)
            self._unwanted.discard(key)
        _kill(process)
        process.communicate()

    def kill(self, key: tuple[str, int]) -> None:
        """Kills the script with the key and whatever it started, now or as soon as it begins."""
        with self._lock:
            self._unwanted.add(key)
            if key in self._running:
                _kill(self._running[key])


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _outcome(answer: bytes, printed: bytes) -> Outcome:
    if len(answer) > MAX_OUTPUT:
        return Failed(message=f"The script returned more than {MAX_OUTPUT} bytes")
    try:
        said = json.loads(answer)
    except ValueError:
        return Failed(message=f"The script ended without an answer. {printed.decode('utf-8', 'replace')[-500:]}")
    if "raised" in said:
        return Failed(message=str(said["raised"])[-MAX_FAILURE:])
    value = said["returned"]
    if isinstance(value, list) and len(value) > MAX_ITEMS:
        return Failed(message=f"The script returned a list of more than {MAX_ITEMS} items")
    return Succeeded(result={"Payload": value})
