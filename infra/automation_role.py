"""The only role that writes IAM, and only this Region's policies under ``/redress/`` (docs/security.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.nag import accept_wildcards
from infra.names import FIX_POLICY_PREFIX, SYSTEM_PATH
from infra.statements import allow, arn, deny, executions, iam_arn, items, publish, runbooks, why_executions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_sns as sns

    from infra.knobs import Knobs

EDIT_FIX: Final = (
    *("iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion"),
    "iam:SetDefaultPolicyVersion",
)
ATTACH_FIX: Final = ("iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:DetachRolePolicy", "iam:DetachUserPolicy")
READ_BACK: Final = (
    *("iam:GetRole", "iam:GetUser", "iam:ListAttachedRolePolicies", "iam:ListAttachedUserPolicies"),
    "iam:SimulatePrincipalPolicy",
)
READ_FIX: Final = ("iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions")
FIX_POLICIES: Final = iam_arn(f"{FIX_POLICY_PREFIX}{Aws.REGION}-*")
"""Only those of this Region: another Region's Redress has its own table, and its own locks."""
PROTECTED_PATHS: Final = ("role/redress/*", "role/aws-service-role/*", "role/aws-reserved/*", "user/redress/*")


class AutomationRole(Construct):
    """The role that SSM assumes to run the two runbooks.

    Attributes:
        role: It may attach and detach only fix policies, never to protected principals, and pass no role.

    """

    def __init__(
        self, scope: Construct, id_: str, *, table: dynamodb.ITable, approvals: sns.ITopic, knobs: Knobs
    ) -> None:
        super().__init__(scope, id_)
        bounds = [*_bounds(knobs.protected_principals), *_tagged(knobs.protected_tags)]
        statements = [*_changes(), *bounds, *_reads(), *_records(table, approvals)]
        self.role = iam.Role(
            self,
            "Role",
            path=SYSTEM_PATH,
            description="Redress: runs the approved runbooks; the only role that writes IAM",
            assumed_by=_ssm_only(),
            inline_policies={"Work": iam.PolicyDocument(statements=[*statements, *_calendars(knobs.change_calendars)])},
        )
        accept_wildcards(self.role, _why(knobs))


def _why(knobs: Knobs) -> dict[str, str]:
    given = [text for text in (*knobs.protected_principals, *knobs.change_calendars) if "*" in text]
    return {
        **dict.fromkeys(
            (iam_arn("role/*"), iam_arn("user/*")), "any principal can need a fix; conditions and denials bound it"
        ),
        **why_executions(),
        FIX_POLICIES: "the fix policies of this Region, and nothing else, begin like this",
        **dict.fromkeys(given, "the operator's own pattern"),
    }


def _ssm_only() -> iam.ServicePrincipal:
    """Returns SSM, and only for executions of this account and Region."""
    conditions = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}, "ArnLike": {"aws:SourceArn": executions()}}
    return iam.ServicePrincipal("ssm.amazonaws.com", conditions=conditions)


def _changes() -> list[iam.PolicyStatement]:
    only_fixes = {"ArnLike": {"iam:PolicyARN": FIX_POLICIES}}
    return [
        allow("EditFixPolicies", EDIT_FIX, FIX_POLICIES),
        allow("AttachFixPolicies", ATTACH_FIX, iam_arn("role/*"), iam_arn("user/*"), conditions=only_fixes),
    ]


def _bounds(protected: Sequence[str]) -> list[iam.PolicyStatement]:
    untouchable = [*(iam_arn(path) for path in PROTECTED_PATHS), *protected]
    other_policy = {"ArnNotLike": {"iam:PolicyARN": FIX_POLICIES}}
    return [
        deny("ProtectedPrincipals", ATTACH_FIX, *untouchable),
        deny("OnlyFixPolicies", ATTACH_FIX, "*", conditions=other_policy),
        deny("OwnPolicies", EDIT_FIX, iam_arn(f"policy{SYSTEM_PATH}*")),
        deny("NoRoleHandedOn", ("iam:PassRole", "sts:AssumeRole"), "*"),
    ]


def _tagged(marks: Sequence[str]) -> list[iam.PolicyStatement]:
    """Returns a denial for each tag that protects principals: a bare key with any value, or one value of it."""
    return [
        deny(f"ProtectedTag{number}", ATTACH_FIX, iam_arn("role/*"), iam_arn("user/*"), conditions=_marked(mark))
        for number, mark in enumerate(marks, 1)
    ]


def _marked(mark: str) -> dict[str, dict[str, str]]:
    key, _, value = mark.partition("=")
    name = f"aws:ResourceTag/{key}"
    return {"StringEquals": {name: value}} if "=" in mark else {"Null": {name: "false"}}


def _reads() -> list[iam.PolicyStatement]:
    return [
        allow("ReadPrincipals", READ_BACK, iam_arn("role/*"), iam_arn("user/*")),
        allow("ReadFixPolicies", READ_FIX, FIX_POLICIES),
    ]


def _records(table: dynamodb.ITable, approvals: sns.ITopic) -> list[iam.PolicyStatement]:
    return [
        items("ReadProposal", table, ("GetItem",), ("FINDING#*", "PROPOSAL#*", "TARGET#*")),
        items("RecordOutcome", table, ("UpdateItem",), ("PROPOSAL#*",)),
        items("Lock", table, ("PutItem", "DeleteItem"), ("TARGET#*",)),
        publish(approvals),
        # who signed, how its own steps ended, and whether the holder of a lock still runs
        allow("ReadExecutions", ("ssm:GetAutomationExecution", "ssm:DescribeAutomationStepExecutions"), executions()),
        # an older version of a runbook has the approvers of its day, and ends itself
        allow("ReadVersionInForce", ("ssm:DescribeDocument",), *runbooks()),
    ]


def _calendars(names: Sequence[str]) -> list[iam.PolicyStatement]:
    arns = [name if name.startswith("arn:") else arn("ssm", f"document/{name}") for name in names]
    return [allow("ReadCalendars", ("ssm:GetCalendarState",), *arns)] if arns else []
