"""Fixed wording of cards: titles and what each state means for the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.harmless import harmless
from redress.domain.words import Kind, State

if TYPE_CHECKING:
    from redress.domain.finding import Finding

TITLE_LIMIT = 99

STATE_LINES = {
    State.OPEN: "New. Redress is looking for the smallest safe fix; nobody has to act yet.",
    State.PROPOSED: "A fix is proposed, and does not start by itself. Next: someone on call reads it and starts it.",
    State.AWAITING_APPROVAL: "A fix waits for approval. Next: an approver reads it and signs or rejects.",
    State.APPLYING: "Approved by {actor}. The runbook is applying the fix; nobody has to act.",
    State.FIXED: "Fixed and verified. Redress watches whether the denial comes back; nobody has to act.",
    State.CLOSED: "Closed: it has been quiet since the fix.",
    State.REOPENED: "Denied again after the fix. Next: someone on call looks at what denies it now.",
    State.REJECTED: "Rejected by {actor}. Nothing was changed in IAM.",
    State.EXPIRED: "The approval expired. Nothing was changed in IAM. Next: someone on call asks for it anew or not.",
    State.FAILED: "The fix failed and the state before it was restored. Next: someone on call reads the cause.",
    State.RESTORED: "The fix was taken back by {actor}; the policy is as it was before.",
    State.NO_FIX: "No identity policy should change.",
    State.MUTED: "Muted by {actor}.",
    State.SUSPICIOUS: "Suspicious. No permission is offered. Next: the security team looks at this principal.",
}

_VERBS = {
    Kind.QUARANTINED_KEY: "Leaked key in use",
    Kind.THROTTLED: "Throttled",
    Kind.QUOTA: "Over quota",
}


def title_of(finding: Finding) -> str:
    """Returns a title of fewer than 100 characters, fit for an e-mail subject."""
    verdict = finding.verdict
    who = verdict.principal.name or verdict.principal.type.value.lower().replace("_", " ")
    what = verdict.action or finding.last.event_name
    verb = _VERBS.get(verdict.kind, "Denied")
    return harmless(f"[Redress] {finding.state.value.replace('_', ' ').lower()}: {verb}: {who} {what}", TITLE_LIMIT)
