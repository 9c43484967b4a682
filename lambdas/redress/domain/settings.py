"""Every knob of the running system; defaults are the shipped ones (cdk.json says the same)."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Self

from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Operator's knobs, one JSON object in the Lambda variable ``REDRESS_SETTINGS``.

    Attributes:
        approvers: IAM ARNs that may sign, 1 to 10.
        second_approvers: Those who give the second signature; empty means the same list.
        min_approvals: Signatures in the first approval step.
        approval_timeout_seconds: How long SSM waits for a signature (at most 30 days).
        proposal_ttl_seconds: After this a proposal can no longer be applied.
        auto_start: Whether clean, fully proven proposals start their runbook unasked.
        max_waiting_approvals: Cap on executions that wait for a signature.
        remove_after_hours: Lifetime of an applied fix; 0 means no expiry.
        watch_hours: Quiet time after a fix until its finding closes.
        protected_principals: ARN patterns (``*`` and ``?``) that are never changed.
        protected_tags: ``key=value`` or ``key``: a principal with such a tag is never changed.
        suspicious_distinct_actions: Distinct denied actions of one principal within the window.
        suspicious_window_seconds: That window.
        trusted_addresses: CIDRs that are never "first seen".
        production_tags: ``key=value`` pairs that mark production principals.
        owner_tag: Tag key that names a principal's owner.
        change_calendars: SSM change calendar names; all must be open to apply.
        ceiling_policy: JSON text of the most that any fix may grant (CheckNoNewAccess), or empty.
        analyzer_checks: Whether IAM Access Analyzer's paid checks run on each proposal.
        fetch_authorization_details: Whether to ask iam-toolbox for authorization details.
        keep_raw_events: Whether the redacted CloudTrail record is stored with the finding.
        finding_ttl_days: Closed findings are deleted so long after they closed.
        docs_url: Address of the folder with ``reasons.md``, or of that page as HTML; empty: no button leads there.
        account_burst_principals: Principals with one cause that are told one by one; 0: all of them.

    """

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

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Returns settings from the JSON object in ``text``; absent keys keep their defaults.

        Raises:
            ValueError: The text is no JSON object, or names a knob that does not exist.

        """
        given = json.loads(text or "{}")
        if not isinstance(given, dict):
            raise ValueError("REDRESS_SETTINGS must hold a JSON object")
        return cls(**_known(given, {field.name for field in fields(cls)}))


def _known(given: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    unknown = sorted(set(given) - names)
    if unknown:
        raise ValueError(f"unknown setting {unknown[0]!r}; known are {', '.join(sorted(names))}")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
