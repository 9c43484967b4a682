"""SQS: puts messages that can never be processed aside, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.errors import Retry
from redress.domain.harmless import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping

REASON_LIMIT = 256
NO_REASON = "unknown"


class QueueClient(Protocol):
    """The call of boto3's ``sqs`` client that is made here."""

    def send_message(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's


class DeadLetters:
    """The dead-letter queue of the denials."""

    def __init__(self, client: QueueClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def put(self, body: str, *, reason: str, message_id: str) -> None:
        """Keeps a message as it came, with the attributes ``reason`` and ``message_id`` (of its first delivery).

        Raises:
            Retry: SQS did not take it; it must stay where it is, or it is lost.

        """
        texts = {"reason": harmless(reason, REASON_LIMIT) or NO_REASON, "message_id": message_id or NO_REASON}
        attributes = {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}
        try:
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=body, MessageAttributes=attributes)
        except (ClientError, BotoCoreError) as error:
            raise Retry(f"the dead-letter queue did not take message {message_id}: {error}") from error
