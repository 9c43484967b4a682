"""The AWS CLI needs nothing but the endpoint's URL."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.process import PYTHON

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.process import Sandbox
    from tests.integration.sandbox.world import People, Trail

CLI = PYTHON.parent / "aws"

# Services and actions that no other test names; several that the emulator does not have at all.
CALLS = {
    "aws.athena": ["athena", "create-work-group", "--name", "reports"],
    "aws.redshift": ["redshift", "describe-clusters"],
    "aws.guardduty": ["guardduty", "list-detectors"],
    "aws.route53": ["route53", "list-hosted-zones"],
}
MORE = {
    "aws.macie2": ["macie2", "list-findings"],
    "aws.elasticfilesystem": ["efs", "describe-file-systems"],
    "aws.acm": ["acm", "list-certificates"],
    "aws.cloudfront": ["cloudfront", "list-distributions"],
    "aws.elasticbeanstalk": ["elasticbeanstalk", "describe-applications"],
    "aws.kinesis": ["kinesis", "describe-stream", "--stream-name", "clicks"],
}
SOURCES = [*CALLS, *(pytest.param(source, marks=pytest.mark.slow) for source in MORE)]


def _aws(sandbox: Sandbox, credentials: dict[str, Any], *words: str) -> subprocess.CompletedProcess[str]:
    keys = {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials.get("SessionToken", ""),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": sandbox.endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_MAX_ATTEMPTS": "1",
    }
    command = [str(CLI), *words]
    environment = {**os.environ, **keys}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603


@pytest.mark.parametrize("source", SOURCES)
def test_a_denied_command_becomes_one_event(sandbox: Sandbox, people: People, trail: Trail, source: str) -> None:
    """A command of any service that is refused reaches the bus from that service, worded as its output."""
    done = _aws(sandbox, people.restricted(), *{**CALLS, **MORE}[source])
    event = trail.one()
    assert done.returncode != 0
    assert event["source"] == source
    assert event["detail"]["errorMessage"] in done.stderr
    assert "is not authorized to perform" in event["detail"]["errorMessage"]


def test_an_allowed_command_works(sandbox: Sandbox, people: People) -> None:
    """The CLI talks to the sandbox as to AWS: it knows who it is, and lists what is there."""
    user = people.user({"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"})
    me = json.loads(_aws(sandbox, user, "sts", "get-caller-identity").stdout)
    assert me["Arn"].endswith(f":user/{user['UserName']}")
    assert "orders" in _aws(sandbox, user, "s3", "ls").stdout


def test_a_high_level_s3_command_is_denied_and_recorded(
    sandbox: Sandbox, people: People, trail: Trail, tmp_path: Path
) -> None:
    """``aws s3 cp`` uploads with checksums and chunks; its denial is PutObject's."""
    file = tmp_path / "order.json"
    file.write_text("{}")
    done = _aws(sandbox, people.restricted(), "s3", "cp", str(file), "s3://orders/cli/order.json")
    assert done.returncode == 1
    assert "AccessDenied" in done.stderr
    assert trail.one()["detail"]["eventName"] == "PutObject"
