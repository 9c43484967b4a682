"""The ids and names in a request that say which resource was meant, where the message names only its type.

EC2 says ``instance/*`` even where the request names one instance, and Parameter Store says ``*`` where it did not
look the parameter up. Whatever is taken has the shape that AWS gives to such ids and names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from redress.domain.created_types import created_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redress.domain.denied_call import DeniedCall
    from redress.domain.verdict import Verdict

_DEPTH = 7
"""Members below one another: CloudTrail wraps lists into ``items``, and some EC2 requests into themselves."""

EC2_IDS: Mapping[str, tuple[str, str]] = {
    "capacity-reservation": ("capacityReservationId", "cr"),
    "customer-gateway": ("customerGatewayId", "cgw"),
    "dhcp-options": ("dhcpOptionsId", "dopt"),
    "egress-only-internet-gateway": ("egressOnlyInternetGatewayId", "eigw"),
    "elastic-ip": ("allocationId", "eipalloc"),
    "image": ("imageId", "ami"),
    "instance": ("instanceId", "i"),
    "internet-gateway": ("internetGatewayId", "igw"),
    "launch-template": ("launchTemplateId", "lt"),
    "natgateway": ("natGatewayId", "nat"),
    "network-acl": ("networkAclId", "acl"),
    "network-interface": ("networkInterfaceId", "eni"),
    "prefix-list": ("prefixListId", "pl"),
    "route-table": ("routeTableId", "rtb"),
    "security-group": ("groupId", "sg"),
    "snapshot": ("snapshotId", "snap"),
    "subnet": ("subnetId", "subnet"),
    "transit-gateway": ("transitGatewayId", "tgw"),
    "transit-gateway-attachment": ("transitGatewayAttachmentId", "tgw-attach"),
    "transit-gateway-route-table": ("transitGatewayRouteTableId", "tgw-rtb"),
    "volume": ("volumeId", "vol"),
    "vpc": ("vpcId", "vpc"),
    "vpc-endpoint": ("vpcEndpointId", "vpce"),
    "vpc-peering-connection": ("vpcPeeringConnectionId", "pcx"),
    "vpn-connection": ("vpnConnectionId", "vpn"),
    "vpn-gateway": ("vpnGatewayId", "vgw"),
}
"""EC2's resource type to the request's member that names one, and how its ids begin."""

SECRET = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
"""A secret's name, which unlike its ARN holds no colon."""
_PARAMETERS = re.compile(r"arn:[a-z-]+:ssm:[a-z0-9-]+:[0-9]{12}:\*")
_PARAMETER = re.compile(r"/?(?!aws/)[A-Za-z0-9_.-]{1,512}(?:/[A-Za-z0-9_.-]{1,512}){0,15}")
_READS = frozenset({"ssm:getparameter", "ssm:getparameters"})


def refine(verdict: Verdict, call: DeniedCall) -> tuple[str, ...]:
    """Returns the verdict's resource made exact by the request, for proposals; empty where neither names one.

    A resource that is being created has no id yet, and stays as it is.
    """
    resource = verdict.resource
    if not resource:
        return _secret(verdict, call)
    if ":ec2:" in resource and resource.endswith("/*"):
        noun = resource.split(":")[-1].removesuffix("/*")
        found = () if noun in created_by(verdict.action or "") else ec2_ids(call, noun)
        return (f"{resource[:-1]}{found[0]}",) if len(found) == 1 else (resource,)
    if _PARAMETERS.fullmatch(resource) and (verdict.action or "").lower() in _READS:
        return tuple(f"{resource[:-1]}parameter/{name}" for name in _parameters(call)) or (resource,)
    return (resource,)


def _secret(verdict: Verdict, call: DeniedCall) -> tuple[str, ...]:
    """Returns the secret that the request names; its full ARN is nowhere, which ends in letters of its own."""
    named = call.request_parameters.get("secretId", call.request_parameters.get("name"))
    asked = (verdict.action or "").startswith("secretsmanager:") and isinstance(named, str) and SECRET.fullmatch(named)
    return (str(named),) if asked else ()


def ec2_ids(call: DeniedCall, noun: str) -> tuple[str, ...]:
    """Returns the distinct ids of this type of EC2 resource that the request names, sorted."""
    if noun not in EC2_IDS:
        return ()
    member, start = EC2_IDS[noun]
    shape = re.compile(rf"{start}-[0-9a-f]{{8,17}}")
    named = _named(call.request_parameters, member.lower(), _DEPTH)
    return tuple(sorted({text for text in named if shape.fullmatch(text)}))


def _parameters(call: DeniedCall) -> tuple[str, ...]:
    """Returns the names of all parameters that the request asks for; empty if one is not just a name."""
    given = call.request_parameters
    names = given.get("names", [given.get("name")])
    if not isinstance(names, list) or not all(isinstance(each, str) and _PARAMETER.fullmatch(each) for each in names):
        return ()
    return tuple(sorted({each.removeprefix("/") for each in names}))


def _named(value: Any, member: str, depth: int) -> Iterator[str]:  # noqa: ANN401 - JSON of any shape
    if not depth:
        return
    if isinstance(value, list):
        for each in value:
            yield from _named(each, member, depth - 1)
    elif hasattr(value, "items"):
        for name, each in value.items():
            if isinstance(each, str) and str(name).lower() == member:
                yield each
            yield from _named(each, member, depth - 1)
