"""The approver reads one proposal, and his signature goes to another execution."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import TYPE_CHECKING

import pytest

from infra.names import EXECUTION_TAG
from redress.domain.errors import Refused
from redress_cli import approve, show, signing
from redress_cli.aws import Deployment
from redress_cli.signing import signable
from tests.approver_desk import desk
from tests.infra.roles import decide
from tests.infra.template import ACCOUNT, REGION
from tests.runbook_world import APPLY, FINDING, World, allow, proposal, ready_world

if TYPE_CHECKING:
    from types import ModuleType

    from redress.domain.proposal import Proposal
    from tests.infra.template import Template


STRANGER = {
    "schemaVersion": "0.3",
    "assumeRole": f"arn:aws:iam::{ACCOUNT}:role/x",
    "parameters": {"ProposalId": {"type": "String"}},
    "mainSteps": [{"name": "wait", "action": "aws:sleep", "inputs": {"Duration": "PT1H"}}],
}


@pytest.fixture
def world() -> World:
    """A world with the role."""
    return ready_world()


def swap(world: World, victim: Proposal, harmless: Proposal) -> None:
    """Puts the text and the digest of a harmless proposal under the id of another."""
    world.item(victim).update(body=harmless.body, digest=harmless.digest)


def test_t21_swapped_signature_the_honest_one_is_sent(world: World) -> None:
    """A proposal's own execution is the one that is signed."""
    signed = world.file(proposal(world))
    execution = world.start(signed)
    world.run()
    found = signable(desk(world), signed.proposal_id)
    assert (found.execution.execution_id, found.takes_back, found.stored.proposal) == (execution, False, signed)


def test_t21_swapped_signature_is_not_sent_to_another_proposals_execution(world: World) -> None:
    """Where the table points a harmless proposal at another one's execution, nothing is signed."""
    evil = world.file(proposal(world, allow("s3:DeleteObject")))
    execution = world.start(evil)
    world.run()
    harmless = world.file(proposal(world))
    world.item(harmless)["execution_id"] = execution
    with pytest.raises(Refused, match="sign nothing, tell security"):
        signable(desk(world), harmless.proposal_id)


@pytest.mark.parametrize(
    ("command", "by"),
    [(approve, "execution"), (approve, "proposal"), (approve, "finding"), (show, "proposal"), (show, "finding")],
)
def test_t21_swapped_signature_is_not_asked_for_with_another_text(
    world: World, by: str, command: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the item of a proposal holds a harmless one's text and digest, nothing of it is shown or signed."""
    evil = world.file(proposal(world, allow("s3:DeleteObject")))
    execution = world.start(evil)
    world.run()
    swap(world, evil, proposal(world))
    monkeypatch.setattr(show, "Desk", lambda _: desk(world))
    monkeypatch.setattr(signing, "Desk", lambda _: desk(world))
    monkeypatch.setattr(Deployment, "of", lambda _: None)
    name = {"execution": execution, "proposal": evil.proposal_id, "finding": FINDING}[by]
    with pytest.raises(Refused, match="sign nothing, tell security"):
        command.run(Namespace(name=name, finding=name, yes=True, comment="", patch=None))
    world.run()
    assert (world.status(execution), capsys.readouterr().out) == ("Waiting", "")


def test_t21_swapped_signature_is_for_the_digest_that_the_execution_was_started_with(world: World) -> None:
    """Even a text whose id is the same is not signed for an execution of another digest."""
    signed = world.file(proposal(world))
    other = f"{signed.digest[:20]}{'0' * 44}"
    parameters = {"ProposalId": [signed.proposal_id], "Digest": [other]}
    answer = world.ssm.start_automation_execution(DocumentName=APPLY, Parameters=parameters)
    world.item(signed)["execution_id"] = answer["AutomationExecutionId"]
    with pytest.raises(Refused, match="sign nothing, tell security"):
        signable(desk(world), signed.proposal_id)


@pytest.mark.parametrize("by", ["execution", "proposal"])
def test_t21_swapped_signature_is_not_sent_to_a_strangers_runbook(world: World, by: str) -> None:
    """An execution of another runbook that carries a proposal's id gets no signature."""
    signed = world.file(proposal(world))
    text = json.dumps(STRANGER)
    world.ssm.create_document(Name="Evil", DocumentType="Automation", DocumentFormat="JSON", Content=text)
    answer = world.ssm.start_automation_execution(DocumentName="Evil", Parameters={"ProposalId": [signed.proposal_id]})
    execution = str(answer["AutomationExecutionId"])
    world.item(signed)["execution_id"] = execution
    with pytest.raises(Refused, match="none of Redress's"):
        signable(desk(world), execution if by == "execution" else signed.proposal_id)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({EXECUTION_TAG: "p-0123456789abcdef0123"}, True),
        ({}, False),
        ({EXECUTION_TAG: "payroll"}, False),
        ({"redress:other": "p-0123456789abcdef0123"}, False),
    ],
)
def test_t21_swapped_signature_is_bound_to_our_executions(
    template: Template, tags: dict[str, str], expected: object
) -> None:
    """The approvers' policy lets them answer executions that were started for a proposal, and no others."""
    on = f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-execution/4105a4fc-f944-11e6-9d32-0a1b2c3d495h"
    context: dict[str, str | list[str]] = {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
    policy = template.one("AWS::IAM::ManagedPolicy", "Approver")
    assert decide(policy, "ssm:SendAutomationSignal", on, context).allowed is expected
