"""Whose code makes a principal, and which denial is likely next."""

from __future__ import annotations

import pytest

from redress.domain.likely_next import FOLLOWED_BY, likely_next
from redress.domain.ownership import Ownership, owner_of
from tests.unit.fix import builders

CASES = [
    ({}, None),
    ({"team": "web", "environment": "production"}, None),
    ({"aws:cloudformation:stack-name": "web"}, ("CloudFormation", "web")),
    ({"aws:cloudformation:stack-name": "web", "aws-cdk:auto-delete": "x"}, ("CDK", "web")),
    ({"aws:cloudformation:stack-name": "web", "ManagedBy": "cdk"}, ("CDK", "web")),
    ({"managed-by": "CDK"}, ("CDK", "")),
    ({"terraform": "true"}, ("Terraform", "")),
    ({"Terraform": "false"}, None),
    ({"ManagedBy": "Terraform"}, ("Terraform", "")),
    ({"managed_by": "opentofu"}, ("Terraform", "")),
    ({"managed-by": "hand"}, None),
    ({"tf-workspace": "network-prod"}, ("Terraform", "network-prod")),
    ({"TerraformWorkspace": "x"}, None),
    ({"aws:cloudformation:stack-name": "evil\n<!channel>"}, ("CloudFormation", "")),
    ({"aws:cloudformation:stack-name": "{{ global:REGION }}"}, ("CloudFormation", "")),
]


@pytest.mark.parametrize(("tags", "owner"), CASES, ids=[str(tags) for tags, _ in CASES])
def test_tags_say_whose_code_it_is(tags: dict[str, str], owner: tuple[str, str] | None) -> None:
    """CloudFormation's own tag proves a stack; people's tags name Terraform or the CDK; odd names are left out."""
    expected = Ownership(tool=owner[0], name=owner[1]) if owner else None
    assert owner_of(builders.target(tags=tags)) == expected


def test_what_is_granted_or_held_is_not_next() -> None:
    """Only actions that are still missing are named."""
    assert "iam:PassRole" in likely_next(["ec2:RunInstances"])
    assert "iam:PassRole" not in likely_next(["ec2:RunInstances", "iam:PassRole"])
    assert "ec2:CreateTags" not in likely_next(["ec2:RunInstances"], ["ec2:CreateTags"])
    assert likely_next(["s3:ListAllMyBuckets"]) == ()


def test_the_types_that_a_denial_did_not_name_are_told() -> None:
    """RunInstances is checked on an image and a subnet as well, so their denials are to be expected."""
    instance = f"arn:aws:ec2:us-east-1:{builders.ACCOUNT}:instance/*"
    proposal = builders.plan(builders.finding("ec2:RunInstances", instance)).proposal
    assert proposal is not None
    told = "ec2:RunInstances on image, network-interface, security-group, subnet, volume"
    assert told in proposal.content["likely_next"]
    assert told in proposal.content["summary"]


def test_what_the_principal_holds_is_not_named() -> None:
    """A follow-on action that the principal has already is not announced."""
    instance = f"arn:aws:ec2:us-east-1:{builders.ACCOUNT}:instance/*"
    found = builders.finding("ec2:RunInstances", instance)
    proposal = builders.plan(found, on=builders.target("iam:*")).proposal
    assert proposal is not None
    assert "iam:PassRole" not in proposal.content["likely_next"]


def test_every_named_action_exists() -> None:
    """A misspelt follow-on action would be no help."""
    named = {*FOLLOWED_BY, *(action for actions in FOLLOWED_BY.values() for action in actions)}
    assert [action for action in sorted(named) if builders.CATALOGUE.proper_case(action) != action] == []
