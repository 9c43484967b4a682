"""The guard knows every part of the stack: a change to one is never granted on a single signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from infra.names import APPLY_DOCUMENT, APPROVALS_TOPIC, STACK
from redress.domain.words import GuardVerdict
from tests.infra.template import REGION
from tests.unit.fix import builders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.template import Template

HERE: Final = f"{REGION}:{builders.ACCOUNT}"
EXECUTION: Final = f"arn:aws:ssm:{HERE}:automation-execution/4105a4fc-f944-11e6-9d32-0a1b2c3d495h"
WRITES: Final = {
    "AWS::CloudWatch::Alarm": (f"arn:aws:cloudwatch:{HERE}:alarm:{{}}", "cloudwatch:SetAlarmState"),
    "AWS::CloudWatch::Dashboard": (f"arn:aws:cloudwatch::{builders.ACCOUNT}:dashboard/{{}}", "cloudwatch:PutDashboard"),
    "AWS::DynamoDB::Table": (f"arn:aws:dynamodb:{HERE}:table/{{}}", "dynamodb:PutItem"),
    "AWS::Events::Rule": (f"arn:aws:events:{HERE}:rule/{{}}", "events:RemoveTargets"),
    "AWS::Lambda::Function": (f"arn:aws:lambda:{HERE}:function:{{}}", "lambda:InvokeFunction"),
    "AWS::Logs::LogGroup": (f"arn:aws:logs:{HERE}:log-group:{{}}", "logs:PutRetentionPolicy"),
    "AWS::SNS::Topic": (f"arn:aws:sns:{HERE}:{{}}", "sns:Publish"),
    "AWS::SQS::Queue": (f"arn:aws:sqs:{HERE}:{{}}", "sqs:DeleteMessage"),
    "AWS::SSM::Document": (f"arn:aws:ssm:{HERE}:document/{{}}", "ssm:UpdateDocument"),
    "AWS::SecretsManager::Secret": (f"arn:aws:secretsmanager:{HERE}:secret:{{}}", "secretsmanager:PutSecretValue"),
    "AWS::IAM::Role": (f"arn:aws:iam::{builders.ACCOUNT}:role/redress/system/{{}}", "iam:TagRole"),
    "AWS::IAM::ManagedPolicy": (f"arn:aws:iam::{builders.ACCOUNT}:policy/redress/system/{{}}", "iam:TagPolicy"),
}
"""How each type's ARN looks, and one write of it."""
NAMELESS: Final = {
    "AWS::CloudWatch::AnomalyDetector": "no ARN",
    "AWS::KMS::Key": "a random id; docs/guard.md says that the guard does not recognise it",
    "AWS::Lambda::EventSourceMapping": "a random id; docs/guard.md says that the guard does not recognise it",
    "AWS::Lambda::EventInvokeConfig": "its function's ARN",
    "AWS::Lambda::Permission": "its function's ARN",
    "AWS::SNS::Subscription": "its topic's ARN, and a random id behind it",
    "AWS::SNS::TopicPolicy": "its topic's ARN",
    "AWS::SQS::QueuePolicy": "its queue's ARN",
}
"""Types that have no name of their own, and by what they are known."""
NAMES: Final = ("AlarmName", "DashboardName", "Name", "TopicName")


def parts(template: Template) -> Iterator[tuple[str, str]]:
    """Yields a write and the ARN of each named resource of the template, as CloudFormation would name it."""
    for type_, (arn, action) in WRITES.items():
        for resource in template.resources(type_):
            given = [resource.properties[name] for name in NAMES if isinstance(resource.properties.get(name), str)]
            # Of all types that we use, only secrets are named without the stack's name.
            prefix = "" if type_ == "AWS::SecretsManager::Secret" else f"{STACK}-"
            yield action, arn.format(given[0] if given else f"{prefix}{resource.name}-1A2B3C4D5E6F")


def test_every_type_of_the_template_is_known(everything: Template) -> None:
    """A new type of resource gets a row here before the guard can miss it."""
    types = {raw["Type"] for raw in everything.raw["Resources"].values()}
    assert types == set(WRITES) | set(NAMELESS)


def test_a_write_on_any_part_of_the_stack_is_seen(everything: Template) -> None:
    """Whatever the template names, a write on it is a change to Redress itself, whichever write it is."""
    seen = {arn: rules_on(action, arn) for action, arn in parts(everything)}
    assert len(seen) > 60
    assert {arn: rules for arn, rules in seen.items() if not rules & {"own-parts", "own-house"}} == {}


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        (
            "cloudformation:DeleteStack",
            f"arn:aws:cloudformation:{HERE}:stack/{STACK}/0b0b0b0b-0000-4000-8000-000000000000",
        ),
        ("ssm:StartAutomationExecution", f"arn:aws:ssm:{HERE}:automation-definition/{APPLY_DOCUMENT}:1"),
        ("sns:Unsubscribe", f"arn:aws:sns:{HERE}:{APPROVALS_TOPIC}:0b0b0b0b-0000-4000-8000-000000000000"),
        ("ssm:AddTagsToResource", EXECUTION),
        ("ssm:RemoveTagsFromResource", EXECUTION),
        ("ssm:StopAutomationExecution", EXECUTION),
        ("ssm:SendAutomationSignal", EXECUTION),
    ],
)
def test_what_the_template_does_not_name_is_seen_too(action: str, arn: str) -> None:
    """The stack itself, versions of runbooks, subscriptions, and executions that may wait for a signature."""
    assert "own-parts" in rules_on(action, arn)


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("sns:Publish", f"arn:aws:sns:{HERE}:AutomationOthers"),
        ("cloudformation:DeleteStack", f"arn:aws:cloudformation:{HERE}:stack/Redressing/0b0b"),
        ("ssm:GetAutomationExecution", EXECUTION),
        ("secretsmanager:PutSecretValue", f"arn:aws:secretsmanager:{HERE}:secret:NoticesSlackless-AbCdEf"),
    ],
)
def test_what_only_looks_like_a_part_is_not(action: str, arn: str) -> None:
    """Others' resources of similar names, and reads, are no change to Redress."""
    assert "own-parts" not in rules_on(action, arn)


def rules_on(action: str, arn: str) -> set[str]:
    """Returns the rules that a grant of the action on the ARN hits; all of them ask for two people, or block."""
    guard = builders.plan(builders.finding(action, arn)).guard
    assert guard is not None
    rules = {hit.rule for hit in guard.hits}
    assert guard.verdict in {GuardVerdict.TWO_APPROVERS, GuardVerdict.BLOCK} or not rules & {"own-parts", "own-house"}
    return rules
