"""A minute of mutated records; the million runs in make fuzz."""

from __future__ import annotations

from tests.fuzz.running import Order, run

SEED = 20261121
RECORDS = 20_000
SECONDS = 60.0


def test_no_mutated_record_breaks_anything() -> None:
    """Every mutated record is refused by name, or becomes a finding whose fix and notices are within their grammar."""
    outcome = run(Order(records=RECORDS, seconds=SECONDS, seed=SEED, workers=1))
    assert [failure.at + " " + failure.error for failure in outcome.failures[:1]] == []
    assert outcome.reached["proposals"] > 0
    assert outcome.reached["merged proposals"] > 0
    assert outcome.reached["denials"] > outcome.reached["values"] / 10


def test_nothing_is_begun_after_the_time() -> None:
    """Whoever asks for so many seconds gets so many, however many records the order has."""
    assert run(Order(records=100_000, seconds=0, seed=SEED, workers=1)).reached["values"] == 0
