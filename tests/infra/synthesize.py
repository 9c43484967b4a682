"""Synthesizes the stack for the tests, with cdk-nag: ``python -m tests.infra.synthesize OUT``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

import app
from infra.settings import read_knobs

EVERYTHING: Final[dict[str, Any]] = {
    "approvers": ["role/First", "arn:aws:iam::123456789012:user/team/second"],
    "second_approvers": ["arn:aws:iam::123456789012:role/Security"],
    "min_approvals": 2,
    "protected_principals": ["role/admin-*", "arn:aws:iam::*:user/break-glass"],
    "change_calendars": ["Freeze", "arn:aws:ssm:us-east-1:123456789012:document/Holidays"],
    "keep_data": False,
    "customer_managed_key": True,
    "permissions_boundary": "policy/Boundary",
    "findings_emails": ["findings@example.com"],
    "security_emails": ["security@example.com"],
    "approvals_emails": ["approvals@example.com"],
    "docs_url": "https://docs.example.com/redress/",
    "slack_webhook": True,
    "slack_security": "own",
    "reserved_concurrency": 20,
    "log_level": "DEBUG",
    "log_retention_days": 365,
    "anomaly_kinds": ["UNKNOWN"],
}
"""Knobs that turn on whatever is off by default."""


def shipped() -> dict[str, Any]:
    """Returns the knobs of cdk.json."""
    knobs: dict[str, Any] = json.loads((app.ROOT / "cdk.json").read_text())["context"]["redress"]
    return knobs


def synthesize(out: Path, knobs: dict[str, Any]) -> None:
    """Writes the assembly, and cdk-nag's report beside the template, whether or not it complains."""
    context = json.loads((app.ROOT / "cdk.json").read_text())["context"]
    made = cdk.App(outdir=str(out), context=context, analytics_reporting=False)
    app.add_stack(made, read_knobs(knobs))
    cdk.Validations.of(made).add_plugins(AwsSolutionsChecks(made))
    try:
        made.synth()
    except RuntimeError as error:  # how jsii hands on what JavaScript throws
        if "ValidationFailed" not in str(error):
            raise


if __name__ == "__main__":
    target = Path(sys.argv[1])
    synthesize(target / "shipped", shipped())
    synthesize(target / "everything", {**shipped(), **EVERYTHING})
