"""Orders faults from a test or a load run.

``with Faults(sandbox, seed=7).throttle("dynamodb", probability=0.05).kill(function="…", times=1) as faults:``
"""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

    from sandbox.process import Sandbox

POISON: Final = (
    "",
    "no JSON",
    "[1, 2, 3]",
    "{}",
    '{"detail-type": "AWS API Call via CloudTrail", "detail": {}}',
    '{"detail-type": "AWS API Call via CloudTrail", "detail": {"eventSource": "s3.amazonaws.com"}}',
    json.dumps(
        {
            "detail-type": "AWS API Call via CloudTrail",
            "detail": {"eventSource": "s3.amazonaws.com", "eventName": "PutObject", "errorCode": "AccessDenied"},
        }
    ),
    json.dumps(
        {
            "detail-type": "AWS API Call via CloudTrail",
            "detail": {
                "eventSource": "s3.amazonaws.com",
                "eventName": "PutObject",
                "errorCode": "AccessDenied",
                "eventTime": "9999-12-31T23:59:59Z",
                "eventID": "from-the-future",
            },
        }
    ),
    "[" * 20_000,
    '{"Records": [{"Records": "\\ud800"}]}',
)
"""Bodies that nobody can make a denied call of; SQS refuses the empty one, so it is sent as a space."""


class Faults:
    """Rules in the making; in force inside ``with``, and forgotten after it.

    Attributes:
        struck: After the block: how often each rule struck, in the order in which they were given.

    """

    def __init__(self, sandbox: Sandbox, *, seed: int = 0) -> None:
        self.struck: list[int] = []
        self._sandbox = sandbox
        self._seed = seed
        self._rules: list[dict[str, Any]] = []

    def throttle(self, service: str = "*", operation: str = "*", **more: object) -> Self:
        """Refuses calls with a throttling error."""
        return self._rule("throttle", service, operation, more)

    def error(self, service: str = "*", operation: str = "*", **more: object) -> Self:
        """Refuses calls with 500."""
        return self._rule("error", service, operation, more)

    def unavailable(self, service: str = "*", operation: str = "*", **more: object) -> Self:
        """Refuses calls with 503."""
        return self._rule("unavailable", service, operation, more)

    def delay(self, service: str, operation: str = "*", *, seconds: float, **more: object) -> Self:
        """Lets calls wait, then go through."""
        return self._rule("delay", service, operation, {"seconds": seconds, **more})

    def lose_reply(self, service: str = "*", operation: str = "*", **more: object) -> Self:
        """Lets calls take effect and breaks the connection."""
        return self._rule("lose_reply", service, operation, more)

    def lose_request(self, service: str = "*", operation: str = "*", **more: object) -> Self:
        """Breaks the connection before anything happens."""
        return self._rule("lose_request", service, operation, more)

    def partial(self, service: str, operation: str, **more: object) -> Self:
        """Reports half of a batch as not done."""
        return self._rule("partial", service, operation, more)

    def kill(self, service: str = "*", operation: str = "*", *, late: bool = False, **more: object) -> Self:
        """Kills the Lambda worker that calls, before (or, if late, after) the call takes effect."""
        return self._rule("kill_after" if late else "kill_before", service, operation, more)

    def redeliver(self, source: str = "*", *, function: str = "*", **more: object) -> Self:
        """Delivers batches of a source (``sqs`` or ``dynamodb``) twice."""
        return self._rule("redeliver", source, "Deliver", {"caller": function, **more})

    def skew(self, seconds: float, *, source: str = "*", function: str = "*", **more: object) -> Self:
        """Puts the clocks that stamped the delivered events off by up to so many seconds."""
        return self._rule("skew", source, "Deliver", {"caller": function, "seconds": seconds, **more})

    def _rule(self, fault: str, service: str, operation: str, more: dict[str, Any]) -> Self:
        seed = self._seed + len(self._rules)
        self._rules.append({"fault": fault, "service": service, "operation": operation, "seed": seed, **more})
        return self

    def __enter__(self) -> Self:
        self._sandbox.order_faults(*self._rules)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.now()
        self._sandbox.order_faults()

    def now(self) -> list[int]:
        """Returns how often each rule has struck by now."""
        self.struck = [rule["struck"] for rule in self._sandbox.faults()]
        return self.struck


def poison(number: int, *, seed: int = 0) -> list[str]:
    """Returns so many bodies of messages that can never be processed, each of its own wording."""
    drawn = random.Random(seed)  # noqa: S311 - chance, not a secret
    return [_marked(drawn.choice(POISON), index) for index in range(number)]


def _marked(body: str, index: int) -> str:
    """Returns the body with its number where that leaves it as bad as it was."""
    if body.startswith('{"detail-type"'):
        return f'{{"id": "poison-{index}", {body[1:]}'
    return f"{body} poison-{index}" if body == "no JSON" else body or " "
