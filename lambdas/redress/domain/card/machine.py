"""The card for machines and pagers: JSON, and SNS message attributes to filter by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from redress.domain.card.safe_text import told
from redress.domain.codec import iso
from redress.domain.words import State

if TYPE_CHECKING:
    from redress.domain.card.content import Card, Change
    from redress.domain.finding import Finding

SCHEMA = 1
ATTRIBUTE_LIMIT = 256
ACCOUNT_WIDE = "ACCOUNT"
"""Stands for the state where a card is about many findings: a filter for what is somebody's turn lets it through."""
PATCHES_LIMIT = 40_000
"""Characters; longer ones are named, not sent: a message and its attributes may take 256 KiB."""


def document(card: Card, finding: Finding) -> dict[str, Any]:
    """Returns the card as JSON values; keys are stable (docs/notices.md)."""
    return {
        "schema": SCHEMA,
        "notice_id": card.notice_id,
        "finding_id": card.finding_id,
        "state": card.state.value,
        "state_version": finding.state_version,
        "changed_at": iso(finding.changed_at),
        "severity": card.severity.value,
        "severity_reason": card.severity_reason,
        "title": card.title,
        "text": {
            name: getattr(card, name)
            for name in ("lead", "what", "now", "cause", "next", "why", "meaning", "trouble")
            if getattr(card, name)
        },
        "notes": list(card.notes),
        "remarks": list(card.remarks),
        **_verdict(finding),
        **_counted(finding),
        **_wide(card),
        "facts": {fact.label: fact.value for fact in card.facts},
        "change": _change(card.change, finding) if card.change else None,
        "no_fix": _no_fix(card),
        "patches": _patches(card),
        "commands": [command.text for command in card.commands],
        "links": {link.label: link.url for link in card.links},
    }


def attributes(card: Card, finding: Finding) -> dict[str, dict[str, str]]:
    """Returns SNS message attributes: kind, layer, severity, account, principal, state."""
    verdict = finding.verdict
    values = {
        "kind": verdict.kind.value,
        "layer": verdict.layer.value,
        "severity": card.severity.value,
        "state": ACCOUNT_WIDE if card.wide else finding.state.value,
        "account": verdict.principal.account or finding.last.account,
        "principal": None if card.wide else verdict.principal.arn,
    }
    shown = {name: told(value, ATTRIBUTE_LIMIT) for name, value in values.items() if value}
    return {name: {"DataType": "String", "StringValue": value} for name, value in shown.items() if value}


def text(document_: dict[str, Any]) -> str:
    """Returns a document as one line of JSON, keys sorted, letters as they are: escaped, most take twice the room."""
    return json.dumps(document_, sort_keys=True, ensure_ascii=False)


def _verdict(finding: Finding) -> dict[str, Any]:
    verdict = finding.verdict
    return {
        "kind": verdict.kind.value,
        "layer": verdict.layer.value,
        "effect": verdict.effect.value,
        "evidence": verdict.evidence.value,
    }


def _counted(finding: Finding) -> dict[str, Any]:
    return {"count": finding.count, "first_seen": iso(finding.first_seen), "last_seen": iso(finding.last_seen)}


def _wide(card: Card) -> dict[str, Any]:
    if card.wide is None:
        return {}
    wave = card.wide.wave
    counts = {"principals": wave.principals, "findings": wave.findings, "held": wave.held}
    return {"account_wide": {"cause": card.wide.cause, "since": iso(wave.since), **counts, "is_over": wave.is_told_out}}


def _change(change: Change, finding: Finding) -> dict[str, Any]:
    return {
        "proposal_id": change.proposal_id,
        "digest": change.digest,
        "policy_arn": change.policy_arn,
        "finding_ids": list(change.finding_ids),
        "statements": [json.loads(statement) for statement in change.statements],
        "guard": {"verdict": change.guard_verdict, "text": list(change.guard)},
        "proof": change.proof,
        "likely_next": list(change.likely_next),
        "owned_by": change.owned_by,
        "expires_at": change.expires_at,
        "sign_by": iso(finding.sign_by) if finding.sign_by and finding.state is State.AWAITING_APPROVAL else None,
        "execution_id": told(finding.execution_id, 64) if finding.execution_id else None,
    }


def _no_fix(card: Card) -> dict[str, str] | None:
    no_fix = card.no_fix
    return {"reason": no_fix.reason, "owner": no_fix.owner, "detail": no_fix.detail} if no_fix else None


def _patches(card: Card) -> dict[str, str | None]:
    fit = sum(len(patch) for _, patch in card.patches) <= PATCHES_LIMIT
    return {name: patch if fit else None for name, patch in card.patches}
