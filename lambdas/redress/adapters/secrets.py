"""Secrets Manager: one secret's text, kept for the life of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.errors import Retry

if TYPE_CHECKING:
    from collections.abc import Callable


class Secret:
    """The current text of a secret."""

    def __init__(self, client: Callable[[], Any], secret_id: str) -> None:
        """Remembers where the secret is.

        Args:
            client: Makes the boto3 client, called when the secret is first asked for.
            secret_id: ARN or name.

        """
        self._client, self._secret_id = client, secret_id
        self._text: str | None = None

    def text(self) -> str:
        """Returns the secret's text; asks AWS the first time only.

        Raises:
            Retry: Secrets Manager did not give it.

        """
        return self.renewed() if self._text is None else self._text

    def renewed(self) -> str:
        """Returns the secret's text as it is now.

        Raises:
            Retry: Secrets Manager did not give it.

        """
        try:
            answer = self._client().get_secret_value(SecretId=self._secret_id)
        except (ClientError, BotoCoreError) as error:
            raise Retry(f"Secrets Manager did not give the secret {self._secret_id}: {error}") from error
        text = str(answer.get("SecretString", ""))
        self._text = text
        return text
