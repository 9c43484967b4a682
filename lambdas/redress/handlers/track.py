"""λ track: executions move findings on. Events only say when to look; what is true is read from SSM and the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from redress.adapters.automation import Automations
from redress.adapters.findings_table import EVERY_FINDING, FindingsTable
from redress.adapters.proposals_filed import each_filed, filed
from redress.adapters.proposals_table import ProposalsTable
from redress.adapters.sessions import client
from redress.adapters.table_client import DynamoStore
from redress.domain.errors import DeadLetter, Refused, Retry, StaleState
from redress.domain.expiry import UNSTARTED, has_expired, must_be_removed
from redress.domain.lifecycle_execution import Execution, Progress
from redress.domain.lifecycle_occurrences import SCHEDULE, ApprovalRequested, Expired, StayedQuiet
from redress.domain.lifecycle_outcome import outcome
from redress.domain.lifecycle_proposal import restore_token, sign_by
from redress.domain.settings import Settings
from redress.domain.values import dataclass
from redress.domain.watch import WATCHED, due
from redress.domain.words import PolicyIs, ProposalStatus, State
from redress.handlers.following import Executions, Findings, Proposals, measure, move_on, passing_over, tell
from redress.handlers.observability import Observed
from redress.handlers.settings import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from redress.adapters.proposals_table import StoredProposal
    from redress.domain.finding import Finding
    from redress.domain.lifecycle_occurrences import Occurrence
    from redress.domain.lifecycle_outcome import Outcome
    from redress.handlers.observability import Telemetry

SSM_EVENTS = "aws.ssm"
FOLLOWED = (State.AWAITING_APPROVAL, State.APPLYING, State.PROPOSED)
"""States in which a finding may have missed what its proposal went through; what takes a FIXED one back is listed."""
SETTLED = (ProposalStatus.RESTORED, ProposalStatus.SUPERSEDED)
"""Statuses that say all there is to know; SSM need not be asked."""
NEVER_STARTED = Execution(execution_id="", document="", progress=Progress.GONE)
RESTORES_LOOKED_AT = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What executions are followed with."""

    proposals: Proposals
    findings: Findings
    executions: Executions
    settings: Settings
    restore_document: str


def track(event: Mapping[str, Any], *, desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    """Follows the execution that an SSM event names; on anything else (the schedule) looks at everything.

    Raises:
        Retry: The one execution could not be followed now; Lambda brings the event again.

    """
    if event.get("source") == SSM_EVENTS:
        follow_execution(str(event["detail"]["ExecutionId"]), desk, now, telemetry)
    else:
        reconcile(desk, now, telemetry)


def follow_execution(execution_id: str, desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    """Brings the proposal that this execution works on up to date."""
    proposal_id = desk.executions.get(execution_id).proposal_id
    if proposal_id:
        follow(proposal_id, desk, now, telemetry)


def follow(proposal_id: str, desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    """Brings one proposal and its findings up to date; doing it again, or late, changes nothing more."""
    known = desk.proposals.get(proposal_id)
    if known is None or (known.status in UNSTARTED and not known.execution_id):
        return
    asked = known.execution_id if known.status not in SETTLED else None
    execution = desk.executions.get(asked) if asked else NEVER_STARTED
    stored = desk.proposals.get(proposal_id)  # after the execution: see lifecycle_outcome
    if stored is None or stored.execution_id != known.execution_id:
        return
    found = outcome(filed(stored), execution)
    if found.occurrence:
        occurrence = _dated(found.occurrence, stored, execution.started_at or now, desk)
        told = tell(desk.findings, proposal_id, stored.finding_ids, occurrence, now)
        _measured(told, occurrence, telemetry)
    _note(stored, found, desk)
    if found.put_back:
        _restore(stored, desk, now, telemetry)


def _dated(occurrence: Occurrence, stored: StoredProposal, asked_at: datetime, desk: Desk) -> Occurrence:
    """Returns what happened; a request for a signature says until when it can be signed."""
    if not isinstance(occurrence, ApprovalRequested):
        return occurrence
    return replace(occurrence, sign_by=sign_by(filed(stored), asked_at, desk.settings))


def reconcile(desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    """Looks at everything that time or a lost event may have left behind; one fault does not stop the rest.

    What time alone decides comes first: however slow SSM is with the rest, a signed lifetime ends when it ends.
    """
    every = partial(desk.proposals.every, skipped=passing_over(telemetry))
    for stored in list(every(ProposalStatus.APPLIED)):
        _carefully(partial(_take_back, stored, desk, now, telemetry), stored.proposal.proposal_id, telemetry)
    for stored in [each for status in UNSTARTED for each in every(status)]:
        _carefully(partial(_expire, stored, desk, now, telemetry), stored.proposal.proposal_id, telemetry)
    for finding in [each for state in WATCHED for each in _watched(state, desk)]:
        _carefully(partial(_age, finding, desk, now, telemetry), finding.finding_id, telemetry)
    waiting = [*every(ProposalStatus.WAITING)]
    _gauge(waiting, now, telemetry)
    for proposal_id in dict.fromkeys(_to_follow(waiting, desk, now, telemetry)):
        _carefully(partial(follow, proposal_id, desk, now, telemetry), proposal_id, telemetry)


def _watched(state: State, desk: Desk) -> Iterator[Finding]:
    """Yields the findings that may be due, the oldest first; a silence has any date, so all of the silent ones."""
    return desk.findings.every(state, at_most=EVERY_FINDING if state is State.MUTED else None, oldest_first=True)


def _gauge(waiting: list[StoredProposal], now: datetime, telemetry: Telemetry) -> None:
    """Measures how many signatures are waited for, and the longest wait; 0 where there is none."""
    telemetry.count("Waiting", len(waiting))
    oldest = min((each.created_at for each in waiting), default=now)
    telemetry.count("OldestApprovalSeconds", (now - oldest).total_seconds())


def _to_follow(waiting: Iterable[StoredProposal], desk: Desk, now: datetime, telemetry: Telemetry) -> Iterator[str]:
    """Yields each proposal that is under way, or whose findings may not know how it ended."""
    yield from [stored.proposal.proposal_id for stored in (*desk.proposals.every(ProposalStatus.APPLYING), *waiting)]
    yield from _taken_back(desk, now, telemetry)
    for state in FOLLOWED:
        followed = desk.findings.every(state, oldest_first=True)
        yield from [finding.proposal_id for finding in followed if finding.proposal_id]
    failed = desk.findings.every(State.FAILED)
    yield from [each.proposal_id for each in failed if each.proposal_id and each.policy_is is PolicyIs.UNKNOWN]


def _taken_back(desk: Desk, now: datetime, telemetry: Telemetry) -> Iterator[str]:
    """Yields what was taken back of late; what was taken back long ago is told a last time and put by."""
    for stored in list(desk.proposals.every(ProposalStatus.RESTORED)):
        over = next((each.restored_at for each in each_filed([stored], skipped=passing_over(telemetry))), None)
        if over and now - over >= RESTORES_LOOKED_AT:
            _carefully(partial(_look_last, stored, desk, now, telemetry), stored.proposal.proposal_id, telemetry)
        elif over:
            yield stored.proposal.proposal_id


def _look_last(stored: StoredProposal, desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    """Tells what nobody may have been told of while λ track was away, before the proposal leaves the list."""
    follow(stored.proposal.proposal_id, desk, now, telemetry)
    desk.proposals.put_by(stored)


def _carefully(do: Callable[[], None], what: str, telemetry: Telemetry) -> None:
    try:
        do()
    except (Retry, Refused, DeadLetter) as error:
        telemetry.count("ReconcileFaults")
        telemetry.warning(
            "could not be brought up to date; the next reconcile tries again", what=what, error=str(error)
        )


def _note(stored: StoredProposal, found: Outcome, desk: Desk) -> None:
    if found.status is None or found.status is stored.status:
        return
    try:
        desk.proposals.move(stored.proposal.proposal_id, to=found.status, when=(stored.status,))
    except StaleState:
        return  # the runbook went on meanwhile; its next event or the next reconcile says so


def _take_back(stored: StoredProposal, desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    """Takes back what has outlived its time, and finishes an approved restore that was cut off; puts the others by."""
    proposal = filed(stored)
    begun = proposal.restoring_by
    cut_off = begun is not None and desk.executions.get(begun).progress.is_over
    if cut_off or must_be_removed(proposal, now):
        _restore(stored, desk, now, telemetry)
    elif begun is None and proposal.remove_at is None:
        desk.proposals.put_by(stored)


def _restore(stored: StoredProposal, desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    """Starts the restore runbook, which decides for itself whether it may act without a signature."""
    proposal = stored.proposal
    execution_id = desk.executions.start(
        desk.restore_document,
        proposal_id=proposal.proposal_id,
        digest=proposal.digest,
        token=restore_token(proposal.digest, now, filed(stored).remove_at),
    )
    telemetry.count("RestoresStarted")
    telemetry.info("started a restore", proposal_id=proposal.proposal_id, execution_id=execution_id)


def _expire(stored: StoredProposal, desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    if not has_expired(filed(stored), now):
        return
    occurrence = Expired(actor=SCHEDULE, cause="nobody started it in time")
    desk.proposals.move(stored.proposal.proposal_id, to=ProposalStatus.EXPIRED, when=(stored.status,))
    told = tell(desk.findings, stored.proposal.proposal_id, stored.finding_ids, occurrence, now)
    _measured(told, occurrence, telemetry)


def _age(finding: Finding, desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    occurrence = due(finding, desk.settings, now)
    if occurrence is None:
        return
    expires = now + timedelta(days=desk.settings.finding_ttl_days) if isinstance(occurrence, StayedQuiet) else None
    moved = move_on(desk.findings, finding, occurrence, now, expires=expires)
    if moved:
        measure(moved, occurrence, telemetry)


def _measured(findings: Iterable[Finding], occurrence: Occurrence, telemetry: Telemetry) -> None:
    for finding in findings:
        measure(finding, occurrence, telemetry)


@cache
def _desk() -> Desk:
    given = environment()
    given.need("table_name", "restore_document")
    store = DynamoStore(client("dynamodb"), given.table_name)
    return Desk(
        proposals=ProposalsTable(store),
        findings=FindingsTable(store),
        executions=Automations(client("ssm")),
        settings=given.settings,
        restore_document=given.restore_document,
    )


def handle(event: dict[str, Any], _context: object) -> None:
    """Lambda entry point."""
    with Observed() as telemetry:
        track(event, desk=_desk(), now=datetime.now(UTC), telemetry=telemetry)
