"""The deployed stack that a command talks to, with the person's own credentials."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.errors import Refused
from redress_cli.advised import advised

if TYPE_CHECKING:
    import argparse

DEFAULT_STACK = "Redress"


def region(named: str | None = None) -> str | None:
    """Returns the Region to use, or None to let boto3 look; of the environment it knows AWS_DEFAULT_REGION only."""
    return named or os.environ.get("AWS_REGION") or None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that say which deployment, and who asks."""
    group = parser.add_argument_group("deployment")
    group.add_argument("--stack", default=os.environ.get("REDRESS_STACK", DEFAULT_STACK), help="CloudFormation stack")
    group.add_argument("--profile", help="AWS profile to use")
    group.add_argument("--region", help="Region of the stack")
    group.add_argument("--endpoint-url", help="another AWS endpoint, such as the sandbox's")


@dataclass(frozen=True)
class Deployment:
    """One deployed stack."""

    stack: str = DEFAULT_STACK
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    _clients: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, given: argparse.Namespace) -> Deployment:
        """Returns the deployment that the arguments name."""
        return cls(stack=given.stack, profile=given.profile, region=given.region, endpoint_url=given.endpoint_url)

    @cached_property
    def session(self) -> boto3.session.Session:
        """Returns the person's session.

        Raises:
            Refused: There is no such profile.

        """
        try:
            return boto3.session.Session(profile_name=self.profile, region_name=region(self.region))
        except BotoCoreError as error:
            raise Refused(advised(error)) from error

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 clients have no static type here
        """Returns a client of the person's session."""
        if service not in self._clients:
            make: Any = self.session.client
            try:
                self._clients[service] = make(service, endpoint_url=self.endpoint_url)
            except BotoCoreError as error:
                raise Refused(advised(error)) from error
        return self._clients[service]

    @property
    def where(self) -> str:
        """Returns which deployment this is, in words."""
        return f"stack {self.stack}, {self.client('cloudformation').meta.region_name}"

    @cached_property
    def outputs(self) -> dict[str, str]:
        """Returns the stack's outputs.

        Raises:
            Refused: The stack cannot be read.

        """
        try:
            stacks = self.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        except (ClientError, BotoCoreError) as error:
            raise Refused(f"cannot read the {self.where}: {advised(error)}") from error
        return {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}

    @cached_property
    def caller(self) -> str:
        """Returns the ARN of whoever runs the command."""
        try:
            return str(self.client("sts").get_caller_identity()["Arn"])
        except (ClientError, BotoCoreError) as error:
            raise Refused(f"cannot ask AWS who you are: {advised(error)}") from error
