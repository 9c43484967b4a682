"""Every knob of the app with its default; docs/configuration.md says what each one does.

The first class has the names and defaults of ``redress.domain.settings.Settings`` and reaches the functions as
``REDRESS_SETTINGS``; the second adds what shapes the stack only. A test holds both against each other and the docs.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class KnobError(ValueError):
    """Knobs that can't be synthesized; the text lists every problem, one a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeKnobs:
    """Knobs that reach the functions: names and defaults of ``redress.domain.settings.Settings``."""

    approvers: tuple[str, ...] = ()
    second_approvers: tuple[str, ...] = ()
    min_approvals: int = 1
    approval_timeout_seconds: int = 86_400
    proposal_ttl_seconds: int = 172_800
    auto_start: bool = True
    max_waiting_approvals: int = 50
    remove_after_hours: int = 0
    watch_hours: int = 48
    protected_principals: tuple[str, ...] = ()
    protected_tags: tuple[str, ...] = ("redress:protected",)
    suspicious_distinct_actions: int = 12
    suspicious_window_seconds: int = 600
    trusted_addresses: tuple[str, ...] = ()
    production_tags: tuple[str, ...] = ("environment=production", "env=prod")
    owner_tag: str = "owner"
    change_calendars: tuple[str, ...] = ()
    ceiling_policy: str = ""
    analyzer_checks: bool = True
    fetch_authorization_details: bool = True
    keep_raw_events: bool = False
    finding_ttl_days: int = 90
    docs_url: str = ""
    account_burst_principals: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs(RuntimeKnobs):
    """All knobs: those of the functions, and those of the stack."""

    keep_data: bool = True
    customer_managed_key: bool = False
    permissions_boundary: str = ""
    findings_emails: tuple[str, ...] = ()
    security_emails: tuple[str, ...] = ()
    approvals_emails: tuple[str, ...] = ()
    slack_webhook: bool = False
    slack_security: str = "same"
    intake_batch_size: int = 100
    intake_window_seconds: int = 1
    triage_max_concurrency: int = 10
    quiet_window_seconds: int = 10
    reserved_concurrency: int = 0
    log_retention_days: int = 90
    log_level: str = "INFO"
    digest_hour_utc: int = 8
    alarm_approval_hours: int = 8
    alarm_fixes_per_hour: int = 20
    anomaly_kinds: tuple[str, ...] = (
        "MISSING_PERMISSION",
        "EXPLICIT_DENY",
        "ORGANIZATION_GUARDRAIL",
        "PERMISSIONS_BOUNDARY",
        "RESOURCE_POLICY",
        "UNKNOWN",
    )


RUNTIME_NAMES: Final = tuple(field.name for field in fields(RuntimeKnobs))
DEFAULTS: Final[Mapping[str, Any]] = {field.name: field.default for field in fields(Knobs)}
