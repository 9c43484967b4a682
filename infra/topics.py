"""The four topics: findings, security, chat, approvals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.encryption_key import our_alarms
from infra.names import APPROVALS_TOPIC

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

    from infra.knobs import Knobs


class Topics(Construct):
    """Encrypted topics that refuse plain HTTP.

    Attributes:
        findings: Notices for people and machines.
        security: Suspicious principals, and the stack's own alarms.
        chat: Amazon Q Developer in chat applications; its JSON must not reach e-mail.
        approvals: Requests for a signature, published by SSM itself.

    """

    def __init__(self, scope: Construct, id_: str, *, key: kms.IKey, knobs: Knobs) -> None:
        super().__init__(scope, id_)
        self._key = key
        self.findings = self._topic("Findings", "Redress findings", knobs.findings_emails)
        self.security = self._topic("Security", "Redress security and alarms", knobs.security_emails)
        self.chat = self._topic("Chat", "Redress chat notifications", ())
        self.approvals = self._topic("Approvals", "Redress approvals", knobs.approvals_emails, name=APPROVALS_TOPIC)
        self.security.add_to_resource_policy(_alarms(self.security))

    def _topic(self, id_: str, title: str, emails: tuple[str, ...], name: str | None = None) -> sns.Topic:
        topic = sns.Topic(self, id_, display_name=title, topic_name=name, master_key=self._key, enforce_ssl=True)
        for address in emails:
            topic.add_subscription(subscriptions.EmailSubscription(address))
        return topic


def _alarms(topic: sns.ITopic) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Alarms",
        principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        actions=["sns:Publish"],
        resources=[topic.topic_arn],
        conditions=our_alarms(),
    )
