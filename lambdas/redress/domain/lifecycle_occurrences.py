"""What can happen to a finding, as values; each carries what the audit trail must say of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from redress.domain.finding import NoFix
from redress.domain.values import dataclass
from redress.domain.verdict import Verdict
from redress.domain.words import PolicyIs

if TYPE_CHECKING:
    from collections.abc import Mapping

REDRESS = "redress"
SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that happened.

    Attributes:
        actor: Who caused it: an ARN, ``redress`` or ``schedule``.
        cause: Why, in one sentence.

    """

    actor: str = REDRESS
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed(Occurrence):
    """A change was drawn up that covers the finding; it replaces any earlier one."""

    proposal_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFixFound(Occurrence):
    """No policy should change, and why."""

    no_fix: NoFix


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequested(Occurrence):
    """The runbook waits for a signature.

    Attributes:
        sign_by: Until when.

    """

    execution_id: str
    sign_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded(Occurrence):
    """The signature is overdue; said once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved(Occurrence):
    """Everybody who must sign has signed; the runbook is changing IAM."""

    execution_id: str
    approved_by: tuple[str, ...]
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(Occurrence):
    """An approver said no; the cause is his comment."""

    execution_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired(Occurrence):
    """Nobody signed in time."""

    execution_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied(Occurrence):
    """The signed change is in place, read back and simulated."""

    execution_id: str
    approved_by: tuple[str, ...]
    approved_at: datetime | None = None
    applied_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyFailed(Occurrence):
    """The runbook ended without the change.

    Attributes:
        policy_is: What IAM holds now.

    """

    execution_id: str | None
    policy_is: PolicyIs


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored(Occurrence):
    """The change was taken back; IAM is as it was before it."""

    execution_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StayedQuiet(Occurrence):
    """No denial came during the watch after the fix."""

    actor: str = SCHEDULE


@dataclass(frozen=True, slots=True, kw_only=True)
class DeniedAgain(Occurrence):
    """The call was denied after the finding had been settled.

    Attributes:
        event_time: Of that denial; one from before the last change says nothing new.
        verdict: What denies it now.

    """

    event_time: datetime
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted(Occurrence):
    """Somebody asked for silence; the cause is his reason."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteEnded(Occurrence):
    """The silence is over, by its date or by hand."""

    actor: str = SCHEDULE


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspected(Occurrence):
    """The principal behaves like an intruder: no grant until a person clears it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared(Occurrence):
    """A person looked, and the principal is no intruder."""


IN_WORDS: Mapping[type[Occurrence], str] = {
    Proposed: "get a proposal",
    NoFixFound: "get the answer that there is no fix",
    ApprovalRequested: "ask for a signature",
    Reminded: "have its approvers reminded",
    Approved: "be approved",
    Rejected: "be rejected",
    Expired: "expire",
    Applied: "be fixed",
    ApplyFailed: "fail",
    Restored: "be restored",
    StayedQuiet: "be closed",
    DeniedAgain: "be reopened",
    Muted: "be muted",
    MuteEnded: "have its silence ended",
    Suspected: "come under suspicion",
    Cleared: "be cleared of suspicion",
}
"""What a finding can't do where the occurrence can't happen to it, for the person who asked for it."""
