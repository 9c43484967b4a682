"""Where AWS itself prints a ``*`` in a denied resource: it does not exist yet, or its id is not decided.

A wildcard that stands anywhere else in an event came from a name that the caller chose.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CREATED_BY: Mapping[str, frozenset[str]] = {
    "ec2:RunInstances": frozenset(
        {"instance", "network-interface", "volume", "spot-instances-request", "elastic-gpu", "elastic-inference"}
    ),
    "ec2:CreateFleet": frozenset({"fleet", "instance", "network-interface", "volume"}),
    "ec2:RequestSpotInstances": frozenset({"spot-instances-request"}),
    "ec2:RequestSpotFleet": frozenset({"spot-fleet-request"}),
    "ec2:CreateSnapshots": frozenset({"snapshot"}),
    "ec2:CopySnapshot": frozenset({"snapshot"}),
    "ec2:ImportSnapshot": frozenset({"snapshot", "import-snapshot-task"}),
    "ec2:CreateImage": frozenset({"image", "snapshot"}),
    "ec2:CopyImage": frozenset({"image"}),
    "ec2:RegisterImage": frozenset({"image"}),
    "ec2:ImportImage": frozenset({"image", "import-image-task", "snapshot"}),
    "ec2:ImportKeyPair": frozenset({"key-pair"}),
    "ec2:AllocateAddress": frozenset({"elastic-ip"}),
    "ec2:AllocateHosts": frozenset({"dedicated-host"}),
    "ec2:CreateDefaultVpc": frozenset({"vpc"}),
    "ec2:CreateDefaultSubnet": frozenset({"subnet"}),
    "ec2:CreateNatGateway": frozenset({"natgateway"}),
    "ec2:CreateFlowLogs": frozenset({"vpc-flow-log"}),
    "ec2:CreateManagedPrefixList": frozenset({"prefix-list"}),
    "ec2:CreateTransitGatewayVpcAttachment": frozenset({"transit-gateway-attachment"}),
    "ec2:CreateTransitGatewayPeeringAttachment": frozenset({"transit-gateway-attachment"}),
    "ec2:CreateVpcEndpointServiceConfiguration": frozenset({"vpc-endpoint-service"}),
    "ec2:CreateInstanceExportTask": frozenset({"export-instance-task"}),
}
"""EC2 calls and the types they create; any other ``ec2:CreateSomeThing`` creates a ``some-thing``."""

PRINTED: tuple[tuple[str, str], ...] = (
    (r"ec2:CreateTags", r"ec2:[a-z0-9-]+:[0-9]*:[a-z-]+/\*"),
    (r"ec2:TerminateInstances", r"ec2:[a-z0-9-]+:[0-9]+:instance/\*"),
    (
        r"elasticloadbalancing:(?:CreateLoadBalancer|CreateTargetGroup|AddTags)",
        r"elasticloadbalancing:[a-z0-9-]+:[0-9]+:(?:loadbalancer/(?:app|net|gwy)|targetgroup)/[A-Za-z0-9-]+/\*",
    ),
    (
        r"elasticloadbalancing:AddTags",
        r"elasticloadbalancing:[a-z0-9-]+:[0-9]+:listener(?:-rule)?/(?:app|net|gwy)/[A-Za-z0-9-]+(?:/[0-9a-f]+){1,2}/\*",
    ),
    (
        r"ecs:TagResource",
        r"ecs:[a-z0-9-]+:[0-9]+:(?:task|container-instance|task-set/[A-Za-z0-9_-]+)/[A-Za-z0-9_-]+/\*",
    ),
    (r"cloudformation:[A-Za-z]+", r"cloudformation:[a-z0-9-]+:[0-9]+:stack/[A-Za-z][A-Za-z0-9-]*/\*"),
    (
        r"autoscaling:[A-Za-z]+",
        r"autoscaling:[a-z0-9-]+:[0-9]+:autoScalingGroup:\*:autoScalingGroupName/[A-Za-z0-9._/-]+",
    ),
    (
        r"autoscaling:[A-Za-z]+",
        r"autoscaling:[a-z0-9-]+:[0-9]+:launchConfiguration:\*:launchConfigurationName/[A-Za-z0-9._/-]+",
    ),
)
"""Action pattern and ARN pattern (from the service on) of further wildcards that AWS prints.

``conditions_for.NARROWED_BY`` names the condition without which those on tags and instances are not granted.
"""

_NEW_OF_EC2 = re.compile(r"ec2:[a-z0-9-]+:[0-9]*:(?P<type>[a-z-]+)/\*")


def printed_by_aws(action: str, resource: str) -> bool:
    """Returns whether the ``*`` in this resource is AWS's own."""
    tail = resource.split(":", 2)[-1]
    new = _NEW_OF_EC2.fullmatch(tail)
    if new and new["type"] in created_by(action):
        return True
    return any(re.fullmatch(act, action) and re.fullmatch(res, tail) for act, res in PRINTED)


def created_by(action: str) -> frozenset[str]:
    """Returns the EC2 resource types that an action creates."""
    if action in CREATED_BY:
        return CREATED_BY[action]
    named = re.fullmatch(r"ec2:Create([A-Za-z]+)", action)
    return frozenset({_dashed(named[1])}) if named else frozenset()


def _dashed(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
