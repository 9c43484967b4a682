"""What CreateDocument refuses: one case per file of tests/cases/automation/refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.automation.validate import problems
from tests.unit.automation.fakes import runbook

CASES = Path(__file__).parents[2] / "cases" / "automation" / "refused"
CALL = {"name": "one", "action": "aws:executeAwsApi", "inputs": {"Service": "sts", "Api": "GetCallerIdentity"}}


def cases() -> list[Any]:
    """Returns the cases, each named by its file."""
    return [pytest.param(yaml.safe_load(path.read_text()), id=path.stem) for path in sorted(CASES.glob("*.yaml"))]


@pytest.mark.parametrize("case", cases())
def test_refused(case: dict[str, Any]) -> None:
    """Each fault is told in a sentence, and only that."""
    more = {key: value for key, value in case.items() if key not in {"says", "steps", "document", "problems"}}
    document = case.get("document") or {**runbook(case["steps"]), **more}
    assert problems(document) == case["problems"], case["says"]


@pytest.mark.parametrize(
    "role",
    [
        "arn:aws:iam::000000000000:role/redress/system/automation",
        "arn:{{global:AWS_PARTITION}}:iam::{{ global:ACCOUNT_ID }}:role/automation",
        "{{ Role }}",
    ],
)
def test_roles(role: str) -> None:
    """AssumeRole is an ARN, with system variables or from a parameter."""
    document = {**runbook([CALL]), "assumeRole": role, "parameters": {"Role": {"type": "AWS::IAM::Role::Arn"}}}
    assert problems(document) == []
