"""What the Automation service needs from its server: time, credentials, the event bus, threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Clock(Protocol):
    """Tells the time; tests have one that they move by hand."""

    def now(self) -> datetime:
        """Returns the time, with its zone."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Returns the time in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Temporary credentials of a role."""

    access_key_id: str
    secret_access_key: str
    session_token: str


class CannotAssume(Exception):  # noqa: N818 - named for what happened
    """The role doesn't exist, or does not trust the service; the text says which."""


class CredentialsSource(Protocol):
    """Assumes roles as an AWS service does: by the trust policy alone."""

    def assume_as_service(self, role_arn: str, session_name: str, service: str) -> Credentials:
        """Returns credentials of the role for a service principal such as ``ssm.amazonaws.com``.

        Raises:
            CannotAssume: The role is missing or its trust policy does not allow the service.

        """


class EventSink(Protocol):
    """Takes status-change events; it may lose or repeat them, as they are best effort on AWS."""

    def emit(self, source: str, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]) -> None:
        """Puts one event on the default bus."""


class Runner(Protocol):
    """Runs tasks: those of one key one after another and in order, those of different keys side by side."""

    def submit(self, key: str, task: Callable[[], None]) -> None:
        """Queues a task and returns at once."""
