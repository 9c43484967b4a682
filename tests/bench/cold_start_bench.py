"""What a cold start of λ triage costs over boto3 itself, in the built asset, and how large that is."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from scripts.build_asset import build
from tests.bench.figures import Figure, Section

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RUNS = 9
ROUNDS = 3
AIM = 1.15
MEGABYTES = 6.0
FLOOR = "import boto3; [boto3.client(name, region_name='us-east-1') for name in ('sts', 'dynamodb', 'sqs')]"
"""boto3 and the three clients that triage may need: the table's at once, the other two seldom."""
MADE = "import boto3; boto3.client('dynamodb', region_name='us-east-1')"
"""boto3 and the one client that triage makes before it is needed."""
TRIAGE = "from redress.handlers import triage; triage._desk_parts()"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "TABLE_NAME": "findings",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/111122223333/dead",
    "PATH": os.environ.get("PATH", ""),
}


def measure() -> Section:
    """Returns the ratios of this machine, and the size."""
    asset = build()
    with tempfile.TemporaryDirectory() as cache:
        compiled = {"PYTHONPYCACHEPREFIX": cache}
        for program in (FLOOR, MADE, TRIAGE):
            _run(program, asset.folder, compiled)
        ready = tuple(_ratio(asset.folder, compiled) for _ in range(ROUNDS))
        bare_made = tuple(_ratio(asset.folder, compiled, floor=MADE) for _ in range(ROUNDS))
        floor = tuple(min(_run(FLOOR, asset.folder, compiled) for _ in range(RUNS)) * 1e3 for _ in range(ROUNDS))
    # Lambda cannot write compiled files beside the code, so it compiles what a cold start imports.
    bare = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": os.devnull}
    fresh = (_ratio(asset.folder, bare, runs=3),)
    size = asset.archive.stat().st_size / 1e6
    figures = (
        Figure(
            name="λ triage, ready for its first batch, over boto3 and three clients", rounds=ready, unit="x", aim=AIM
        ),
        Figure(name="the same, over boto3 and the one client that it makes", rounds=bare_made, unit="x"),
        Figure(name="over boto3 and three clients, where nothing was compiled before", rounds=fresh, unit="x"),
        Figure(name="boto3 and three clients", rounds=floor, unit="ms"),
        Figure(name="the asset of all functions, zipped", rounds=(size,), unit="MB", aim=MEGABYTES),
    )
    return Section(
        title="Cold start",
        figures=figures,
        notes=(f"processor time of fresh processes, best of {RUNS}, the two in turn",),
    )


def _ratio(folder: Path, extra: Mapping[str, str], *, floor: str = FLOOR, runs: int = RUNS) -> float:
    """Returns the best of several over the best of several, taken in turn."""
    pairs = [(_run(TRIAGE, folder, extra), _run(floor, folder, extra)) for _ in range(runs)]
    return min(one for one, _ in pairs) / min(other for _, other in pairs)


def _run(program: str, folder: Path, extra: Mapping[str, str]) -> float:
    """Returns the processor seconds of a new interpreter for a program, with nothing but the asset to import from."""
    words = [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); {program}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, env={**ENVIRONMENT, **extra}, cwd=folder, timeout=60)  # noqa: S603 - our own program
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
