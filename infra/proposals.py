"""From findings to proposals: λ propose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Aws, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.functions import Job, RedressFunction
from infra.statements import LIST_STREAMS, READ_ITEMS, WRITE_ITEMS, allow, iam_arn, index, items, stream
from infra.stream_reader import Reading, StreamReader, changed_items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sqs as sqs

    from infra.functions import Workshop

WANTING: Final = ("OPEN", "REOPENED")
"""States of findings that λ propose looks at."""

SWEEP_EVERY: Final = Duration.minutes(5)

AWS_MANAGED: Final = f"arn:{Aws.PARTITION}:iam::aws:policy/*"

READ_PRINCIPALS: Final = (
    *("iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"),
    *("iam:GetUser", "iam:GetUserPolicy", "iam:ListUserPolicies", "iam:ListAttachedUserPolicies"),
    *("iam:ListGroupsForUser", "iam:GetGroupPolicy", "iam:ListGroupPolicies", "iam:ListAttachedGroupPolicies"),
)
ASK_PRINCIPALS: Final = ("iam:GetGroup", "iam:ListRoleTags", "iam:ListUserTags", "iam:SimulatePrincipalPolicy")
READ_POLICIES: Final = ("iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions")
CHECKS: Final = (
    *("access-analyzer:ValidatePolicy", "access-analyzer:CheckNoNewAccess", "access-analyzer:CheckAccessNotGranted"),
    "iam:SimulateCustomPolicy",
)


class Proposals(Construct):
    """The function that plans, proves and guards a fix. It reads IAM and writes only the table.

    Attributes:
        function: λ propose.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        table: dynamodb.ITable,
        start: lambda_.IFunction,
        failures: sqs.IQueue,
        workshop: Workshop,
    ) -> None:
        super().__init__(scope, id_)
        propose = RedressFunction(
            self,
            "Propose",
            job=Job(name="propose", description="findings become proposals", seconds=300, megabytes=1024),
            workshop=workshop,
            statements=[*stream(table, failures), *_work(table), _wake(start)],
            variables={"START_FUNCTION_NAME": start.function_name},
            wildcards={
                "*": f"{LIST_STREAMS}; Access Analyzer's checks and SimulateCustomPolicy take none either",
                **why_iam(),
            },
        )
        self.function = propose.function
        window = workshop.knobs.quiet_window_seconds
        reading = Reading(patterns=[changed_items("finding", state=WANTING)], window_seconds=window)
        StreamReader(self, "Wanting", table=table, function=self.function, failures=failures, reading=reading)
        self._sweep(failures)

    def _sweep(self, failures: sqs.IQueue) -> None:
        """Answers findings that AWS Health or a change under way held back, and those that the stream missed."""
        rule = events.Rule(self, "Sweep", description="Redress: sweep", schedule=events.Schedule.rate(SWEEP_EVERY))
        rule.add_target(targets.LambdaFunction(self.function, dead_letter_queue=failures, retry_attempts=2))


def _work(table: dynamodb.ITable) -> list[iam.PolicyStatement]:
    keys = ("FINDING#*", "PROPOSAL#*", "TARGET#*", "HEALTH")
    return [
        items("Proposals", table, (*READ_ITEMS, *WRITE_ITEMS, "DeleteItem"), keys),
        index(table),
        *read_iam(ASK_PRINCIPALS, ("iam:ListPolicyTags",)),
        allow("Check", CHECKS),
    ]


def read_iam(of_principals: Sequence[str] = (), of_policies: Sequence[str] = ()) -> list[iam.PolicyStatement]:
    """Returns Allows to read any role, user or group with its policies, and to do these things with them."""
    principals = (iam_arn(f"{kind}/*") for kind in ("role", "user", "group"))
    return [
        allow("ReadPrincipals", (*READ_PRINCIPALS, *of_principals), *principals),
        allow("ReadPolicies", (*READ_POLICIES, *of_policies), iam_arn("policy/*"), AWS_MANAGED),
    ]


def _wake(start: lambda_.IFunction) -> iam.PolicyStatement:
    """Returns an Allow to call λ start: a stream is read for two functions at most, so it can't be a third reader."""
    return allow("WakeStart", ("lambda:InvokeFunction",), start.function_arn)


def why_iam() -> dict[str, str]:
    """Returns, for cdk-nag, why IAM is read as a whole."""
    everyone = (*(iam_arn(f"{kind}/*") for kind in ("role", "user", "group", "policy")), AWS_MANAGED)
    return dict.fromkeys(everyone, "any principal can be denied; the actions only read")
