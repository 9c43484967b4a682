"""A proposal as it stands in the table: what the runbooks and Lambdas have noted of it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from redress.domain.values import dataclass
from redress.domain.words import PolicyIs, ProposalStatus

if TYPE_CHECKING:
    from redress.domain.settings import Settings

_NAMESPACE = uuid.UUID("6f5b9d3e-2c1a-5e0f-9d7b-3a4c5d6e7f80")


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledProposal:
    """Where a proposal stands; its text stays in the table.

    Attributes:
        principal: ARN of whom it would change.
        execution_id: Of the execution that it belongs to, once it was started.
        approved_by: Who signed, as the runbook checked it.
        restoring_by: Execution that is taking it back, or was when it was cut off.
        remove_at: When the applied change is to go again, if ever.
        failure: What went wrong, in the runbook's words.
        policy_is: What the runbook left in IAM.

    """

    proposal_id: str
    digest: str
    status: ProposalStatus
    principal: str
    finding_ids: tuple[str, ...]
    expires_at: datetime
    created_at: datetime
    execution_id: str | None = None
    approved_by: tuple[str, ...] = ()
    applying_at: datetime | None = None
    applied_at: datetime | None = None
    restored_at: datetime | None = None
    restored_by: str | None = None
    remove_at: datetime | None = None
    restoring_by: str | None = None
    failure: str = ""
    policy_is: PolicyIs | None = None


def sign_by(proposal: FiledProposal, asked_at: datetime, settings: Settings) -> datetime:
    """Returns until when a request can be signed: so long SSM waits, and later the runbook would refuse to write."""
    return min(asked_at + timedelta(seconds=settings.approval_timeout_seconds), proposal.expires_at)


def start_token(digest: str, after: str = "") -> str:
    """Returns the ClientToken of the proposal's one apply: SSM never starts two for one token.

    Args:
        digest: Of the proposal.
        after: The execution that ended before it took the proposal up, if this is another attempt.

    """
    return str(uuid.uuid5(_NAMESPACE, f"apply:{digest}:{after}" if after else f"apply:{digest}"))


def restore_token(digest: str, now: datetime, since: datetime | None = None) -> str:
    """Returns the ClientToken of an unasked restore: one that fails is tried again.

    Args:
        digest: Of the proposal.
        now: The present.
        since: When the restore fell due. For six hours it is tried every hour, then once a day: a newer
            proposal on top of this one makes it fail until that is taken back itself.

    """
    every_hour = since is None or now - since < timedelta(hours=6)
    return str(uuid.uuid5(_NAMESPACE, f"restore:{digest}:{now:{'%Y-%m-%dT%H' if every_hour else '%Y-%m-%d'}}"))
