"""The key of the topics (and of the table, by knob)."""

from __future__ import annotations

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.names import ALARM_PREFIX
from infra.statements import arn


class EncryptionKey(Construct):
    """One customer managed key, because CloudWatch alarms can't publish to a topic under the AWS managed one.

    Attributes:
        key: The key. Whoever may use SNS or DynamoDB here may use it through them; nobody needs a grant of their own.

    """

    def __init__(self, scope: Construct, id_: str, *, removal: RemovalPolicy) -> None:
        super().__init__(scope, id_)
        self.key = kms.Key(
            self,
            "Key",
            description="Redress: topics and, if configured, the findings table",
            enable_key_rotation=True,
            removal_policy=removal,
        )
        self.key.add_to_resource_policy(_through("sns", "ThroughSns"))
        self.key.add_to_resource_policy(_through("dynamodb", "ThroughDynamoDb"))
        self.key.add_to_resource_policy(_alarms())


def _through(service: str, sid: str) -> iam.PolicyStatement:
    """Returns what the AWS managed keys say too: principals of this account, only by way of ``service``."""
    return iam.PolicyStatement(
        sid=sid,
        principals=[iam.AnyPrincipal()],
        actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        resources=["*"],
        conditions={
            "StringEquals": {
                "kms:CallerAccount": Aws.ACCOUNT_ID,
                "kms:ViaService": f"{service}.{Aws.REGION}.{Aws.URL_SUFFIX}",
            }
        },
    )


def our_alarms() -> dict[str, dict[str, str]]:
    """Returns the condition that CloudWatch acts for an alarm of this stack."""
    alarms = arn("cloudwatch", f"alarm:{ALARM_PREFIX}*")
    return {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}, "ArnLike": {"aws:SourceArn": alarms}}


def _alarms() -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Alarms",
        principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
        conditions=our_alarms(),
    )
