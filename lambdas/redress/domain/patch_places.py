"""Where each kind of policy lives in code and on the command line, as data.

``{arn}``, ``{name}``, ``{region}`` and ``{account}`` stand for parts of the ARN whose policy is changed; each
word of a command is filled in and quoted by itself. ``policy.json`` is the file that a person edits in between,
because every one of these calls replaces the whole policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.values import dataclass
from redress.domain.words import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one kind of policy is kept.

    Attributes:
        cloudformation: Property and resource type.
        cdk: The method, or the construct and its property.
        terraform: Resource type and argument.
        read: The AWS CLI command that prints the policy.
        write: The one that replaces it.

    """

    cloudformation: str
    cdk: str
    terraform: str
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()


RESOURCE_PLACES: Mapping[str, Place] = {
    "s3": Place(
        cloudformation="PolicyDocument of the AWS::S3::BucketPolicy",
        cdk="bucket.add_to_resource_policy",
        terraform="policy of aws_s3_bucket_policy",
        read=("s3api", "get-bucket-policy", "--bucket", "{bucket}", "--query", "Policy"),
        write=("s3api", "put-bucket-policy", "--bucket", "{bucket}", "--policy", "file://policy.json"),
    ),
    "sqs": Place(
        cloudformation="PolicyDocument of the AWS::SQS::QueuePolicy",
        cdk="queue.add_to_resource_policy",
        terraform="policy of aws_sqs_queue_policy",
        read=("sqs", "get-queue-attributes", "--queue-url", "{queue}", "--attribute-names", "Policy"),
        write=("sqs", "set-queue-attributes", "--queue-url", "{queue}", "--attributes", "file://policy.json"),
    ),
    "sns": Place(
        cloudformation="PolicyDocument of the AWS::SNS::TopicPolicy",
        cdk="topic.add_to_resource_policy",
        terraform="policy of aws_sns_topic_policy",
        read=("sns", "get-topic-attributes", "--topic-arn", "{arn}", "--query", "Attributes.Policy"),
        write=(
            *("sns", "set-topic-attributes", "--topic-arn", "{arn}", "--attribute-name", "Policy"),
            *("--attribute-value", "file://policy.json"),
        ),
    ),
    "kms": Place(
        cloudformation="KeyPolicy of the AWS::KMS::Key",
        cdk="key.add_to_resource_policy",
        terraform="policy of aws_kms_key_policy",
        read=("kms", "get-key-policy", "--key-id", "{arn}", "--query", "Policy"),
        write=(
            "kms",
            "put-key-policy",
            "--key-id",
            "{arn}",
            "--policy-name",
            "default",
            "--policy",
            "file://policy.json",
        ),
    ),
    "secretsmanager": Place(
        cloudformation="ResourcePolicy of the AWS::SecretsManager::ResourcePolicy",
        cdk="secret.add_to_resource_policy",
        terraform="policy of aws_secretsmanager_secret_policy",
        read=("secretsmanager", "get-resource-policy", "--secret-id", "{arn}", "--query", "ResourcePolicy"),
        write=(
            "secretsmanager",
            "put-resource-policy",
            "--secret-id",
            "{arn}",
            "--resource-policy",
            "file://policy.json",
        ),
    ),
    "ecr": Place(
        cloudformation="RepositoryPolicyText of the AWS::ECR::Repository",
        cdk="repository.add_to_resource_policy",
        terraform="policy of aws_ecr_repository_policy",
        read=("ecr", "get-repository-policy", "--repository-name", "{name}", "--query", "policyText"),
        write=("ecr", "set-repository-policy", "--repository-name", "{name}", "--policy-text", "file://policy.json"),
    ),
    "dynamodb": Place(
        cloudformation="ResourcePolicy of the AWS::DynamoDB::Table",
        cdk="table.add_to_resource_policy",
        terraform="policy of aws_dynamodb_resource_policy",
        read=("dynamodb", "get-resource-policy", "--resource-arn", "{arn}", "--query", "Policy"),
        write=("dynamodb", "put-resource-policy", "--resource-arn", "{arn}", "--policy", "file://policy.json"),
    ),
    "kinesis": Place(
        cloudformation="ResourcePolicy of the AWS::Kinesis::ResourcePolicy",
        cdk="stream.add_to_resource_policy",
        terraform="policy of aws_kinesis_resource_policy",
        read=("kinesis", "get-resource-policy", "--resource-arn", "{arn}", "--query", "Policy"),
        write=("kinesis", "put-resource-policy", "--resource-arn", "{arn}", "--policy", "file://policy.json"),
    ),
    "elasticfilesystem": Place(
        cloudformation="FileSystemPolicy of the AWS::EFS::FileSystem",
        cdk="file_system.add_to_resource_policy",
        terraform="policy of aws_efs_file_system_policy",
        read=("efs", "describe-file-system-policy", "--file-system-id", "{name}", "--query", "Policy"),
        write=("efs", "put-file-system-policy", "--file-system-id", "{name}", "--policy", "file://policy.json"),
    ),
    "execute-api": Place(
        cloudformation="Policy of the AWS::ApiGateway::RestApi",
        cdk="policy of the apigateway.RestApi",
        terraform="policy of aws_api_gateway_rest_api_policy",
    ),
    "lambda": Place(
        cloudformation="an AWS::Lambda::Permission for the function",
        cdk="function.add_permission",
        terraform="aws_lambda_permission for the function",
        read=("lambda", "get-policy", "--function-name", "{arn}", "--query", "Policy"),
        write=(
            *("lambda", "add-permission", "--function-name", "{arn}", "--statement-id", "redress"),
            *("--action", "{action}", "--principal", "{principal}"),
        ),
    ),
}
"""By service of the resource's ARN."""

ANY_RESOURCE = Place(
    cloudformation="the policy of the resource",
    cdk="the policy of the resource",
    terraform="the policy of the resource",
)

PLACES: Mapping[Layer, Place] = {
    Layer.SERVICE_CONTROL_POLICY: Place(
        cloudformation="Content of the AWS::Organizations::Policy (SERVICE_CONTROL_POLICY)",
        cdk="content of the organizations.CfnPolicy",
        terraform="content of aws_organizations_policy",
        read=("organizations", "describe-policy", "--policy-id", "{policy_id}", "--query", "Policy.Content"),
        write=("organizations", "update-policy", "--policy-id", "{policy_id}", "--content", "file://policy.json"),
    ),
    Layer.RESOURCE_CONTROL_POLICY: Place(
        cloudformation="Content of the AWS::Organizations::Policy (RESOURCE_CONTROL_POLICY)",
        cdk="content of the organizations.CfnPolicy",
        terraform="content of aws_organizations_policy",
        read=("organizations", "describe-policy", "--policy-id", "{policy_id}", "--query", "Policy.Content"),
        write=("organizations", "update-policy", "--policy-id", "{policy_id}", "--content", "file://policy.json"),
    ),
    Layer.PERMISSIONS_BOUNDARY: Place(
        cloudformation="PolicyDocument of the AWS::IAM::ManagedPolicy that is the boundary",
        cdk="boundary.add_statements",
        terraform="policy of the aws_iam_policy that is the boundary",
        read=("iam", "get-policy-version", "--policy-arn", "{policy_arn}", "--version-id", "VERSION"),
        write=(
            *("iam", "create-policy-version", "--policy-arn", "{policy_arn}", "--set-as-default"),
            *("--policy-document", "file://policy.json"),
        ),
    ),
    Layer.VPC_ENDPOINT_POLICY: Place(
        cloudformation="PolicyDocument of the AWS::EC2::VPCEndpoint",
        cdk="endpoint.add_to_policy",
        terraform="policy of aws_vpc_endpoint_policy",
        read=(
            "ec2",
            "describe-vpc-endpoints",
            "--vpc-endpoint-ids",
            "VPCE",
            "--query",
            "VpcEndpoints[0].PolicyDocument",
        ),
        write=("ec2", "modify-vpc-endpoint", "--vpc-endpoint-id", "VPCE", "--policy-document", "file://policy.json"),
    ),
    Layer.IDENTITY_BASED_POLICY: Place(
        cloudformation="PolicyDocument of the policy that denies",
        cdk="the iam.PolicyStatement that denies",
        terraform="policy of the aws_iam_policy that denies",
        read=("iam", "get-policy-version", "--policy-arn", "{policy_arn}", "--version-id", "VERSION"),
        write=(
            *("iam", "create-policy-version", "--policy-arn", "{policy_arn}", "--set-as-default"),
            *("--policy-document", "file://policy.json"),
        ),
    ),
}
"""By the layer that decided; resource policies are looked up by service."""

ROLE_TRUST = Place(
    cloudformation="AssumeRolePolicyDocument of the AWS::IAM::Role",
    cdk="role.assume_role_policy.add_statements",
    terraform="assume_role_policy of aws_iam_role",
    read=("iam", "get-role", "--role-name", "{name}", "--query", "Role.AssumeRolePolicyDocument"),
    write=("iam", "update-assume-role-policy", "--role-name", "{name}", "--policy-document", "file://policy.json"),
)
