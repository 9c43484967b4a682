"""A clock that is moved by hand, and boto3's SSM client in front of the sandbox's Automation service."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from sandbox.automation.caller import Caller
from tests.fakes_iam import fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.automation.service import AutomationService

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ACCOUNT = "111122223333"


class HandClock:
    """A clock that tests, and sleeping scripts, move by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        """Returns the time."""
        return self.time

    def move(self, **parts: float) -> None:
        """Moves on."""
        self.time += timedelta(**parts)

    def sleep(self, seconds: float) -> None:
        """Lets the seconds pass at once."""
        self.move(seconds=seconds)

    def monotonic(self) -> float:
        """Returns seconds since some moment."""
        return self.time.timestamp()


class HandDatetime(datetime):
    """What a script knows as ``datetime``; ``clock`` is set per world."""

    clock: HandClock

    @classmethod
    def now(cls, tz: Any = None) -> Self:  # noqa: ANN401 - as in the standard library
        """Returns the world's time."""
        return cls.fromtimestamp(cls.clock.now().timestamp(), tz)


class FakeSsm:
    """A boto3 SSM client whose other end is the sandbox's Automation service; ``before`` and ``after`` may raise."""

    def __init__(self, service: AutomationService, caller: str) -> None:
        self._service = service
        self._caller = Caller(arn=caller, account=ACCOUNT)
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        if operation.startswith("_"):
            raise AttributeError(operation)
        return lambda **payload: self._call(operation, payload)

    def _call(self, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
        self.before(operation)
        name = "".join(part.capitalize() for part in operation.split("_"))
        status, answer = self._service.handle(name, payload, self._caller)
        if status != 200:
            raise fault(str(answer["__type"]), str(answer["message"]))
        self.after(operation)
        return json.loads(json.dumps(answer), object_hook=_with_times)  # type: ignore[no-any-return]


def _with_times(found: dict[str, Any]) -> dict[str, Any]:
    """Returns an object whose timestamps are dates, as boto3 makes them."""
    times = {name for name in found if name.endswith("Time") and isinstance(found[name], int | float)}
    return {name: datetime.fromtimestamp(value, UTC) if name in times else value for name, value in found.items()}
