"""What each knob may be: one table of rules, each of which answers with a sentence or nothing."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.knobs import Knobs

_PARTITION: Final = r"arn:aws(?:-[a-z-]+)?"
_APPROVER: Final = re.compile(
    rf"(?:{_PARTITION}:iam::\d{{12}}:)?(?:role|user)/[\w+=,.@/-]{{1,512}}"
    rf"|{_PARTITION}:sts::\d{{12}}:assumed-role/[\w+=,.@-]{{1,64}}/[\w+=,.@-]{{2,64}}",
    re.ASCII,
)
_PRINCIPAL_PATTERN: Final = re.compile(
    rf"(?:{_PARTITION}:iam::(?:\d{{12}}|\*):)?(?:role|user)/[\w+=,.@/*?-]{{1,512}}", re.ASCII
)
_POLICY: Final = re.compile(rf"(?:{_PARTITION}:iam::(?:\d{{12}}|aws):)?policy/[\w+=,.@/-]{{1,512}}", re.ASCII)
_E_MAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}", re.ASCII)
_TAG: Final = re.compile(r"[^=]{1,128}(?:=.{0,256})?")
_CALENDAR: Final = re.compile(r"[a-zA-Z0-9_.:/-]{3,200}", re.ASCII)
_PAGE: Final = re.compile(r"https://[\w-]+(?:\.[\w-]+)*(?::\d{1,5})?(?:/[\w.~%+@:,=-]+)*/?", re.ASCII)
_KIND: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)

MAX_APPROVERS: Final = 10
"""aws:approve takes no more."""

LONGEST_ADDRESS: Final = 300

RANGES: Final = {
    "min_approvals": (1, MAX_APPROVERS),
    "approval_timeout_seconds": (60, 2_592_000),  # SSM waits 30 days at most
    "proposal_ttl_seconds": (60, 2_592_000),  # and keeps an execution's history as long
    "max_waiting_approvals": (1, 400),  # SSM's quota of executions that wait
    "remove_after_hours": (0, 8_760),
    "watch_hours": (1, 720),
    "suspicious_distinct_actions": (2, 1_000),
    "suspicious_window_seconds": (60, 86_400),
    "finding_ttl_days": (1, 3_650),
    "account_burst_principals": (0, 1_000),
    "intake_batch_size": (1, 1_000),
    "intake_window_seconds": (0, 300),
    "triage_max_concurrency": (2, 1_000),
    "quiet_window_seconds": (0, 300),
    "reserved_concurrency": (0, 1_000),
    "digest_hour_utc": (0, 23),
    "alarm_approval_hours": (1, 720),
    "alarm_fixes_per_hour": (1, 1_000),
}
"""Smallest and largest value of each number."""

CHOICES: Final = {
    # No higher: Lambda takes what states no level for INFO, metrics and uncaught errors among it, and would drop them
    # (lambda/latest/dg/monitoring-cloudwatchlogs-log-level).
    "log_level": ("DEBUG", "INFO"),
    "slack_security": ("same", "own", "off"),
    "log_retention_days": (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 3653),
}

SHAPES: Final = {
    "approvers": (_APPROVER, "an IAM role or user: an ARN, or role/Name for one of this account"),
    "second_approvers": (_APPROVER, "an IAM role or user: an ARN, or role/Name for one of this account"),
    "protected_principals": (_PRINCIPAL_PATTERN, "a pattern of role or user ARNs, as in role/admin-*"),
    "protected_tags": (_TAG, "a tag, as in key or key=value"),
    "production_tags": (_TAG, "a tag, as in key=value"),
    "change_calendars": (_CALENDAR, "the name or ARN of an SSM change calendar"),
    "findings_emails": (_E_MAIL, "an e-mail address"),
    "security_emails": (_E_MAIL, "an e-mail address"),
    "approvals_emails": (_E_MAIL, "an e-mail address"),
    "anomaly_kinds": (_KIND, "a kind of denial, as in MISSING_PERMISSION"),
}
"""Lists of texts: the shape of each text, and the words for it."""

COUNTS: Final = {
    "approvers": (1, MAX_APPROVERS),
    "second_approvers": (0, MAX_APPROVERS),
    "protected_principals": (0, 40),  # they become resources of one policy, which has room for no more
    "protected_tags": (0, 10),  # each becomes a statement of it
    "change_calendars": (0, 10),
    "anomaly_kinds": (0, 30),
}
"""Fewest and most texts of a list."""


def find_problems(knobs: Knobs) -> list[str]:
    """Returns one sentence for each thing that is wrong with ``knobs``, none if they can be synthesized."""
    return [problem for check in _CHECKS for problem in check(knobs)]


def _ranges(knobs: Knobs) -> Iterator[str]:
    for name, (low, high) in RANGES.items():
        if not low <= getattr(knobs, name) <= high:
            yield f"`{name}` must be from {low} to {high}, not {getattr(knobs, name)}"


def _choices(knobs: Knobs) -> Iterator[str]:
    for name, choices in CHOICES.items():
        if getattr(knobs, name) not in choices:
            yield f"`{name}` must be one of {', '.join(map(str, choices))}, not {getattr(knobs, name)}"


def _counts(knobs: Knobs) -> Iterator[str]:
    for name, (low, high) in COUNTS.items():
        texts = getattr(knobs, name)
        if not low <= len(texts) <= high:
            yield f"`{name}` must name {low} to {high}, not {len(texts)}"
        if len(set(texts)) < len(texts):
            yield f"`{name}` names one twice"


def _shapes(knobs: Knobs) -> Iterator[str]:
    for name, (shape, words) in SHAPES.items():
        for text in getattr(knobs, name):
            if not shape.fullmatch(text):
                yield f"`{name}` holds {json.dumps(text)}, which is not {words}"


def _approvals(knobs: Knobs) -> Iterator[str]:
    if knobs.min_approvals > len(knobs.approvers):
        yield f"`min_approvals` is {knobs.min_approvals}, but only {len(knobs.approvers)} may approve"
    if knobs.proposal_ttl_seconds < knobs.approval_timeout_seconds:
        yield "`proposal_ttl_seconds` is below `approval_timeout_seconds`: a late approval could never be applied"


def _batches(knobs: Knobs) -> Iterator[str]:
    if knobs.intake_batch_size > 10 and not knobs.intake_window_seconds:  # noqa: PLR2004 - Lambda's limit
        yield "`intake_window_seconds` must be at least 1 with an `intake_batch_size` above 10 (a rule of Lambda)"
    if 0 < knobs.reserved_concurrency < knobs.triage_max_concurrency:
        yield "`reserved_concurrency` is below `triage_max_concurrency`: triage would be throttled"


def _addresses(knobs: Knobs) -> Iterator[str]:
    for text in knobs.trusted_addresses:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            yield f"`trusted_addresses`: {error}"


def _policies(knobs: Knobs) -> Iterator[str]:
    if knobs.permissions_boundary and not _POLICY.fullmatch(knobs.permissions_boundary):
        yield f"`permissions_boundary` is {knobs.permissions_boundary!r}, which is no policy ARN or policy/Name"
    if knobs.ceiling_policy and not _is_policy_document(knobs.ceiling_policy):
        yield "`ceiling_policy` must be the JSON text of a policy document with a Statement"


def _pages(knobs: Knobs) -> Iterator[str]:
    address = knobs.docs_url
    if address and not (_PAGE.fullmatch(address) and len(address) <= LONGEST_ADDRESS):
        yield (
            f"`docs_url` is {json.dumps(address)}, which is no https address of a folder or page "
            "without `?` and `#`, as in https://github.com/you/redress/blob/main/docs"
        )


def _is_policy_document(text: str) -> bool:
    try:
        document = json.loads(text)
    except ValueError:
        return False
    return isinstance(document, dict) and bool(document.get("Statement"))


_CHECKS: Final[tuple[Callable[[Knobs], Iterator[str]], ...]] = (
    *(_counts, _shapes, _ranges, _choices),
    *(_approvals, _batches, _addresses, _policies, _pages),
)
