"""SNS: publishes notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.errors import Retry

if TYPE_CHECKING:
    from collections.abc import Mapping


class Topics:
    """Publishes to SNS topics; every fault is worth a retry, since the stream keeps the record."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - boto3 clients have no static type here
        self._client = client

    def publish(
        self, topic_arn: str, *, body: str, subject: str = "", attributes: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        """Publishes one message.

        Raises:
            Retry: SNS did not take it.

        """
        extra = {"Subject": subject} if subject else {}
        try:
            self._client.publish(TopicArn=topic_arn, Message=body, MessageAttributes=dict(attributes or {}), **extra)
        except (ClientError, BotoCoreError) as error:
            raise Retry(f"SNS did not take a notice for {topic_arn}: {error}") from error
