"""The small world that generated cases live in: accounts, callers, actions with their resources and keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

HOME = "111122223333"
AWAY = "444455556666"
ELSEWHERE = "999988887777"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A caller, how policies can name it, and its principal keys."""

    arn: str
    issuer: str | None = None
    keys: dict[str, str] = field(default_factory=dict)
    weight: int = 1


USER = f"arn:aws:iam::{HOME}:user/bob"
PATH_USER = f"arn:aws:iam::{HOME}:user/team/web/alice"
ROLE = f"arn:aws:iam::{HOME}:role/app"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/app/i-0abc"
FEDERATED = f"arn:aws:sts::{HOME}:federated-user/bob"
ROOT = f"arn:aws:iam::{HOME}:root"
SERVICE = "cloudtrail.amazonaws.com"
ANONYMOUS = "anonymous"

CALLERS = (
    Who(arn=USER, keys={"aws:username": "bob", "aws:PrincipalArn": USER, "aws:userid": "AIDABOB"}, weight=8),
    Who(arn=PATH_USER, keys={"aws:username": "alice", "aws:PrincipalArn": PATH_USER}, weight=2),
    Who(arn=SESSION, issuer=ROLE, keys={"aws:PrincipalArn": ROLE, "aws:userid": "AROAAPP:i-0abc"}, weight=8),
    Who(arn=FEDERATED, issuer=USER, keys={"aws:userid": f"{HOME}:bob"}, weight=2),
    Who(arn=ROOT, keys={"aws:PrincipalArn": ROOT, "aws:userid": HOME}, weight=1),
    Who(arn=SERVICE, keys={"aws:PrincipalIsAWSService": "true"}, weight=1),
    Who(arn=ANONYMOUS, weight=1),
)

PRINCIPALS: tuple[object, ...] = (
    "*",
    {"AWS": "*"},
    {"AWS": HOME},
    {"AWS": ROOT},
    {"AWS": USER},
    {"AWS": [PATH_USER, USER]},
    {"AWS": ROLE},
    {"AWS": SESSION},
    {"AWS": FEDERATED},
    {"AWS": [ELSEWHERE, f"arn:aws:iam::{ELSEWHERE}:user/bob"]},
    {"AWS": f"arn:aws:sts::{HOME}:assumed-role/app/other"},
    {"AWS": f"arn:aws:iam::{HOME}:role/other"},
    {"Service": SERVICE},
    {"Service": ["ec2.amazonaws.com", SERVICE], "AWS": ROLE},
    {"AWS": [ROOT, USER, ROLE, SESSION]},
    {"AWS": [HOME, USER]},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An action, a resource of its kind (``{}`` is the account), and the service's keys with values."""

    action: str
    resource: str
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """Returns the service prefix."""
        return self.action.split(":")[0]


_S3 = {"s3:prefix": ("home/bob", "logs", ""), "s3:max-keys": ("10", "100"), "s3:delimiter": ("/",)}
_SSE = {"s3:x-amz-server-side-encryption": ("aws:kms", "AES256"), "s3:x-amz-acl": ("private", "public-read")}
_TAGGED = {"aws:ResourceTag/team": ("web", "Web", "data"), "aws:ResourceTag/env": ("prod", "dev")}
_TAGGING = {"aws:RequestTag/team": ("web", "data")}
_KEY = "arn:aws:kms:us-east-1:{}:key/12345678-1234-1234-1234-123456789012"

DEEDS = (
    Deed(
        action="s3:GetObject", resource="arn:aws:s3:::data-bucket/home/bob/report.csv", keys={"s3:versionid": ("v1",)}
    ),
    Deed(action="s3:PutObject", resource="arn:aws:s3:::data-bucket/logs/2026/11/21.gz", keys=_SSE),
    Deed(action="s3:ListBucket", resource="arn:aws:s3:::data-bucket", keys=_S3),
    Deed(action="s3:DeleteObject", resource="arn:aws:s3:::data-bucket/bob"),
    Deed(action="s3:ListAllMyBuckets", resource="*"),
    Deed(action="sqs:SendMessage", resource="arn:aws:sqs:us-east-1:{}:jobs", keys=_TAGGED),
    Deed(action="sqs:ReceiveMessage", resource="arn:aws:sqs:eu-west-1:{}:jobs-dlq", keys=_TAGGED),
    Deed(
        action="sqs:TagQueue",
        resource="arn:aws:sqs:us-east-1:{}:jobs",
        keys={**_TAGGED, **_TAGGING},
        several={"aws:TagKeys": ("team", "env", "cost")},
    ),
    Deed(action="sns:Publish", resource="arn:aws:sns:us-east-1:{}:alerts", keys=_TAGGED),
    Deed(
        action="dynamodb:GetItem",
        resource="arn:aws:dynamodb:us-east-1:{}:table/Orders",
        keys={"dynamodb:Select": ("SPECIFIC_ATTRIBUTES",)},
        several={"dynamodb:Attributes": ("ID", "Total", "Name"), "dynamodb:LeadingKeys": ("bob", "alice")},
    ),
    Deed(action="dynamodb:Query", resource="arn:aws:dynamodb:us-east-1:{}:table/Orders/index/ByDate"),
    Deed(action="lambda:InvokeFunction", resource="arn:aws:lambda:us-east-1:{}:function:resize:live", keys=_TAGGED),
    Deed(action="kms:Decrypt", resource=_KEY, keys={"kms:ViaService": ("s3.us-east-1.amazonaws.com",)}),
    Deed(action="kms:GenerateDataKey", resource=_KEY, several={"kms:EncryptionContextKeys": ("tenant", "app")}),
    Deed(action="sts:AssumeRole", resource="arn:aws:iam::{}:role/deploy", keys={"sts:ExternalId": ("x-17", "x-18")}),
    Deed(
        action="iam:PassRole",
        resource="arn:aws:iam::{}:role/service/worker",
        keys={"iam:PassedToService": ("ec2.amazonaws.com",)},
    ),
    Deed(action="iam:GetUser", resource="arn:aws:iam::{}:user/bob"),
    Deed(action="iam:ListUsers", resource="*"),
    Deed(
        action="secretsmanager:GetSecretValue",
        resource="arn:aws:secretsmanager:us-east-1:{}:secret:prod/db-AbCdEf",
        keys={"secretsmanager:VersionStage": ("AWSCURRENT",), **_TAGGED},
    ),
    Deed(action="ssm:GetParameter", resource="arn:aws:ssm:us-east-1:{}:parameter/prod/db/host", keys=_TAGGED),
    Deed(
        action="ec2:StartInstances",
        resource="arn:aws:ec2:us-east-1:{}:instance/i-0123456789abcdef0",
        keys={"ec2:InstanceType": ("t3.micro", "m5.large"), **_TAGGED},
    ),
    Deed(action="ec2:DescribeInstances", resource="*", keys={"ec2:Region": ("us-east-1", "eu-west-1")}),
    Deed(action="logs:PutLogEvents", resource="arn:aws:logs:us-east-1:{}:log-group:/app/web:log-stream:one"),
    Deed(action="kms:ListAliases", resource="*"),
    Deed(action="ecr:BatchGetImage", resource="arn:aws:ecr:us-east-1:{}:repository/team/web"),
    Deed(action="states:StartExecution", resource="arn:aws:states:us-east-1:{}:stateMachine:Nightly"),
)

GLOBAL_KEYS: dict[str, tuple[str, ...]] = {
    "aws:SourceIp": ("10.0.3.7", "203.0.113.9", "2001:db8::17"),
    "aws:SecureTransport": ("true", "false"),
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "aws:MultiFactorAuthAge": ("30", "3600"),
    "aws:CurrentTime": ("2026-11-21T02:00:00Z", "2025-01-31T23:59:59Z"),
    "aws:EpochTime": ("1795225200",),
    "aws:RequestedRegion": ("us-east-1", "eu-west-1"),
    "aws:PrincipalOrgID": ("o-aaaa111111", "o-bbbb222222"),
    "aws:PrincipalAccount": (HOME, AWAY),
    "aws:PrincipalTag/team": ("web", "data", "bob"),
    "aws:PrincipalTag/env": ("prod", "dev"),
    "aws:SourceVpce": ("vpce-1a2b", "vpce-9z"),
    "aws:SourceArn": (f"arn:aws:sns:us-east-1:{HOME}:alerts", f"arn:aws:s3:::{HOME}"),
    "aws:SourceAccount": (HOME, ELSEWHERE),
    "aws:UserAgent": ("aws-cli/2.15", "Boto3/1.34"),
    "aws:ViaAWSService": ("false", "true"),
}
SEVERAL_GLOBAL: dict[str, tuple[str, ...]] = {
    "aws:CalledVia": ("cloudformation.amazonaws.com", "dynamodb.amazonaws.com"),
    "aws:PrincipalOrgPaths": ("o-a/r-b/ou-c/", "o-a/r-b/ou-d/"),
}
VARIABLES = ("aws:username", "aws:PrincipalTag/team", "aws:PrincipalAccount", "aws:userid", "AWS:USERNAME")
