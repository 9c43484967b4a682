"""cdk-nag (AwsSolutions) and cfn-lint have nothing to say that is not answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cfnlint import lint
from cfnlint.config import ManualArgs

if TYPE_CHECKING:
    from pathlib import Path

VARIANTS = ("shipped", "everything")
ANSWERED = {
    "W3005": "the CDK states a dependency on a role that a reference implies already",
    "W3037": "cfn-lint does not know the preview's actions iam:GetRequestAuthorization*",
}


def report(folder: Path) -> dict[str, Any]:
    """Returns what the AwsSolutions pack said."""
    reports = json.loads((folder / "validation-report.json").read_text())["pluginReports"]
    (found,) = (each for each in reports if each["pluginName"] == "AwsSolutions")
    return dict(found)


@pytest.mark.parametrize("variant", VARIANTS)
def test_nag_finds_nothing_unanswered(assemblies: Path, variant: str) -> None:
    """Every finding of cdk-nag is accepted where it occurs."""
    assert report(assemblies / variant)["violations"] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_accepted_findings_say_why(assemblies: Path, variant: str) -> None:
    """Each accepted finding has its reason, in a sentence."""
    accepted = report(assemblies / variant)["suppressedViolations"]
    assert len(accepted) > 10
    assert [each["ruleName"] for each in accepted if len(each["reason"].split()) < 4] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_lint_finds_nothing_unanswered(assemblies: Path, variant: str) -> None:
    """CloudFormation's schemas and cfn-lint's rules hold."""
    text = (assemblies / variant / "Redress.template.json").read_text()
    found = lint(text, config=ManualArgs(regions=["us-east-1"]))
    assert {f"{each.rule.id} {each.message}"[:200] for each in found if each.rule.id not in ANSWERED} == set()
