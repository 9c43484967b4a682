"""What makes two denials one finding: principal, action, resource template and layer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from redress.domain.blamed import other_blamed
from redress.domain.finding import finding_id
from redress.domain.message import read_message
from redress.domain.words import Kind

if TYPE_CHECKING:
    from redress.domain.denied_call import DeniedCall, Principal
    from redress.domain.verdict import Verdict

UNKNOWN_RESOURCE = "unknown"
_LONGEST = 2048

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_BEHIND = r"arn:[^:]+:s3:[^:]*:[^:]*:accesspoint/[^/]+/object/"
_UNNAMED = r"arn:[^:]+:(?!kms:|iam:|secretsmanager:)[^:]+:[^:]*:[^:]*:"

_DIGITS = "last segment with eight digits in a row"
_ACCOUNT_DIGITS = 12

VOLATILE: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (what, re.compile(pattern), template)
    for what, pattern, template in (
        ("S3 object: everything after its first prefix", r"(arn:[^:]+:s3:::[^/]+/[^/]+/).+", r"\1*"),
        ("S3 object without a prefix", r"(arn:[^:]+:s3:::[^/]+/)[^/]+", r"\1*"),
        ("object behind an access point: after its first prefix", rf"({_BEHIND}[^/]+/).+", r"\1*"),
        ("object behind an access point, without a prefix", rf"({_BEHIND})[^/]+", r"\1*"),
        ("log stream: its group", r"(arn:[^:]+:logs:[^:]*:[^:]*:log-group:[^:]+):log-stream:.*", r"\1:*"),
        ("EC2 thing by its id", r"(arn:[^:]+:ec2:[^:]*:[^:]*:[a-z-]+/)[a-z]{1,12}-[0-9a-f]{8,17}", r"\1*"),
        ("STS session", r"(arn:[^:]+:sts:[^:]*:[^:]*:(?:assumed-role|federated-user)/[^/]+)/.+", r"\1/*"),
        ("Step Functions execution", r"(arn:[^:]+:states:[^:]*:[^:]*:(?:express|execution):[^:]+):.+", r"\1:*"),
        ("ECS task", r"(arn:[^:]+:ecs:[^:]*:[^:]*:task/(?:[^/]+/)?)[0-9a-f]{32}", r"\1*"),
        ("last segment with a UUID", rf"({_UNNAMED}.*[/:]).{{0,64}}{_UUID}.{{0,64}}", r"\1*"),
        (_DIGITS, rf"({_UNNAMED}.*[/:])[^/:]{{0,128}}\d{{8}}[^/:]{{0,128}}", r"\1*"),
    )
)  # fmt: skip
"""What is generalised, the first that fits: its name, its shape, and the template that is left.

Keys, IAM entities and secrets are what they are called: two of them are two findings.
"""


def fingerprint(verdict: Verdict, call: DeniedCall) -> tuple[str, str]:
    """Returns the finding's id and the resource template that is part of it.

    The principal is the role or user, never the session. A record that names none gets the nearest
    thing that stays the same from call to call: the service, the unique id, or the account.
    """
    template = resource_template(verdict.resource, verdict.principal.account)
    action = verdict.action or f"{call.event_source}/{call.event_name}"
    identity = finding_id(
        principal=_whose(verdict, call),
        action=action,
        resource_template=template,
        layer=verdict.layer,
    )
    return identity, template


def _whose(verdict: Verdict, call: DeniedCall) -> str:
    # What two roles lack in calls of one caller is two findings, and none of the caller's own.
    own = principal_key(verdict.principal)
    if verdict.kind is not Kind.OTHER_PRINCIPAL:
        return own
    said = read_message(call.message or "").principal
    return f"{own}|{(said and other_blamed(said, verdict.principal)) or ''}"


@lru_cache(maxsize=4096)
def resource_template(resource: str | None, account: str | None = None) -> str:
    """Returns the resource with its volatile part generalised (``arn:aws:s3:::bucket/prefix/*``).

    Args:
        resource: As the verdict names it.
        account: The principal's. Its id, and the one in the ARN, are parts of names and no run's number.

    """
    if resource is None or len(resource) > _LONGEST:
        return resource or UNKNOWN_RESOURCE
    for what, shape, template in VOLATILE:
        found = shape.fullmatch(_without_accounts(resource, account) if what is _DIGITS else resource)
        if found:
            return resource[: found.end(1)] + template.removeprefix(r"\1")
    return resource


def _without_accounts(resource: str, account: str | None) -> str:
    head, separator, name = resource.rpartition(":")
    own = resource.split(":", 5)[4:5]
    for known in (account, *own):
        if known and len(known) == _ACCOUNT_DIGITS and known in name:
            name = name.replace(known, "x" * _ACCOUNT_DIGITS)
    return f"{head}{separator}{name}"


def principal_key(principal: Principal) -> str:
    """Returns what stands for the principal in a fingerprint, stable over its sessions."""
    if principal.arn:
        return principal.arn
    parts = (principal.type, principal.account, principal.invoked_by, principal.unique_id or _pathless(principal))
    return "|".join(part or "" for part in parts)


def _pathless(principal: Principal) -> str | None:
    # assumed-role/NAME/session: role names are unique in an account, whatever their path.
    resource = (principal.session_arn or "").rpartition(":")[2]
    return "/".join(resource.split("/")[:2]) or None
