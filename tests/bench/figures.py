"""What a bench found: the median of several rounds, with their spread and the aim."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured quantity.

    Attributes:
        rounds: What each round gave.
        unit: ``x`` for ratios.
        aim: What the median should not exceed; None where there is none.

    """

    name: str
    rounds: tuple[float, ...]
    unit: str
    aim: float | None = None

    @property
    def median(self) -> float:
        """Returns the median of the rounds."""
        return statistics.median(self.rounds)

    @property
    def spread(self) -> str:
        """Returns the smallest and the largest round, or nothing if there was only one."""
        return f"{_short(min(self.rounds))} to {_short(max(self.rounds))}" if len(self.rounds) > 1 else ""

    @property
    def verdict(self) -> str:
        """Returns whether the aim is met, in a word, or nothing without an aim."""
        return "" if self.aim is None else "met" if self.median <= self.aim else "MISSED"

    @property
    def shown(self) -> tuple[str, str, str, str, str]:
        """Returns name, median, spread, aim and verdict as texts."""
        aim = "" if self.aim is None else f"≤ {_short(self.aim)}"
        return self.name, f"{_short(self.median)} {self.unit}".strip(), self.spread, aim, self.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Figures of one bench, and what must be known to read them."""

    title: str
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()


def seconds(work: Callable[[], object]) -> float:
    """Returns how long the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ratios(work: Callable[[], object], floor: Callable[[], object], *, rounds: int = ROUNDS) -> tuple[float, ...]:
    """Returns the work's time over the floor's, round by round, the two in turn so that both meet the same machine."""
    return tuple(seconds(work) / seconds(floor) for _ in range(rounds))


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # three digits
