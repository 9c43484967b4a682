"""Whose code makes the principal: what the tags say about CloudFormation, the CDK or Terraform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from redress.domain.values import dataclass

if TYPE_CHECKING:
    from redress.domain.target import Target

STACK_TAG = "aws:cloudformation:stack-name"
"""CloudFormation sets it, and nobody else can (tag keys with ``aws:`` are reserved)."""

TERRAFORM = re.compile(r"terraform|opentofu|terragrunt|tf[-_]?(?:workspace|module|managed|stack)", re.IGNORECASE)
CDK = re.compile(r"(?:aws-)?cdk(?:[:_-].*)?", re.IGNORECASE)
MANAGED_BY = re.compile(r"managed[-_ ]?by|provisioner|provisioned[-_ ]?by|created[-_ ]?by|iac|tool", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/@+=-]{0,127}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """The tool whose code owns a principal, and the stack or workspace where its tags name one."""

    tool: str
    name: str


def owner_of(target: Target) -> Ownership | None:
    """Returns which tool's code owns the principal; None where no tag says so."""
    tags = dict(target.tags)
    if STACK_TAG in tags:
        tool = "CDK" if any(_says(CDK, key, value) for key, value in target.tags) else "CloudFormation"
        return Ownership(tool=tool, name=_plain(tags[STACK_TAG]))
    terraform = [(key, value) for key, value in target.tags if _says(TERRAFORM, key, value)]
    if terraform:
        return Ownership(tool="Terraform", name=_workspace(terraform))
    cdk = any(_says(CDK, key, value) for key, value in target.tags)
    return Ownership(tool="CDK", name="") if cdk else None


def _says(tool: re.Pattern[str], key: str, value: str) -> bool:
    if MANAGED_BY.fullmatch(key):
        return tool.fullmatch(value) is not None
    return tool.fullmatch(key) is not None and value.lower() != "false"


def _workspace(tags: list[tuple[str, str]]) -> str:
    named = (value for key, value in tags if key.lower().endswith(("workspace", "module", "stack")))
    return _plain(next(named, ""))


def _plain(text: str) -> str:
    # A tag's value is free text; one that is no plain name is left out rather than shown to an approver.
    return text if _PLAIN.fullmatch(text) else ""
