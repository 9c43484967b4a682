"""Conditions that narrow a fix without breaking the call: each from evidence, each a key that the action has.

Every rule answers with one condition or None. A value that does not look the way AWS writes it is left
out, never repaired; where a condition is indispensable (``iam:PassedToService``) the guard then blocks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from redress.domain.grammar import ACCOUNT
from redress.domain.passed_to import services_passed_to
from redress.domain.plain_text import plain
from redress.domain.proposal import Condition
from redress.domain.request_context import FLEET_TAG
from redress.domain.via_service import via_service

if TYPE_CHECKING:
    from collections.abc import Callable

    from redress.domain.catalogue import Catalogue
    from redress.domain.finding import Finding
    from redress.domain.proposal import Statement

PASSED_TO_SERVICE = "iam:PassedToService"
VIA_SERVICE = "kms:ViaService"
RESOURCE_ACCOUNT = "aws:ResourceAccount"
CREATES_BUCKET = "s3:CreateBucket"
"""Of what does not exist yet nobody knows an owner; it will be the caller's."""
NARROWED_BY = {
    "ec2:CreateTags": "ec2:CreateAction",
    "ec2:TerminateInstances": FLEET_TAG,
    "ecs:TagResource": "ecs:CreateAction",
    "elasticloadbalancing:AddTags": "elasticloadbalancing:CreateAction",
}
"""Actions on existing resources: where AWS names only the type, one condition must say which ones are meant."""
FOR_AWS = "kms:GrantIsForAWSResource"
GRANTS = frozenset({"kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"})
CONNECTED = frozenset({"codebuild", "codepipeline"})
"""Services that are handed a connection under their own name (developer tools guide, permissions for connections)."""
GLOBAL_KEYS = frozenset({RESOURCE_ACCOUNT})
"""Keys that every action has (IAM user guide, reference_policies_condition-keys)."""

TAGGING = frozenset({"AddTags", "AddTagsToResource", "CreateTags", "TagResource"})
"""Actions that a call needs beside its own where it tags what it creates."""
_SERVICE_PRINCIPAL = re.compile(r"[a-z0-9.-]{1,100}\.amazonaws\.com(?:\.cn)?")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")
_LINKED_ROLE = re.compile(r":role/aws-service-role/([^/]+)/")
_FLEET = re.compile(r"fleet-[0-9A-Za-z-]{1,64}")


def conditions_for(finding: Finding, action: str, catalogue: Catalogue) -> tuple[Condition, ...]:
    """Returns the conditions of the statement for this finding, sorted by key."""
    found = (rule(finding, action, catalogue) for rule in RULES)
    kept = [condition for condition in found if condition and _has(action, condition.key, catalogue)]
    return tuple(sorted(kept, key=lambda condition: condition.key))


def _passed_to_service(finding: Finding, action: str, _: Catalogue) -> Condition | None:
    if action != "iam:PassRole":
        return None
    shown = _shown(finding, PASSED_TO_SERVICE)
    called = services_passed_to(_world_wide(finding.last.event_source), finding.last.event_name)
    return _equals(PASSED_TO_SERVICE, shown or _here(finding, called), _SERVICE_PRINCIPAL)


def assumptions(finding: Finding, statement: Statement) -> tuple[str, ...]:
    """Returns what a statement's conditions rest on other than evidence, one sentence each.

    The proof asks about the very value that was assumed, so it can't find out that another one is right.
    """
    passed = next((one.values for one in statement.conditions if one.key == PASSED_TO_SERVICE), ())
    if not passed or _shown(finding, PASSED_TO_SERVICE):
        return ()
    call = f"{finding.last.event_source.partition('.')[0]} {finding.last.event_name}"
    to = " or ".join(passed)
    return (
        f"The evidence does not name the service that the role is passed to; by what {plain(call)} does it is {to}.",
    )


def _via_service(finding: Finding, action: str, _: Catalogue) -> Condition | None:
    if not action.startswith("kms:"):
        return None
    shown = _shown(finding, VIA_SERVICE)
    return _equals(VIA_SERVICE, shown or _calling_service(finding), _SERVICE_PRINCIPAL)


def _grant_for_service(finding: Finding, action: str, catalogue: Catalogue) -> Condition | None:
    # Whoever may make any grant may hand the key to anyone; a service on the caller's behalf makes them for itself.
    shown = _shown(finding, FOR_AWS)
    if action not in GRANTS or _via_service(finding, action, catalogue) is None or shown not in {(), ("true",)}:
        return None
    return Condition(operator="Bool", key=FOR_AWS, values=("true",))


def _passed_connection(finding: Finding, action: str, _: Catalogue) -> Condition | None:
    service, name = action.split(":", maxsplit=1)
    host = _world_wide(finding.last.event_source)
    if name != "PassConnection" or host.partition(".")[0] not in CONNECTED:
        return None
    return _equals(f"{service}:PassedToService", _here(finding, (host,)), _SERVICE_PRINCIPAL)


def _calling_service(finding: Finding) -> tuple[str, ...]:
    hosts = [_world_wide(host) for host in (finding.last.event_source, finding.verdict.principal.invoked_by or "")]
    region = finding.last.region or ""
    # The same in China: KMS names its callers without .cn there (developer guide, conditions-kms).
    named = (via_service(host, region) for host in hosts)
    return next((values for values in named if values), ()) if _REGION.fullmatch(region) else ()


def _world_wide(host: str) -> str:
    return host.removesuffix(".cn")


def _here(finding: Finding, services: tuple[str, ...]) -> tuple[str, ...]:
    # In China some services go by a name that ends in .cn and some do not; either means the same service.
    chinese = finding.verdict.principal.partition == "aws-cn"
    return (*services, *(f"{one}.cn" for one in services)) if chinese else services


def _create_action(finding: Finding, action: str, catalogue: Catalogue) -> Condition | None:
    service, _, name = action.partition(":")
    creator = catalogue.proper_case(f"{service}:{finding.last.event_name}")
    if creator is None or creator == action or name not in TAGGING:
        return None
    return Condition(operator="StringEquals", key=f"{service}:CreateAction", values=(creator.partition(":")[2],))


def _resource_account(finding: Finding, action: str, _: Catalogue) -> Condition | None:
    if not action.startswith("s3:") or action == CREATES_BUCKET:
        return None
    recorded = (finding.last.bucket_owner,) if finding.last.bucket_owner else ()
    return _equals(RESOURCE_ACCOUNT, _shown(finding, RESOURCE_ACCOUNT) or recorded, ACCOUNT)


def _linked_service(finding: Finding, action: str, _: Catalogue) -> Condition | None:
    if action != "iam:CreateServiceLinkedRole":
        return None
    found = _LINKED_ROLE.search(finding.verdict.resource or "")
    return _equals("iam:AWSServiceName", (found[1],) if found else (), _SERVICE_PRINCIPAL)


def _fleet_tag(finding: Finding, action: str, _: Catalogue) -> Condition | None:
    if action != "ec2:TerminateInstances":
        return None
    return _equals(FLEET_TAG, _shown(finding, FLEET_TAG), _FLEET)


RULES: tuple[Callable[[Finding, str, Catalogue], Condition | None], ...] = (
    _passed_to_service,
    _via_service,
    _grant_for_service,
    _passed_connection,
    _create_action,
    _resource_account,
    _linked_service,
    _fleet_tag,
)


def _shown(finding: Finding, key: str) -> tuple[str, ...]:
    wanted = key.lower()
    return next((value.values for value in finding.verdict.context if value.key.lower() == wanted), ())


def _equals(key: str, values: tuple[str, ...], form: re.Pattern[str]) -> Condition | None:
    if not values or not all(form.fullmatch(value) for value in values):
        return None
    return Condition(operator="StringEquals", key=key, values=tuple(sorted(set(values))))


def _has(action: str, key: str, catalogue: Catalogue) -> bool:
    family = key.split("/", 1)[0]
    known = {name.split("/", 1)[0] for name in catalogue.condition_keys(action)}
    return key in GLOBAL_KEYS or family in known
