"""What every function of ours has in common: one asset, a role of its own, JSON logs, no right too many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.environment import refuse_large
from infra.knobs import Knobs
from infra.metrics import SERVICE
from infra.nag import accept, accept_wildcards
from infra.names import METRICS_NAMESPACE, SYSTEM_PATH
from infra.statements import write_logs

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What all functions share.

    Attributes:
        code: The one asset.
        knobs: For logging and retention.
        variables: Environment variables that every function gets.

    """

    code: lambda_.Code
    knobs: Knobs
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one function is for.

    Attributes:
        name: The handler's module: ``redress.handlers.<name>.handle``.
        description: One sentence for the console.
        seconds: Time limit.
        megabytes: Memory, which also buys processor time.
        reserved: Reserved concurrency; None takes from the account's pool.

    """

    name: str
    description: str
    seconds: int
    megabytes: int = 512
    reserved: int | None = None


class RedressFunction(Construct):
    """A Lambda function with its own role and log group.

    Attributes:
        function: The function. Its role takes no further grants: all that it may do stands in ``statements``.
        role: Its role, under ``/redress/system/``; ``wildcards`` says why a resource could not be narrower.

    """

    def __init__(  # noqa: PLR0913 - every function states all of these
        self,
        scope: Construct,
        id_: str,
        *,
        job: Job,
        workshop: Workshop,
        statements: Sequence[iam.PolicyStatement],
        variables: Mapping[str, str],
        wildcards: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        logs_ = self._log_group(workshop.knobs)
        self.role = self._role(job, [write_logs(logs_), *statements])
        self.function = self._function(job, workshop, logs_, variables)
        accept_wildcards(self.role, wildcards)
        accept(self.function, "L1", "Python 3.13 is the newest that Powertools and the sandbox are both tested with")

    def _log_group(self, knobs: Knobs) -> logs.LogGroup:
        removal = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if knobs.keep_data else RemovalPolicy.DESTROY
        group = logs.LogGroup(self, "Logs", removal_policy=removal)
        cast("logs.CfnLogGroup", group.node.default_child).retention_in_days = knobs.log_retention_days
        return group

    def _role(self, job: Job, statements: Sequence[iam.PolicyStatement]) -> iam.Role:
        return iam.Role(
            self,
            "Role",
            path=SYSTEM_PATH,
            description=f"Redress: function {job.name}",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"Work": iam.PolicyDocument(statements=statements)},
        )

    def _function(
        self, job: Job, workshop: Workshop, group: logs.LogGroup, variables: Mapping[str, str]
    ) -> lambda_.Function:
        environment = {
            **workshop.variables,
            **variables,
            "POWERTOOLS_SERVICE_NAME": SERVICE,
            "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
        }
        refuse_large(self, job.name, environment)
        return lambda_.Function(
            self,
            "Function",
            description=f"Redress: {job.description}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=workshop.code,
            handler=f"redress.handlers.{job.name}.handle",
            role=self.role.without_policy_updates(),
            timeout=Duration.seconds(job.seconds),
            memory_size=job.megabytes,
            environment=environment,
            log_group=group,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel[workshop.knobs.log_level],
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            reserved_concurrent_executions=job.reserved,
            tracing=lambda_.Tracing.DISABLED,
        )
