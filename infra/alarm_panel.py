"""The alarms, which tell the security topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from infra.alarms import facts_of
from infra.metrics import BY_NAME, SERVICE
from infra.names import ALARM_PREFIX, METRICS_NAMESPACE
from infra.statements import arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs

    from infra.dead_letters import DeadLetters
    from infra.knobs import Knobs

FIVE_MINUTES: Final = Duration.minutes(5)
BEHIND_SECONDS: Final = 900
BAND: Final = 3
"""Standard deviations around the usual that are no anomaly."""


def metric(name: str, statistic: str, period: Duration = FIVE_MINUTES, **dimensions: str) -> cloudwatch.Metric:
    """Returns one of our metrics (``infra.metrics``)."""
    known = BY_NAME[name]
    return cloudwatch.Metric(
        namespace=METRICS_NAMESPACE,
        metric_name=known.name,
        statistic=statistic,
        period=period,
        dimensions_map={"service": SERVICE, **dimensions},
    )


class AlarmPanel(Construct):
    """All alarms; each has a stable name and its row of ``infra.alarms`` as description.

    Attributes:
        alarms: In the order of creation.

    """

    def __init__(self, scope: Construct, id_: str, *, topic: sns.ITopic) -> None:
        super().__init__(scope, id_)
        self._action = actions.SnsAction(topic)
        self._topic = topic
        self.alarms: list[cloudwatch.IAlarm] = []

    def watch_queues(self, denials: sqs.IQueue, dead_letters: DeadLetters) -> None:
        """Adds alarms on anything dead, and on denials that wait."""
        for name, queue in (
            ("DenialsDeadLetters", dead_letters.denials),
            ("RuleDeadLetters", dead_letters.rules),
            ("FunctionDeadLetters", dead_letters.functions),
        ):
            visible = queue.metric_approximate_number_of_messages_visible(statistic="Maximum", period=FIVE_MINUTES)
            self._above(name, visible, 0)
        age = denials.metric_approximate_age_of_oldest_message(statistic="Maximum", period=FIVE_MINUTES)
        self._above("DenialsQueueAge", age, BEHIND_SECONDS)

    def watch_functions(self, functions: Mapping[str, lambda_.IFunction], on_stream: tuple[str, ...]) -> None:
        """Adds alarms on errors of all, on the delay of those that read the stream, and on throttled triage."""
        for name, function in functions.items():
            self._above(f"Errors-{name}", function.metric_errors(period=FIVE_MINUTES), 0, of=3, times=2)
        for name in on_stream:
            age = functions[name].metric("IteratorAge", statistic="Maximum", period=FIVE_MINUTES)
            self._above(f"StreamAge-{name}", age, BEHIND_SECONDS * 1_000)
        throttles = functions["Triage"].metric_throttles(period=FIVE_MINUTES)
        self._above("Throttles-Triage", throttles, 0, of=3, times=3)
        self._silence("TrackSilent", functions["Track"].metric_invocations(period=Duration.minutes(15)))

    def watch_work(self, knobs: Knobs) -> None:
        """Adds alarms on what approvers and runbooks do, and on unusual numbers of denials."""
        oldest = metric("OldestApprovalSeconds", "Maximum", Duration.minutes(15))
        self._above("OldestApproval", oldest, knobs.alarm_approval_hours * 3_600)
        self._above(
            "FixSurge", metric("FindingsMoved", "Sum", Duration.hours(1), state="FIXED"), knobs.alarm_fixes_per_hour
        )
        self._above("FixFailed", metric("FindingsMoved", "Sum", state="FAILED"), 0)
        for kind in knobs.anomaly_kinds:
            self._unusual(kind)

    def _above(self, name: str, value: cloudwatch.IMetric, threshold: float, *, of: int = 1, times: int = 1) -> None:
        operator = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
        self._alarm(name, value, operator, threshold, (of, times), cloudwatch.TreatMissingData.NOT_BREACHING)

    def _silence(self, name: str, value: cloudwatch.IMetric) -> None:
        operator = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
        self._alarm(name, value, operator, 1, (1, 1), cloudwatch.TreatMissingData.BREACHING)

    def _alarm(
        self,
        name: str,
        value: cloudwatch.IMetric,
        operator: cloudwatch.ComparisonOperator,
        threshold: float,
        periods: tuple[int, int],
        missing: cloudwatch.TreatMissingData,
    ) -> None:
        full_name = f"{ALARM_PREFIX}{name}"
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=full_name,
            alarm_description=facts_of(full_name).description(full_name),
            metric=value,
            comparison_operator=operator,
            threshold=threshold,
            evaluation_periods=periods[0],
            datapoints_to_alarm=periods[1],
            treat_missing_data=missing,
        )
        alarm.add_alarm_action(self._action)
        self._note(f"OnBoard-{name}", full_name)

    def _note(self, id_: str, full_name: str) -> None:
        """Names the alarm for the dashboard, by its name rather than by reference: its ARN is known."""
        self.alarms.append(cloudwatch.Alarm.from_alarm_arn(self, id_, arn("cloudwatch", f"alarm:{full_name}")))

    def _unusual(self, kind: str) -> None:
        """Adds an anomaly detector on one kind of denial, which learns hours and weekdays, and its alarm."""
        full_name = f"{ALARM_PREFIX}DenialsAnomaly-{kind}"
        dimensions = {"service": SERVICE, "kind": kind}
        detector = cloudwatch.CfnAnomalyDetector(
            self,
            f"Usual-{kind}",
            namespace=METRICS_NAMESPACE,
            metric_name="Denials",
            stat="Sum",
            dimensions=[{"name": name, "value": value} for name, value in dimensions.items()],
        )
        alarm = cloudwatch.CfnAlarm(
            self,
            f"DenialsAnomaly-{kind}",
            alarm_name=full_name,
            alarm_description=facts_of(full_name).description(full_name),
            comparison_operator="GreaterThanUpperThreshold",
            evaluation_periods=2,
            datapoints_to_alarm=2,
            threshold_metric_id="usual",
            treat_missing_data="notBreaching",
            alarm_actions=[self._topic.topic_arn],
            metrics=_band(dimensions),
        )
        # Deleted first: an alarm that outlives its detector for a moment has CloudWatch make, and bill, another one.
        alarm.add_resource_dependency(detector)
        self._note(f"OnBoard-{kind}", full_name)


def _band(dimensions: Mapping[str, str]) -> list[cloudwatch.CfnAlarm.MetricDataQueryProperty]:
    denials = cloudwatch.CfnAlarm.MetricProperty(
        namespace=METRICS_NAMESPACE,
        metric_name="Denials",
        dimensions=[{"name": name, "value": value} for name, value in dimensions.items()],
    )
    return [
        cloudwatch.CfnAlarm.MetricDataQueryProperty(
            id="denials",
            return_data=True,
            metric_stat=cloudwatch.CfnAlarm.MetricStatProperty(metric=denials, period=300, stat="Sum"),
        ),
        cloudwatch.CfnAlarm.MetricDataQueryProperty(
            id="usual", return_data=True, expression=f"ANOMALY_DETECTION_BAND(denials, {BAND})"
        ),
    ]
