"""On what else AWS is likely to check the same action: named in the notice, never granted.

A denial names one resource, and the next may be of another type (ec2:RunInstances: image, subnet, …), in another
Region, or the next run of the same thing. Sources: the service authorization reference, and the guides of Systems
Manager, Batch, Bedrock, SES and Redshift where the reference calls optional what they always check together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from redress.domain import arn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from redress.domain.catalogue import Catalogue
    from redress.domain.proposal import Statement

CHECKED_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "batch:SubmitJob": ("job-definition", "job-queue"),
    "ec2:AssociateRouteTable": ("route-table", "subnet"),
    "ec2:DisassociateRouteTable": ("route-table", "subnet"),
    "ec2:CreateNetworkInterface": ("network-interface", "subnet"),
    "ec2:CreateSecurityGroup": ("security-group", "vpc"),
    "ec2:RunInstances": ("image", "instance", "network-interface", "security-group", "subnet", "volume"),
    "rds:CreateDBInstance": ("db", "og", "pg", "subgrp"),
    "redshift:GetClusterCredentials": ("dbname", "dbuser"),
    "ses:SendEmail": ("configuration-set", "identity"),
    "ses:SendRawEmail": ("configuration-set", "identity"),
    "ssm:SendCommand": ("document", "instance"),
    "ssm:StartSession": ("instance",),
}
"""Action to the types of which a call names one each, where the reference has them otherwise."""

ONE_OF = re.compile(
    r"bedrock:(?:Invoke|Create|Get)[A-Za-z]+|states:[A-Za-z]+|es:[A-Za-z]+|payment-cryptography:[A-Za-z]+"
    r"|redshift-data:[A-Za-z]+|drs:[A-Za-z]+|ram:[A-Za-z]+|iam:[A-Za-z]+|chime:[A-Za-z]+|s3-outposts:List[A-Za-z]+"
    r"|(?:dynamodb|lambda):[A-Z][a-z]+ResourcePolicy|ssm:Describe[A-Za-z]+|bedrock-agentcore:[A-Za-z]+"
)
"""Actions whose types the reference calls required, although a call names only one of them."""

PROFILE = re.compile(r"arn:[^:]+:bedrock:[^:]*:[0-9]+:(?:application-)?inference-profile/.+")
MODEL = re.compile(r"arn:[^:]+:bedrock:(?P<region>[^:]*)::foundation-model/.+")
_ACCESS_POINT = re.compile(r"arn:[^:]+:s3:[^:]*:[0-9]+:accesspoint/[^/]+/object/.+")
_TAGS = ("Tagging", "List")
_CALLED = {"rootcatalog": "catalog"}

LATER: tuple[tuple[str, str, str], ...] = (
    ("batch", r"job-definition/[^:]+:[0-9]+", "later revisions of the job definition"),
    ("batch", r"job/.+", "later jobs"),
    ("codebuild", r"build/[^:*]+:[^*]+", "later builds"),
    ("ecs", r"task/[^/]+/[^*]+", "later tasks"),
    ("ecs", r"task-definition/[^:]+:[0-9]+", "later revisions of the task definition"),
    ("lambda", r"layer:[^:]+:[0-9]+", "later versions of the layer"),
    ("route53", r"change/.+", "later changes"),
    ("ssm", r"session/.+", "later sessions"),
    ("states", r"(?:execution|express):[^:]+:[^*]+", "later executions"),
)
"""Service, resource pattern and words, where the next call will name another one of the same kind."""


def further_resources(statements: Iterable[Statement], catalogue: Catalogue, region: str) -> tuple[str, ...]:
    """Returns, in words, on what further resources AWS is likely to check the granted actions.

    Args:
        statements: What is granted.
        catalogue: Facts on IAM actions.
        region: Of the calls that were denied.

    """
    granted = [(action, one.resources) for one in statements for action in one.actions]
    named = {action: [text for name, found in granted if name == action for text in found] for action, _ in granted}
    told = ((action, ", ".join(_further(action, named[action], catalogue, region))) for action in sorted(named))
    return tuple(f"{action} on {words}" for action, words in told if words)


def _further(action: str, resources: list[str], catalogue: Catalogue, region: str) -> Iterator[str]:
    yield from _unnamed_types(action, resources, catalogue)
    yield from dict.fromkeys(words for text in resources for words in _later(text))
    if any(PROFILE.fullmatch(text) for text in resources):
        yield "the foundation-model in each Region of the profile"
    elif any((model := MODEL.fullmatch(text)) and model["region"] != region for text in resources):
        yield "the foundation-model in further Regions of the profile"
    if any(_ACCESS_POINT.fullmatch(text) for text in resources):
        yield "the object in the bucket behind the access point"


def _unnamed_types(action: str, resources: list[str], catalogue: Catalogue) -> list[str]:
    wanted = CHECKED_TOGETHER.get(action, ())
    if not wanted and (ONE_OF.fullmatch(action) or (catalogue.access_level(action) or "").startswith(_TAGS)):
        return []
    return sorted(
        _CALLED.get(kind.name, kind.name)
        for kind in catalogue.resource_types(action)
        if (kind.name in wanted if wanted else kind.required)
        and not any(arn.fits(text, form) for text in resources for form in kind.arn_formats)
    )


def _later(text: str) -> Iterator[str]:
    parts = arn.split(text)
    for service, pattern, words in LATER:
        if parts and parts.service == service and re.fullmatch(pattern, parts.resource):
            yield words
