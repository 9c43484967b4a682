"""The runbooks as they are shipped, run by the sandbox's Automation engine over IAM and the table in memory.

Nothing here waits: the clock stands still until a test moves it, or a script sleeps.
"""

from __future__ import annotations

import itertools
import json
import uuid
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from infra.runbooks import FOLDER, fill_in, load
from redress.adapters.automation import Automations
from redress.adapters.findings_items import item_of, key_of
from redress.adapters.findings_table import FindingsTable
from redress.adapters.proposals_table import ProposalsTable
from redress.adapters.table_writes import Key
from redress.domain.finding import Finding, Sighting
from redress.domain.lifecycle import advance
from redress.domain.lifecycle_occurrences import Occurrence, Proposed
from redress.domain.settings import Settings
from redress.domain.words import ProposalStatus, State
from sandbox.automation import contents, document_operations, launching
from sandbox.automation.documents import Documents
from sandbox.automation.engine import Engine
from sandbox.automation.execution import Place
from sandbox.automation.launching import Limits
from sandbox.automation.runners import Stepped
from sandbox.automation.service import AutomationService
from tests.denials import VERDICT
from tests.fakes import FakeStore
from tests.fakes_ssm import ACCOUNT, NOON, FakeSsm
from tests.runbook_proposals import BUCKET, FINDING, ROLE, allow, content, document, proposal
from tests.runbook_surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.proposal import Proposal

__all__ = [
    "ACCOUNT",
    "BUCKET",
    "FINDING",
    "NOON",
    "ROLE",
    "World",
    "allow",
    "content",
    "document",
    "proposal",
    "ready_world",
]
# Tests make thousands of accounts with the same two documents, which take long to validate.
setattr(document_operations, "read_content", cache(contents.read_content))  # noqa: B010 - mypy minds the other way
APPLY, RESTORE = "Redress-ApplyPolicyFix", "Redress-RestorePolicy"
ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"
BEN = f"arn:aws:iam::{ACCOUNT}:user/people/ben"
SIGNERS = f"arn:aws:iam::{ACCOUNT}:role/ops/signers"
START_ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/redress-start/start"
VALUES: Mapping[str, object] = {
    "Approvers": [ANA, BEN, SIGNERS],
    "SecondApprovers": [ANA, BEN],
    "MinApprovals": 1,
    "ApprovalTimeoutSeconds": 86_400,
    "AutomationRoleArn": f"arn:aws:iam::{ACCOUNT}:role/redress/system/automation",
    "TableName": "redress",
    "ApprovalsTopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:AutomationRedressApprovals",
    "ChangeCalendars": [],
    "CalendarNames": ["none"],
    "Partition": "aws",
}


class World(Surroundings):
    """One account and Region: IAM, the table, SSM, and people who sign."""

    def __init__(self, *, region: str = "us-east-1", **values: object) -> None:
        super().__init__()
        self.region = region
        self.numbers = itertools.count()
        setattr(launching, "uuid", self)  # noqa: B010 - the same ids in every run
        self.store = FakeStore(items=self.items)
        self.runner = Stepped()
        self.values = {**VALUES, **values}
        self.service = self._service()
        self.ssm = FakeSsm(self.service, START_ROLE)
        self.automations = Automations(self.ssm)
        self.findings = FindingsTable(self.store)
        self.proposals = ProposalsTable(self.store)
        self.settings = Settings(approvers=(ANA, BEN))
        for name in (APPLY, RESTORE):
            self.ssm.create_document(
                Name=name,
                DocumentType="Automation",
                DocumentFormat="JSON",
                Content=runbook_text(name, json.dumps(self.values)),
            )

    def _service(self) -> AutomationService:
        place = Place(account=ACCOUNT, region=self.region)
        engine = Engine(performer=self, clock=self.clock, sink=self, runner=self.runner)
        documents, limits = Documents(clock=self.clock), Limits(burst=1_000)
        return AutomationService(documents=documents, engine=engine, credentials=self, place=place, limits=limits)

    def uuid4(self) -> uuid.UUID:
        """Returns the next execution id."""
        return uuid.UUID(int=next(self.numbers) + 1, version=4)

    # --- what people do ------------------------------------------------------------------------------------

    def deploy(self, name: str, **values: object) -> None:
        """Puts a new version of a runbook in force, as a deployment with other knobs does."""
        text = runbook_text(name, json.dumps({**self.values, **values}))
        new = self.ssm.update_document(Name=name, Content=text, DocumentVersion="$LATEST")["DocumentDescription"]
        self.ssm.update_document_default_version(Name=name, DocumentVersion=new["DocumentVersion"])

    def start(
        self, proposal: Proposal, document: str = APPLY, token: str | None = None, version: str | None = None
    ) -> str:
        """Returns the id of a new execution, of the version in force or of another one."""
        payload = {
            "DocumentName": document,
            "Parameters": {"ProposalId": [proposal.proposal_id], "Digest": [proposal.digest]},
        }
        more = {"ClientToken": token, "DocumentVersion": version}
        given = {name: text for name, text in more.items() if text}
        answer = self.ssm.start_automation_execution(**payload, **given)
        return str(answer["AutomationExecutionId"])

    def run(self) -> None:
        """Lets all executions go on until they wait or have ended."""
        self.runner.run()

    def sign(self, execution_id: str, who: str = ANA, *, reject: bool = False, comment: str = "") -> None:
        """Sends a signature."""
        payload = {
            "AutomationExecutionId": execution_id,
            "SignalType": "Reject" if reject else "Approve",
            "Payload": {"Comment": [comment]} if comment else {},
        }
        FakeSsm(self.service, who).send_automation_signal(**payload)

    def forge_decision(self, execution_id: str, who: str) -> None:
        """Makes SSM's approval step succeed by somebody whom SSM should not have taken."""
        engine = self.service.engine
        execution = engine._executions[execution_id]
        step = execution.document.steps["approve"]
        changed = replace(step, inputs={**step.inputs, "Approvers": [who]})
        run = replace(execution.steps["approve"], inputs={**execution.steps["approve"].inputs, "Approvers": [who]})
        document = replace(execution.document, steps={**execution.document.steps, "approve": changed})
        steps = {**execution.steps, "approve": run}
        engine._executions[execution_id] = replace(execution, document=document, steps=steps)
        signer = who if ":user/" in who else f"arn:aws:sts::{ACCOUNT}:assumed-role/{who.rsplit('/', 1)[-1]}/x"
        self.sign(execution_id, signer)

    def stop(self, execution_id: str) -> None:
        """Cancels the execution; nothing happens if it is over."""
        self.automations.stop(execution_id)

    def status(self, execution_id: str) -> str:
        """Returns the execution's status in SSM's words."""
        return str(self.execution(execution_id)["AutomationExecutionStatus"])

    def execution(self, execution_id: str) -> dict[str, Any]:
        """Returns what GetAutomationExecution says."""
        answer = self.ssm.get_automation_execution(AutomationExecutionId=execution_id)
        found: dict[str, Any] = answer["AutomationExecution"]
        return found

    def failure(self, execution_id: str) -> str:
        """Returns why the execution failed."""
        return str(self.execution(execution_id).get("FailureMessage", ""))

    def applied(self, proposal: Proposal, who: str = ANA) -> str:
        """Returns the id of an execution that applied the proposal with one signature."""
        execution_id = self.start(proposal)
        self.run()
        self.sign(execution_id, who)
        self.run()
        assert self.status(execution_id) == "Success", self.failure(execution_id)
        return execution_id

    def pass_time(self, **parts: float) -> None:
        """Moves the clock and lets executions notice."""
        self.clock.move(**parts)
        self.service.engine.tick()
        self.run()

    def item(self, proposal: Proposal) -> dict[str, Any]:
        """Returns the proposal's item, to look at or to tamper with."""
        return next(item for key, item in self.items.items() if key.pk == f"PROPOSAL#{proposal.proposal_id}")

    def item_failure(self) -> str:
        """Returns what the runbook noted as the failure of the one proposal that has one."""
        (text,) = {item["failure"] for item in self.items.values() if "failure" in item}
        return str(text)

    def finding_item(self) -> dict[str, Any]:
        """Returns the finding's item, to look at or to tamper with."""
        return self.items[key_of(FINDING)]

    def lock(self, execution_id: str, principal: str = "") -> None:
        """Lets an execution hold the principal's lock."""
        key = Key(pk=f"TARGET#{principal or ROLE}", sk="LOCK")
        self.items[key] = {"pk": key.pk, "sk": key.sk, "execution_id": execution_id, "taken_at": 0}

    def deny(self, finding_id: str = FINDING) -> None:
        """Makes an open finding."""
        now = self.clock.now()
        sighting = Sighting(event_id="e-1", event_time=now, event_source="s3.amazonaws.com", event_name="PutObject")
        finding = Finding(
            finding_id=finding_id,
            verdict=VERDICT,
            resource_template=None,
            state=State.OPEN,
            state_version=1,
            count=1,
            first_seen=now,
            last_seen=now,
            last=sighting,
            changed_at=now,
        )
        self.items[key_of(finding_id)] = item_of(finding, frozenset({b"12345678"}))

    def finding(self, finding_id: str = FINDING) -> Finding:
        """Returns the finding as it is stored."""
        found = self.findings.get(finding_id)
        assert found
        return found

    def happens(self, occurrence: Occurrence, finding_id: str = FINDING) -> Finding:
        """Returns the finding after the occurrence, stored."""
        before = self.finding(finding_id)
        after = advance(before, occurrence, self.clock.now())
        self.findings.change(before, after)
        return after

    def file(self, proposal: Proposal, status: ProposalStatus = ProposalStatus.READY) -> Proposal:
        """Stores the proposal as the principal's current one, and lets its findings know."""
        before = self.proposals.current(proposal.content["principal"]["arn"])
        self.proposals.make_current(proposal, status, before=before, now=self.clock.now())
        for finding_id in proposal.content["finding_ids"]:
            if key_of(finding_id) not in self.items:
                self.deny(finding_id)
            self.happens(Proposed(cause="a change was drawn up", proposal_id=proposal.proposal_id), finding_id)
        return proposal


@cache
def runbook_text(name: str, values: str) -> str:
    """Returns the document as SSM gets it."""
    return json.dumps(fill_in(load(FOLDER / f"{name}.yaml"), json.loads(values)))


def ready_world(region: str = "us-east-1", **values: object) -> World:
    """Returns a world with the role that the proposals are about."""
    world = World(region=region, **values)
    world.iam.add_role(ROLE)
    return world
