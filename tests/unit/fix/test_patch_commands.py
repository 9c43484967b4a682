"""The AWS CLI commands of a patch, held against the models that the AWS CLI is made from."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore import xform_name

from redress.domain.patch_elsewhere import patch_elsewhere
from redress.domain.patch_places import PLACES, RESOURCE_PLACES
from redress.domain.words import Effect, Kind, Layer
from tests.unit.fix import builders

if TYPE_CHECKING:
    from botocore.model import OperationModel

ACCOUNT = builders.ACCOUNT
THINGS = {
    "s3": "arn:aws:s3:::reports/2026/a.csv",
    "s3-accesspoint": f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/ap1/object/2026/a.csv",
    "sqs": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs",
    "sns": f"arn:aws:sns:eu-west-1:{ACCOUNT}:news",
    "kms": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a1b2c3d-0000-0000-0000-000000000000",
    "secretsmanager": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:db-AbCdEf",
    "ecr": f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/team/app",
    "dynamodb": f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders/index/by-day",
    "kinesis": f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/clicks",
    "elasticfilesystem": f"arn:aws:elasticfilesystem:eu-west-1:{ACCOUNT}:file-system/fs-0a1b2c3d",
    "lambda": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:rate",
    "lambda-layer": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:tools:3",
    "events": f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/central",
    "glue": f"arn:aws:glue:eu-west-1:{ACCOUNT}:database/orders",
    "es": f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/logs/_bulk",
    "logs": f"arn:aws:logs:eu-west-1:{ACCOUNT}:destination:central",
    "backup": f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:nightly",
    "codeartifact": f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:domain/packages",
    "kafka": f"arn:aws:kafka:eu-west-1:{ACCOUNT}:cluster/clicks/0a1b2c3d-0000-0000-0000-000000000000-2",
}
SERVICES = {"s3api": "s3"}
COMMAND = re.compile(r"^(?:VERSION=\"\$\()?(aws [^\n]*?)(?:\)\")?$", re.MULTILINE)
SESSION = botocore.session.get_session()


def _resource_text(service: str, effect: Effect = Effect.IMPLICIT_DENY) -> str | None:
    verdict = builders.verdict(
        f"{service}:Something",
        THINGS[service],
        layer=Layer.RESOURCE_BASED_POLICY,
        kind=Kind.RESOURCE_POLICY,
        effect=effect,
    )
    return patch_elsewhere(verdict).get("cli")


def _texts() -> dict[str, str]:
    texts = {service: _resource_text(service) or "" for service in THINGS}
    for layer in PLACES:
        denied = builders.verdict("s3:PutObject", "*", layer=layer, effect=Effect.EXPLICIT_DENY)
        texts[str(layer)] = patch_elsewhere(denied)["cli"]
    trust = builders.verdict(
        "sts:AssumeRole",
        f"arn:aws:iam::{ACCOUNT}:role/team/target",
        kind=Kind.ROLE_TRUST,
        layer=Layer.RESOURCE_BASED_POLICY,
    )
    return {**texts, "trust": patch_elsewhere(trust)["cli"]}


TEXTS = _texts()


class Command:
    """One command as the AWS CLI takes it apart."""

    def __init__(self, text: str) -> None:
        words = [word for word in shlex.split(text.partition(" > ")[0]) if word != "aws"]
        service = SERVICES.get(words[0], words[0])
        model = SESSION.get_service_model(service)
        self.service = service
        self.operation: OperationModel = next(
            model.operation_model(name) for name in model.operation_names if xform_name(name, "-") == words[1]
        )
        self.options: dict[str, str] = {}
        for word in words[2:]:
            if word.startswith("--"):
                self.options[word.removeprefix("--")] = ""
            else:
                self.options[list(self.options)[-1]] = word

    @property
    def members(self) -> dict[str, Any]:
        """Returns the shapes of the operation's own options."""
        given: Any = self.operation.input_shape
        return {xform_name(name, "-"): shape for name, shape in given.members.items()}

    @property
    def required(self) -> set[str]:
        """Returns the options that it does not work without."""
        given: Any = self.operation.input_shape
        return {xform_name(name, "-") for name in given.required_members}

    def answered(self) -> str:
        """Returns the type of what the query picks from the answer."""
        shape: Any = self.operation.output_shape
        for name in self.options["query"].replace("[0]", "").split("."):
            shape = shape.members[name] if shape.type_name == "structure" else shape.value
            shape = shape.member if shape.type_name == "list" else shape
        return str(shape.type_name)


@pytest.mark.parametrize("place", TEXTS)
def test_each_command_has_the_options_that_aws_knows_and_asks_for(place: str) -> None:
    """Service, operation and options exist, and nothing that is required is missing."""
    commands = [Command(text) for text in COMMAND.findall(TEXTS[place])]
    assert commands
    for command in commands:
        assert set(command.options) - {"query", "output", "region"} <= set(command.members)
        assert command.required <= set(command.options)


@pytest.mark.parametrize("place", sorted(set(TEXTS) - {"lambda", "lambda-layer"}))
def test_what_is_read_is_what_is_written(place: str) -> None:
    """The file holds one policy as JSON after the read, and the write takes it from there as a text."""
    *_, read, write = (Command(text) for text in COMMAND.findall(TEXTS[place]))
    # botocore makes objects of the policies that IAM answers, and of no others (handlers.json_decode_policies).
    assert read.options["output"] == ("json" if read.service == "iam" else "text")
    assert read.answered() == "string"
    ((name, value),) = [(name, value) for name, value in write.options.items() if value.endswith("file://policy.json")]
    shape = write.members[name]
    if shape.type_name == "map":
        key, _, loaded = value.partition("@=")
        assert (shape.value.type_name, key in shape.key.enum, loaded) == ("string", True, "file://policy.json")
    else:
        assert (shape.type_name, value) == ("string", "file://policy.json")


def test_a_queues_policy_is_one_of_its_attributes() -> None:
    """The read asks for the policy's text alone, and the write puts the file under that attribute."""
    _, read, write = TEXTS["sqs"].split("aws sqs ")
    assert "--query Attributes.Policy --output text > policy.json" in read
    assert "--attributes Policy@=file://policy.json" in write


def test_the_version_in_force_is_the_one_that_is_edited() -> None:
    """A managed policy is read in its default version, which the commands ask for themselves."""
    first, second, *_ = TEXTS[str(Layer.PERMISSIONS_BOUNDARY)].splitlines()[1:]
    assert first.startswith('VERSION="$(aws iam get-policy --policy-arn POLICY_ARN ')
    assert '--version-id "$VERSION" --query PolicyVersion.Document --output json > policy.json' in second


def test_the_sixth_version_is_thought_of() -> None:
    """IAM keeps five versions of a managed policy, and refuses another; of other policies there is but one."""
    told = {place for place, text in TEXTS.items() if "keeps five versions" in text}
    assert told == {place for place, text in TEXTS.items() if "create-policy-version" in text}
    assert str(Layer.PERMISSIONS_BOUNDARY) in told


def test_each_stand_in_is_explained() -> None:
    """A name that the evidence does not give stands in capitals, and the first line says what belongs there."""
    lead = TEXTS[str(Layer.VPC_ENDPOINT_POLICY)].splitlines()[0]
    assert lead == "# The evidence does not name the endpoint: write its own in place of VPC_ENDPOINT_ID."


def test_every_place_of_a_resource_has_commands_or_has_none_on_purpose() -> None:
    """An API's policy is changed by patches to one of its attributes, which no command here writes."""
    assert set(RESOURCE_PLACES) - set(THINGS) == {"execute-api"}


@pytest.mark.parametrize(
    ("service", "resource"),
    [
        ("lambda", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:code-signing-config:csc-0a1b2c3d4e5f60718"),
        ("events", f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/nightly"),
        ("logs", f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/lambda/rate"),
        ("elasticfilesystem", f"arn:aws:elasticfilesystem:eu-west-1:{ACCOUNT}:access-point/fsap-1"),
        ("s3", f"arn:aws:s3::{ACCOUNT}:accesspoint/m0a1b2c3d4e5f6.mrap/object/a"),
        ("s3", f"arn:aws:s3-object-lambda:eu-west-1:{ACCOUNT}:accesspoint/redact/object/a"),
    ],
)
def test_what_has_another_policy_gets_no_commands(service: str, resource: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule, an access point of many Regions: the commands for a function, a file system or a bucket miss them."""
    monkeypatch.setitem(THINGS, service, resource)
    assert _resource_text(service) is None


def test_a_layer_lets_in_accounts_by_its_versions() -> None:
    """The permission is added to the version that was asked for, and names the caller's account, not its role."""
    words = f"--layer-name arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:tools --version-number 3 "
    assert words in TEXTS["lambda-layer"]
    assert f"--principal {ACCOUNT} " in TEXTS["lambda-layer"]


def test_an_access_point_has_a_policy_of_its_own() -> None:
    """What a bucket's access point refuses is not allowed in the policy of a bucket that is called accesspoint."""
    point = f"--account-id {ACCOUNT} --name ap1"
    assert f"aws s3control get-access-point-policy {point} --region eu-west-1" in TEXTS["s3-accesspoint"]
    assert f"aws s3control put-access-point-policy {point} --policy file://policy.json" in TEXTS["s3-accesspoint"]


def test_no_command_grants_where_a_function_s_policy_denies() -> None:
    """Lambda's own call only ever adds an Allow, which would not override a Deny."""
    assert _resource_text("lambda", Effect.EXPLICIT_DENY) is None
    assert "add-permission" in (_resource_text("lambda") or "")


def test_a_policy_of_aws_gets_no_commands() -> None:
    """Nobody but AWS can change a policy that AWS manages."""
    denied = builders.verdict(
        "s3:PutObject", "*", effect=Effect.EXPLICIT_DENY, policy_arn="arn:aws:iam::aws:policy/AWSDenyAll"
    )
    assert "cli" not in patch_elsewhere(denied)


def test_a_repository_s_statement_names_no_resource() -> None:
    """A repository's policy, like a role's trust policy, is about nothing but itself."""
    assert "Resource" not in TEXTS["ecr"]
    assert "Resource" not in TEXTS["trust"]


def test_two_suggestions_for_one_policy_have_two_sids() -> None:
    """IAM and the services refuse a policy that holds a Sid twice."""
    sids = set()
    for action in ("s3:GetObject", "s3:PutObject"):
        verdict = builders.verdict(action, THINGS["s3"], layer=Layer.RESOURCE_BASED_POLICY, kind=Kind.RESOURCE_POLICY)
        sids |= set(re.findall(r"RedressSuggested[0-9a-f]{8}", patch_elsewhere(verdict)["terraform"]))
    assert len(sids) == 2


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:PutObject", "arn:aws:s3:::--no-verify-ssl/key"),
        ("ecr:PutImage", f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/--profile"),
        ("ecr:PutImage", f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/file:///home/ana/.aws/credentials"),
    ],
)
def test_no_name_becomes_an_option_or_a_file(action: str, resource: str) -> None:
    """A name that the AWS CLI would take for an option, or for the place of a value, gets no command."""
    assert "cli" not in patch_elsewhere(builders.verdict(action, resource, layer=Layer.RESOURCE_BASED_POLICY))
