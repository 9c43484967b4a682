"""The request says which resource was meant where the message names only a type of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from redress.domain.denied_call import DeniedCall, Principal
from redress.domain.request_ids import EC2_IDS, refine
from redress.domain.verdict import Verdict
from redress.domain.words import Effect, Evidence, Kind, Layer, PrincipalType
from tests.unit.fix import builders

A = "111122223333"
CALL = DeniedCall(
    event_id="e",
    event_time=datetime(2026, 11, 21, tzinfo=UTC),
    event_source="ec2.amazonaws.com",
    event_name="GetPasswordData",
    error_code="AccessDenied",
    principal=Principal(type=PrincipalType.ROLE, arn=f"arn:aws:iam::{A}:role/r"),
    region="eu-west-1",
)
INSTANCES = f"arn:aws:ec2:eu-west-1:{A}:instance/*"
PARAMETERS = f"arn:aws-cn:ssm:cn-north-1:{A}:*"
VERDICT = Verdict(
    layer=Layer.IDENTITY_BASED_POLICY,
    effect=Effect.IMPLICIT_DENY,
    evidence=Evidence.REPORTED,
    kind=Kind.MISSING_PERMISSION,
    principal=CALL.principal,
    action="ec2:GetPasswordData",
    resource=INSTANCES,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"instanceId": "i-0123456789abcdef0"}, f"arn:aws:ec2:eu-west-1:{A}:instance/i-0123456789abcdef0"),
        ({"instancesSet": {"items": [{"instanceId": "i-01234567"}]}}, f"arn:aws:ec2:eu-west-1:{A}:instance/i-01234567"),
        ({"instancesSet": {"items": [{"instanceId": "i-01234567"}, {"instanceId": "i-01234568"}]}}, INSTANCES),
        ({"instanceId": "*"}, INSTANCES),
        ({"instanceId": "i-0123456789abcdef0/../x"}, INSTANCES),
        ({"instanceId": ["i-01234567"]}, INSTANCES),
        ({"instancesSet": {"items": [{"imageId": "ami-01234567"}]}}, INSTANCES),
        ({"instancesSet": "i-01234567"}, INSTANCES),
        ({}, INSTANCES),
    ],
)
def test_one_instance_that_the_request_names_replaces_the_wildcard(given: dict[str, Any], expected: str) -> None:
    """EC2 says ``instance/*`` even for one instance; only a well-formed, single id is taken."""
    assert refine(VERDICT, replace(CALL, request_parameters=given)) == (expected,)


@pytest.mark.parametrize("resource", [None, "*", "arn:aws:s3:::b/*", f"arn:aws:ec2:eu-west-1:{A}:fleet/*"])
def test_other_resources_stay_as_they_are(resource: str | None) -> None:
    """Refining is for EC2's things with ids, and for nothing else."""
    call = replace(CALL, request_parameters={"instanceId": "i-0123456789abcdef0"})
    assert refine(replace(VERDICT, resource=resource), call) == ((resource,) if resource else ())


@pytest.mark.parametrize(
    ("action", "noun", "given", "expected"),
    [
        ("ec2:CreateRoute", "route-table", {"routeTableId": "rtb-0a1b2c3d"}, "rtb-0a1b2c3d"),
        ("ec2:DeleteNetworkInterface", "network-interface", {"networkInterfaceId": "eni-0a1b2c3d"}, "eni-0a1b2c3d"),
        (
            "ec2:ModifySubnetAttribute",
            "subnet",
            {"subnetId": "subnet-0a1b2c3d", "x": {"value": True}},
            "subnet-0a1b2c3d",
        ),
        (
            "ec2:CreateFleet",
            "launch-template",
            {"CreateFleetRequest": {"LaunchTemplateConfigs": {"tag": 1, "S": {"LaunchTemplateId": "lt-0a1b2c3d"}}}},
            "lt-0a1b2c3d",
        ),
        ("ec2:DeleteVpc", "vpc", {"vpcId": "vpc-*"}, "*"),
        ("ec2:DeleteVpc", "vpc", {"vpcId": "subnet-0a1b2c3d"}, "*"),
        ("ec2:CreateImage", "snapshot", {"m": {"items": [{"ebs": {"snapshotId": "snap-0a1b2c3d"}}]}}, "*"),
        ("ec2:RunInstances", "subnet", {"n": {"items": [{"subnetId": "subnet-0a1b2c3d"}]}}, "subnet-0a1b2c3d"),
    ],
)
def test_an_id_anywhere_in_the_request_names_the_resource(
    action: str, noun: str, given: dict[str, Any], expected: str
) -> None:
    """One id of the type's shape is taken wherever it stands, unless the call creates such resources."""
    start = f"arn:aws:ec2:eu-west-1:{A}:{noun}/"
    verdict = replace(VERDICT, action=action, resource=f"{start}*")
    assert refine(verdict, replace(CALL, request_parameters=given)) == (f"{start}{expected}",)


def test_every_type_with_an_id_is_one_of_ec2() -> None:
    """Each type of the table is a resource type of some action of EC2."""
    known = {
        kind.name for each in builders.CATALOGUE.actions("ec2") for kind in builders.CATALOGUE.resource_types(each)
    }
    assert set(EC2_IDS) <= known


def test_what_is_nested_without_end_is_not_followed() -> None:
    """A request that is nested deeper than any of EC2's names nothing."""
    given: dict[str, Any] = {"instanceId": "i-01234567"}
    for _ in range(50):
        given = {"x": given}
    assert refine(VERDICT, replace(CALL, request_parameters=given)) == (INSTANCES,)


@pytest.mark.parametrize(
    ("action", "given", "names"),
    [
        ("ssm:GetParameter", {"name": "/orders/url"}, ["parameter/orders/url"]),
        ("ssm:GetParameters", {"names": ["b", "/a/c"]}, ["parameter/a/c", "parameter/b"]),
        ("ssm:GetParameters", {"names": ["b", "/a/*"]}, ["*"]),
        ("ssm:GetParameter", {"name": "/aws/reference/secretsmanager/x"}, ["*"]),
        ("ssm:GetParameter", {"name": "arn:aws-cn:ssm:cn-north-1:111122223333:parameter/x"}, ["*"]),
        ("ssm:GetParameter", {}, ["*"]),
        ("ssm:GetParameters", {"names": "b"}, ["*"]),
        ("ssm:GetParametersByPath", {"path": "/a", "name": "b"}, ["*"]),
    ],
)
def test_parameters_that_the_request_names_replace_the_wildcard(
    action: str, given: dict[str, Any], names: list[str]
) -> None:
    """Parameter Store says ``*`` where it looked nothing up; then all names of the request are meant, or none."""
    verdict = replace(VERDICT, action=action, resource=PARAMETERS)
    assert refine(verdict, replace(CALL, request_parameters=given)) == tuple(
        f"{PARAMETERS[:-1]}{each}" for each in names
    )


@pytest.mark.parametrize(
    ("action", "given", "expected"),
    [
        ("secretsmanager:GetSecretValue", {"secretId": "orders/db"}, ("orders/db",)),
        ("secretsmanager:CreateSecret", {"name": "orders/db"}, ("orders/db",)),
        ("secretsmanager:GetSecretValue", {"secretId": f"arn:aws:secretsmanager:eu-west-1:{A}:secret:orders"}, ()),
        ("secretsmanager:GetSecretValue", {"secretId": "orders*"}, ()),
        ("secretsmanager:ListSecrets", {}, ()),
        ("kms:Decrypt", {"secretId": "orders/db"}, ()),
    ],
)
def test_a_secret_that_only_has_a_name_keeps_it(action: str, given: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Secrets Manager's message gives the name that the caller gave; the request says the same, and nothing more."""
    verdict = replace(VERDICT, action=action, resource=None)
    assert refine(verdict, replace(CALL, request_parameters=given)) == expected
