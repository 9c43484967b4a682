"""λ start: ready proposals become runbook executions, one a second and never more than may wait."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from redress.adapters.automation import Automations
from redress.adapters.findings_table import FindingsTable
from redress.adapters.proposals_filed import each_filed
from redress.adapters.proposals_table import ProposalsTable
from redress.adapters.sessions import client
from redress.adapters.table_client import DynamoStore
from redress.domain.errors import Refused, Retry, StaleState, Unreadable
from redress.domain.lifecycle_occurrences import ApprovalRequested
from redress.domain.lifecycle_proposal import sign_by, start_token
from redress.domain.settings import Settings
from redress.domain.starting import Agenda, agenda, is_wanted
from redress.domain.values import dataclass
from redress.domain.words import ProposalStatus
from redress.handlers.following import Executions, Findings, Proposals, measure, passing_over, tell
from redress.handlers.observability import Observed
from redress.handlers.settings import environment

if TYPE_CHECKING:
    from redress.adapters.proposals_table import StoredProposal
    from redress.domain.lifecycle_proposal import FiledProposal
    from redress.handlers.observability import Telemetry

SECONDS_BETWEEN_STARTS = 1.0
"""SSM takes one StartAutomationExecution a second."""
STARTS_PER_RUN = 30
ASKED_PER_RUN = 60
"""SSM is asked no more often in one run, whatever it refuses."""
STOPS_PER_RUN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What proposals are started with."""

    proposals: Proposals
    findings: Findings
    executions: Executions
    settings: Settings
    document: str
    pause: Callable[[float], None] = time.sleep


def start(*, desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    """Cancels executions of replaced proposals, then starts what is ready and has room; all of it stands in the table.

    Args:
        desk: The collaborators.
        now: The present.
        telemetry: Logs and metrics.

    """
    cancel_replaced(desk, now, telemetry)
    start_ready(desk, now, telemetry)


def cancel_replaced(desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    """Cancels the executions of replaced proposals; what SSM does not cancel now stays for the next run."""
    for proposal in desk.proposals.to_cancel(STOPS_PER_RUN):
        try:
            if proposal.execution_id and not _ran_out(proposal, desk, now):
                desk.executions.stop(proposal.execution_id)
                telemetry.info("stopped a replaced execution", execution_id=proposal.execution_id)
        except Retry as error:
            telemetry.warning("an execution could not be stopped yet", error=str(error))
        else:
            desk.proposals.cancelled(proposal.proposal.proposal_id)


def _ran_out(proposal: StoredProposal, desk: Desk, now: datetime) -> bool:
    """Returns whether even the latest request for a signature of this proposal is over by its own time-out."""
    return now > proposal.expires_at + timedelta(seconds=desk.settings.approval_timeout_seconds)


def start_ready(desk: Desk, now: datetime, telemetry: Telemetry) -> None:
    """Starts ready proposals, oldest first; what SSM does not take now stays ready."""
    plan = _agenda(desk, now, telemetry)
    left = deque(plan.queue)
    started = asked = 0
    while left and started < min(plan.room, STARTS_PER_RUN) and asked < ASKED_PER_RUN:
        if not _is_wanted(left[0], desk, telemetry):
            left.popleft()
            continue
        if asked:
            desk.pause(SECONDS_BETWEEN_STARTS)
        asked += 1
        try:
            started += _start_one(left[0], desk, now, telemetry)
        except Retry as error:
            telemetry.warning("SSM takes no more now; the rest stays ready", error=str(error))
            break
        except (Refused, Unreadable) as error:
            telemetry.warning("a proposal cannot be started", proposal_id=left[0].proposal_id, error=str(error))
        left.popleft()
    telemetry.count("ProposalsHeld", len(left))


def _agenda(desk: Desk, now: datetime, telemetry: Telemetry) -> Agenda:
    skipped = passing_over(telemetry)
    ready = [*each_filed(desk.proposals.every(ProposalStatus.READY, skipped=skipped), skipped=skipped)]
    waiting = sum(1 for _ in desk.proposals.every(ProposalStatus.WAITING)) if ready else 0
    return agenda(ready=ready, waiting=waiting, cap=desk.settings.max_waiting_approvals, now=now)


def _is_wanted(proposal: FiledProposal, desk: Desk, telemetry: Telemetry) -> bool:
    wanted = is_wanted(desk.findings.get_many(proposal.finding_ids))
    if not wanted:
        telemetry.info("nobody wants this proposal any more", proposal_id=proposal.proposal_id)
    return wanted


def _start_one(proposal: FiledProposal, desk: Desk, now: datetime, telemetry: Telemetry) -> bool:
    """Starts one and returns whether it waits for a signature now.

    Killed anywhere in here, the next run gets the same execution by the same token.
    """
    execution_id = desk.executions.start(
        desk.document, proposal_id=proposal.proposal_id, digest=proposal.digest, token=start_token(proposal.digest)
    )
    if not _claimed(proposal, execution_id, desk):
        desk.executions.stop(execution_id)
        return False
    telemetry.count("ProposalsStarted")
    ends = sign_by(proposal, now, desk.settings)
    occurrence = ApprovalRequested(cause="a signature is asked for", execution_id=execution_id, sign_by=ends)
    for finding in tell(desk.findings, proposal.proposal_id, proposal.finding_ids, occurrence, now):
        measure(finding, occurrence, telemetry)
    return True


def _claimed(proposal: FiledProposal, execution_id: str, desk: Desk) -> bool:
    """Returns whether the proposal belongs to this execution now; the runbook's first step claims it too."""
    try:
        desk.proposals.move(
            proposal.proposal_id,
            to=ProposalStatus.WAITING,
            when=(ProposalStatus.READY,),
            execution_id=execution_id,
        )
    except StaleState:
        stored = desk.proposals.get(proposal.proposal_id)
        taken_back = stored is None or stored.status is ProposalStatus.SUPERSEDED
        return not taken_back and stored is not None and stored.execution_id == execution_id
    return True


@cache
def _desk() -> Desk:
    given = environment()
    given.need("table_name", "apply_document")
    store = DynamoStore(client("dynamodb"), given.table_name)
    return Desk(
        proposals=ProposalsTable(store),
        findings=FindingsTable(store),
        executions=Automations(client("ssm")),
        settings=given.settings,
        document=given.apply_document,
    )


def handle(_event: dict[str, Any], _context: object) -> None:
    """Lambda entry point, of the schedule and of λ propose."""
    with Observed() as telemetry:
        start(desk=_desk(), now=datetime.now(UTC), telemetry=telemetry)
