"""How bad, by rule: the first row of the table that holds decides (docs/notices.md has the same table)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from redress.domain.finding import Finding
from redress.domain.reopening import GRACE
from redress.domain.values import dataclass
from redress.domain.words import Kind, NoFixReason, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redress.domain.settings import Settings

REPEATED = 100
MANY = 100
"""Principals that are denied for one cause."""
MANY_REASON = f"{MANY} principals or more are denied for one cause"
SEVERAL_REASON = "several principals are denied for one cause"
FEW = 10
DEPLOYERS = ("cloudformation.amazonaws.com", "codebuild.amazonaws.com", "codepipeline.amazonaws.com")
"""Services in whose name deployments call."""
DEPLOYING_SESSIONS = ("AWSCloudFormation", "AWSCodeBuild-")
"""Beginnings of the session names that those services choose."""
SETTLED = frozenset({State.APPLYING, State.FIXED, State.CLOSED, State.REJECTED, State.RESTORED, State.MUTED})


class Severity(StrEnum):
    """Worst first."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


ORDER = tuple(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a card needs to know of the principal beside the finding itself.

    Attributes:
        production: Whether a tag says that it belongs to production.
        owner: Who owns it, by its tag; empty where no tag says so.

    """

    production: bool = False
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row: what it gives, why in words, and when it holds."""

    severity: Severity
    reason: str
    holds: Callable[[Finding, Circumstances], bool]


def circumstances_of(tags: Iterable[tuple[str, str]], settings: Settings) -> Circumstances:
    """Returns what a principal's tags say, by the operator's knobs ``production_tags`` and ``owner_tag``."""
    held: Mapping[str, str] = dict(tags)
    wanted = (text.partition("=") for text in settings.production_tags)
    production = any(held.get(key) == value for key, _, value in wanted)
    return Circumstances(production=production, owner=held.get(settings.owner_tag, ""))


def remembered(finding: Finding) -> Circumstances:
    """Returns what the finding itself says of its principal's tags: those that λ propose saw with its last answer."""
    return Circumstances(production=finding.production, owner=finding.owner)


def tagged(finding: Finding, around: Circumstances) -> Finding:
    """Returns the finding with what its principal's tags say."""
    return replace(finding, production=around.production, owner=around.owner, tags_read=True)


def _blocks_deployment(finding: Finding) -> bool:
    by_service = {finding.verdict.principal.invoked_by, finding.last.source_ip} & set(DEPLOYERS)
    return bool(by_service) or (finding.last.session_name or "").startswith(DEPLOYING_SESSIONS)


def _is_answered(finding: Finding, reason: NoFixReason) -> bool:
    return finding.state is State.NO_FIX and finding.no_fix is not None and finding.no_fix.reason is reason


def _is_denied_since(finding: Finding) -> bool:
    """Returns whether the call was denied after the last change, by more than IAM's delay."""
    return finding.last_seen > finding.changed_at + GRACE


def _writes(finding: Finding) -> bool:
    return finding.last.read_only is False


RULES = (
    Rule(
        severity=Severity.CRITICAL,
        reason="a leaked key that AWS has quarantined is in use",
        holds=lambda finding, _: finding.verdict.kind is Kind.QUARANTINED_KEY,
    ),
    Rule(
        severity=Severity.CRITICAL,
        reason="the principal behaves like someone who explores stolen credentials",
        holds=lambda finding, _: finding.state is State.SUSPICIOUS,
    ),
    Rule(
        severity=Severity.LOW,
        reason="it is decided, and nobody has to act",
        holds=lambda finding, _: finding.state in SETTLED,
    ),
    Rule(
        severity=Severity.LOW,
        reason="today's policies allow it, and it was not denied since",
        holds=lambda finding, _: _is_answered(finding, NoFixReason.ALREADY_ALLOWED) and not _is_denied_since(finding),
    ),
    Rule(
        severity=Severity.LOW,
        reason="the role or user is deleted, and nobody has to act",
        holds=lambda finding, _: _is_answered(finding, NoFixReason.PRINCIPAL_GONE),
    ),
    Rule(
        severity=Severity.HIGH,
        reason="a fix failed, or did not hold",
        holds=lambda finding, _: finding.state in {State.REOPENED, State.FAILED},
    ),
    Rule(
        severity=Severity.LOW,
        reason="the credentials were too new; this usually passes by itself",
        holds=lambda finding, _: finding.verdict.kind is Kind.PROPAGATION and finding.count < FEW,
    ),
    Rule(
        severity=Severity.HIGH,
        reason="production cannot write",
        holds=lambda finding, around: around.production and _writes(finding),
    ),
    Rule(
        severity=Severity.HIGH,
        reason="it blocks a deployment",
        holds=lambda finding, _: _blocks_deployment(finding),
    ),
    Rule(
        severity=Severity.MEDIUM,
        reason="production cannot read",
        holds=lambda _, around: around.production,
    ),
    Rule(
        severity=Severity.MEDIUM,
        reason=f"it was denied {REPEATED} times or more",
        holds=lambda finding, _: finding.count >= REPEATED,
    ),
    Rule(severity=Severity.MEDIUM, reason="a write is denied", holds=lambda finding, _: _writes(finding)),
    Rule(
        severity=Severity.LOW,
        reason="only a read is denied, as far as is known",
        holds=lambda _finding, _around: True,
    ),
)


def severity_of(finding: Finding, around: Circumstances | None = None) -> tuple[Severity, str]:
    """Returns the severity of a finding, and the reason in words.

    Args:
        finding: Who asks for no more gets the same answer everywhere: digest, command line and notices.
        around: What the tags say, where the finding does not know it yet.

    """
    circumstances = around or remembered(finding)
    rule = next(rule for rule in RULES if rule.holds(finding, circumstances))
    return rule.severity, rule.reason


def severity_of_many(severity: Severity, reason: str, principals: int) -> tuple[Severity, str]:
    """Returns the severity of a card on many principals: that of its finding, but grave where they are very many."""
    floor = Severity.HIGH if principals >= MANY else Severity.MEDIUM
    if ORDER.index(severity) <= ORDER.index(floor):
        return severity, reason
    return floor, MANY_REASON if principals >= MANY else SEVERAL_REASON
