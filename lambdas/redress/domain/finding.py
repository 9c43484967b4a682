"""All denials that share a fingerprint, and what has become of them."""

from __future__ import annotations

import hashlib
from datetime import datetime

from redress.domain.values import dataclass
from redress.domain.verdict import Verdict
from redress.domain.words import NoFixReason, Owner, PolicyIs, State


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFix:
    """The first-class answer that no identity policy should change.

    Attributes:
        reason: From the closed list.
        owner: Who can act.
        detail: One sentence that is true of this finding.
        patch: What that owner would commit, as text by format
            (``cloudformation``, ``cdk``, ``terraform``, ``cli``); empty where there is none.

    """

    reason: NoFixReason
    owner: Owner
    detail: str
    patch: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The newest denial of a finding, as much of it as a person needs.

    Attributes:
        bucket_owner: Account that owns the denied S3 bucket, 12 digits; None where the record does not say.

    """

    event_id: str
    event_time: datetime
    event_source: str
    event_name: str
    region: str | None = None
    account: str | None = None
    request_id: str | None = None
    source_ip: str | None = None
    user_agent: str | None = None
    session_name: str | None = None
    error_code: str | None = None
    message: str | None = None
    access_key_id: str | None = None
    console_session: bool = False
    read_only: bool | None = None
    bucket_owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One distinct denial.

    Attributes:
        finding_id: ``f-`` and 20 hex digits of the fingerprint.
        resource_template: The resource with its volatile part generalised
            (``arn:aws:s3:::bucket/prefix/*``); what the fingerprint is made of.
        resources: Distinct resources seen, newest last, at most 20.
        count: Denials counted, each CloudTrail event once.
        state_version: Grows by one with every state change; a notice goes out at most once for each.
        proposal_id: The proposal that covers this finding now, if any.
        execution_id: Its SSM Automation execution, if started.
        actor: Who caused the last state change (an ARN, ``redress`` or ``schedule``).
        cause: Why, in one sentence.
        sign_by: Until when the request for a signature can be signed.
        cleared_at: When a person last said that the principal is no intruder; suspicion from before counts no more.
        reminded_at: When the one reminder of an overdue signature went out.
        approved_by: Who signed the change, in order.
        approved_at: When the last of them did.
        fixed_at: When the change was verified.
        policy_is: What IAM holds, once a runbook has ended.
        owner: Who owns the principal, by the operator's ``owner_tag``; empty where it is not known.
        production: Whether a tag of ``production_tags`` marks the principal.
        tags_read: Whether the two above are known; until then, nobody could look at the principal's tags.
        edits: Grows by one with every change beside the state, so that none of two at once is lost.

    """

    finding_id: str
    verdict: Verdict
    resource_template: str | None
    state: State
    state_version: int
    count: int
    first_seen: datetime
    last_seen: datetime
    last: Sighting
    changed_at: datetime
    resources: tuple[str, ...] = ()
    actor: str = "redress"
    cause: str = ""
    no_fix: NoFix | None = None
    proposal_id: str | None = None
    execution_id: str | None = None
    claimed_by: str | None = None
    muted_until: datetime | None = None
    notes: tuple[str, ...] = ()
    sign_by: datetime | None = None
    reminded_at: datetime | None = None
    approved_by: tuple[str, ...] = ()
    approved_at: datetime | None = None
    fixed_at: datetime | None = None
    policy_is: PolicyIs | None = None
    owner: str = ""
    production: bool = False
    tags_read: bool = False
    cleared_at: datetime | None = None
    edits: int = 0


def finding_id(*, principal: str, action: str, resource_template: str, layer: str) -> str:
    """Returns the id that all denials of one fingerprint share.

    The four parts are joined by a character that none of them can hold, so no two
    fingerprints run together.
    """
    text = f"{principal}\x1f{action.lower()}\x1f{resource_template}\x1f{layer}"
    return f"f-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"
