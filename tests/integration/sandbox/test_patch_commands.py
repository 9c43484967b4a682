"""The AWS CLI commands of patches, run as they stand against the local AWS.

It keeps no policies of VPC endpoints and has no organizations: for those, and for all others, a unit test holds the
commands against botocore's models.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain.patch_elsewhere import patch_elsewhere
from redress.domain.patches import patches
from redress.domain.proposal import Statement
from redress.domain.words import Effect, Kind, Layer
from sandbox.process import ACCOUNT, PYTHON, REGION, ROOT_KEY, Sandbox
from tests.integration.sandbox.world import TRUST, allow, deny, policy, unique
from tests.unit.fix import builders

if TYPE_CHECKING:
    from collections.abc import Callable

    from redress.domain.verdict import Verdict
    from tests.integration.sandbox.world import People

ROLE = builders.principal(f"arn:aws:iam::{ACCOUNT}:role/app")
AWS = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }\n'  # "aws sqs" goes by no variable
EXCEPTION = {"ArnNotLike": {"aws:PrincipalArn": [ROLE.arn]}}


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell in a folder of its own, with the AWS CLI and the root user's credentials."""

    sandbox: Sandbox
    folder: Path

    def run(self, text: str) -> None:
        """Runs the commands; fails as the first that fails."""
        keys = {
            "AWS_ACCESS_KEY_ID": ROOT_KEY["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY["SecretAccessKey"],
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.sandbox.endpoint,
            "AWS_CONFIG_FILE": os.devnull,
            "PATH": f"{PYTHON.parent}:{os.environ['PATH']}",
        }
        done = subprocess.run(  # noqa: S603 - the commands under test
            ["/bin/bash", "-euc", AWS + text],
            cwd=self.folder,
            env={**os.environ, **keys},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def change(self, text: str, edit: Callable[[dict[str, Any]], None]) -> None:
        """Runs a patch's commands, with a person's edit of policy.json in between."""
        read, write = text.split("# edit policy.json")
        self.run(read)
        file = self.folder / "policy.json"
        document = json.loads(file.read_text(encoding="utf-8"))
        edit(document)
        file.write_text(json.dumps(document), encoding="utf-8")
        self.run("#" + write)


@pytest.fixture
def shell(sandbox: Sandbox, tmp_path: Path) -> Shell:
    """A shell beside the sandbox."""
    return Shell(sandbox, tmp_path)


def _except(document: dict[str, Any]) -> None:
    document["Statement"][-1]["Condition"] = EXCEPTION


def _bucket(sandbox: Sandbox) -> tuple[str, Callable[[], Any]]:
    name, s3 = unique("bucket"), sandbox.client("s3")
    s3.create_bucket(Bucket=name)
    arn = f"arn:aws:s3:::{name}"
    s3.put_bucket_policy(Bucket=name, Policy=_denying(f"{arn}/*", "s3:PutObject"))
    return f"{arn}/a.csv", lambda: s3.get_bucket_policy(Bucket=name)["Policy"]


def _queue(sandbox: Sandbox) -> tuple[str, Callable[[], Any]]:
    name, sqs = unique("queue"), sandbox.client("sqs")
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": _denying(arn, "sqs:SendMessage")})["QueueUrl"]
    return arn, lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]


def _topic(sandbox: Sandbox) -> tuple[str, Callable[[], Any]]:
    sns = sandbox.client("sns")
    arn = sns.create_topic(Name=unique("topic"))["TopicArn"]
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=_denying(arn, "sns:Publish"))
    return arn, lambda: sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]


def _key(sandbox: Sandbox) -> tuple[str, Callable[[], Any]]:
    kms = sandbox.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=_denying("*", "kms:Decrypt"))
    return arn, lambda: kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]


def _secret(sandbox: Sandbox) -> tuple[str, Callable[[], Any]]:
    manager = sandbox.client("secretsmanager")
    arn = manager.create_secret(Name=unique("secret"), SecretString="x")["ARN"]
    manager.put_resource_policy(SecretId=arn, ResourcePolicy=_denying("*", "secretsmanager:GetSecretValue"))
    return arn, lambda: manager.get_resource_policy(SecretId=arn)["ResourcePolicy"]


def _repository(sandbox: Sandbox) -> tuple[str, Callable[[], Any]]:
    name, ecr = f"team/{unique('app')}", sandbox.client("ecr")
    arn = ecr.create_repository(repositoryName=name)["repository"]["repositoryArn"]
    ecr.set_repository_policy(repositoryName=name, policyText=_denying(None, "ecr:BatchGetImage"))
    return arn, lambda: ecr.get_repository_policy(repositoryName=name)["policyText"]


def _file_system(sandbox: Sandbox) -> tuple[str, Callable[[], Any]]:
    efs = sandbox.client("efs")
    made = efs.create_file_system(CreationToken=unique("files"))
    name, arn = made["FileSystemId"], made["FileSystemArn"]
    efs.put_file_system_policy(FileSystemId=name, Policy=_denying(arn, "elasticfilesystem:ClientMount"))
    return arn, lambda: efs.describe_file_system_policy(FileSystemId=name)["Policy"]


def _table(sandbox: Sandbox) -> tuple[str, Callable[[], Any]]:
    name, dynamodb = unique("table"), sandbox.client("dynamodb")
    arn = dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]
    dynamodb.put_resource_policy(ResourceArn=arn, Policy=_denying(arn, "dynamodb:GetItem"))
    return f"{arn}/index/by-day", lambda: dynamodb.get_resource_policy(ResourceArn=arn)["Policy"]


def _stream(sandbox: Sandbox) -> tuple[str, Callable[[], Any]]:
    name, kinesis = unique("stream"), sandbox.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    arn = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{name}"
    kinesis.put_resource_policy(ResourceARN=arn, Policy=_denying(arn, "kinesis:GetRecords"))
    return arn, lambda: kinesis.get_resource_policy(ResourceARN=arn)["Policy"]


def _denying(resource: str | None, action: str) -> str:
    statement = {**deny(action, resource or "*"), "Principal": "*"}
    if resource is None:
        del statement["Resource"]
    return policy(statement)


MAKERS = {
    "s3": _bucket,
    "sqs": _queue,
    "sns": _topic,
    "kms": _key,
    "secretsmanager": _secret,
    "ecr": _repository,
    "efs": _file_system,
    "dynamodb": _table,
    "kinesis": _stream,
}


def _denied(action: str, resource: str, **changes: Any) -> Verdict:  # noqa: ANN401 - fields of any type
    return builders.verdict(action, resource, principal=ROLE, effect=Effect.EXPLICIT_DENY, **changes)


@pytest.mark.parametrize("service", sorted(MAKERS))
def test_a_resources_policy_is_read_edited_and_written_back(sandbox: Sandbox, shell: Shell, service: str) -> None:
    """The commands leave the resource with the edited policy, whole."""
    resource, stored = MAKERS[service](sandbox)
    before = json.loads(stored())
    verdict = _denied(f"{service}:Anything", resource, layer=Layer.RESOURCE_BASED_POLICY, kind=Kind.RESOURCE_POLICY)
    shell.change(patch_elsewhere(verdict)["cli"], _except)
    _except(before)
    assert json.loads(stored()) == before


@pytest.mark.parametrize("layer", [Layer.PERMISSIONS_BOUNDARY, Layer.IDENTITY_BASED_POLICY])
def test_a_managed_policy_gets_a_new_version(sandbox: Sandbox, people: People, shell: Shell, layer: Layer) -> None:
    """The version in force is read, whichever it is, and what was edited is in force afterwards."""
    iam, arn = sandbox.client("iam"), people.managed(allow("s3:ListAllMyBuckets"))
    denying = policy(deny("s3:PutObject"))
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=denying, SetAsDefault=True)
    shell.change(patch_elsewhere(_denied("s3:PutObject", "*", layer=layer, policy_arn=arn))["cli"], _except)
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert document == {**json.loads(denying), "Statement": [{**deny("s3:PutObject"), "Condition": EXCEPTION}]}


def test_a_trust_policy_is_read_edited_and_written_back(sandbox: Sandbox, people: People, shell: Shell) -> None:
    """The role keeps its statements and gains the suggested one."""
    name = people.role(path="/team/")
    verdict = builders.verdict(
        "sts:AssumeRole",
        f"arn:aws:iam::{ACCOUNT}:role/team/{name}",
        principal=ROLE,
        layer=Layer.RESOURCE_BASED_POLICY,
        kind=Kind.ROLE_TRUST,
    )
    added = {"Sid": "Added", **TRUST}
    shell.change(patch_elsewhere(verdict)["cli"], lambda document: document["Statement"].append(added))
    document = sandbox.client("iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    assert document["Statement"] == [TRUST, added]


def test_a_function_s_policy_gains_a_statement(sandbox: Sandbox, people: People, shell: Shell) -> None:
    """The command adds an Allow for the principal by itself."""
    functions, packed = sandbox.client("lambda"), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "def handle(event, context): ...")
    arn = functions.create_function(
        FunctionName=unique("function"),
        Runtime="python3.12",
        Role=f"arn:aws:iam::{ACCOUNT}:role/{people.role()}",
        Handler="index.handle",
        Code={"ZipFile": packed.getvalue()},
    )["FunctionArn"]
    verdict = builders.verdict(
        "lambda:InvokeFunction", arn, principal=ROLE, layer=Layer.RESOURCE_BASED_POLICY, kind=Kind.RESOURCE_POLICY
    )
    shell.run(patch_elsewhere(verdict)["cli"])
    (statement,) = json.loads(functions.get_policy(FunctionName=arn)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Allow", {"AWS": ROLE.arn})


def test_a_second_fix_by_hand_leaves_the_first(sandbox: Sandbox, people: People, shell: Shell) -> None:
    """Two patches that were run one after the other are both in force."""
    name = people.role()
    for digit, action in enumerate(("s3:GetObject", "s3:PutObject")):
        sid = f"RedressF{str(digit) * 20}"
        statement = Statement(sid=sid, actions=(action,), resources=("arn:aws:s3:::orders/a",))
        shell.run(patches("role", name, (statement,))["cli"])
    iam = sandbox.client("iam")
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    held = [iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"]["Statement"] for each in names]
    assert sorted(statement["Action"] for (statement,) in held) == ["s3:GetObject", "s3:PutObject"]
