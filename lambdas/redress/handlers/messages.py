"""What arrives: the messages of a queue and the changes of the table's stream, as values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from redress.adapters.table_values import from_attributes
from redress.adapters.table_writes import Item
from redress.domain.errors import MalformedRecord
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


HEALTH_DETAIL_TYPES = frozenset({"AWS Health Event", "AWS Health Abuse Event"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of an SQS queue.

    Attributes:
        sent_at: Milliseconds since 1970 when the queue got it; None where Lambda did not say.

    """

    message_id: str
    body: str
    sent_at: int | None = None

    def parsed(self) -> dict[str, Any]:
        """Returns the JSON object in the body.

        Raises:
            MalformedRecord: It is none.

        """
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise MalformedRecord(f"the message is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise MalformedRecord(f"the message is a JSON {type(value).__name__}, not an object")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of an item, as the table's stream tells it.

    Attributes:
        sequence: By which Lambda is told from where to try again.
        old: The item before; None where it was new.
        new: The item after; None where it was deleted.

    """

    sequence: str
    old: Item | None
    new: Item | None


def messages_of(event: Mapping[str, Any]) -> tuple[Message, ...]:
    """Returns the messages of an SQS event."""
    return tuple(_message(record) for record in event["Records"])


def changes_of(event: Mapping[str, Any]) -> tuple[Change, ...]:
    """Returns the changes of a DynamoDB stream event, in order."""
    return tuple(_change(record["dynamodb"]) for record in event["Records"])


def failed(identifiers: Iterable[str]) -> dict[str, Any]:
    """Returns the answer that makes Lambda deliver these again, and only these (of a stream: all from the first)."""
    return {"batchItemFailures": [{"itemIdentifier": each} for each in dict.fromkeys(identifiers)]}


def is_health_event(event: Mapping[str, Any]) -> bool:
    """Returns whether an EventBridge event is one of AWS Health."""
    return event.get("detail-type") in HEALTH_DETAIL_TYPES


def _message(record: Mapping[str, Any]) -> Message:
    sent_at = record.get("attributes", {}).get("SentTimestamp")
    return Message(
        message_id=record["messageId"], body=record["body"], sent_at=int(sent_at) if sent_at is not None else None
    )


def _change(change: Mapping[str, Any]) -> Change:
    images = {name: change.get(image) for name, image in (("old", "OldImage"), ("new", "NewImage"))}
    return Change(
        sequence=str(change["SequenceNumber"]),
        **{name: from_attributes(image) if image else None for name, image in images.items()},
    )
