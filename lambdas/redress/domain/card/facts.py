"""The table of a card: who, what, where, how often, and the ids that a support case asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.card.news import moment
from redress.domain.card.phrases import EVIDENCE_STRENGTH
from redress.domain.card.safe_text import named, told
from redress.domain.explain_words import LAYER_WORDS
from redress.domain.fingerprint import UNKNOWN_RESOURCE
from redress.domain.values import dataclass
from redress.domain.words import Effect, Layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.finding import Finding
    from redress.domain.severity import Circumstances
    from redress.domain.verdict import Verdict

NOTHING_VISIBLE = "(nothing visible)"
_EFFECTS = {Effect.IMPLICIT_DENY: "nothing there allows it", Effect.EXPLICIT_DENY: "an explicit deny"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of a card: ``Resource``, ``arn:aws:s3:::orders/*``."""

    label: str
    value: str


def facts(finding: Finding, around: Circumstances) -> tuple[Fact, ...]:
    """Returns what is known of a finding; what the record leaves out has no line."""
    rows = (*_who(finding, around), *_what(finding), *_where(finding))
    return tuple(Fact(label=label, value=named(str(value)) or NOTHING_VISIBLE) for label, value in rows if value)


def seen(finding: Finding) -> str:
    """Returns since when and how often."""
    first, last = finding.first_seen, finding.last_seen
    if finding.count == 1:
        return f"once, {moment(first)}"
    again = f"{last:%H:%M} UTC" if first.date() == last.date() else moment(last)
    return f"{finding.count:,} times since {moment(first)}, last {again}"


def _who(finding: Finding, around: Circumstances) -> Iterator[tuple[str, object]]:
    principal = finding.verdict.principal
    yield "Principal", principal.arn or principal.session_arn or principal.invoked_by
    yield "Owner", around.owner
    yield "Session", finding.last.session_name
    yield "Called by", principal.invoked_by if principal.arn else None
    yield "Account", finding.last.account or principal.account
    yield "Region", finding.last.region


def _what(finding: Finding) -> Iterator[tuple[str, object]]:
    verdict, last = finding.verdict, finding.last
    yield "Action", verdict.action or f"not known ({last.event_source} {last.event_name})"
    yield "Resource", _resource(finding)
    yield "Denied by", _layer(verdict)
    yield "Policy", verdict.policy_arn
    yield "Statement", verdict.matched_statement
    yield "Kind", verdict.kind.value
    yield "Evidence", f"{verdict.evidence} ({EVIDENCE_STRENGTH[verdict.evidence]})"
    yield "Error", last.error_code
    yield "Message", last.message if verdict.layer is Layer.UNKNOWN else None


def _where(finding: Finding) -> Iterator[tuple[str, object]]:
    last = finding.last
    yield "From", last.source_ip
    yield "User agent", last.user_agent
    yield "Signed by", ", ".join(finding.approved_by)
    yield "Taken by", finding.claimed_by
    yield "Request id", last.request_id
    yield "Event id", last.event_id


def _resource(finding: Finding) -> str:
    more = len(finding.resources) - 1
    template = finding.resource_template if finding.resource_template != UNKNOWN_RESOURCE else None
    shown = template or finding.verdict.resource or "not known"
    return f"{told(shown, 280)} ({more + 1} seen)" if more > 0 else shown


def _layer(verdict: Verdict) -> str:
    layer = "not known" if verdict.layer is Layer.UNKNOWN else LAYER_WORDS[verdict.layer]
    effect = _EFFECTS.get(verdict.effect)
    return f"{layer} ({effect})" if effect else layer
