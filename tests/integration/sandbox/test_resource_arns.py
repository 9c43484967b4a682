"""ARNs are built from the service authorization reference and the request's parameters, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters.iam_catalogue import IamCatalogue
from sandbox.process import ACCOUNT
from sandbox.resource_arns import authorized_on
from tests.integration.sandbox.world import allow, denial_of

if TYPE_CHECKING:
    from sandbox.process import Sandbox
    from tests.integration.sandbox.world import People

PLACE = {"Partition": "aws", "Region": "us-east-1", "Account": ACCOUNT}
HERE = f"us-east-1:{ACCOUNT}"
MACHINE = f"arn:aws:states:{HERE}:stateMachine:m"
CASES: list[tuple[str, str, dict[str, Any], str]] = [
    ("cloudwatch:DeleteAlarms", "*", {"AlarmNames": ["high"]}, f"arn:aws:cloudwatch:{HERE}:alarm:high"),
    ("cloudwatch:GetMetricStream", "*", {"Name": "all"}, f"arn:aws:cloudwatch:{HERE}:metric-stream/all"),
    ("rds:DeleteOptionGroup", "*", {"OptionGroupName": "fast"}, f"arn:aws:rds:{HERE}:og:fast"),
    ("athena:CreateWorkGroup", "*", {"Name": "reports"}, f"arn:aws:athena:{HERE}:workgroup/reports"),
    ("events:ListTargetsByRule", "*", {"Rule": "nightly"}, f"arn:aws:events:{HERE}:rule/nightly"),
    ("route53:GetHostedZone", "*", {"Id": "Z1"}, "arn:aws:route53:::hostedzone/Z1"),
    ("kafka:DeleteReplicator", "*", {"ReplicatorArn": "x"}, "*"),
    ("config:DeleteConformancePack", "*", {"ConformancePackName": "base"}, "*"),
    (
        "states:StartExecution",
        "*",
        {"stateMachineArn": f"arn:aws:states:{HERE}:stateMachine:m"},
        f"arn:aws:states:{HERE}:stateMachine:m",
    ),
    ("ec2:DescribeInstances", f"arn:aws:ec2:{HERE}:instance/i-1", {}, "*"),
    ("events:DescribeRule", f"arn:aws:events:{HERE}:rule/default/r", {"Name": "r"}, f"arn:aws:events:{HERE}:rule/r"),
    ("nobody:Knows", "*", {"Name": "x"}, "*"),
    ("sqs:SendMessage", f"arn:aws:sqs:{HERE}:orders", {}, f"arn:aws:sqs:{HERE}:orders"),
]


@pytest.mark.parametrize(("action", "found", "parameters", "expected"), CASES, ids=lambda case: str(case)[:40])
def test_an_arn_is_built_or_left_open(action: str, found: str, parameters: dict[str, Any], expected: str) -> None:
    """Each variable of the format needs a parameter of its own name; actions without resources get ``*``."""
    assert authorized_on(action, found, lambda: parameters, IamCatalogue(), PLACE) == expected


def test_a_built_arn_is_enforced(sandbox: Sandbox, people: People) -> None:
    """The ARN of the denial, once allowed, lets the same call through and no other."""
    denied = denial_of(lambda: sandbox.client("cloudwatch", people.restricted()).delete_alarms(AlarmNames=["high"]))
    arn = denied["Message"].partition("on resource: ")[2].partition(" ")[0]
    permitted = sandbox.client("cloudwatch", people.restricted(allow("cloudwatch:DeleteAlarms", arn)))
    permitted.delete_alarms(AlarmNames=["high"])
    assert denial_of(lambda: permitted.delete_alarms(AlarmNames=["low"]))["Code"].startswith("AccessDenied")
