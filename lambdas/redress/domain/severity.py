"""How bad, by rule: the first row of the table that holds decides (docs/notices.md has the same table)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from redress.domain.finding import Finding
from redress.domain.words import Kind, State

REPEATED = 100
DEPLOYMENT_CALLERS = ("cloudformation.amazonaws.com", "codebuild.amazonaws.com", "codepipeline.amazonaws.com")


class Severity(StrEnum):
    """Worst first."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What severity depends on beside the finding itself."""

    production: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row: what it gives, why in words, and when it holds."""

    severity: Severity
    reason: str
    holds: Callable[[Finding, Circumstances], bool]


def _blocks_deployment(finding: Finding) -> bool:
    return finding.verdict.principal.invoked_by in DEPLOYMENT_CALLERS


def _writes(finding: Finding) -> bool:
    return finding.last.read_only is False


RULES = (
    Rule(
        severity=Severity.CRITICAL,
        reason="a leaked key that AWS quarantined is in use",
        holds=lambda finding, _: finding.verdict.kind is Kind.QUARANTINED_KEY,
    ),
    Rule(
        severity=Severity.CRITICAL,
        reason="the principal behaves like someone who explores stolen credentials",
        holds=lambda finding, _: finding.state is State.SUSPICIOUS,
    ),
    Rule(
        severity=Severity.HIGH,
        reason="the fix did not hold or was taken back after a failure",
        holds=lambda finding, _: finding.state in {State.REOPENED, State.FAILED},
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
        reason=f"denied {REPEATED} times or more",
        holds=lambda finding, _: finding.count >= REPEATED,
    ),
    Rule(severity=Severity.MEDIUM, reason="a write is denied", holds=lambda finding, _: _writes(finding)),
    Rule(severity=Severity.LOW, reason="a read is denied, outside production", holds=lambda _finding, _around: True),
)


def severity_of(finding: Finding, around: Circumstances | None = None) -> tuple[Severity, str]:
    """Returns the severity of a finding, and the reason in words."""
    circumstances = around or Circumstances()
    rule = next(rule for rule in RULES if rule.holds(finding, circumstances))
    return rule.severity, rule.reason
