"""What is sealed: everything that the approver is shown and the runbook does (shape: docs/proposal.md)."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from redress.domain.context_types import type_of
from redress.domain.finding import Finding
from redress.domain.guard.change import Held
from redress.domain.likely_next import likely_next
from redress.domain.ownership import owner_of
from redress.domain.patches import patches
from redress.domain.plain_text import plain
from redress.domain.policy_document import Merged, own_arn, own_name
from redress.domain.proposal import (
    REDRESS_PATH,
    Guard,
    PreImage,
    Probe,
    Proof,
    Proposal,
    Statement,
    canonical_json,
    seal,
    sha256,
)
from redress.domain.statement import to_json
from redress.domain.summary import summarize
from redress.domain.target import Target
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from redress.domain.ownership import Ownership
    from redress.domain.settings import Settings

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """All that has been worked out about one change; only the times are missing.

    Attributes:
        granted: Statements that the principal gains by the change.
        expected: Denials that may follow, in words (``further_resources``).

    """

    target: Target
    held: Held
    findings: tuple[Finding, ...]
    merged: Merged
    granted: tuple[Statement, ...]
    guard: Guard
    proof: Proof
    probes: tuple[Probe, ...]
    expected: tuple[str, ...] = ()


def body(agreed: Agreed, settings: Settings, now: datetime) -> Proposal:
    """Returns the sealed proposal."""
    expires = now + timedelta(seconds=settings.proposal_ttl_seconds)
    owned_by = owner_of(agreed.target)
    return seal(
        {
            "schema": SCHEMA,
            "created_at": _stamp(now),
            "expires_at": _stamp(expires),
            "remove_after_hours": settings.remove_after_hours,
            **_who(agreed.target),
            **_what(agreed),
            **_why(agreed, owned_by),
        }
    )


def pre_image(target: Target) -> PreImage:
    """Returns what the runbook must find unchanged before it writes."""
    current = target.redress_policy
    if current is None:
        return PreImage(exists=False)
    return PreImage(
        exists=True,
        version_id=current.version_id,
        document_sha256=sha256(canonical_json(json.loads(current.document))),
        attached=current.attached,
    )


def _who(target: Target) -> dict[str, Any]:
    principal = target.principal
    kind, name = principal.type.value, principal.name or ""
    partition, account = principal.partition or "", (principal.arn or "").split(":")[4]
    who = {"type": kind, "name": name, "arn": principal.arn, "account": account, "partition": partition}
    return {
        "principal": who | ({"unique_id": target.unique_id} if target.unique_id else {}),
        "policy": {"arn": own_arn(target), "name": own_name(target), "path": REDRESS_PATH},
        "pre_image": asdict(pre_image(target)),
    }


def _what(agreed: Agreed) -> dict[str, Any]:
    principal = agreed.target.principal
    return {
        "finding_ids": sorted(finding.finding_id for finding in agreed.findings),
        "document": agreed.merged.document,
        "statements": [to_json(statement) for statement in agreed.granted],
        "probes": [_probe(probe) for probe in agreed.probes],
        "patches": patches(principal.type.value.lower(), principal.name or "", agreed.granted),
    }


def _probe(probe: Probe) -> dict[str, Any]:
    context = [{**asdict(value), "type": type_of(value)} for value in probe.context]
    return {"action": probe.action, "resource": probe.resource, "context": context}


def _why(agreed: Agreed, owned_by: Ownership | None) -> dict[str, Any]:
    actions = [action for statement in agreed.granted for action in statement.actions]
    following = (*(action for action in likely_next(actions) if action not in agreed.held), *agreed.expected)
    return {
        "guard": asdict(agreed.guard),
        "proof": asdict(_plain_proof(agreed.proof)),
        "likely_next": list(following),
        "owned_by": asdict(owned_by) if owned_by else None,
        "summary": summarize(
            principal=agreed.target.principal.arn or "",
            findings=agreed.findings,
            statements=agreed.granted,
            guard=agreed.guard,
            proof=_plain_proof(agreed.proof),
            owned_by=owned_by,
            expected=following,
        ),
    }


def _plain_proof(proof: Proof) -> Proof:
    # Its words quote policy names and error texts of other systems.
    return replace(
        proof,
        still_denied_by=plain(proof.still_denied_by) if proof.still_denied_by else None,
        notes=tuple(plain(note) for note in proof.notes),
    )


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
