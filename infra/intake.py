"""From the queue of denials to findings: the queue and λ triage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.functions import Job, RedressFunction
from infra.statements import READ_ITEMS, WRITE_ITEMS, allow, items, send

if TYPE_CHECKING:
    from aws_cdk import aws_dynamodb as dynamodb

    from infra.functions import Workshop
    from infra.knobs import Knobs

SECONDS: Final = 60
VISIBILITY_TIMEOUTS: Final = 6
"""A message stays hidden for six times the function's limit (Lambda's advice for SQS), plus the batching window."""
RECEIVES: Final = 5


class Intake(Construct):
    """An encrypted queue, and the function that makes findings of it in batches.

    Attributes:
        queue: Where the rules deliver.
        function: λ triage.

    """

    def __init__(
        self, scope: Construct, id_: str, *, table: dynamodb.ITable, dead_letters: sqs.IQueue, workshop: Workshop
    ) -> None:
        super().__init__(scope, id_)
        self.queue = self._queue(dead_letters, workshop.knobs)
        self._dead_letters = dead_letters
        triage = self._triage(table, workshop)
        self.function = triage.function
        self._feed(workshop.knobs)

    def _queue(self, dead_letters: sqs.IQueue, knobs: Knobs) -> sqs.Queue:
        return sqs.Queue(
            self,
            "Denials",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(VISIBILITY_TIMEOUTS * SECONDS + knobs.intake_window_seconds),
            retention_period=Duration.days(14),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=RECEIVES),
        )

    def _triage(self, table: dynamodb.ITable, workshop: Workshop) -> RedressFunction:
        receive = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes")
        return RedressFunction(
            self,
            "Triage",
            job=Job(
                name="triage",
                description="denied calls become findings",
                seconds=SECONDS,
                reserved=workshop.knobs.reserved_concurrency or None,
            ),
            workshop=workshop,
            statements=[
                allow("ReceiveDenials", receive, self.queue.queue_arn),
                send("RefuseMalformed", self._dead_letters),
                # No PROPOSAL# items: whoever can send events here must not be able to write what people sign.
                items(
                    "Findings",
                    table,
                    (*READ_ITEMS, *WRITE_ITEMS, "BatchWriteItem"),
                    ("FINDING#*", "TARGET#*", "HEALTH"),
                ),
                allow("Decode", ("sts:DecodeAuthorizationMessage",)),
                allow("Explain", ("iam:GetRequestAuthorizationDetails", "iam:GetRequestAuthorizationPolicy")),
            ],
            variables={"DEAD_LETTER_QUEUE_URL": self._dead_letters.queue_url},
            wildcards={"*": "decoding messages and reading authorization details take no resource"},
        )

    def _feed(self, knobs: Knobs) -> None:
        lambda_.EventSourceMapping(
            self,
            "Feed",
            target=self.function,
            event_source_arn=self.queue.queue_arn,
            batch_size=knobs.intake_batch_size,
            max_batching_window=Duration.seconds(knobs.intake_window_seconds),
            max_concurrency=knobs.triage_max_concurrency,
            report_batch_item_failures=True,
        )
