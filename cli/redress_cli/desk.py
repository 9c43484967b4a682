"""The findings, proposals and executions of one deployment, through the person's own credentials."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from redress.adapters.automation import Automations
from redress.adapters.findings_table import FindingsTable
from redress.adapters.proposals_table import ProposalsTable
from redress.adapters.table_client import DynamoStore
from redress.domain.errors import Refused
from redress.domain.proposal import id_of, sha256
from redress_cli.aws import Deployment

if TYPE_CHECKING:
    from redress.adapters.proposals_table import StoredProposal
    from redress.domain.finding import Finding

LISTED = "`redress findings` lists them"


@dataclass(frozen=True)
class Desk:
    """What the commands read and write."""

    deployment: Deployment

    @property
    def store(self) -> DynamoStore:
        """Returns the table."""
        return DynamoStore(self.deployment.client("dynamodb"), self.deployment.outputs["TableName"])

    @property
    def findings(self) -> FindingsTable:
        """Returns the findings."""
        return FindingsTable(self.store)

    @property
    def proposals(self) -> ProposalsTable:
        """Returns the proposals."""
        return ProposalsTable(self.store)

    @property
    def automations(self) -> Automations:
        """Returns the runbook executions."""
        return Automations(self.deployment.client("ssm"))

    def finding(self, finding_id: str) -> Finding:
        """Returns a finding.

        Raises:
            Refused: There is none with this id.

        """
        if not finding_id.startswith("f-"):
            raise Refused(f"no such finding: ids begin with f-; {LISTED}")
        found = self.findings.get(finding_id)
        if found is None:
            raise Refused(f"no finding {finding_id} in {self.deployment.where}: is it another Region's? (--region)")
        return found

    def proposal(self, name: str) -> StoredProposal:
        """Returns a proposal by its own id or by that of a finding it covers, its seal checked.

        Raises:
            Refused: There is none, or its text is not what its digest and its id say: somebody changed it.

        """
        proposal_id = (self.finding(name).proposal_id or "") if name.startswith("f-") else name
        stored = self.proposals.get(proposal_id) if proposal_id else None
        if stored is None:
            raise Refused(self._no_proposal(name))
        return unchanged(stored)

    def _no_proposal(self, name: str) -> str:
        if name.startswith("f-"):
            return f"no proposal for {name}: `redress show {name}` says why"
        if name.startswith("p-"):
            return f"no proposal {name} in {self.deployment.where}: is it another Region's? (--region)"
        return f"no such proposal: ids begin with f- or p-; {LISTED}"


def unchanged(stored: StoredProposal) -> StoredProposal:
    """Returns the proposal if its text is the one that its digest and its id were made of.

    Raises:
        Refused: Somebody changed the text, or put another proposal's text and digest under this id.

    """
    sealed = stored.proposal
    if sealed.digest != sha256(sealed.body) or sealed.proposal_id != id_of(sealed.digest):
        raise Refused(f"proposal {sealed.proposal_id} was changed after it was sealed: sign nothing, tell security")
    return stored


def confirmed(question: str, *, yes: bool) -> bool:
    """Returns whether the person agrees; without a terminal only ``--yes`` agrees."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise Refused("nobody is there to confirm: run it in a terminal, or add --yes")
    sys.stdout.write(f"{question} [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
