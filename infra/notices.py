"""From findings to people: λ notify, the daily digest, and (by knob) Slack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.approvals import keep_failed_events
from infra.functions import Job, RedressFunction
from infra.nag import accept
from infra.statements import (
    LIST_STREAMS,
    READ_ITEMS,
    WRITE_ITEMS,
    allow,
    arn,
    iam_arn,
    index,
    items,
    publish,
    send,
    stream,
)
from infra.stream_reader import Reading, StreamReader, changed_items

if TYPE_CHECKING:
    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_

    from infra.dead_letters import DeadLetters
    from infra.functions import Workshop
    from infra.topics import Topics

TRAILS: Final = f"arn:{Aws.PARTITION}:cloudtrail:*:*:trail/*"
ANY_TRAIL: Final = "the trail is the account's or its organization's, at home in any Region: its name is not known"
ANY_PRINCIPAL: Final = (iam_arn("role/*"), iam_arn("user/*"))
OWED_EVERY: Final = Duration.minutes(5)


class Notices(Construct):
    """The functions that tell people.

    Attributes:
        notify: λ notify.
        digest: λ digest.
        slack: λ slack, if the knob ``slack_webhook`` is set.

    """

    def __init__(  # noqa: PLR0913 - it stands between the table, the topics, the rule and the queues
        self,
        scope: Construct,
        id_: str,
        *,
        table: dynamodb.ITable,
        topics: Topics,
        rule_name: str,
        dead_letters: DeadLetters,
        workshop: Workshop,
    ) -> None:
        super().__init__(scope, id_)
        self._table, self._topics, self._dead_letters, self._workshop = table, topics, dead_letters, workshop
        self.notify = self._notify()
        self.digest = self._digest(rule_name)
        self.slack = self._slack() if workshop.knobs.slack_webhook else None

    def _notify(self) -> lambda_.Function:
        failures, topics = self._dead_letters.functions, self._topics
        notify = RedressFunction(
            self,
            "Notify",
            job=Job(name="notify", description="findings become notices", seconds=60),
            workshop=self._workshop,
            statements=[
                *stream(self._table, failures),
                items("Ledger", self._table, (*READ_ITEMS, *WRITE_ITEMS), ("FINDING#*", "NOTICES#*")),
                index(self._table),
                items("Facts", self._table, READ_ITEMS, ("PROPOSAL#*", "TARGET#*", "HEALTH")),
                allow("ReadTags", ("iam:ListRoleTags", "iam:ListUserTags"), *ANY_PRINCIPAL),
                publish(topics.findings, topics.security, topics.chat),
            ],
            variables={},
            wildcards={
                "*": LIST_STREAMS,
                **dict.fromkeys(ANY_PRINCIPAL, "any principal can be denied; its tags say whose it is"),
            },
        ).function
        reading = Reading(patterns=[changed_items("finding")], window_seconds=0)
        StreamReader(self, "Findings", table=self._table, function=notify, failures=failures, reading=reading)
        rule = events.Rule(self, "Owed", description="Redress: owed notices", schedule=events.Schedule.rate(OWED_EVERY))
        rule.add_target(targets.LambdaFunction(notify, dead_letter_queue=self._dead_letters.rules, retry_attempts=2))
        return notify

    def _digest(self, rule_name: str) -> lambda_.Function:
        digest = RedressFunction(
            self,
            "Digest",
            job=Job(name="digest", description="the day in one notice", seconds=300),
            workshop=self._workshop,
            statements=[*self._look_around(rule_name), send("PutAside", self._dead_letters.functions)],
            variables={
                "DENIAL_RULE_NAME": rule_name,
                "DEAD_LETTER_QUEUE_URL": self._dead_letters.denials.queue_url,
            },
            wildcards={"*": "listing trails and reading metrics take no resource", TRAILS: ANY_TRAIL},
        ).function
        hour = str(self._workshop.knobs.digest_hour_utc)
        daily = events.Schedule.cron(minute="0", hour=hour)
        rule = events.Rule(self, "Daily", description="Redress: daily digest", schedule=daily)
        rule.add_target(targets.LambdaFunction(digest, dead_letter_queue=self._dead_letters.rules))
        keep_failed_events(digest, self._dead_letters.functions)
        return digest

    def _look_around(self, rule_name: str) -> list[iam.PolicyStatement]:
        """Returns what the digest reads: findings, and whether Redress can see denials at all."""
        dead_letters = self._dead_letters
        queues = [queue.queue_arn for queue in (dead_letters.denials, dead_letters.rules, dead_letters.functions)]
        return [
            items("Findings", self._table, READ_ITEMS, ("*",)),
            items("Ledger", self._table, WRITE_ITEMS, ("DIGEST",)),
            index(self._table),
            publish(self._topics.findings, self._topics.chat),
            allow("CountDeadLetters", ("sqs:GetQueueAttributes",), *queues),
            allow("ReadRule", ("events:DescribeRule",), arn("events", f"rule/{rule_name}")),
            allow(
                "ReadTrails",
                ("cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"),
                TRAILS,
            ),
            allow("ListTrails", ("cloudtrail:DescribeTrails", "cloudwatch:GetMetricData")),
        ]

    def _slack(self) -> lambda_.Function:
        secrets = self._webhooks()
        dead = self._dead_letters.functions
        slack = RedressFunction(
            self,
            "Slack",
            job=Job(name="slack", description="notices go to a Slack webhook", seconds=60),
            workshop=self._workshop,
            statements=[
                allow(
                    "ReadWebhook", ("secretsmanager:GetSecretValue",), *(each.secret_arn for each in secrets.values())
                ),
                send("PutAside", dead),
            ],
            variables={name: secret.secret_arn for name, secret in secrets.items()},
            wildcards={},
        ).function
        heard = [self._topics.findings, *([self._topics.security] if self._security != "off" else [])]
        for topic in heard:
            topic.add_subscription(subscriptions.LambdaSubscription(slack, dead_letter_queue=dead))
        keep_failed_events(slack, dead)
        return slack

    @property
    def _security(self) -> str:
        return self._workshop.knobs.slack_security

    def _webhooks(self) -> dict[str, secretsmanager.Secret]:
        """Returns the secrets that hold addresses, by the variable that names each."""
        secrets = {"SLACK_WEBHOOK_SECRET_ARN": self._webhook("SlackWebhook", "the Slack webhook")}
        if self._security == "own":
            secrets["SLACK_SECURITY_SECRET_ARN"] = self._webhook("SlackSecurity", "the Slack webhook for security")
        return secrets

    def _webhook(self, id_: str, what: str) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            id_,
            description=f"Redress: the URL of {what}, as plain text",
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
            if self._workshop.knobs.keep_data
            else RemovalPolicy.DESTROY,
        )
        accept(secret, "SMG4", "the owner of the Slack workspace makes and rotates the URL")
        return secret
