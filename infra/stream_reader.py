"""A function's subscription to the table's stream."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from constructs import Construct

if TYPE_CHECKING:
    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_sqs as sqs


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Which changes a function gets, and how many at once.

    Attributes:
        patterns: Filters; a change that matches one of them is delivered.
        batch_size: Most changes of one invocation.
        window_seconds: How long to wait for a batch to fill.
        parallel: Concurrent batches per shard; changes of one item stay in order.

    """

    patterns: Sequence[dict[str, object]]
    batch_size: int = 100
    window_seconds: int = 0
    parallel: int = 1


class StreamReader(Construct):
    """An event source mapping that halves a failing batch, tries each part again, and puts aside what keeps failing."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        table: dynamodb.ITable,
        function: lambda_.IFunction,
        failures: sqs.IQueue,
        reading: Reading,
    ) -> None:
        super().__init__(scope, id_)
        lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function,
            event_source_arn=table.table_stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=reading.batch_size,
            max_batching_window=Duration.seconds(reading.window_seconds),
            parallelization_factor=reading.parallel,
            filters=[{"pattern": json.dumps(pattern, separators=(",", ":"))} for pattern in reading.patterns],
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            retry_attempts=10,
            max_record_age=Duration.hours(6),
            on_failure=sources.SqsDlq(failures),
        )


def changed_items(item_type: str, **texts: Sequence[str]) -> dict[str, object]:
    """Returns the filter of items of one type that were put or updated, and whose attributes have one of the values."""
    image: dict[str, object] = {"item_type": {"S": [item_type]}}
    image |= {name: {"S": list(values)} for name, values in texts.items()}
    return {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"NewImage": image}}
