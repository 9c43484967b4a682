"""Where goes what could not be processed: nothing is lost without a place to look for it."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.nag import accept


class DeadLetters(Construct):
    """Three dead-letter queues, kept 14 days.

    Attributes:
        denials: Events that triage refused (with the reason as an attribute) or could not process.
        rules: Events that EventBridge could not hand over.
        functions: Stream batches and asynchronous invocations that a function gave up on.

    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self.denials = self._queue("Denials")
        self.rules = self._queue("Rules")
        self.functions = self._queue("Functions")

    def _queue(self, id_: str) -> sqs.Queue:
        queue = sqs.Queue(
            self,
            id_,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        accept(queue, "SQS3", "it is a dead-letter queue itself")
        return queue
