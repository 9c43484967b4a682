"""How far a grant reaches: wildcards, other accounts, Redress's own house, quarantine, strangers' statements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from redress.domain import arn
from redress.domain.bucket_owners import bucket_of
from redress.domain.conditions_for import CREATES_BUCKET, RESOURCE_ACCOUNT
from redress.domain.created_types import printed_by_aws
from redress.domain.proposal import GuardHit
from redress.domain.scope import PER_RUN
from redress.domain.words import GuardVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.guard.change import Change

_OURS = re.compile(r"(?:role|policy|user|instance-profile)/redress/.*", re.DOTALL)
_OUR_NAMES = re.compile(
    r"(?:.*[/:])?Redress-.*|AutomationRedressApprovals(?::.*)?|stack/Redress/.*|secret:NoticesSlack[A-Za-z]+[0-9A-F]{8}-.*",
    re.DOTALL,
)
"""What the template names, and what CloudFormation names after the stack, or a secret after its logical id."""
_EXECUTION = "automation-execution/"
"""Executions have no names, and their tags are not in the record: any may be one that waits for a signature."""
_QUARANTINE = "AWSCompromisedKeyQuarantine"
_S3_PREFIX = re.compile(r"arn:aws[a-z-]*:s3:(?:::[^/*]+/|[a-z0-9-]*:[0-9]{12}:accesspoint/[^/*]+/object/)[^*]+/\*")
_HELD_BY_AWS = frozenset({"", "aws"})


def wildcards(change: Change) -> Iterator[GuardHit]:
    """Yields a note for each wildcard that the rules of ``scope`` allow, and blocks every other one."""
    for action, statement in change.grants():
        if "*" in action or "?" in action:
            yield _block("wildcard-action", f"{action} is not one action; a wildcard action is never granted.")
        for resource in statement.resources:
            yield from _wildcard(change, action, resource)


def _wildcard(change: Change, action: str, resource: str) -> Iterator[GuardHit]:
    if "*" not in resource and "?" not in resource:
        return
    if resource == "*" and not change.catalogue.resource_types(action):
        yield _note("wildcard-resource", f'{action} supports no resource types, so the fix must name "*".')
    elif printed_by_aws(action, resource):
        reason = f"AWS itself names {resource} for {action}: the id does not exist yet, or the call did not give it."
        yield _note("type-wildcard", reason)
    elif _is_template(resource):
        yield _note("template", f"The last part differs from call to call; the fix names {resource}.")
    else:
        yield _block("wildcard-resource", f"{resource} is wider than the evidence.")


def _is_template(resource: str) -> bool:
    parts = arn.split(resource)
    if parts is None or resource.count("*") != 1 or "?" in resource:
        return False
    per_run = any(parts.service == service and re.fullmatch(text, parts.resource) for service, text in PER_RUN)
    return per_run or _S3_PREFIX.fullmatch(resource) is not None


def other_accounts(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each resource that another account owns."""
    own = change.target.principal.account
    for action, statement in change.grants():
        for resource in statement.resources:
            parts = arn.split(resource)
            if parts and parts.account not in {*_HELD_BY_AWS, own}:
                reason = f"{action} would reach into account {parts.account}, whose owner must allow it too."
                yield GuardHit(rule="cross-account", verdict=GuardVerdict.TWO_APPROVERS, reason=reason)


def other_accounts_buckets(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each bucket of another account, and a note where nobody knows whose bucket it is."""
    own = change.target.principal.account
    for action, statement in change.grants():
        for bucket in dict.fromkeys(filter(None, map(bucket_of, statement.resources))):
            owners = {value for one in statement.conditions if one.key == RESOURCE_ACCOUNT for value in one.values}
            if owners - {own}:
                theirs = ", ".join(sorted(owners))
                reason = f"{action} would reach bucket {bucket} of account {theirs}: data can come and go by it."
                yield GuardHit(rule="cross-account", verdict=GuardVerdict.TWO_APPROVERS, reason=reason)
            elif not owners and action != CREATES_BUCKET:
                yield _note("bucket-owner", f"Whose bucket {bucket} is, is not known: the record does not say.")


def own_house(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each grant that reaches Redress's own roles, policies or parts."""
    for action, statement in change.grants():
        for resource in statement.resources:
            parts = arn.split(resource)
            if is_own_house(resource):
                yield _block("own-house", f"{action} would reach Redress's own {resource}.")
            elif parts and change.writes(action) and _is_part(parts):
                reason = f"{action} could change a part of Redress ({resource})."
                yield GuardHit(rule="own-parts", verdict=GuardVerdict.TWO_APPROVERS, reason=reason)


def is_own_house(resource: str) -> bool:
    """Returns whether this is a role, user, policy or instance profile under Redress's own path."""
    parts = arn.split(resource)
    return parts is not None and parts.service == "iam" and _OURS.fullmatch(parts.resource) is not None


def _is_part(parts: arn.Arn) -> bool:
    is_execution = parts.service == "ssm" and parts.resource.startswith(_EXECUTION)
    return is_execution or _OUR_NAMES.fullmatch(parts.resource) is not None


def signatures(change: Change) -> Iterator[GuardHit]:
    """Yields a hit where the principal would become able to answer approvals."""
    if "ssm:SendAutomationSignal" in change.actions:
        yield GuardHit(
            rule="signatures",
            verdict=GuardVerdict.TWO_APPROVERS,
            reason="ssm:SendAutomationSignal can answer approvals, those of Redress included.",
        )


def quarantine(change: Change) -> Iterator[GuardHit]:
    """Blocks every grant to a principal that AWS quarantined."""
    if any(_QUARANTINE in policy.name for policy in change.target.policies):
        yield _block("quarantine", "AWS quarantined this principal because its key leaked.")


def foreign_statements(change: Change) -> Iterator[GuardHit]:
    """Yields a hit where the document holds statements that Redress did not write: they are signed as well."""
    if change.foreign and change.attaches:
        reason = "The policy lies unattached and holds statements that somebody else wrote; they would come into force."
        yield _block("foreign-statements", reason)
    elif any(_is_wide(statement) for statement in change.foreign):
        yield GuardHit(
            rule="foreign-statements",
            verdict=GuardVerdict.TWO_APPROVERS,
            reason="The policy holds wide statements that somebody else wrote.",
        )
    elif change.foreign:
        yield _note(
            "foreign-statements", "The policy holds statements that somebody else wrote; they stay as they are."
        )


def production(change: Change) -> Iterator[GuardHit]:
    """Yields a note where the principal's tags mark it as production."""
    marks = {f"{key}={value}" for key, value in change.target.tags} & set(change.settings.production_tags)
    if marks:
        yield _note("production", "The principal is tagged as production.")


def _is_wide(statement: dict[str, Any]) -> bool:
    named = statement.get("Action")
    actions = named if isinstance(named, list) else [named]
    return "NotAction" in statement or any(isinstance(text, str) and "*" in text for text in actions)


def _block(rule: str, reason: str) -> GuardHit:
    return GuardHit(rule=rule, verdict=GuardVerdict.BLOCK, reason=reason)


def _note(rule: str, reason: str) -> GuardHit:
    return GuardHit(rule=rule, verdict=GuardVerdict.NOTE, reason=reason)
