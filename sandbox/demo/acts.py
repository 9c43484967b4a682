"""The two acts of the demo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.panel import Panel
from rich.prompt import Confirm
from rich.text import Text

from redress.adapters.automation import EXECUTION_TAG
from sandbox.demo.ledger import Ledger, Seen
from sandbox.demo.stages import StageFailed
from sandbox.demo.world import BUCKET, KEY, LEDGER, ROLE

if TYPE_CHECKING:
    from sandbox.demo.stages import Stage, Stages
    from sandbox.demo.world import World

FINISHED = {"Success", "Failed", "Rejected", "TimedOut", "Cancelled"}
PROPAGATION_SECONDS = 30.0


def missing_permission(stages: Stages, world: World, *, unattended: bool) -> None:
    """Shows a missing permission being found, fixed, verified, and the fix taken back."""
    stages.act(f"Act 1: {ROLE} may read s3://{BUCKET}, and tries to write")
    ledger = Ledger(world)
    with stages.stage("the call is denied") as stage:
        _expect_denied(stage, world.put_order(), f"s3:PutObject s3://{BUCKET}/{KEY}")
    with stages.stage("Redress finds out why") as stage:
        found = stage.wait("finding", lambda: ledger.finding("s3:PutObject"))
        stage.show(_card(found))
    with stages.stage("the on-call person is told, and a fix is proposed") as stage:
        waiting = stage.wait("approval request", lambda: ledger.in_state(found.finding_id, "AWAITING_APPROVAL"))
        stage.show(_notice(stage, world, found.finding_id))
    _approve_and_watch(stages, world, ledger, waiting, unattended=unattended)
    with stages.stage("the same call, again") as stage:
        stage.wait("the call to go through", lambda: True if world.put_order() is None else None)
        stage.note(f"s3:PutObject s3://{BUCKET}/{KEY}: allowed")
    _take_back(stages, world, ledger, found)


def explicit_deny(stages: Stages, world: World) -> None:
    """Shows a denial that no policy of Redress's should touch."""
    stages.act(f"Act 2: {ROLE} tries to delete the table {LEDGER}, which a policy forbids on purpose")
    ledger = Ledger(world)
    with stages.stage("the call is denied by an explicit deny") as stage:
        _expect_denied(stage, world.delete_ledger(), f"dynamodb:DeleteTable {LEDGER}")
    with stages.stage("Redress says why no policy should change, and who can act") as stage:
        found = stage.wait("finding", lambda: ledger.finding("dynamodb:DeleteTable", state="NO_FIX"))
        stage.show(_card(found))


def _expect_denied(stage: Stage, denial: str | None, what: str) -> None:
    if denial is None:
        raise StageFailed(f"{what} went through, but should have been denied")
    stage.show(Panel(Text(denial), title=what, title_align="left", border_style="red"))


def _card(found: Seen) -> Panel:
    return Panel(Text(found.card), title=f"finding {found.finding_id}", title_align="left", border_style="cyan")


def _notice(stage: Stage, world: World, finding_id: str) -> Panel:
    def look() -> dict[str, Any] | None:
        got = world.mails("FindingsTopicArn", finding_id)
        return next((each for each in got if "approval" in each["subject"].lower()), None)

    mail = stage.wait("notice", look)
    return Panel(Text(mail["text"]), title=f"e-mail: {mail['subject']}", title_align="left", border_style="blue")


def _request(stage: Stage, world: World, execution_id: str) -> Panel:
    def look() -> dict[str, Any] | None:
        return next(iter(world.mails("ApprovalsTopicArn", execution_id)), None)

    asked = stage.wait("the request to the approvers", look)
    title = f"e-mail to approvers: {asked['subject']}"
    return Panel(Text(asked["text"]), title=title, title_align="left", border_style="yellow")


def _approve_and_watch(stages: Stages, world: World, ledger: Ledger, waiting: Seen, *, unattended: bool) -> None:
    with stages.stage("an approver reads what will be done") as stage:
        proposal = ledger.proposal(waiting.proposal_id)
        content = json.loads(proposal["body"])
        _wait_for_request(stage, world, waiting.execution_id)
        stage.show(_request(stage, world, waiting.execution_id))
    if not unattended and not Confirm.ask("Approve this as the approver?", console=stages.console, default=True):
        raise StageFailed("you rejected the fix; nothing was changed")
    with stages.stage("the approver signs; the runbook applies and verifies") as stage:
        world.sign(waiting.execution_id)
        _watch_runbook(stage, world, waiting.execution_id)
        stage.wait("fixed finding", lambda: ledger.in_state(waiting.finding_id, "FIXED"), seconds=60)
    world.made.append(f"policy {content['policy']['arn']}")


def _watch_runbook(stage: Stage, world: World, execution_id: str) -> None:
    ssm = world.sandbox.client("ssm")
    told: set[str] = set()

    def look() -> str | None:
        execution = ssm.get_automation_execution(AutomationExecutionId=execution_id)["AutomationExecution"]
        for step in execution.get("StepExecutions", []):
            if step["StepStatus"] in FINISHED and step["StepName"] not in told:
                told.add(step["StepName"])
                stage.note(f"{step['StepName']:<24}{step['Action']:<24}{step['StepStatus']}")
        status = str(execution["AutomationExecutionStatus"])
        return status if status in FINISHED else None

    status = stage.wait("runbook to end", look, seconds=60)
    if status != "Success":
        failure = ssm.get_automation_execution(AutomationExecutionId=execution_id)["AutomationExecution"]
        raise StageFailed(f"the runbook ended {status}: {failure.get('FailureMessage', 'no message')}")


def _take_back(stages: Stages, world: World, ledger: Ledger, found: Seen) -> None:
    with stages.stage("the fix is taken back by the restore runbook") as stage:
        fixed = ledger.finding_by_id(found.finding_id)
        proposal = ledger.proposal(fixed.proposal_id)
        parameters = {"ProposalId": [fixed.proposal_id], "Digest": [proposal["digest"]]}
        ssm = world.sandbox.client("ssm")
        document = world.outputs["RestoreDocument"]
        # Approvers may sign executions with this tag only.
        tags = [{"Key": EXECUTION_TAG, "Value": fixed.proposal_id}]
        started = ssm.start_automation_execution(DocumentName=document, Parameters=parameters, Tags=tags)
        execution = started["AutomationExecutionId"]
        _wait_for_request(stage, world, execution)
        world.sign(execution)
        _watch_runbook(stage, world, execution)
    with stages.stage("the call is denied again") as stage:
        denial = stage.wait("denial", world.put_order, seconds=PROPAGATION_SECONDS)
        _expect_denied(stage, denial, f"s3:PutObject s3://{BUCKET}/{KEY}")


def _wait_for_request(stage: Stage, world: World, execution_id: str) -> None:
    ssm = world.sandbox.client("ssm")

    def look() -> bool | None:
        execution = ssm.get_automation_execution(AutomationExecutionId=execution_id)["AutomationExecution"]
        status = execution["AutomationExecutionStatus"]
        if status in FINISHED:
            raise StageFailed(f"the runbook ended {status} too early: {execution.get('FailureMessage', 'no message')}")
        return True if status in {"Waiting", "PendingApproval"} else None

    stage.wait("the approval request", look)
