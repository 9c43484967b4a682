"""Resources as full ARNs, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.denied_call import DeniedCall, Principal
from redress.domain.resource_names import arn_of_name, fits_any, names_pathless, partition_of, resource_of_call
from redress.domain.words import PrincipalType

A = "111122223333"
CATALOGUE = IamCatalogue()
CALL = DeniedCall(
    event_id="e",
    event_time=datetime(2026, 11, 21, tzinfo=UTC),
    event_source="s3.amazonaws.com",
    event_name="GetObject",
    error_code="AccessDenied",
    principal=Principal(type=PrincipalType.ROLE, arn=f"arn:aws:iam::{A}:role/r"),
    region="eu-west-1",
)
KEY = f"arn:aws:kms:eu-west-1:{A}:key/1111aaaa-22bb-33cc-44dd-555566667777"


@pytest.mark.parametrize(
    ("action", "changes", "expected"),
    [
        ("s3:GetObject", {"request_parameters": {"bucketName": "b", "key": "k/x"}}, "arn:aws:s3:::b/k/x"),
        ("s3:ListBucket", {"request_parameters": {"bucketName": "b", "key": "k"}}, "arn:aws:s3:::b"),
        ("s3:ListAllMyBuckets", {}, "*"),
        ("ce:GetCostAndUsage", {"request_parameters": {"granularity": "DAILY", "metrics": ["UnblendedCost"]}}, "*"),
        ("cloudwatch:PutMetricData", {"request_parameters": {"namespace": "App"}}, "*"),
        ("rds:DescribeDBInstances", {}, "*"),
        ("rds:DescribeDBInstances", {"request_parameters": {"dBInstanceIdentifier": "orders"}}, None),
        ("rds:DescribeDBInstances", {"request_parameters": {"filters": [{"values": ["*"]}]}}, None),
        ("rds:DescribeDBSnapshots", {}, None),
        ("rds:DeleteDBInstance", {}, None),
        ("es:ESHttpGet", {}, None),
        ("s3:GetObject", {"request_parameters": {"bucketName": "b"}}, None),
        ("s3:GetObject", {"resources": ("arn:aws:s3:::b/k", "arn:aws:s3:::b")}, "arn:aws:s3:::b/k"),
        ("s3:ListBucket", {"resources": ("arn:aws:s3:::b/k", "arn:aws:s3:::b")}, "arn:aws:s3:::b"),
        ("s3:GetObject", {"request_parameters": {"bucketName": 3}}, None),
        (
            "s3:GetObject",
            {
                "principal": Principal(type=PrincipalType.USER, arn=f"arn:aws-cn:iam::{A}:user/u"),
                "request_parameters": {"bucketName": "b", "key": "k"},
            },
            "arn:aws-cn:s3:::b/k",
        ),
        (
            "s3:GetObject",
            {
                "principal": Principal(),
                "region": "us-gov-west-1",
                "request_parameters": {"bucketName": "b", "key": "k"},
            },
            "arn:aws-us-gov:s3:::b/k",
        ),
        ("kms:Decrypt", {"resources": (KEY,)}, KEY),
        ("kms:Decrypt", {"resources": (KEY, KEY.replace("7777", "8888"))}, None),
        ("kms:Decrypt", {"resources": ("arn:aws:s3:::b/k",)}, None),
        (
            "sts:AssumeRole",
            {"request_parameters": {"roleArn": f"arn:aws:iam::{A}:role/a/b"}},
            f"arn:aws:iam::{A}:role/a/b",
        ),
        ("ec2:DescribeInstances", {}, "*"),
        ("nosuch:Thing", {}, None),
        ("rds:StopActivityStream", {}, None),
    ],
)
def test_the_record_names_the_resource_or_nobody_does(
    action: str, changes: dict[str, Any], expected: str | None
) -> None:
    """Bucket and key, the one ARN that fits the action, ``*`` where it has no resources; never a guess."""
    assert resource_of_call(replace(CALL, **changes), action, CATALOGUE) == expected


def test_a_noun_and_a_name_make_an_arn_only_with_a_real_account() -> None:
    """A placeholder for an account builds nothing."""
    made = [
        arn_of_name("role app", "iam:GetRole", partition="aws", account=account) for account in (A, "ACCOUNT", None)
    ]
    assert made == [f"arn:aws:iam::{A}:role/app", None, None]


@pytest.mark.parametrize(
    ("text", "expected"), [("role app", True), ("policy arn:aws:iam::1:policy/p", False), ("app", False)]
)
def test_names_without_a_path_are_told(text: str, expected: bool) -> None:  # noqa: FBT001 - a table
    """IAM's messages leave out the path, so the ARN that is built may be another role's."""
    assert names_pathless(text) is expected


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eusc-de-east-1", "aws-eusc"),
        ("us-iso-east-1", "aws-iso"), ("us-isob-east-1", "aws-iso-b"), ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"), ("", "aws"),
    ],
)  # fmt: skip
def test_the_partition_of_a_region(region: str, partition: str) -> None:
    """Each partition has its Regions."""
    assert partition_of(region) == partition


def test_an_arn_fits_the_shapes_of_its_kind_only() -> None:
    """Variables stand for one part each; the last may span a path."""
    role = ["arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"]
    arns = (
        f"arn:aws:iam::{A}:role/a/b",
        f"arn:aws:iam::{A}:user/a",
        f"arn:aws:iam::{A}:role/",
        f"arn:aws:sts::{A}:role/a",
    )
    assert [fits_any(arn, role) for arn in arns] == [True, False, False, False]


def test_every_resource_type_of_the_catalogue_has_a_shape_that_compiles() -> None:
    """No ARN format of the service authorization reference breaks the matcher."""
    formats = {
        arn_format
        for service in ("s3", "ec2", "iam", "kms", "sqs", "lambda", "states", "logs", "sagemaker", "iot", "wafv2")
        for action in CATALOGUE.actions(service)
        for kind in CATALOGUE.resource_types(action)
        for arn_format in kind.arn_formats
    }
    assert not any(fits_any("arn:aws:none:::x", [arn_format]) for arn_format in formats)
