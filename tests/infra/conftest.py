"""Synthesizes once for all tests and all workers, and only if something that the template is made of changed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.node import prefer_current_node
from scripts.build_asset import ROOT, shipped_files, source_digest
from tests.infra.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

BUILD = ROOT / "build" / "synth"
INPUTS = (ROOT / "app.py", ROOT / "cdk.json", Path(__file__).with_name("synthesize.py"))
STALE_SECONDS = 3_600


def _key() -> str:
    digest = hashlib.sha256(source_digest().encode())
    for path in (*INPUTS, *shipped_files(ROOT / "infra")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@contextmanager
def _locked() -> Iterator[None]:
    BUILD.mkdir(parents=True, exist_ok=True)
    handle = os.open(BUILD / "lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _synthesize(out: Path) -> None:
    for old in BUILD.iterdir():
        if old.is_dir() and time.time() - old.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(old)
    prefer_current_node()  # for the process below
    fresh = out.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    command = [sys.executable, "-m", "tests.infra.synthesize", str(fresh)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 - ours
    assert done.returncode == 0, f"the stack does not synthesize:\n{done.stderr[-4000:]}"
    fresh.rename(out)


@pytest.fixture(scope="session")
def assemblies() -> Path:
    """Returns the folder with the assemblies ``shipped`` and ``everything``."""
    out = BUILD / _key()
    with _locked():
        if not out.is_dir():
            _synthesize(out)
    return out


@pytest.fixture(scope="session")
def template(assemblies: Path) -> Template:
    """Returns the template as shipped."""
    return Template(assemblies / "shipped")


@pytest.fixture(scope="session")
def everything(assemblies: Path) -> Template:
    """Returns the template with every option turned on."""
    return Template(assemblies / "everything")
