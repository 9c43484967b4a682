"""Runs chunks of mutated records on all cores, until there are enough or the time is over."""

from __future__ import annotations

import json
import math
import multiprocessing
import random
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fuzz import seeds
from tests.fuzz.course import Course, companions
from tests.fuzz.mutations import mutated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK = 500
OURS = 0.5
"""Share of mutants of our own cases, which are all denials and reach furthest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to run.

    Attributes:
        records: How many.
        seconds: After which no further chunk is begun; None for no limit.
        seed: Of everything.
        workers: Processes.

    """

    records: int
    seconds: float | None
    seed: int
    workers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One record that broke something.

    Attributes:
        at: ``SEED/NUMBER``, which ``--only`` takes.

    """

    at: str
    error: str
    record: str


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of a run."""

    reached: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0


_TEXTS: list[str] = []
_OWN: list[str] = []


def _prepare() -> None:
    if not _TEXTS:
        _OWN.extend(seeds.denials())
        _TEXTS.extend(seeds.texts())


def mutant(seed: int, number: int) -> object:
    """Returns the mutant of this number; the same one each time, as long as the seeds' files are the same."""
    _prepare()
    luck = random.Random(f"{seed}/{number}")  # noqa: S311 - repeatable, not secret
    text = luck.choice(_OWN if luck.random() < OURS else _TEXTS)
    return mutated(text, luck, _TEXTS)


def luck_of(seed: int, number: int) -> random.Random:
    """Returns what decides about the mutant's company; the same each time."""
    return random.Random(f"{seed}/{number}/company")  # noqa: S311 - repeatable, not secret


def run_one(seed: int, number: int, course: Course) -> Failure | None:
    """Runs one mutant; returns what broke, if anything did."""
    value = mutant(seed, number)
    try:
        course.run(value, luck_of(seed, number))
    except Exception:  # noqa: BLE001 - whatever it is, it is what we are looking for
        return Failure(at=f"{seed}/{number}", error=traceback.format_exc(limit=-6), record=json.dumps(value))
    return None


def _chunk(job: tuple[int, int, int, float]) -> tuple[Counter[str], list[Failure]]:
    seed, start, end, last_begin = job
    course = Course(Counter())
    if time.monotonic() > last_begin:  # asked here, because the pool takes all jobs at once
        return course.reached, []
    found = (run_one(seed, number, course) for number in range(start, end))
    return course.reached, [failure for failure in found if failure]


def run(order: Order, tell: Callable[[Outcome], None] = lambda _: None) -> Outcome:
    """Runs the order; ``tell`` is called after each chunk."""
    outcome, begun = Outcome(), time.monotonic()
    _prepare()  # once, before the workers are forked
    companions()
    with multiprocessing.get_context("fork").Pool(order.workers) as pool:
        for reached, failures in pool.imap_unordered(_chunk, _jobs(order, begun)):
            outcome.reached += reached
            outcome.failures += failures
            outcome.seconds = time.monotonic() - begun
            tell(outcome)
    return outcome


def _jobs(order: Order, begun: float) -> Iterator[tuple[int, int, int, float]]:
    last_begin = math.inf if order.seconds is None else begun + order.seconds
    for start in range(0, order.records, CHUNK):
        yield order.seed, start, min(start + CHUNK, order.records), last_begin
