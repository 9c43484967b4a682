"""What people need: approvers sign, on-call looks after, auditors read. Attach them to your own roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.nag import accept_wildcards
from infra.names import STACK, SYSTEM_PATH
from infra.notices import ANY_TRAIL, TRAILS
from infra.proposals import read_iam, why_iam
from infra.statements import (
    READ_ITEMS,
    WRITE_ITEMS,
    allow,
    executions,
    index,
    items,
    of_proposals,
    runbooks,
    start_runbooks,
    why_executions,
)

if TYPE_CHECKING:
    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_sqs as sqs

    from infra.dead_letters import DeadLetters

READ_EXECUTIONS: Final = ("ssm:GetAutomationExecution", "ssm:DescribeAutomationStepExecutions")
REDRIVE: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes")

STACKS: Final = f"arn:{Aws.PARTITION}:cloudformation:*:{Aws.ACCOUNT_ID}:stack/{STACK}/*"
"""In every Region: ``redress doctor`` looks for it where global services record their calls, and in all."""


class ApproverPolicies(Construct):
    """Three managed policies for people.

    Attributes:
        approver: See everything, sign or reject. Starting is not signing: approvers can't start runbooks.
        on_call: See everything, start runbooks, mute findings, replay dead letters. On-call can't sign.
        auditor: See everything.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        table: dynamodb.ITable,
        automation_role_arn: str,
        denials: sqs.IQueue,
        dead_letters: DeadLetters,
    ) -> None:
        super().__init__(scope, id_)
        self.approver = self._policy("Approver", "sign or reject fixes", [*_reads(table), _sign()])
        keep = [*_look_after(table, denials, dead_letters), *start_runbooks(automation_role_arn)]
        self.on_call = self._policy(
            "OnCall", "start runbooks, mute findings, replay dead letters", [*_reads(table), *keep]
        )
        self.auditor = self._policy("Auditor", "read findings, proposals and executions", _reads(table))

    def _policy(self, id_: str, purpose: str, statements: list[iam.PolicyStatement]) -> iam.ManagedPolicy:
        description = f"Redress: {purpose}"
        policy = iam.ManagedPolicy(self, id_, path=SYSTEM_PATH, description=description, statements=statements)
        accept_wildcards(policy, _why())
        return policy


def _why() -> dict[str, str]:
    return {
        "*": "the actions that list executions, rules, trails and Regions take no resource",
        TRAILS: ANY_TRAIL,
        STACKS: "CloudFormation chooses the id that follows the stack's name; each Region has a stack of its own",
        **why_executions(),
        **why_iam(),
    }


def _reads(table: dynamodb.ITable) -> list[iam.PolicyStatement]:
    return [
        items("ReadTable", table, READ_ITEMS, ("*",)),
        index(table),
        allow("ReadExecutions", READ_EXECUTIONS, executions()),
        allow("ReadRunbooks", ("ssm:DescribeDocument", "ssm:GetDocument"), *runbooks()),
        allow("FindStack", ("cloudformation:DescribeStacks",), STACKS),
        allow(
            "LookAround",
            (
                *("ssm:DescribeAutomationExecutions", "cloudtrail:DescribeTrails", "events:ListRules"),
                "ec2:DescribeRegions",
            ),
        ),
        *read_iam(),
        allow("ReadTrails", ("cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"), TRAILS),
    ]


def _sign() -> iam.PolicyStatement:
    """Signals name an execution, whose id can't be known before; SSM itself takes signals only from its approvers."""
    return allow("Sign", ("ssm:SendAutomationSignal",), executions(), conditions=of_proposals())


def _look_after(table: dynamodb.ITable, denials: sqs.IQueue, dead_letters: DeadLetters) -> list[iam.PolicyStatement]:
    queues = [queue.queue_arn for queue in (dead_letters.denials, dead_letters.rules, dead_letters.functions)]
    return [
        items("MuteFindings", table, WRITE_ITEMS, ("FINDING#*",)),
        allow("ReadDeadLetters", REDRIVE, *queues),
        allow("ReplayDenials", ("sqs:SendMessage",), denials.queue_arn),
    ]
