"""What a person may commit where the evidence does not name the resource exactly enough for a proposal.

Redress proposes no pattern of its own making: the text says what it stands for, and a person narrows it or takes it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from redress.domain.conditions_for import TAGGING, conditions_for
from redress.domain.proposal import Statement
from redress.domain.request_ids import SECRET
from redress.domain.scope import evidence
from redress.domain.statement import proper_action, sid_of
from redress.domain.unnamed import is_whole_type
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from redress.domain.catalogue import Catalogue
    from redress.domain.finding import Finding

_SIX = (
    "The evidence names the secret, but its ARN ends in six characters that Secrets Manager adds. "
    "The patch stands for any six: whoever knows the ARN writes it there instead."
)
_TAGS = (
    "AWS checked the tags on every {} of the account, because what is tagged does not exist yet, and {} has no "
    "condition on the call that creates it. The patch holds what would let the call through."
)
_CLUSTER = (
    "AWS checked this against everything, because the call names its cluster in a condition key only. "
    "The patch holds what would let the call through: narrow it by ecs:cluster to the cluster's ARN."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """A statement that is never proposed, and one sentence on why it is wider than a proposal."""

    statement: Statement
    detail: str


def suggested(finding: Finding, catalogue: Catalogue) -> Suggested | None:
    """Returns what would let the finding's calls through, for a person to narrow; None where nothing can be said."""
    action = proper_action(finding, catalogue)
    if not isinstance(action, str):
        return None
    found = next((made for rule in _RULES if (made := rule(finding, action, catalogue))), None)
    if found is None:
        return None
    resource, detail = found
    conditions = conditions_for(finding, action, catalogue)
    sid = sid_of(finding.finding_id)
    statement = Statement(sid=sid, actions=(action,), resources=(resource,), conditions=conditions)
    return Suggested(statement=statement, detail=detail)


def _secret(finding: Finding, action: str, _: Catalogue) -> tuple[str, str] | None:
    names, principal, region = evidence(finding), finding.verdict.principal, finding.last.region
    if not action.startswith("secretsmanager:") or len(names) != 1 or not SECRET.fullmatch(names[0]) or not region:
        return None
    partition, account = principal.partition, principal.account
    if not partition or not account:
        return None
    return f"arn:{partition}:secretsmanager:{region}:{account}:secret:{names[0]}-??????", _SIX


def _tags(finding: Finding, action: str, catalogue: Catalogue) -> tuple[str, str] | None:
    service, name = action.split(":", maxsplit=1)
    checked = finding.verdict.resource or ""
    formats = tuple(text for kind in catalogue.resource_types(action) for text in kind.arn_formats)
    # Where the creating call can be named, a whole type without it is too wide for a patch as well.
    narrowed = f"{service}:CreateAction" in catalogue.condition_keys(action)
    if name not in TAGGING or name == finding.last.event_name or narrowed or not is_whole_type(checked, formats):
        return None
    return checked, _TAGS.format(re.split("[/:]", checked.split(":", 5)[5])[0], action)


def _of_cluster(finding: Finding, action: str, catalogue: Catalogue) -> tuple[str, str] | None:
    listed = action.startswith("ecs:List") and "ecs:cluster" in catalogue.condition_keys(action)
    return ("*", _CLUSTER) if listed and finding.verdict.resource == "*" else None


_RULES: tuple[Callable[[Finding, str, Catalogue], tuple[str, str] | None], ...] = (_secret, _tags, _of_cluster)
