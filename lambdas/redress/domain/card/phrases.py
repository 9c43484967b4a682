"""Fixed wording of cards: what each state means for the reader, and the titles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.card.safe_text import told
from redress.domain.kinds import KINDS
from redress.domain.noticing import is_reminder
from redress.domain.values import dataclass
from redress.domain.words import Evidence, Kind, Owner, PolicyIs, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.finding import Finding

TITLE_LIMIT = 80
"""Leaves room for ``[Redress CRITICAL] `` in a subject of 99 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """What the reader is told of a state; braces are filled in by ``card.news``.

    Attributes:
        title: In front of a title, or empty where the kind of denial says more.
        now: What changed.
        next: Who acts next, and how.

    """

    now: str
    next: str
    title: str = ""


PHRASES: Mapping[State, Phrase] = {
    State.OPEN: Phrase(
        now="This is new. Redress is working out the smallest safe fix.",
        next=(
            "Nobody has to act yet. A second notice follows, with a fix or with the reason why there is none; where it "
            "is the security team's turn, it goes to them."
        ),
    ),
    State.PROPOSED: Phrase(
        title="Fix proposed",
        now="{fix} is drawn up. It needs a second look, so it does not start by itself.",
        next=(
            "Someone on call decides: start its runbook, which then asks for {signatures}; or leave it, and it "
            "expires{expiry} and changes nothing."
        ),
    ),
    State.AWAITING_APPROVAL: Phrase(
        title="Fix waits for approval",
        now="{fix} is ready and waits for {signatures}.",
        next="An approver reads the fix, then signs or rejects it{deadline}. Unsigned, it expires and changes nothing.",
    ),
    State.APPLYING: Phrase(
        title="Fix being applied",
        now="The fix was approved{approvers}. Its runbook writes it to IAM now, and checks it.",
        next="Nobody has to act.",
    ),
    State.FIXED: Phrase(
        title="Fixed",
        now="The fix is in place and checked; it was approved{approvers}.",
        next="Repeat the call. Nobody else has to act; Redress watches whether it is denied again.",
    ),
    State.CLOSED: Phrase(
        title="Closed",
        now="The fix holds, and the finding is closed.",
        next="Nobody has to act.",
    ),
    State.REOPENED: Phrase(
        title="Denied again",
        now="The call was denied again after this finding had been settled.",
        next="Redress works out what denies it now; a notice with the answer follows. Until then nobody has to act.",
    ),
    State.REJECTED: Phrase(
        title="Fix rejected",
        now="The fix was rejected{actor}. Nothing was changed in IAM.",
        next="Whoever needs the call talks to the approver. Nobody else has to act; the call stays denied.",
    ),
    State.EXPIRED: Phrase(
        title="Approval expired",
        now="The request for a signature expired. Nothing was changed in IAM.",
        next="If the call should work, repeat it: its next denial opens the finding again, with a new request.",
    ),
    State.FAILED: Phrase(
        title="Fix failed",
        now="The fix failed. {policy_is}",
        next="{undone}",
    ),
    State.RESTORED: Phrase(
        title="Fix taken back",
        now="The fix was taken back{actor}. The policy is as it was before the fix.",
        next=(
            "The call is denied from now on, unless the principal's own policies allow it by now. Whoever needs it "
            "talks to the approvers; nobody else has to act. Its next denial opens the finding again, with a new fix "
            "to sign."
        ),
    ),
    State.NO_FIX: Phrase(
        now="No identity policy should change.{detail}",
        next="{step}",
    ),
    State.MUTED: Phrase(
        title="Muted",
        now="The finding was muted{actor}{until}. Denials are still counted.",
        next="Nobody has to act.",
    ),
    State.SUSPICIOUS: Phrase(
        title="Suspicious",
        now="Redress is suspicious of this principal, and offers it no permission.",
        next="The security team looks at this principal now, and revokes its sessions if in doubt.",
    ),
}

POLICY_WORDS: Mapping[PolicyIs | None, str] = {
    PolicyIs.BEFORE: "The policy is as it was before the fix.",
    PolicyIs.AFTER: "The approved change is in IAM all the same.",
    PolicyIs.CHANGED_BY_OTHERS: "Somebody else changed the policy meanwhile, so it was left alone.",
    PolicyIs.UNKNOWN: "What IAM holds now is not known.",
    None: "What IAM holds now is not known.",
}

UNDONE: Mapping[PolicyIs | None, str] = {
    PolicyIs.BEFORE: (
        "Nothing is left to undo. Someone on call reads what went wrong; the call's next denial opens the finding "
        "again, with a new fix."
    ),
    PolicyIs.AFTER: "Someone on call reads what went wrong; {policy} holds what was signed.",
    PolicyIs.CHANGED_BY_OTHERS: (
        "Someone on call compares {policy} with the statements below, and keeps or removes them by hand."
    ),
    PolicyIs.UNKNOWN: (
        "Wait for the restore runbook, which has been started: a notice says how it ended. If none comes within 15 "
        "minutes, someone on call compares {policy} with the statements below."
    ),
    None: "Someone on call reads what went wrong, and compares {policy} with the statements below.",
}
"""Who acts next after a failure, by what IAM holds."""

OWNER_WORDS: Mapping[Owner, str] = {
    Owner.APPROVER: "the approvers",
    Owner.IAM_ADMIN: "the account's IAM administrators",
    Owner.ORGANIZATION_ADMIN: "the organization's administrators",
    Owner.RESOURCE_OWNER: "the owner of the resource",
    Owner.NETWORK_TEAM: "the network team",
    Owner.IDENTITY_CENTER_ADMIN: "the Identity Center administrators",
    Owner.SECURITY_TEAM: "the security team",
    Owner.CALLER: "whoever makes the call",
    Owner.AWS: "AWS",
    Owner.NOBODY: "nobody",
}

EVIDENCE_STRENGTH: Mapping[Evidence, str] = {
    Evidence.VERIFIED: "strongest: AWS's own evaluation of this very request",
    Evidence.DECODED: "strong: AWS's authorization message, decoded",
    Evidence.REPORTED: "good: the error message says so",
    Evidence.SIMULATED: "fair: the policy simulator says so of today's policies",
    Evidence.NONE: "weak: only the event itself",
}

KIND_TITLES: Mapping[Kind, str] = {
    Kind.MISSING_PERMISSION: "Denied",
    Kind.EXPLICIT_DENY: "Explicitly denied",
    Kind.ORGANIZATION_GUARDRAIL: "Stopped by the organization",
    Kind.PERMISSIONS_BOUNDARY: "Outside the permissions boundary",
    Kind.SESSION_POLICY: "Stopped by the session's policy",
    Kind.RESOURCE_POLICY: "Not let in by the resource",
    Kind.ROLE_TRUST: "Not trusted by the role",
    Kind.VPC_ENDPOINT: "Stopped at a VPC endpoint",
    Kind.IMDSV2_REQUIRED: "IMDSv2 required",
    Kind.EC2_ROLE_DELIVERY: "IMDSv1 credentials refused",
    Kind.DLM_ROLE: "Backup role lacks permissions",
    Kind.FLEET_TERMINATE: "Fleet's instances not terminated",
    Kind.SPOT_TAGS: "Tagging denied on launch",
    Kind.MFA_MISSING: "MFA missing",
    Kind.QUARANTINED_KEY: "Leaked key in use",
    Kind.CREDENTIALS: "Bad credentials",
    Kind.QUOTA: "Quota reached",
    Kind.THROTTLED: "Throttled",
    Kind.CAPACITY: "No capacity",
    Kind.SERVICE_NOT_ENABLED: "Service not enabled",
    Kind.SERVICE_SETTING: "Refused by a setting",
    Kind.PROPAGATION: "Credentials too new",
    Kind.AWS_SERVICE_CALLER: "AWS service denied",
    Kind.OTHER_PRINCIPAL: "Another role refused",
    Kind.UNKNOWN: "Denied, cause unknown",
}


def title_of(finding: Finding) -> str:
    """Returns a title: what is the matter, of which call, by whom."""
    verdict = finding.verdict
    matter = PHRASES[finding.state].title or KIND_TITLES[verdict.kind]
    if finding.state is State.NO_FIX and KINDS[verdict.kind].no_fix is None:
        matter = "Denied, and no fix"
    if is_reminder(finding):
        matter = "Still unsigned"
    what = told(verdict.action or finding.last.event_name, TITLE_LIMIT)
    principal = verdict.principal
    other = f"account {principal.account}" if principal.account else principal.type.value.lower().replace("_", " ")
    who = principal.name or principal.invoked_by or other
    return told(f"{matter}: {what} by {told(who, TITLE_LIMIT)}", TITLE_LIMIT)
