"""Lambda: lets λ start know that there is something for it to do, instead of a third reader of the table's stream.

AWS reads a shard of a DynamoDB stream for two functions at most (Lambda's guide, "Simultaneous readers of a shard
in DynamoDB Streams").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.errors import Retry

if TYPE_CHECKING:
    from collections.abc import Mapping


class LambdaClient(Protocol):
    """The call of boto3's ``lambda`` client that is made here."""

    def invoke(self, **call: object) -> Mapping[str, Any]: ...  # noqa: D102 - boto3's


class StartFunction:
    """λ start, which finds its work in the table."""

    def __init__(self, client: LambdaClient, name: str) -> None:
        self._client = client
        self._name = name

    def wake(self) -> None:
        """Has λ start run soon, and does not wait for it.

        Raises:
            Retry: Lambda did not take the call; λ start's schedule finds the work within a minute.

        """
        try:
            self._client.invoke(FunctionName=self._name, InvocationType="Event", Payload=b"{}")
        except (ClientError, BotoCoreError) as error:
            raise Retry(f"λ start was not called: {error}") from error
