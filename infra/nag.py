"""Accepts findings of cdk-nag, each with its reason; the tests run cdk-nag and allow no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Acknowledgment, Aws, Validations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import IConstruct

_PACK: Final = "AwsSolutions"
_PSEUDO: Final = {
    Aws.PARTITION: "<AWS::Partition>",
    Aws.REGION: "<AWS::Region>",
    Aws.ACCOUNT_ID: "<AWS::AccountId>",
}


def accept(construct: IConstruct, rule: str, reason: str) -> None:
    """Accepts what cdk-nag says of ``construct`` by one rule (``SQS3``), and writes the reason down."""
    Validations.of(construct).acknowledge(Acknowledgment(id=f"{_PACK}::{_PACK}-{rule}", reason=reason))


def accept_wildcards(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accepts resources with a wildcard in the policies of ``construct``: resource -> why it can't be narrower."""
    for resource, reason in reasons.items():
        accept(construct, f"IAM5[Resource::{_readable(resource)}]", reason)


def _readable(resource: str) -> str:
    for token, word in _PSEUDO.items():
        resource = resource.replace(token, word)
    return resource
