"""The table in DynamoDB.

Faults of the service become ``Retry`` here, conditions that do not hold ``NotMet``; everything else
(a table that is not there, a permission that lacks) is a fault of the set-up and is raised as it is.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from redress.adapters.table_expressions import condition_of, key_condition_of, operation_of
from redress.adapters.table_values import from_attributes, to_attributes
from redress.adapters.table_writes import Ask, Item, Key, NotMet, Page, Put, Write
from redress.domain.errors import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

GET_MANY = 100
"""Keys in one BatchGetItem."""
PUT_MANY = 25
"""Items in one BatchWriteItem."""
ATTEMPTS = 8
PAUSE_SECONDS = 0.05

_TEMPORARY = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ReplicatedWriteConflictException",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    },
)
_TEMPORARY_IN_TRANSACTION = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_SERVER_FAULT = 500


class DynamoClient(Protocol):
    """The calls of boto3's ``dynamodb`` client that are made here."""

    def get_item(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's
    def batch_get_item(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's
    def batch_write_item(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's
    def query(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's
    def put_item(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's
    def update_item(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's
    def delete_item(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's
    def transact_write_items(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's


class _Again(Exception):  # noqa: N818 - never leaves this file
    """Worth another try after a pause."""


class DynamoStore:
    """The table behind boto3's ``dynamodb`` client; see ``Store``."""

    def __init__(
        self,
        client: DynamoClient,
        table_name: str,
        *,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table_name
        self._pause = pause

    def get(self, key: Key) -> Item | None:
        """Returns the item as it is now, or None."""
        answer = self._call("get_item", Key=_key(key), TableName=self._table, ConsistentRead=True)
        return from_attributes(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Iterable[Key]) -> tuple[Item, ...]:
        """Returns those of the items that exist, as they are now, in any order."""
        found: list[Item] = []
        for part in _parts([_key(key) for key in dict.fromkeys(keys)], GET_MANY):
            asked = {self._table: {"Keys": part, "ConsistentRead": True}}
            for answer in self._until_done("batch_get_item", asked, "UnprocessedKeys"):
                found += map(from_attributes, answer["Responses"].get(self._table, ()))
        return tuple(found)

    def query(self, ask: Ask) -> Page:
        """Returns one page of the answer."""
        answer = self._call("query", TableName=self._table, **key_condition_of(ask))
        items = tuple(map(from_attributes, answer.get("Items", ())))
        last = answer.get("LastEvaluatedKey")
        return Page(items=items, next_start=from_attributes(last) if last else None)

    def write(self, *writes: Write) -> None:
        """Does all of the writes or none."""
        calls = [(operation_of(write), self._expression(write)) for write in writes]
        if len(calls) == 1:
            operation, call = calls[0]
            self._call(f"{operation.lower()}_item", **call)
        elif calls:
            self._call("transact_write_items", TransactItems=[{operation: call} for operation, call in calls])

    def put_all(self, items: Sequence[Item]) -> None:
        """Writes items without conditions, each for itself."""
        for part in _parts([{"PutRequest": {"Item": to_attributes(item)}} for item in items], PUT_MANY):
            for _ in self._until_done("batch_write_item", {self._table: part}, "UnprocessedItems"):
                pass

    def _expression(self, write: Write) -> dict[str, Any]:
        where = {"Item": to_attributes(write.item)} if isinstance(write, Put) else {"Key": _key(write.key)}
        return {"TableName": self._table, **where, **condition_of(write)}

    def _until_done(self, operation: str, asked: Mapping[str, Any], rest: str) -> Iterator[Mapping[str, Any]]:
        left: Mapping[str, Any] = asked
        for attempt in range(ATTEMPTS):
            answer = self._call(operation, RequestItems=left)
            yield answer
            left = answer.get(rest) or {}
            if not left:
                return
            self._wait(attempt)
        raise Retry(f"DynamoDB left part of a {operation} undone after {ATTEMPTS} attempts")

    def _call(self, operation: str, **call: object) -> Mapping[str, Any]:
        method: Callable[..., Mapping[str, Any]] = getattr(self._client, operation)
        for attempt in range(ATTEMPTS):
            try:
                return _translated(method, call)
            except _Again as error:
                last = error
            self._wait(attempt)
        raise Retry(f"DynamoDB {operation} failed {ATTEMPTS} times: {last}") from last

    def _wait(self, attempt: int) -> None:
        # Full jitter: those who collided do not meet again.
        self._pause(random.uniform(0, PAUSE_SECONDS * 2**attempt))  # noqa: S311 - spreads load, guards nothing


def _translated(method: Callable[..., Mapping[str, Any]], call: Mapping[str, object]) -> Mapping[str, Any]:
    try:
        return method(**call)
    except ClientError as error:
        raise _meaning(error) from error
    except BotoCoreError as error:
        raise _Again(str(error)) from error


def _meaning(error: ClientError) -> Exception:
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return NotMet(str(error))
    if code == "TransactionCanceledException":
        return _meaning_of_cancellation(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return _Again(str(error)) if code in _TEMPORARY or status >= _SERVER_FAULT else error


def _meaning_of_cancellation(error: ClientError) -> Exception:
    response: Mapping[str, Any] = error.response
    codes = {reason.get("Code") for reason in response.get("CancellationReasons", ())}
    if "ConditionalCheckFailed" in codes:
        return NotMet(str(error))
    return _Again(str(error)) if codes & _TEMPORARY_IN_TRANSACTION else error


def _key(key: Key) -> dict[str, Any]:
    return to_attributes({"pk": key.pk, "sk": key.sk})


def _parts(things: list[Any], size: int) -> Iterator[list[Any]]:
    return (things[at : at + size] for at in range(0, len(things), size))
