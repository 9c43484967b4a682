"""Batches done by half: the second half of a batch is reported as not done, as services do under load.

A batch of reads really lacks that half. Of a batch of writes all is done, and half of it is reported as not
done: the caller does it again, as after a reply that was lost (the signature covers the request, so it cannot be
changed on its way).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sandbox.exchange import Call, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.exchange import Message

OK: Final = 200


class Held:
    """Takes a whole response instead of a client."""

    def __init__(self) -> None:
        self._start: Message = {"status": 500, "headers": []}
        self._chunks: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        """Takes the next part."""
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._chunks.append(message.get("body", b""))

    @property
    def reply(self) -> Reply:
        """Returns what has come."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self._start.get("headers", [])}
        return Reply(status=self._start["status"], headers=headers, body=b"".join(self._chunks))


def reduced(operation: str, call: Call, reply: Reply) -> Reply:
    """Returns the reply with half of the batch reported as not done; as it is, if it is no batch that was done."""
    halve = _BATCHES.get(operation)
    if halve is None or reply.status != OK:
        return reply
    answer = halve(json.loads(call.body), json.loads(reply.body))
    kept = {name: value for name, value in reply.headers.items() if name.lower() != "x-amz-crc32"}
    return replace(reply, headers=kept, body=json.dumps(answer).encode())


def _read(asked: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    left = {table: {**part, "Keys": _late(part["Keys"])} for table, part in asked["RequestItems"].items()}
    found = {
        table: [item for item in items if not _is_one_of(item, left[table]["Keys"])]
        for table, items in answer.get("Responses", {}).items()
    }
    return {**answer, "Responses": found, "UnprocessedKeys": left}


def _is_one_of(item: Mapping[str, Any], keys: list[Mapping[str, Any]]) -> bool:
    return any(all(item.get(name) == value for name, value in key.items()) for key in keys)


def _written(asked: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    left = {table: _late(requests) for table, requests in asked["RequestItems"].items()}
    return {**answer, "UnprocessedItems": left}


def _queued(asked: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    late = {entry["Id"] for entry in _late(asked["Entries"])}
    failed = [{"Id": each, "SenderFault": False, "Code": "InternalError", "Message": "try again"} for each in late]
    done = [entry for entry in answer.get("Successful", ()) if entry["Id"] not in late]
    return {**answer, "Successful": done, "Failed": [*answer.get("Failed", ()), *failed]}


def _late(batch: list[Any]) -> list[Any]:
    return batch[len(batch) // 2 :]


_BATCHES: Final[Mapping[str, Callable[[Mapping[str, Any], dict[str, Any]], dict[str, Any]]]] = {
    "BatchGetItem": _read,
    "BatchWriteItem": _written,
    "SendMessageBatch": _queued,
    "DeleteMessageBatch": _queued,
    "ChangeMessageVisibilityBatch": _queued,
}
