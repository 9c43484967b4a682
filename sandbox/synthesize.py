"""Synthesizes the very template that ``make deploy`` deploys, with the sandbox's people as approvers."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ACCOUNT = "000000000000"
APPROVER_ARN = f"arn:aws:iam::{ACCOUNT}:role/approver"
SECOND_APPROVER_ARN = f"arn:aws:iam::{ACCOUNT}:role/second-approver"
# Everything that the template is made from; a change of any of it synthesizes anew.
INPUTS = (
    *("app.py", "cdk.json", "infra", "lambdas", "scripts/build_asset.py", "scripts/asset_contents.py"),
    "requirements/lambda.lock",
)
KNOBS: dict[str, object] = {
    "approvers": [APPROVER_ARN, SECOND_APPROVER_ARN],
    "keep_data": False,
    "quiet_window_seconds": 1,
}


class SynthesisError(Exception):
    """The CDK app did not synthesize; the text ends with what it printed."""


def synthesize(knobs: dict[str, object] | None = None) -> Path:
    """Returns the folder of a cloud assembly, made anew only if something it depends on changed.

    Args:
        knobs: Settings that differ from cdk.json; the sandbox's own where omitted.

    Raises:
        SynthesisError: The app failed.

    """
    chosen = KNOBS if knobs is None else knobs
    out = ROOT / "build" / f"assembly-{_digest(chosen)}"
    out.parent.mkdir(exist_ok=True)
    with (out.parent / "assembly.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not out.exists():
            _run_app(out, chosen)
    return out


def _digest(knobs: dict[str, object]) -> str:
    digest = hashlib.sha256(json.dumps(knobs, sort_keys=True).encode())
    for name in INPUTS:
        for path in sorted(_files(ROOT / name)):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return [file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts]


def _run_app(out: Path, knobs: dict[str, object]) -> None:
    context = {**json.loads((ROOT / "cdk.json").read_text())["context"]}
    context["redress"] = {**context.get("redress", {}), **knobs}
    fresh = out.with_name(f"{out.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    environment = {**os.environ, "CDK_OUTDIR": str(fresh), "CDK_CONTEXT_JSON": json.dumps(context)}
    command = [sys.executable, str(ROOT / "app.py")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own app
    if done.returncode:
        raise SynthesisError(f"app.py failed:\n{done.stderr[-3000:]}")
    fresh.rename(out)
