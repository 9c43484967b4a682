"""DynamoDB streams read for Lambda as on AWS: partial failures, bisection, retries, and what could not be processed.

MiniStack's own reader takes any batch that did not raise for processed, whatever items it
reported as failed, reads all mappings on one thread, and never gives up.
Source: docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
Delivered at once, where AWS may wait for the batching window; one batch at a time per mapping.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ministack.core import responses
from ministack.core.arn import ArnParseError, parse_arn
from ministack.services import dynamodb

from sandbox.emulator import EVENTBRIDGE, LAMBDA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LOG: Final = logging.getLogger("redress.streams")
FOREVER: Final = -1
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0
BATCH: Final = 100


@dataclass(slots=True)
class Progress:
    """How far one mapping has read its stream.

    Attributes:
        position: Of the next record.
        size: How many records to take next; None for the mapping's batch size.
        failures: In a row, of the batch that begins at the position.
        resume: Monotonic time before which nothing is read.

    """

    position: int
    size: int | None = None
    failures: int = 0
    resume: float = 0.0


_PROGRESS: Final[dict[str, Progress]] = {}


def failed_from(result: Mapping[str, Any], records: Sequence[Mapping[str, Any]], *, partial: bool) -> int | None:
    """Returns the index of the first record to be read again, or None if all are done.

    Args:
        result: MiniStack's result of the invocation.
        records: What the function was given, in order.
        partial: Whether the mapping reports batch item failures.

    """
    if result.get("error"):
        return 0
    if not partial:
        return None
    body = result.get("body")
    answer = _parsed(body) if isinstance(body, (str, bytes)) else body
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    named = [failure.get("itemIdentifier") for failure in failures or ()]
    if any(name not in numbers for name in named):
        return 0  # a name that is none of the batch's fails the whole of it
    return min(numbers.index(name) for name in named) if named else None


def _parsed(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text)
    except ValueError:
        return None


def _poll() -> bool:
    found = [_poll_one(*scope_and_mapping) for scope_and_mapping in LAMBDA._iter_all_esms()]  # noqa: SLF001
    return any(found)


def _poll_one(account: str, region: str, mapping: Mapping[str, Any]) -> bool:
    table = _table_of(account, region, mapping)
    if table is None or LAMBDA._esm_inflight.get(mapping["UUID"]):  # noqa: SLF001
        return False
    with responses.request_scope(account, region):
        progress = _progress(table, mapping)
        waiting = dynamodb.stream_end_position(table) > progress.position
        function, _ = LAMBDA._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))  # noqa: SLF001
        if not waiting or function is None or time.monotonic() < progress.resume:
            return False
        # The task runs in a copy of this context, so within this account and Region.
        LAMBDA._dispatch_esm_batch(mapping["UUID"], _read, table, mapping, function, progress)  # noqa: SLF001
    return True


def _table_of(account: str, region: str, mapping: Mapping[str, Any]) -> str | None:
    """Returns the table of an enabled mapping on its current stream, or None."""
    source = mapping.get("EventSourceArn", "")
    try:
        spec = parse_arn(source)
    except ArnParseError:
        return None
    if spec.service != "dynamodb" or not mapping.get("Enabled", True):
        return None
    name = spec.resource.split("/")[1]
    table = dynamodb._tables.get_scoped(account, region, name)  # noqa: SLF001
    return name if table and table.get("LatestStreamArn") == source else None


def _progress(table: str, mapping: Mapping[str, Any]) -> Progress:
    key = mapping["UUID"]
    if key not in _PROGRESS:
        newest = mapping.get("StartingPosition") != "TRIM_HORIZON"
        anchored = LAMBDA._dynamodb_stream_positions.get(key)  # noqa: SLF001
        start = dynamodb.stream_end_position(table) if newest else dynamodb.stream_start_position(table)
        _PROGRESS[key] = Progress(position=start if anchored is None else anchored)
    progress = _PROGRESS[key]
    progress.position = max(progress.position, dynamodb.stream_start_position(table))
    return progress


def _read(table: str, mapping: Mapping[str, Any], function: Mapping[str, Any], progress: Progress) -> None:
    taken = dynamodb.stream_records_since(table, progress.position, progress.size or mapping.get("BatchSize", BATCH))
    given = LAMBDA._apply_filter_criteria(taken, mapping)  # noqa: SLF001
    if not given:
        _advance(progress, len(taken))
        return
    result = LAMBDA._execute_function(function, {"Records": given})  # noqa: SLF001
    partial = "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", ())
    failed = failed_from(result, given, partial=partial)
    if failed is None:
        _advance(progress, len(taken))
        return
    _LOG.warning("%s did not process records of %s: %s", mapping["FunctionName"], table, _why(result))
    done = taken.index(given[failed])
    if done:
        _advance(progress, done)
    condition = _retry(mapping, progress, taken[done:])
    if condition:
        left, source = taken[done:], mapping["EventSourceArn"]
        LAMBDA._send_ddb_stream_failure_record(mapping, function, left, source, result, condition)  # noqa: SLF001
        _advance(progress, len(left))


def _why(result: Mapping[str, Any]) -> str:
    return f"{result.get('body')}\n{result.get('log', '')}"[-2000:]


def _advance(progress: Progress, records: int) -> None:
    progress.position += records
    progress.size, progress.failures, progress.resume = None, 0, 0.0


def _retry(mapping: Mapping[str, Any], progress: Progress, left: Sequence[Mapping[str, Any]]) -> str | None:
    """Has what is left of the batch read again, or halved; returns why it is given up instead, if it is."""
    if mapping.get("BisectBatchOnFunctionError") and len(left) > 1:
        progress.size = len(left) // 2
        return None
    progress.failures += 1
    progress.size = len(left)
    progress.resume = time.monotonic() + min(FIRST_PAUSE * 2**progress.failures, LONGEST_PAUSE)
    return _given_up(mapping, progress, left)


def _given_up(mapping: Mapping[str, Any], progress: Progress, left: Sequence[Mapping[str, Any]]) -> str | None:
    retries = mapping.get("MaximumRetryAttempts", FOREVER)
    if retries != FOREVER and progress.failures > retries:
        return "RetryAttemptsExhausted"
    oldest = min(float(record["dynamodb"]["ApproximateCreationDateTime"]) for record in left)
    most = mapping.get("MaximumRecordAgeInSeconds", FOREVER)
    return "MaxRecordAgeExceeded" if most != FOREVER and time.time() - oldest > most else None


def _matches(record: Mapping[str, Any], pattern: Mapping[str, Any]) -> bool:
    """Returns whether a filter takes a record; filters have the syntax of event patterns, all of it."""
    alternatives = EVENTBRIDGE._compiled_pattern(json.dumps(pattern)) or ()  # noqa: SLF001
    return any(EVENTBRIDGE._matches_detail(record, alternative) for alternative in alternatives)  # noqa: SLF001


def install() -> None:
    """Makes MiniStack's poller read streams this way, and filter all sources by the whole pattern syntax."""
    LAMBDA._poll_dynamodb_streams = _poll  # noqa: SLF001
    LAMBDA._match_esm_filter = _matches  # noqa: SLF001
