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
        self,
        topic_arn: str,
        *,
        body: str,
        subject: str = "",
        attributes: Mapping[str, Mapping[str, str]] | None = None,
        by_protocol: bool = False,
    ) -> None:
        """Publishes one message.

        Args:
            topic_arn: Where to.
            body: The text; with ``by_protocol`` a JSON object of texts by protocol, ``default`` among them.
            subject: For e-mail: under 100 characters of ASCII, or empty.
            attributes: What subscriptions filter by.
            by_protocol: Whether each protocol gets its own text (``MessageStructure="json"``).

        Raises:
            Retry: SNS did not take it, or its answer was lost.

        """
        extra = {"Subject": subject} if subject else {}
        extra |= {"MessageStructure": "json"} if by_protocol else {}
        try:
            self._client.publish(TopicArn=topic_arn, Message=body, MessageAttributes=dict(attributes or {}), **extra)
        except (ClientError, BotoCoreError) as error:
            raise Retry(f"SNS did not take a notice for {topic_arn}: {error}") from error
