"""Where each kind of policy lives in code and on the command line, as data.

``{arn}``, ``{name}``, ``{region}`` and the like stand for parts of the ARN whose policy is changed; each word of a
command is filled in and quoted by itself. ``policy.json`` is the file that a person edits in between, because these
calls replace the whole policy. What each call gives and takes is from botocore's service models; a test compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.values import dataclass
from redress.domain.words import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

POLICY_ARN, POLICY_ID, VPC_ENDPOINT_ID = "POLICY_ARN", "POLICY_ID", "VPC_ENDPOINT_ID"
"""What stands in a command for a name that the evidence does not give."""
VERSION = "$VERSION"
"""What stands in a command for what ``Place.version`` printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one kind of policy is kept.

    Attributes:
        cloudformation: Property and resource type.
        cdk: The method, or the construct and its property.
        terraform: Resource type and argument.
        read: The AWS CLI command that prints the policy.
        write: The one that replaces it.
        output: How it is to be printed: ``text`` where the API gives the policy as one text; ``json`` for IAM's, of
            which the AWS CLI makes an object.
        version: The command that prints which version is to be read, if there are versions.
        add: The command that adds the statement by itself, where no call replaces the whole policy.
        of: How the resource's part of the ARN begins, where the service has others without such a policy.
        bare: Whether its statements name no resource, which is always the one that the policy belongs to.
        accounts: Whether it lets in whole accounts only; then the account's own policies say who in it.

    """

    cloudformation: str
    cdk: str
    terraform: str
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    output: str = "text"
    version: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    of: str = ""
    bare: bool = False
    accounts: bool = False


_FILE = "file://policy.json"
_THERE = ("--region", "{region}")
_POINT = ("--account-id", "{account}", "--name", "{access_point}")

RESOURCE_PLACES: Mapping[str, Place] = {
    "s3": Place(
        cloudformation="PolicyDocument of the AWS::S3::BucketPolicy",
        cdk="bucket.add_to_resource_policy",
        terraform="policy of aws_s3_bucket_policy",
        read=("s3api", "get-bucket-policy", "--bucket", "{bucket}", "--query", "Policy"),
        write=("s3api", "put-bucket-policy", "--bucket", "{bucket}", "--policy", _FILE),
    ),
    "s3-accesspoint": Place(
        cloudformation="Policy of the AWS::S3::AccessPoint",
        cdk="policy of the s3.CfnAccessPoint",
        terraform="policy of aws_s3control_access_point_policy",
        read=("s3control", "get-access-point-policy", *_POINT, *_THERE, "--query", "Policy"),
        write=("s3control", "put-access-point-policy", *_POINT, "--policy", _FILE, *_THERE),
    ),
    "sqs": Place(
        cloudformation="PolicyDocument of the AWS::SQS::QueuePolicy",
        cdk="queue.add_to_resource_policy",
        terraform="policy of aws_sqs_queue_policy",
        read=(
            *("sqs", "get-queue-attributes", "--queue-url", "{queue}", "--attribute-names", "Policy", *_THERE),
            *("--query", "Attributes.Policy"),
        ),
        # "@=" loads one value of a map from a file: AWS CLI 2.20 and 1.36 on.
        write=("sqs", "set-queue-attributes", "--queue-url", "{queue}", "--attributes", f"Policy@={_FILE}", *_THERE),
    ),
    "sns": Place(
        cloudformation="PolicyDocument of the AWS::SNS::TopicPolicy",
        cdk="topic.add_to_resource_policy",
        terraform="policy of aws_sns_topic_policy",
        read=("sns", "get-topic-attributes", "--topic-arn", "{arn}", *_THERE, "--query", "Attributes.Policy"),
        write=(
            *("sns", "set-topic-attributes", "--topic-arn", "{arn}", "--attribute-name", "Policy"),
            *("--attribute-value", _FILE, *_THERE),
        ),
    ),
    "kms": Place(
        cloudformation="KeyPolicy of the AWS::KMS::Key",
        cdk="key.add_to_resource_policy",
        terraform="policy of aws_kms_key_policy",
        read=("kms", "get-key-policy", "--key-id", "{arn}", "--policy-name", "default", *_THERE, "--query", "Policy"),
        write=("kms", "put-key-policy", "--key-id", "{arn}", "--policy-name", "default", "--policy", _FILE, *_THERE),
        of="key/",
    ),
    "secretsmanager": Place(
        cloudformation="ResourcePolicy of the AWS::SecretsManager::ResourcePolicy",
        cdk="secret.add_to_resource_policy",
        terraform="policy of aws_secretsmanager_secret_policy",
        read=("secretsmanager", "get-resource-policy", "--secret-id", "{arn}", *_THERE, "--query", "ResourcePolicy"),
        write=("secretsmanager", "put-resource-policy", "--secret-id", "{arn}", "--resource-policy", _FILE, *_THERE),
    ),
    "ecr": Place(
        cloudformation="RepositoryPolicyText of the AWS::ECR::Repository",
        cdk="repository.add_to_resource_policy",
        terraform="policy of aws_ecr_repository_policy",
        read=("ecr", "get-repository-policy", "--repository-name", "{path}", *_THERE, "--query", "policyText"),
        write=("ecr", "set-repository-policy", "--repository-name", "{path}", "--policy-text", _FILE, *_THERE),
        of="repository/",
        bare=True,
    ),
    "dynamodb": Place(
        cloudformation="ResourcePolicy of the AWS::DynamoDB::Table",
        cdk="table.add_to_resource_policy",
        terraform="policy of aws_dynamodb_resource_policy",
        read=("dynamodb", "get-resource-policy", "--resource-arn", "{table}", *_THERE, "--query", "Policy"),
        write=("dynamodb", "put-resource-policy", "--resource-arn", "{table}", "--policy", _FILE, *_THERE),
        of="table/",
    ),
    "kinesis": Place(
        cloudformation="ResourcePolicy of the AWS::Kinesis::ResourcePolicy",
        cdk="stream.add_to_resource_policy",
        terraform="policy of aws_kinesis_resource_policy",
        read=("kinesis", "get-resource-policy", "--resource-arn", "{arn}", *_THERE, "--query", "Policy"),
        write=("kinesis", "put-resource-policy", "--resource-arn", "{arn}", "--policy", _FILE, *_THERE),
    ),
    "elasticfilesystem": Place(
        cloudformation="FileSystemPolicy of the AWS::EFS::FileSystem",
        cdk="file_system.add_to_resource_policy",
        terraform="policy of aws_efs_file_system_policy",
        read=("efs", "describe-file-system-policy", "--file-system-id", "{path}", *_THERE, "--query", "Policy"),
        write=("efs", "put-file-system-policy", "--file-system-id", "{path}", "--policy", _FILE, *_THERE),
        of="file-system/",
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
        add=(
            *("lambda", "add-permission", "--function-name", "{arn}", "--statement-id", "{sid}"),
            *("--action", "{action}", "--principal", "{principal}", *_THERE),
        ),
        of="function:",
    ),
    "lambda-layer": Place(
        cloudformation="an AWS::Lambda::LayerVersionPermission for the version",
        cdk="layer_version.add_permission",
        terraform="aws_lambda_layer_version_permission for the version",
        add=(
            *("lambda", "add-layer-version-permission", "--layer-name", "{parent}", "--version-number", "{last}"),
            *("--statement-id", "{sid}", "--action", "{action}", "--principal", "{caller}", *_THERE),
        ),
        of="layer:",
        accounts=True,
    ),
    "events": Place(
        cloudformation="Statement of an AWS::Events::EventBusPolicy",
        cdk="event_bus.add_to_resource_policy",
        terraform="policy of aws_cloudwatch_event_bus_policy",
        read=("events", "describe-event-bus", "--name", "{path}", *_THERE, "--query", "Policy"),
        write=("events", "put-permission", "--event-bus-name", "{path}", "--policy", _FILE, *_THERE),
        of="event-bus/",
    ),
    "glue": Place(
        cloudformation="the policy of the Data Catalog, for which CloudFormation has no resource",
        cdk="the policy of the Data Catalog, for which CloudFormation has no resource",
        terraform="policy of aws_glue_resource_policy",
        read=("glue", "get-resource-policy", *_THERE, "--query", "PolicyInJson"),
        write=("glue", "put-resource-policy", "--policy-in-json", _FILE, *_THERE),
    ),
    "es": Place(
        cloudformation="AccessPolicies of the AWS::OpenSearchService::Domain",
        cdk="domain.add_access_policies",
        terraform="access_policies of aws_opensearch_domain_policy",
        read=(
            *("opensearch", "describe-domain", "--domain-name", "{first}", *_THERE),
            *("--query", "DomainStatus.AccessPolicies"),
        ),
        write=("opensearch", "update-domain-config", "--domain-name", "{first}", "--access-policies", _FILE, *_THERE),
        of="domain/",
    ),
    "logs": Place(
        cloudformation="DestinationPolicy of the AWS::Logs::Destination",
        cdk="cross_account_destination.add_to_policy",
        terraform="access_policy of aws_cloudwatch_log_destination_policy",
        read=(
            *("logs", "describe-destinations", "--destination-name-prefix", "{last}", *_THERE),
            *("--query", "destinations[0].accessPolicy"),
        ),
        write=("logs", "put-destination-policy", "--destination-name", "{last}", "--access-policy", _FILE, *_THERE),
        of="destination:",
        accounts=True,
    ),
    "backup": Place(
        cloudformation="AccessPolicy of the AWS::Backup::BackupVault",
        cdk="backup_vault.add_to_access_policy",
        terraform="policy of aws_backup_vault_policy",
        read=(
            *("backup", "get-backup-vault-access-policy", "--backup-vault-name", "{last}", *_THERE),
            *("--query", "Policy"),
        ),
        write=(
            *("backup", "put-backup-vault-access-policy", "--backup-vault-name", "{last}", "--policy", _FILE, *_THERE),
        ),
        of="backup-vault:",
    ),
    "codeartifact": Place(
        cloudformation="PermissionsPolicyDocument of the AWS::CodeArtifact::Domain",
        cdk="permissions_policy_document of the codeartifact.CfnDomain",
        terraform="policy_document of aws_codeartifact_domain_permissions_policy",
        read=(
            *("codeartifact", "get-domain-permissions-policy", "--domain", "{path}", "--domain-owner", "{account}"),
            *(*_THERE, "--query", "policy.document"),
        ),
        write=(
            *("codeartifact", "put-domain-permissions-policy", "--domain", "{path}", "--domain-owner", "{account}"),
            *("--policy-document", _FILE, *_THERE),
        ),
        of="domain/",
    ),
    "kafka": Place(
        cloudformation="Policy of the AWS::MSK::ClusterPolicy",
        cdk="policy of the msk.CfnClusterPolicy",
        terraform="policy of aws_msk_cluster_policy",
        read=("kafka", "get-cluster-policy", "--cluster-arn", "{arn}", *_THERE, "--query", "Policy"),
        write=("kafka", "put-cluster-policy", "--cluster-arn", "{arn}", "--policy", _FILE, *_THERE),
        of="cluster/",
    ),
}
"""By service of the resource's ARN; access points and layers have entries of their own (``patch_elsewhere``)."""

ANY_RESOURCE = Place(
    cloudformation="the policy of the resource",
    cdk="the policy of the resource",
    terraform="the policy of the resource",
)


def _organizations(kind: str) -> Place:
    return Place(
        cloudformation=f"Content of the AWS::Organizations::Policy ({kind})",
        cdk="content of the organizations.CfnPolicy",
        terraform="content of aws_organizations_policy",
        read=("organizations", "describe-policy", "--policy-id", "{policy_id}", "--query", "Policy.Content"),
        write=("organizations", "update-policy", "--policy-id", "{policy_id}", "--content", _FILE),
    )


def _managed(cloudformation: str, cdk: str, terraform: str) -> Place:
    return Place(
        cloudformation=cloudformation,
        cdk=cdk,
        terraform=terraform,
        version=("iam", "get-policy", "--policy-arn", "{policy_arn}", "--query", "Policy.DefaultVersionId"),
        read=(
            *("iam", "get-policy-version", "--policy-arn", "{policy_arn}", "--version-id", VERSION),
            *("--query", "PolicyVersion.Document"),
        ),
        write=(
            *("iam", "create-policy-version", "--policy-arn", "{policy_arn}", "--set-as-default"),
            *("--policy-document", _FILE),
        ),
        output="json",
    )


PLACES: Mapping[Layer, Place] = {
    Layer.SERVICE_CONTROL_POLICY: _organizations("SERVICE_CONTROL_POLICY"),
    Layer.RESOURCE_CONTROL_POLICY: _organizations("RESOURCE_CONTROL_POLICY"),
    Layer.PERMISSIONS_BOUNDARY: _managed(
        cloudformation="PolicyDocument of the AWS::IAM::ManagedPolicy that is the boundary",
        cdk="boundary.add_statements",
        terraform="policy of the aws_iam_policy that is the boundary",
    ),
    Layer.VPC_ENDPOINT_POLICY: Place(
        cloudformation="PolicyDocument of the AWS::EC2::VPCEndpoint",
        cdk="endpoint.add_to_policy",
        terraform="policy of aws_vpc_endpoint_policy",
        read=(
            *("ec2", "describe-vpc-endpoints", "--vpc-endpoint-ids", VPC_ENDPOINT_ID),
            *("--query", "VpcEndpoints[0].PolicyDocument"),
        ),
        write=("ec2", "modify-vpc-endpoint", "--vpc-endpoint-id", VPC_ENDPOINT_ID, "--policy-document", _FILE),
    ),
    Layer.IDENTITY_BASED_POLICY: _managed(
        cloudformation="PolicyDocument of the policy that denies",
        cdk="the iam.PolicyStatement that denies",
        terraform="policy of the aws_iam_policy that denies",
    ),
}
"""By the layer that decided; resource policies are looked up by service."""

ROLE_TRUST = Place(
    cloudformation="AssumeRolePolicyDocument of the AWS::IAM::Role",
    cdk="role.assume_role_policy.add_statements",
    terraform="assume_role_policy of aws_iam_role",
    read=("iam", "get-role", "--role-name", "{name}", "--query", "Role.AssumeRolePolicyDocument"),
    write=("iam", "update-assume-role-policy", "--role-name", "{name}", "--policy-document", _FILE),
    output="json",
    bare=True,
)
