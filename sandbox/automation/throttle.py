"""A rate limit as AWS keeps it: a bucket that refills with time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.automation.ports import Clock


class Bucket:
    """Lets ``rate`` calls a second through, and ``burst`` at once after a quiet time."""

    def __init__(self, *, rate: float, burst: int, clock: Clock) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock.now()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Returns whether one more call may pass now, and counts it if so."""
        with self._lock:
            now = self._clock.now()
            refilled = (now - self._at).total_seconds() * self._rate
            self._tokens = min(self._burst, self._tokens + max(0.0, refilled))
            self._at = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
