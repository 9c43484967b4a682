"""The policy statements that more than one role needs, each as narrow as IAM can say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Aws
from aws_cdk import aws_iam as iam

from infra.names import APPLY_DOCUMENT, EXECUTION_TAG, RESTORE_DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_logs as logs
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs

READ_ITEMS: Final = ("GetItem", "BatchGetItem", "Query")
WRITE_ITEMS: Final = ("PutItem", "UpdateItem", "ConditionCheckItem")
ANY_KEY: Final = ("*",)
LIST_STREAMS: Final = "dynamodb:ListStreams takes no resource, and Lambda's poller asks for it"


def arn(service: str, resource: str, *, region: bool = True) -> str:
    """Returns the ARN of ``resource`` in this account, and Region unless the service is global."""
    return f"arn:{Aws.PARTITION}:{service}:{Aws.REGION if region else ''}:{Aws.ACCOUNT_ID}:{resource}"


def iam_arn(resource: str) -> str:
    """Returns the ARN of a role, user, group or policy of this account."""
    return arn("iam", resource, region=False)


def allow(
    sid: str, actions: tuple[str, ...], *resources: str, conditions: Mapping[str, Any] | None = None
) -> iam.PolicyStatement:
    """Returns an Allow; without resources, of actions that support none."""
    return iam.PolicyStatement(sid=sid, actions=list(actions), resources=list(resources or "*"), conditions=conditions)


def deny(
    sid: str, actions: tuple[str, ...], *resources: str, conditions: Mapping[str, Any] | None = None
) -> iam.PolicyStatement:
    """Returns a Deny."""
    return iam.PolicyStatement(
        sid=sid, effect=iam.Effect.DENY, actions=list(actions), resources=list(resources), conditions=conditions
    )


def items(sid: str, table: dynamodb.ITable, actions: tuple[str, ...], keys: tuple[str, ...]) -> iam.PolicyStatement:
    """Returns an Allow of item actions on those items of the table whose partition keys look like ``keys``."""
    return allow(
        sid,
        tuple(f"dynamodb:{action}" for action in actions),
        table.table_arn,
        conditions=None if keys == ANY_KEY else {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}},
    )


def index(table: dynamodb.ITable) -> iam.PolicyStatement:
    """Returns an Allow to query the index, which holds keys only."""
    return allow("QueryIndex", ("dynamodb:Query",), f"{table.table_arn}/index/by_state")


def stream(table: dynamodb.ITable, failures: sqs.IQueue) -> list[iam.PolicyStatement]:
    """Returns what Lambda's poller needs of a function's role to read the stream and to put aside what fails."""
    actions = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
    return [
        allow("ReadStream", actions, table.table_stream_arn or ""),
        allow("ListStreams", ("dynamodb:ListStreams",)),
        send("PutAside", failures),
    ]


def send(sid: str, queue: sqs.IQueue) -> iam.PolicyStatement:
    """Returns an Allow to send to one queue."""
    return allow(sid, ("sqs:SendMessage",), queue.queue_arn)


def publish(*topics: sns.ITopic) -> iam.PolicyStatement:
    """Returns an Allow to publish to exactly these topics."""
    return allow("Publish", ("sns:Publish",), *(topic.topic_arn for topic in topics))


def write_logs(group: logs.ILogGroup) -> iam.PolicyStatement:
    """Returns an Allow to write to one log group, which exists already."""
    return allow("WriteLogs", ("logs:CreateLogStream", "logs:PutLogEvents"), group.log_group_arn)


def executions() -> str:
    """Returns the ARN pattern of Automation executions, whose ids can't be known before."""
    return arn("ssm", "automation-execution/*")


def runbooks(*names: str) -> list[str]:
    """Returns the ARNs of the named runbooks, of both where none is named."""
    return [arn("ssm", f"document/{name}") for name in names or (APPLY_DOCUMENT, RESTORE_DOCUMENT)]


def startable(*names: str) -> list[str]:
    """Returns the ARNs under which starting the named runbooks is authorized.

    The runbook itself is what AWS asks for (Service Authorization Reference, StartAutomationExecution), whatever
    version is named; the definition is optional, and names the version in force. So an older version, which has the
    approvers of its day, can be started, and refuses to go on (``stored.in_force``).
    """
    chosen = names or (APPLY_DOCUMENT, RESTORE_DOCUMENT)
    return [*runbooks(*chosen), *(arn("ssm", f"automation-definition/{name}:$DEFAULT") for name in chosen)]


def of_proposals() -> dict[str, dict[str, str]]:
    """Returns the condition that an execution was started for a proposal; ids of executions can't be known before."""
    return {"StringLike": {f"aws:ResourceTag/{EXECUTION_TAG}": "p-*"}}


def _only_our_tag() -> dict[str, dict[str, Any]]:
    return {
        "StringLike": {f"aws:RequestTag/{EXECUTION_TAG}": "p-*"},
        "ForAllValues:StringEquals": {"aws:TagKeys": [EXECUTION_TAG]},
    }


def why_executions() -> dict[str, str]:
    """Returns, for cdk-nag, why executions are named by a pattern."""
    return {executions(): "SSM chooses the id of an execution when it starts"}


def start_runbooks(automation_role_arn: str, *names: str) -> list[iam.PolicyStatement]:
    """Returns what it takes to start the named runbooks: start, tag the execution, hand over the Automation role."""
    return [
        allow("StartRunbooks", ("ssm:StartAutomationExecution",), *startable(*names), executions()),
        allow("TagExecutions", ("ssm:AddTagsToResource",), executions(), conditions=_only_our_tag()),
        allow(
            "PassAutomationRole",
            ("iam:PassRole",),
            automation_role_arn,
            conditions={"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}},
        ),
    ]
