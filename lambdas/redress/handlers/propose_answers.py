"""λ propose, the writing half: what a plan says becomes a stored proposal and changed findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from redress.adapters.findings_table import FindingsTable
from redress.adapters.proposals_filed import filed
from redress.adapters.proposals_table import OPEN, ProposalsTable, StoredProposal
from redress.domain.errors import Refused, Retry
from redress.domain.lifecycle import advance
from redress.domain.lifecycle_execution import Execution, Progress
from redress.domain.lifecycle_occurrences import Expired, NoFixFound, Occurrence, Proposed, Suspected
from redress.domain.lifecycle_outcome import outcome
from redress.domain.plan import Plan, same_change, starts_unasked
from redress.domain.settings import Settings
from redress.domain.severity import Circumstances, tagged
from redress.domain.values import dataclass
from redress.domain.words import ProposalStatus, State
from redress.handlers.observability import Telemetry

if TYPE_CHECKING:
    from redress.adapters.table_writes import Write
    from redress.domain.finding import Finding
    from redress.domain.proposal import Proposal

NO_ROOM = "The request for a signature has no room to show this statement whole beside those that came before it."
"""On a finding that waits for the principal's next proposal."""
WITH_THE_PROPOSAL = 48
"""Findings that change in the proposal's own transaction: two writes each, 100 in all."""
WORTH_KEEPING = timedelta(hours=1)
"""A proposal that runs out sooner is drawn up again, though it says the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Writes the answers to one principal's findings.

    Every method raises ``StaleState`` where somebody else was faster; nothing is half-written then that
    another run of the whole would not complete.

    Attributes:
        wake: Lets λ start know that a proposal is ready, or that one was replaced; raises Retry.
        around: What the principal's tags say, kept with each finding that is answered; None where nobody knows.

    """

    findings: FindingsTable
    proposals: ProposalsTable
    settings: Settings
    telemetry: Telemetry
    wake: Callable[[], None]
    now: datetime
    around: Circumstances | None = None

    def write(self, plan: Plan, asked: tuple[Finding, ...], current: StoredProposal | None) -> None:
        """Stores what the plan says of each finding that was asked about.

        Args:
            plan: For all of them.
            asked: As they were read before planning.
            current: The principal's newest proposal, as it was read before planning.

        """
        known = {finding.finding_id: finding for finding in asked}
        if plan.proposal:
            self._propose(plan, plan.proposal, [known[each] for each in plan.covered], current)
        else:
            self._withdraw(current)
        for finding_id, answer in plan.no_fixes:
            self._change(known[finding_id], NoFixFound(no_fix=answer, cause=answer.detail))
            self.telemetry.count("NoFixes", reason=answer.reason.value)
        for finding_id in plan.later:
            self._wait(known[finding_id])

    def distrust(self, asked: tuple[Finding, ...], current: StoredProposal | None) -> None:
        """Makes findings SUSPICIOUS because others of their principal are, and ends what waits for a signature.

        Args:
            asked: The principal's findings that might still end in a grant.
            current: The principal's newest proposal, as it was read before.

        """
        self._withdraw(current)
        for finding in asked:
            self._change(finding, Suspected(cause="The principal is under suspicion for other denials."))

    def settled(self, asked: tuple[Finding, ...], current: StoredProposal | None) -> frozenset[str]:
        """Returns the ids of findings that are FIXED by the current proposal: it was applied while they were muted.

        Args:
            asked: Findings of the principal without an answer.
            current: The principal's newest proposal, as it was read before.

        """
        if current is None or current.status is not ProposalStatus.APPLIED:
            return frozenset()
        execution = Execution(execution_id=current.execution_id or "", document="", progress=Progress.GONE)
        applied = outcome(filed(current), execution).occurrence
        mine = [each for each in asked if each.proposal_id == current.proposal.proposal_id]
        return frozenset(each.finding_id for each in mine if applied and self._change(each, applied))

    def _wait(self, finding: Finding) -> None:
        """Notes that the finding waits for the principal's next proposal, or ends its part in the one before."""
        if finding.state in {State.PROPOSED, State.AWAITING_APPROVAL}:
            self._change(finding, Expired(cause=f"{NO_ROOM} A further denial brings it back."))
        elif NO_ROOM not in finding.notes:
            self.findings.amend(finding, replace(finding, notes=(*finding.notes, NO_ROOM)))

    def _withdraw(self, current: StoredProposal | None) -> None:
        if current and current.status in OPEN:
            self.proposals.withdraw(current, now=self.now)
            self.telemetry.info("proposal withdrawn", proposal_id=current.proposal.proposal_id)
            self._wake()

    def _propose(self, plan: Plan, proposal: Proposal, covered: list[Finding], current: StoredProposal | None) -> None:
        if current and self._stands(current, proposal):
            for finding in covered:
                self._change(finding, _proposed(current.proposal))
            return
        status = self._status(plan)
        occurrence = _proposed(proposal, current)
        changes = [self._changed(finding, occurrence) for finding in covered]
        writes = [self.findings.change_writes(*change) for change in changes if change]
        together: list[Write] = [write for pair in writes[:WITH_THE_PROPOSAL] for write in pair]
        self.proposals.make_current(proposal, status, before=current, now=self.now, also=together)
        self._tell(plan, proposal, status, current)
        for finding in covered[WITH_THE_PROPOSAL:]:
            self._change(finding, occurrence)
        if status is ProposalStatus.READY or (current and current.status in OPEN):
            self._wake()

    def _stands(self, current: StoredProposal, proposal: Proposal) -> bool:
        lasts = current.expires_at > self.now + WORTH_KEEPING
        return lasts and current.status in OPEN and same_change(current.proposal, proposal)

    def _status(self, plan: Plan) -> ProposalStatus:
        unasked = plan.guard and plan.proof and starts_unasked(plan.guard, plan.proof, self.settings)
        return ProposalStatus.READY if unasked else ProposalStatus.MANUAL

    def _tell(self, plan: Plan, proposal: Proposal, status: ProposalStatus, current: StoredProposal | None) -> None:
        guard = plan.guard.verdict.value if plan.guard else "CLEAN"
        self.telemetry.count("Proposals")
        self.telemetry.count("GuardVerdicts", verdict=guard)
        self.telemetry.info(
            "proposal made",
            proposal_id=proposal.proposal_id,
            digest=proposal.digest,
            status=status.value,
            guard=guard,
            finding_ids=list(plan.covered),
            supersedes=current.proposal.proposal_id if current and current.status in OPEN else None,
        )

    def _wake(self) -> None:
        try:
            self.wake()
        except Retry as error:
            self.telemetry.warning("λ start finds this by its schedule", error=str(error))

    def _change(self, finding: Finding, occurrence: Occurrence) -> bool:
        change = self._changed(finding, occurrence)
        if change:
            self.findings.change(*change)
        return change is not None

    def _changed(self, finding: Finding, occurrence: Occurrence) -> tuple[Finding, Finding] | None:
        try:
            after = advance(finding, occurrence, self.now)
        except Refused:
            return None  # it is there already, or has gone on to where this says nothing new
        return finding, tagged(after, self.around) if self.around else after


def _proposed(proposal: Proposal, before: StoredProposal | None = None) -> Proposed:
    """Returns the news of a proposal; what it replaces is named where somebody may have been asked to sign that."""
    cause = "A fix was drawn up, proven and sealed."
    if before and before.status is ProposalStatus.WAITING:
        cause = (
            f"A newer fix takes the place of {before.proposal.proposal_id}: that request for a signature "
            "is cancelled, and signing it applies nothing."
        )
    return Proposed(proposal_id=proposal.proposal_id, cause=cause)
