"""The card for machines and pagers: JSON, and SNS message attributes to filter by."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from redress.domain.harmless import harmless

if TYPE_CHECKING:
    from redress.domain.card.content import Card
    from redress.domain.finding import Finding

SCHEMA = 1
ATTRIBUTE_LIMIT = 256


def document(card: Card, finding: Finding) -> dict[str, Any]:
    """Returns the card as JSON values; keys are stable (docs/notices.md)."""
    shown = asdict(card)
    shown["facts"] = {fact.label: fact.value for fact in card.facts}
    return {"schema": SCHEMA, "state_version": finding.state_version, "count": finding.count} | shown


def attributes(card: Card, finding: Finding) -> dict[str, dict[str, str]]:
    """Returns SNS message attributes: kind, layer, severity, account, principal, state."""
    verdict = finding.verdict
    values = {
        "kind": verdict.kind.value,
        "layer": verdict.layer.value,
        "severity": card.severity.value,
        "state": finding.state.value,
        "account": verdict.principal.account,
        "principal": verdict.principal.arn,
    }
    return {
        name: {"DataType": "String", "StringValue": harmless(value, ATTRIBUTE_LIMIT)}
        for name, value in values.items()
        if value
    }
