"""From proposals to signed changes: λ start, which starts runbooks, and λ track, which follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_destinations as destinations
from constructs import Construct

from infra.functions import Job, RedressFunction
from infra.names import APPLY_DOCUMENT, RESTORE_DOCUMENT
from infra.patterns import automation_changes
from infra.statements import (
    READ_ITEMS,
    WRITE_ITEMS,
    allow,
    executions,
    index,
    items,
    of_proposals,
    send,
    start_runbooks,
    why_executions,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sqs as sqs

    from infra.dead_letters import DeadLetters
    from infra.functions import Workshop

KEYS: Final = ("FINDING#*", "PROPOSAL#*", "TARGET#*")
START_EVERY: Final = Duration.minutes(1)
TRACK_EVERY: Final = Duration.minutes(5)


class Approvals(Construct):
    """Starts at most what SSM allows, queues the rest, and takes the truth from SSM again every five minutes.

    λ start is called by λ propose, not by the table's stream: that is read for two functions already.

    Attributes:
        start: λ start.
        track: λ track.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        table: dynamodb.ITable,
        automation_role_arn: str,
        dead_letters: DeadLetters,
        workshop: Workshop,
    ) -> None:
        super().__init__(scope, id_)
        self._table, self._dead_letters, self._workshop = table, dead_letters, workshop
        variables = {
            "APPLY_DOCUMENT": APPLY_DOCUMENT,
            "RESTORE_DOCUMENT": RESTORE_DOCUMENT,
            "AUTOMATION_ROLE_ARN": automation_role_arn,
        }
        self.start = self._start(automation_role_arn, variables)
        self.track = self._track(automation_role_arn, variables)
        self._schedules()

    def _start(self, automation_role_arn: str, variables: Mapping[str, str]) -> lambda_.Function:
        return RedressFunction(
            self,
            "Start",
            job=Job(name="start", description="ready proposals become runbook executions", seconds=120),
            workshop=self._workshop,
            statements=[
                *_items_and_executions(self._table),
                *start_runbooks(automation_role_arn),
                # The table names the execution: whoever can write it must not have others' automations stopped.
                allow("StopSuperseded", ("ssm:StopAutomationExecution",), executions(), conditions=of_proposals()),
                send("PutAside", self._dead_letters.functions),
            ],
            variables=variables,
            wildcards={**why_executions()},
        ).function

    def _track(self, automation_role_arn: str, variables: Mapping[str, str]) -> lambda_.Function:
        track = RedressFunction(
            self,
            "Track",
            job=Job(name="track", description="executions move findings on", seconds=240),
            workshop=self._workshop,
            statements=[
                *_items_and_executions(self._table),
                *start_runbooks(automation_role_arn, RESTORE_DOCUMENT),
                send("PutAside", self._dead_letters.functions),
            ],
            variables=variables,
            wildcards={**why_executions()},
        ).function
        rule = events.Rule(
            self, "Changes", description="Redress: runbook executions moved on", event_pattern=_changes()
        )
        rule.add_target(self._target(track))
        return track

    def _schedules(self) -> None:
        for name, function, every in (("Retry", self.start, START_EVERY), ("Reconcile", self.track, TRACK_EVERY)):
            rule = events.Rule(self, name, description=f"Redress: {name.lower()}", schedule=events.Schedule.rate(every))
            rule.add_target(self._target(function))
            keep_failed_events(function, self._dead_letters.functions)

    def _target(self, function: lambda_.IFunction) -> targets.LambdaFunction:
        return targets.LambdaFunction(function, dead_letter_queue=self._dead_letters.rules)


def keep_failed_events(function: lambda_.Function, failures: sqs.IQueue) -> None:
    """Puts an asynchronous event aside after two more tries within an hour."""
    function.configure_async_invoke(
        on_failure=destinations.SqsDestination(failures), retry_attempts=2, max_event_age=Duration.hours(1)
    )


def _items_and_executions(table: dynamodb.ITable) -> list[iam.PolicyStatement]:
    return [
        items("Proposals", table, (*READ_ITEMS, *WRITE_ITEMS), KEYS),
        index(table),
        allow("ReadExecutions", ("ssm:GetAutomationExecution",), executions()),
    ]


def _changes() -> events.EventPattern:
    pattern: Mapping[str, Any] = automation_changes((APPLY_DOCUMENT, RESTORE_DOCUMENT))
    return events.EventPattern(source=pattern["source"], detail_type=pattern["detail-type"], detail=pattern["detail"])
