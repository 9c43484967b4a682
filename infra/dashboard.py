"""The one dashboard: what is denied, what becomes of it, how long it takes, and whether Redress itself is well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.names import DASHBOARD_PREFIX, METRICS_NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sqs as sqs

    from infra.dead_letters import DeadLetters

PERIOD: Final = Duration.minutes(5)
WIDTH: Final = 8
"""A third of the grid of 24."""

GRAPHS: Final = (
    (("Denials by kind", "Denials", "Sum"), ("New findings", "Findings", "Sum"), ("Why no fix", "NoFixes", "Sum")),
    (("Proposals", "Proposals", "Sum"), ("Guard", "GuardVerdicts", "Sum"), ("By layer", "FindingsByLayer", "Sum")),
    (
        ("What findings became", "FindingsMoved", "Sum"),
        ("Waiting for a signature", "Waiting", "Maximum"),
        ("Oldest of them, s", "OldestApprovalSeconds", "Maximum"),
    ),
    (
        ("First denial to notice, s", "TimeToNoticeSeconds", "p90"),
        ("First denial to signature, s", "TimeToApprovalSeconds", "p90"),
        ("First denial to fix, s", "TimeToFixSeconds", "p90"),
    ),
    (
        ("Notices", "Notices", "Sum"),
        ("Not decoded", "DecodeFailures", "Sum"),
        ("Suspicious", "Suspicions", "Sum"),
    ),
    (
        ("Started", "ProposalsStarted", "Sum"),
        ("Waiting for room", "ProposalsHeld", "Maximum"),
        ("Restores started", "RestoresStarted", "Sum"),
    ),
    (("Denied again", "Reopened", "Sum"), ("Reconcile faults", "ReconcileFaults", "Sum")),
    (
        ("Duplicates", "Duplicates", "Sum"),
        ("No denials", "Ignored", "Sum"),
        ("Malformed", "Malformed", "Sum"),
    ),
)
"""Rows of graphs: title, metric, statistic. Each graph shows one line per value of the metric's dimension."""


class Dashboard(Construct):
    """A CloudWatch dashboard made of our own metrics and of those of the queues and functions."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        denials: sqs.IQueue,
        dead_letters: DeadLetters,
        functions: Mapping[str, lambda_.IFunction],
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, id_)
        rows = [[_graph(*graph) for graph in row] for row in GRAPHS]
        name = f"{DASHBOARD_PREFIX}{Aws.REGION}"
        board = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=name, default_interval=Duration.days(1))
        board.add_widgets(cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=24, height=4))
        for row in rows:
            board.add_widgets(*row)
        board.add_widgets(*_health(denials, dead_letters, functions))


def _graph(title: str, name: str, statistic: str) -> cloudwatch.GraphWidget:
    search = f"SEARCH('Namespace=\"{METRICS_NAMESPACE}\" MetricName=\"{name}\"', '{statistic}')"
    lines = cloudwatch.MathExpression(expression=search, using_metrics={}, period=PERIOD, label="")
    return cloudwatch.GraphWidget(title=title, left=[lines], width=WIDTH, height=6)


def _health(
    denials: sqs.IQueue, dead_letters: DeadLetters, functions: Mapping[str, lambda_.IFunction]
) -> list[cloudwatch.GraphWidget]:
    dead = {"denials": dead_letters.denials, "rules": dead_letters.rules, "functions": dead_letters.functions}
    queues = [
        queue.metric_approximate_number_of_messages_visible(label=f"dead: {name}", statistic="Maximum")
        for name, queue in dead.items()
    ]
    ages = [
        queue.metric_approximate_age_of_oldest_message(label=f"oldest, s: {name}", statistic="Maximum")
        for name, queue in {"waiting": denials, **dead}.items()
    ]
    errors = [function.metric_errors(label=name) for name, function in functions.items()]
    durations = [function.metric_duration(label=name, statistic="p90") for name, function in functions.items()]
    return [
        cloudwatch.GraphWidget(title="Queues", left=queues, right=ages, width=WIDTH, height=6),
        cloudwatch.GraphWidget(title="Errors of functions", left=errors, width=WIDTH, height=6),
        cloudwatch.GraphWidget(title="Duration of functions, ms, p90", left=durations, width=WIDTH, height=6),
    ]
