"""The rules that bring denials in, and the right of EventBridge to hand them over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import patterns
from infra.statements import iam_arn

if TYPE_CHECKING:
    from aws_cdk import aws_sqs as sqs

EVEN_READ_ONLY: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
"""With the state ENABLED every denied Describe, List and Get would be missed. CDK's own Rule has no argument for it."""
OWN_ROLES: Final = "role/redress/"
DAY: Final = 86_400
RETRIES: Final = 185


class DenialRules(Construct):
    """Three rules on the default bus, each to one queue, with EventBridge's longest retry and a dead-letter queue.

    Attributes:
        denied_calls: The rule on API calls, console actions and network activity.

    """

    def __init__(self, scope: Construct, id_: str, *, queue: sqs.IQueue, dead_letters: sqs.IQueue) -> None:
        super().__init__(scope, id_)
        self._queue, self._dead_letters = queue, dead_letters
        denied = patterns.denied_calls(iam_arn(OWN_ROLES))
        self.denied_calls = self._rule("DeniedCalls", "Denied API calls", denied, EVEN_READ_ONLY)
        dlm = self._rule("DlmErrors", "Snapshot lifecycle policies in error", patterns.dlm_errors())
        health = self._rule("HealthEvents", "AWS Health events", patterns.health_issues())
        rules = [rule.attr_arn for rule in (self.denied_calls, dlm, health)]
        for target in (queue, dead_letters):
            target.add_to_resource_policy(_deliveries(target, rules))

    def _rule(self, id_: str, what: str, pattern: dict[str, object], state: str = "ENABLED") -> events.CfnRule:
        target = events.CfnRule.TargetProperty(
            id="Queue",
            arn=self._queue.queue_arn,
            dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self._dead_letters.queue_arn),
            retry_policy=events.CfnRule.RetryPolicyProperty(
                maximum_event_age_in_seconds=DAY, maximum_retry_attempts=RETRIES
            ),
        )
        return events.CfnRule(
            self, id_, description=f"Redress: {what}", event_pattern=pattern, state=state, targets=[target]
        )


def _deliveries(queue: sqs.IQueue, rules: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="RulesDeliver",
        principals=[iam.ServicePrincipal("events.amazonaws.com")],
        actions=["sqs:SendMessage"],
        resources=[queue.queue_arn],
        conditions={"ArnEquals": {"aws:SourceArn": rules}},
    )
