"""Which resources a fix names: what the denied calls asked for, and never more than they show.

The rule, in order (docs/proposal.md says the same):

1. The action supports no resource types, or all are optional and the call named none: ``*``. Of these only the
   first is proposed, and the guard says so; the others are a person's to grant (``plan_steps``).
2. Otherwise every resource must be a whole ARN of this action's resource types, or there is no fix.
3. One resource: that ARN (but of a log stream that Lambda named by date and run: the group's streams).
4. Several objects of one bucket, or behind one access point, below a shared prefix, or several of one parent
   where the last part is an id of one run (log streams, tasks, executions, builds): the parent with ``/*``.
5. Anything else: each ARN by itself.

A ``*`` inside a resource is let through only where AWS prints it because the resource does not exist yet
(``created_types``); anywhere else it came from a name that the caller chose, and is refused.
"""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import takewhile
from typing import TYPE_CHECKING

from redress.domain import arn
from redress.domain.created_types import printed_by_aws
from redress.domain.grammar import is_arn, is_policy_safe
from redress.domain.no_fix import no_fix
from redress.domain.unnamed import is_unnamed, is_whole_type
from redress.domain.values import dataclass
from redress.domain.words import NoFixReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.catalogue import Catalogue
    from redress.domain.finding import Finding, NoFix


class Reach(StrEnum):
    """How exactly a fix names its resources."""

    EXACT = "EXACT"
    TEMPLATE = "TEMPLATE"
    TYPE_WILDCARD = "TYPE_WILDCARD"
    ANY = "ANY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The resources of one statement, sorted, and the rule that chose them."""

    resources: tuple[str, ...]
    reach: Reach


FURTHER_FORMATS: Mapping[str, tuple[str, ...]] = {
    "apigateway": ("arn:${Partition}:apigateway:${Region}::/${Path}",),
    "ce": ("arn:${Partition}:ce:${Region}:${Account}:/${Operation}",),
    "cloudformation": ("arn:${Partition}:cloudformation:${Region}:aws:transform/${Name}",),
    "codeconnections": ("arn:${Partition}:codestar-connections:${Region}:${Account}:connection/${ConnectionId}",),
    "codestar-connections": ("arn:${Partition}:codeconnections:${Region}:${Account}:connection/${ConnectionId}",),
    "ecs": ("arn:${Partition}:ecs:${Region}:${Account}:task-definition/${TaskDefinitionFamilyName}",),
    "elasticloadbalancing": tuple(
        f"arn:${{Partition}}:elasticloadbalancing:${{Region}}:${{Account}}:{kind}"
        for kind in ("targetgroup/${Name}/${Id}", "listener/${Name}", "listener-rule/${Name}", "truststore/${Name}")
    ),
}
"""Formats that the reference does not give to the actions of a service.

HTTP APIs have the verbs of REST APIs, Cost Explorer checks its operations by their names, and a change set needs
the transforms of its template (``Serverless-2016-10-31``) beside the stack. Connections were renamed, and the
actions and ARNs of both names stand for the same ones. The two generations of load balancers share their actions
(AddTags, DeleteLoadBalancer), of which the reference at hand knows the first generation's resources only. ECS tags
a task definition that is being registered by its family, before it has a revision.
"""

PER_RUN: tuple[tuple[str, str], ...] = (
    ("logs", r"(?P<parent>log-group:[^:]+:log-stream:).+"),
    ("ecs", r"(?P<parent>task/[^/]+/)[^/]+"),
    ("states", r"(?P<parent>(?:execution|express):[^:]+:).+"),
    ("codebuild", r"(?P<parent>build/[^:]+:).+"),
)
"""Service and resource pattern whose last part is an id of one run or one object, and the parent it keeps."""


ONE_RUN = re.compile(
    r"arn:[^:]+:logs:[^:]+:[^:]+:log-group:[^:]+:log-stream:[0-9]{4}/[0-9]{2}/[0-9]{2}/[^:/]*\[[^:/\]]+\][0-9a-f]{32}"
)
"""A log stream that Lambda made for one run of a function: no later one has its name, so its group's are meant."""

_OBJECT = re.compile(r"arn:[^:]+:s3:(?:::[^/:]+/|[^:]*:[^:]*:accesspoint/[^/]+/object/)[^/]+/")
"""An object in some folder, of a bucket or behind an access point."""

_ARN_AS_NAME = re.compile(r"arn:[^:]+:(?P<service>[^:]+):[^:]*:[0-9]{12}:[A-Za-z-]+[/:]arn:[^:]+:(?P=service):")
_STAR_ALONE = re.compile(r"(?::\*/\*|[:/]?\*)$")
_AS_NAME = "The call gives an ARN where AWS takes a name, so no such resource can exist: give the name alone."
_EVERY = "AWS checked this against every {} of the account; a person must decide how far it may reach."


def scope_of(finding: Finding, action: str, catalogue: Catalogue) -> Scope | NoFix:
    """Returns the resources that a fix of this finding names, or why there is no fix."""
    types = catalogue.resource_types(action)
    if not types:
        return Scope(resources=("*",), reach=Reach.ANY)
    seen = evidence(finding)
    formats = (
        *(text for kind in types for text in kind.arn_formats),
        *FURTHER_FORMATS.get(action.split(":", maxsplit=1)[0], ()),
    )
    if "*" in seen and is_unnamed(action, "*", catalogue):
        return Scope(resources=("*",), reach=Reach.ANY)
    doubted = [text for text in seen if not is_unnamed(action, text, catalogue)] if seen else [None]
    refusal = next((answer for text in doubted if (answer := _refusal(text, action, formats))), None)
    return refusal or _cover(seen)


def evidence(finding: Finding) -> tuple[str, ...]:
    """Returns the distinct resources that the finding's calls were denied on, sorted.

    A message may name the type (``instance/*``) even where the request named one instance; then the resources
    that were kept of all requests say more than the message of one of them.
    """
    said = finding.verdict.resource or ""
    kept = finding.resources
    told_exactly = said.endswith(("/*", ":*")) and any(text.startswith(said[:-1]) for text in kept)
    return tuple(sorted({text for text in (*kept, "" if told_exactly else said) if text}))


def _refusal(resource: str | None, action: str, formats: tuple[str, ...]) -> NoFix | None:
    if resource is None:
        return no_fix(NoFixReason.RESOURCE_UNKNOWN)
    if resource == "*" or (":ec2:" not in resource and is_whole_type(resource, formats)):
        return no_fix(NoFixReason.RESOURCE_UNKNOWN, _EVERY.format(_what(resource)))
    if not is_arn(resource) or _ARN_AS_NAME.match(resource):
        return _not_an_arn(resource)
    if not is_policy_safe(resource) and not printed_by_aws(action, resource):
        return _wild(resource)
    if not any(arn.fits(resource, text) for text in formats):
        return no_fix(NoFixReason.RESOURCE_UNKNOWN, f"The reference of {action} lists no such resource.")
    return None


def _what(resource: str) -> str:
    return re.split("[/:]", resource.split(":", 5)[5])[0] if resource != "*" else "resource"


def _wild(resource: str) -> NoFix:
    # EC2 prints ``instance/*`` for one existing instance as well. An S3 key can really be called ``*``.
    named = _STAR_ALONE.sub("", resource)
    if named != resource and is_policy_safe(named) and ":s3:::" not in resource:
        return no_fix(NoFixReason.RESOURCE_UNKNOWN, "The evidence names the type of the resource, not which one.")
    return no_fix(NoFixReason.UNSAFE_TEXT, "The resource's name holds a wildcard that AWS does not print there.")


def _not_an_arn(resource: str) -> NoFix:
    if _ARN_AS_NAME.match(resource):
        return no_fix(NoFixReason.CALLER_MUST_CHANGE, _AS_NAME)
    if is_policy_safe(resource):
        return no_fix(NoFixReason.RESOURCE_UNKNOWN, "The evidence names the resource, but not its full ARN.")
    return no_fix(NoFixReason.UNSAFE_TEXT, "The resource's name holds characters that may not enter a policy.")


def _cover(seen: tuple[str, ...]) -> Scope:
    if any("*" in text for text in seen):
        return Scope(resources=seen, reach=Reach.TYPE_WILDCARD)
    template = _shared_parent(seen) if len(seen) > 1 or any(ONE_RUN.fullmatch(text) for text in seen) else None
    if template:
        return Scope(resources=(template,), reach=Reach.TEMPLATE)
    return Scope(resources=seen, reach=Reach.EXACT)


def _shared_parent(seen: tuple[str, ...]) -> str | None:
    parents = {parent for text in seen if (parent := _parent(text))}
    if len(parents) == 1 and all(_parent(text) for text in seen):
        return parents.pop()
    return _shared_prefix(seen)


def _parent(text: str) -> str | None:
    parts = arn.split(text)
    patterns = (pattern for service, pattern in PER_RUN if parts and parts.service == service)
    found = next((match for pattern in patterns if parts and (match := re.fullmatch(pattern, parts.resource))), None)
    return f"{text.removesuffix(found.string)}{found['parent']}*" if found else None


def _shared_prefix(seen: tuple[str, ...]) -> str | None:
    if not all(_OBJECT.match(text) for text in seen):
        return None
    folders = zip(*(text.split("/")[:-1] for text in seen), strict=False)
    shared = [names[0] for names in takewhile(lambda names: len(set(names)) == 1, folders)]
    prefix = "/".join([*shared, ""])
    return f"{prefix}*" if _OBJECT.match(prefix) else None
