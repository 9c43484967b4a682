"""Rules for faults: which call or delivery each strikes, and whether it does this time, the same for the same seed."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, Final

CALL_FAULTS: Final = (
    "throttle", "error", "unavailable", "delay", "lose_reply", "lose_request", "partial", "kill_before", "kill_after",
)  # fmt: skip
DELIVERY_FAULTS: Final = ("redeliver", "skew")
KINDS: Final = (*CALL_FAULTS, *DELIVERY_FAULTS)


@dataclass(slots=True, kw_only=True)
class FaultRule:
    """One kind of fault for the calls that it matches.

    Attributes:
        service: Glob of the SDK's name of the service; of a delivery, ``sqs`` or ``dynamodb``.
        operation: Glob; of a delivery, ``Deliver``.
        caller: Glob of the principal's ARN; of a delivery, of the function's name.
        probability: Of each matching call, drawn from the rule's own seeded sequence.
        times: How often it may still strike; None for no limit.
        after: How many matching calls it lets pass first.
        seconds: Length of a delay; the most that a skewed clock is off.
        struck: How often it has.
        met: How many calls it matched.

    """

    fault: str
    service: str = "*"
    operation: str = "*"
    caller: str = "*"
    probability: float = 1.0
    times: int | None = None
    after: int = 0
    seconds: float = 0.0
    seed: int = 0
    struck: int = 0
    met: int = 0
    _chance: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(f"{self.seed}/{self.fault}/{self.service}/{self.operation}/{self.caller}")  # noqa: S311 - chance, not a secret

    def strikes(self, service: str, operation: str, caller: str) -> bool:
        """Returns whether it strikes this call, and counts it."""
        if not self.matches(service, operation, caller) or self.times == 0:
            return False
        self.met += 1
        if self.met <= self.after or self._chance.random() >= self.probability:
            return False
        self.struck += 1
        self.times = None if self.times is None else self.times - 1
        return True

    def matches(self, service: str, operation: str, caller: str) -> bool:
        """Returns whether it is meant for such calls."""
        pairs = ((service, self.service), (operation, self.operation), (caller, self.caller))
        return all(fnmatchcase(text, glob) for text, glob in pairs)

    def offset_of(self, identity: str) -> float:
        """Returns by how many seconds the clock of the event with this identity is off, whenever it is asked."""
        drawn = random.Random(f"{self.seed}/{identity}")  # noqa: S311 - chance, not a secret
        return drawn.uniform(-self.seconds, self.seconds) if drawn.random() < self.probability else 0.0

    def shown(self) -> dict[str, Any]:
        """Returns the rule as JSON values."""
        return {each.name: getattr(self, each.name) for each in fields(self) if not each.name.startswith("_")}


class Orders:
    """The rules in force; safe to ask from several threads."""

    def __init__(self) -> None:
        self._rules: tuple[FaultRule, ...] = ()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._rules)

    def replace(self, rules: list[FaultRule]) -> None:
        """Forgets all rules and takes these."""
        with self._lock:
            self._rules = tuple(rules)

    def striking(self, kinds: tuple[str, ...], service: str, operation: str, caller: str) -> FaultRule | None:
        """Returns the first rule of these kinds that strikes the call, counted; None if none does."""
        with self._lock:
            rules = (rule for rule in self._rules if rule.fault in kinds)
            return next((rule for rule in rules if rule.strikes(service, operation, caller)), None)

    def shown(self) -> list[dict[str, Any]]:
        """Returns all rules as JSON values."""
        return [rule.shown() for rule in self._rules]


ORDERS: Final = Orders()


def read_rule(given: Mapping[str, Any]) -> FaultRule:
    """Returns the rule that a JSON object describes.

    Raises:
        ValueError: It is no rule; the text says what one is.

    """
    known = {each.name for each in fields(FaultRule) if each.init} - {"struck", "met"}
    if not isinstance(given, Mapping) or set(given) - known or given.get("fault") not in KINDS:
        raise ValueError(f"a rule has a fault of {', '.join(KINDS)} and only {', '.join(sorted(known))}")
    return FaultRule(**given)
