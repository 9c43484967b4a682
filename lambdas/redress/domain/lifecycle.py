"""The life of a finding as a state machine: a table, and the one function that walks it.

docs/lifecycle.md draws the same table; a test keeps the two equal. Storage writes what
:func:`advance` returns on the condition that ``state_version`` is still the one it started from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from redress.domain.errors import Refused
from redress.domain.lifecycle_occurrences import (
    IN_WORDS,
    Applied,
    ApplyFailed,
    ApprovalRequested,
    Approved,
    Cleared,
    DeniedAgain,
    Expired,
    Muted,
    MuteEnded,
    NoFixFound,
    Occurrence,
    Proposed,
    Rejected,
    Reminded,
    Restored,
    StayedQuiet,
    Suspected,
)
from redress.domain.reopening import GRACE, SETTLED
from redress.domain.words import PolicyIs, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from redress.domain.finding import Finding


def _all_to(target: State, sources: Iterable[State]) -> dict[State, State]:
    return dict.fromkeys(sources, target)


_WANTING = (State.OPEN, State.REOPENED)
_UNSETTLED = (*_WANTING, State.PROPOSED, State.AWAITING_APPROVAL)
_ENDED_WITHOUT_FIX = (State.NO_FIX, State.REJECTED, State.EXPIRED, State.FAILED, State.RESTORED)
# SSM's status events are best effort, so a later one may find the finding where an earlier one should have
# moved it from: whatever a runbook does may happen to a finding in any of these.
_UNDER_A_RUNBOOK = (State.PROPOSED, State.AWAITING_APPROVAL, State.APPLYING)
# A fix may have been found in force already before it is taken back: a finding says NO_FIX then.
_RESTORABLE = (*_UNDER_A_RUNBOOK, State.FIXED, State.CLOSED, State.REOPENED, State.FAILED, State.NO_FIX)
# A runbook may end after a finding was muted or its principal suspected: what IAM holds is noted, no more.
_NOTED_ONLY = {State.SUSPICIOUS: State.SUSPICIOUS, State.MUTED: State.MUTED}

TRANSITIONS: Mapping[type[Occurrence], Mapping[State, State]] = {
    Proposed: _all_to(State.PROPOSED, (*_UNSETTLED, *_ENDED_WITHOUT_FIX)),
    NoFixFound: _all_to(State.NO_FIX, (*_UNSETTLED, State.EXPIRED, State.FAILED, State.NO_FIX)),
    ApprovalRequested: {State.PROPOSED: State.AWAITING_APPROVAL},
    Reminded: {State.AWAITING_APPROVAL: State.AWAITING_APPROVAL},
    Approved: _all_to(State.APPLYING, (State.PROPOSED, State.AWAITING_APPROVAL)),
    Rejected: _all_to(State.REJECTED, (State.PROPOSED, State.AWAITING_APPROVAL)),
    Expired: _all_to(State.EXPIRED, (State.PROPOSED, State.AWAITING_APPROVAL)),
    Applied: {**_all_to(State.FIXED, (*_WANTING, *_UNDER_A_RUNBOOK)), **_NOTED_ONLY},
    ApplyFailed: {**_all_to(State.FAILED, (*_UNDER_A_RUNBOOK, State.FAILED)), **_NOTED_ONLY},
    Restored: {
        **_all_to(State.RESTORED, _RESTORABLE),
        **_NOTED_ONLY,
    },
    StayedQuiet: {State.FIXED: State.CLOSED},
    DeniedAgain: _all_to(State.REOPENED, SETTLED),
    Muted: _all_to(
        State.MUTED, (State.OPEN, State.REOPENED, State.PROPOSED, State.SUSPICIOUS, State.MUTED, *_ENDED_WITHOUT_FIX)
    ),
    MuteEnded: {State.MUTED: State.OPEN},
    Suspected: _all_to(State.SUSPICIOUS, (*_UNSETTLED, *_ENDED_WITHOUT_FIX, State.CLOSED)),
    Cleared: {State.SUSPICIOUS: State.OPEN},
}


def next_state(state: State, occurrence: type[Occurrence]) -> State | None:
    """Returns where the occurrence leads from this state, or None where it cannot happen."""
    return TRANSITIONS[occurrence].get(state)


def advance(finding: Finding, occurrence: Occurrence, now: datetime) -> Finding:
    """Returns the finding after the occurrence, one state version on.

    Raises:
        Refused: The occurrence cannot happen to a finding in this state, or says nothing new.

    """
    target = next_state(finding.state, type(occurrence))
    if target is None:
        raise Refused(f"a finding that is {finding.state} can't {IN_WORDS[type(occurrence)]}")
    _refuse_stale_news(finding, occurrence)
    return replace(
        finding,
        state=target,
        state_version=finding.state_version + 1,
        changed_at=now,
        actor=occurrence.actor,
        cause=occurrence.cause,
        **_marks(finding, occurrence, now),
    )


def _refuse_stale_news(finding: Finding, occurrence: Occurrence) -> None:
    if isinstance(occurrence, DeniedAgain) and occurrence.event_time <= finding.changed_at:
        raise Refused("the denial is older than the finding's last change")
    if isinstance(occurrence, Reminded) and finding.reminded_at:
        raise Refused("the approvers were reminded before")
    if _is_told(finding, occurrence):
        raise Refused("the finding says so already")
    if isinstance(occurrence, Proposed) and _is_covered(finding, occurrence):
        raise Refused("the finding is covered by this proposal already")
    if isinstance(occurrence, Applied) and finding.state in _WANTING and _is_denied_since(finding, occurrence):
        raise Refused("the call was denied after the change")


def _is_covered(finding: Finding, proposed: Proposed) -> bool:
    """Returns whether the finding waits for this proposal; one that was muted or suspected meanwhile does not."""
    return proposed.proposal_id == finding.proposal_id and finding.state not in _WANTING


def _is_denied_since(finding: Finding, applied: Applied) -> bool:
    """Returns whether an open finding was denied, or came back, after this change was in force."""
    came_back = finding.state is State.REOPENED and applied.applied_at <= finding.changed_at
    return came_back or applied.applied_at <= finding.last_seen - GRACE


def _is_told(finding: Finding, occurrence: Occurrence) -> bool:
    """Returns whether the finding has noted this end of a runbook before.

    A status event of a restore may come (again) after the call was denied once more; that finding stays open.
    """
    if isinstance(occurrence, Restored) and finding.state is State.REOPENED:
        return finding.policy_is is PolicyIs.BEFORE
    if isinstance(occurrence, Restored) and finding.state is State.NO_FIX:
        return finding.policy_is is not PolicyIs.AFTER
    if next_state(finding.state, type(occurrence)) is not finding.state or type(occurrence) not in {
        Applied,
        ApplyFailed,
        Restored,
    }:
        return False
    return finding.policy_is is _marks(finding, occurrence, finding.changed_at)["policy_is"]


def _marks(finding: Finding, occurrence: Occurrence, now: datetime) -> dict[str, Any]:
    """Returns the finding's other fields that the occurrence sets."""
    match occurrence:
        case Proposed() | DeniedAgain() | NoFixFound() | Muted() | MuteEnded():
            return _plan_marks(finding, occurrence)
        case ApprovalRequested(execution_id=execution_id, sign_by=sign_by):
            return {"execution_id": execution_id, "sign_by": sign_by}
        case Reminded():
            return {"reminded_at": now}
        case Cleared():
            return {"cleared_at": now}
        case _:
            return _runbook_marks(occurrence)


def _plan_marks(finding: Finding, occurrence: Occurrence) -> dict[str, Any]:
    match occurrence:
        case Proposed(proposal_id=proposal_id):
            return {**_NO_RUNBOOK_YET, "proposal_id": proposal_id}
        case DeniedAgain(verdict=verdict):
            return {"verdict": verdict or finding.verdict, "no_fix": None}
        case NoFixFound(no_fix=no_fix):
            return {"no_fix": no_fix}
        case Muted(until=until):
            return {"muted_until": until}
        case _:
            return {"muted_until": None}


def _runbook_marks(occurrence: Occurrence) -> dict[str, Any]:
    match occurrence:
        case Rejected(execution_id=execution_id):
            return {"execution_id": execution_id}
        case Approved():
            return _signatures(occurrence)
        case Applied():
            return {**_signatures(occurrence), "fixed_at": occurrence.applied_at, "policy_is": PolicyIs.AFTER}
        case ApplyFailed():
            return {"execution_id": occurrence.execution_id, "policy_is": occurrence.policy_is}
        case Restored():
            return {"policy_is": PolicyIs.BEFORE}
        case _:
            return {}


def _signatures(signed: Approved | Applied) -> dict[str, Any]:
    return {
        "execution_id": signed.execution_id,
        "approved_by": signed.approved_by,
        "approved_at": signed.approved_at,
    }


_NO_RUNBOOK_YET: Mapping[str, Any] = {
    "execution_id": None,
    "sign_by": None,
    "reminded_at": None,
    "approved_by": (),
    "approved_at": None,
    "fixed_at": None,
    "policy_is": None,
    "no_fix": None,
}
