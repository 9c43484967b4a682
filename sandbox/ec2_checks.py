"""What EC2 checks for one request: several resources, tags, passed roles, and the condition keys of a launch.

MiniStack checks one resource and knows none of EC2's keys. Sources: the service authorization reference
(docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html) for resources and keys;
docs.aws.amazon.com/AWSEC2/latest/UserGuide/delete-fleet.html for the instances of a fleet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG: Final = re.compile(r"TagSpecification\.(\d+)\.Tag\.(\d+)\.Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question to the policies."""

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ec2Request:
    """A form-encoded EC2 request.

    Attributes:
        form: First value of each parameter.
        role_of_profile: Returns the ARN of the role in an instance profile, or None.

    """

    form: Mapping[str, str]
    region: str
    account: str
    role_of_profile: Callable[[str], str | None]

    def arn(self, kind: str, name: str = "*") -> str:
        """Returns the ARN of an EC2 resource; images belong to no account in theirs."""
        account = "" if kind in {"image", "snapshot"} else self.account
        return f"arn:aws:ec2:{self.region}:{account}:{kind}/{name}"

    def tags(self, kind: str) -> dict[str, str]:
        """Returns the tags that the request gives to new resources of a kind."""
        found = {}
        for name, key in self.form.items():
            at = _TAG.fullmatch(name)
            if at and self.form.get(f"TagSpecification.{at[1]}.ResourceType") == kind:
                found[key] = self.form.get(f"TagSpecification.{at[1]}.Tag.{at[2]}.Value", "")
        return found

    def tag_context(self, kind: str) -> dict[str, Any]:
        """Returns the condition keys of those tags."""
        tags = self.tags(kind)
        named = {f"aws:requesttag/{key}".lower(): value for key, value in tags.items()}
        return {**named, "aws:tagkeys": list(tags)} if tags else {}

    def given(self, *names: str) -> Iterator[str]:
        """Yields the values of the parameters that are there, lists element by element."""
        for name in names:
            pattern = re.compile(rf"{re.escape(name)}(\.\d+)?")
            yield from (value for key, value in self.form.items() if pattern.fullmatch(key) and value)


def checks(request: Ec2Request, action: str, resource: str) -> list[Check]:
    """Returns everything that is checked for an action, in order; the first that fails is the one AWS names."""
    common = {"ec2:region": request.region}
    name = action.partition(":")[2]
    if name == "RunInstances":
        return [*_launch(request, common), *_passed(request)]
    if name.startswith("Describe"):
        return [Check(action=action, resource="*", context=common)]  # EC2 describes take no resources
    own = Check(action=action, resource=resource, context=common)
    if name == "DeleteFleets" and request.form.get("TerminateInstances", "").lower() == "true":
        return [own, Check(action="ec2:TerminateInstances", resource=request.arn("instance"), context=common)]
    return [own]


def _launch(request: Ec2Request, common: Mapping[str, Any]) -> Iterator[Check]:
    launched = {**common, **_launch_keys(request.form)}
    spot = request.form.get("InstanceMarketOptions.MarketType") == "spot"
    kinds = ["instance", "volume", *(["spot-instances-request"] if spot and _tags_request(request) else [])]
    for kind in kinds:
        keys = launched if kind == "instance" else common
        context = {**keys, **request.tag_context(kind)}
        yield Check(action="ec2:RunInstances", resource=request.arn(kind), context=context)
    for resource in _used(request):
        yield Check(action="ec2:RunInstances", resource=resource, context=common)
    for kind in kinds:
        if request.tags(kind):
            context = {**common, **request.tag_context(kind), "ec2:createaction": "RunInstances"}
            yield Check(action="ec2:CreateTags", resource=request.arn(kind), context=context)


def _tags_request(request: Ec2Request) -> bool:
    return bool(request.tags("spot-instances-request"))


def _used(request: Ec2Request) -> Iterator[str]:
    """Yields the existing resources that the launch uses; unnamed ones are any of their kind."""
    for kind, names in _USED.items():
        found = [request.arn(kind, value) for value in request.given(*names)]
        yield from found or ([request.arn(kind)] if kind in _ALWAYS else [])


_USED: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("ImageId",),
    "network-interface": ("NetworkInterface.1.NetworkInterfaceId",),
    "security-group": ("SecurityGroupId", "NetworkInterface.1.SecurityGroupId"),
    "subnet": ("SubnetId", "NetworkInterface.1.SubnetId"),
    "key-pair": ("KeyName",),
    "launch-template": ("LaunchTemplate.LaunchTemplateId",),
}
_ALWAYS: Final = frozenset({"network-interface", "security-group", "subnet"})


def _launch_keys(form: Mapping[str, str]) -> dict[str, str]:
    options = {
        "ec2:instancetype": form.get("InstanceType", "m1.small"),
        "ec2:metadatahttptokens": form.get("MetadataOptions.HttpTokens", "optional"),
        "ec2:metadatahttpendpoint": form.get("MetadataOptions.HttpEndpoint", "enabled"),
        "ec2:metadatahttpputresponsehoplimit": form.get("MetadataOptions.HttpPutResponseHopLimit", "1"),
        "ec2:instancemetadatatags": form.get("MetadataOptions.InstanceMetadataTags", "disabled"),
        "ec2:instancemarkettype": form.get("InstanceMarketOptions.MarketType", "on-demand"),
        "ec2:tenancy": form.get("Placement.Tenancy", "default"),
        "ec2:ebsoptimized": form.get("EbsOptimized", "false").lower(),
        "ec2:rootdevicetype": "ebs",
        "ec2:islaunchtemplateresource": "false",
        "ec2:instanceid": "*",
    }
    if form.get("Placement.AvailabilityZone"):
        options["ec2:availabilityzone"] = form["Placement.AvailabilityZone"]
    return options


def _passed(request: Ec2Request) -> Iterator[Check]:
    for profile in request.given("IamInstanceProfile.Name", "IamInstanceProfile.Arn"):
        role = request.role_of_profile(profile.rsplit("/", 1)[-1])
        if role:
            yield Check(action="iam:PassRole", resource=role, context={"iam:passedtoservice": "ec2.amazonaws.com"})
