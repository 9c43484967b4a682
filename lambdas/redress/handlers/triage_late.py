"""λ triage, what a usual batch does without: made when it is first needed, each for the life of the process.

A client costs 7 to 40 ms of a cold start. Most batches hold no message that is encoded or carries an
authorization id, none that cannot be read, and no AWS Health event.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from redress.adapters.sessions import client, details_client

if TYPE_CHECKING:
    from datetime import datetime

    from redress.adapters.authorization_details import AuthorizationDetailsReader
    from redress.adapters.dead_letters import DeadLetters
    from redress.adapters.decode import StsDecoder
    from redress.adapters.table_writes import Store
    from redress.domain.authorization_details import DetailsAnswer
    from redress.domain.decoded import DecodeAnswer
    from redress.domain.health import HealthEvent


class Decoder(Protocol):
    """Asks STS what an encoded message says."""

    def decode(self, encoded: str) -> DecodeAnswer:
        """Returns the decoded message, or why there is none."""


class DetailsReader(Protocol):
    """Asks for the authorization details of one request."""

    def fetch(self, authorization_id: str, *, region: str | None) -> DetailsAnswer:
        """Returns the details, or why there are none."""


class LateDecoder:
    """STS, once a message is encoded."""

    def decode(self, encoded: str) -> DecodeAnswer:
        """Returns the decoded message, or why there is none."""
        return _decoder().decode(encoded)


class LateDetailsReader:
    """IAM Toolbox, once a message carries an authorization id."""

    def fetch(self, authorization_id: str, *, region: str | None) -> DetailsAnswer:
        """Returns the details, or why there are none."""
        return _details_reader().fetch(authorization_id, region=region)


class LateDeadLetters:
    """The dead-letter queue, once a message cannot be read."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    def put(self, body: str, *, reason: str, message_id: str) -> None:
        """Keeps a message with its reason; raises Retry."""
        _dead_letters(self._queue_url).put(body, reason=reason, message_id=message_id)


class LateHealthTable:
    """What AWS Health said, once it says something."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, event: HealthEvent, *, now: datetime) -> bool:
        """Stores the event unless a newer word on it is there; raises Retry."""
        from redress.adapters.table_health import HealthTable  # noqa: PLC0415 - seldom needed

        return HealthTable(self._store).keep(event, now=now)


@cache
def _decoder() -> StsDecoder:
    from redress.adapters.decode import StsDecoder  # noqa: PLC0415 - seldom needed

    return StsDecoder(client("sts"))


@cache
def _details_reader() -> AuthorizationDetailsReader:
    from redress.adapters.authorization_details import AuthorizationDetailsReader  # noqa: PLC0415 - seldom needed

    return AuthorizationDetailsReader(details_client)


@cache
def _dead_letters(queue_url: str) -> DeadLetters:
    from redress.adapters.dead_letters import DeadLetters  # noqa: PLC0415 - seldom needed

    return DeadLetters(client("sqs"), queue_url)
