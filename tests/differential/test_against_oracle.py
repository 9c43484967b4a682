"""Our evaluator and an independent one agree, apart from a written list settled by AWS's documentation.

REDRESS_SEED and REDRESS_CASES choose another run; a case of a failure is ``cases.one(seed, index)``.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.differential import cases, oracle
from tests.differential.comparison import DIFFERENCES, compare, explanation, ours
from tests.differential.readings import READINGS, rewritten
from tests.differential.universe import HOME, USER

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = int(os.environ.get("REDRESS_CASES", "20000"))
# On a server the same cases every time, so that a red run is the change's own doing.
CHOSEN = "424242" if os.environ.get("CI") else str(time.time_ns() % 1_000_000)
SEED = int(os.environ.get("REDRESS_SEED") or CHOSEN)


@pytest.mark.skipif(oracle.missing() is not None, reason=str(oracle.missing()))
def test_every_difference_is_on_the_list(record_property: Callable[[str, object], None]) -> None:
    """On generated cases the outcomes are the same, or an entry of the list says why not; so no ALLOW is ours alone."""
    found = compare(SEED, CASES)
    told = f"seed {SEED}: {found.compared} of {CASES} cases compared with iam-simulate"
    record_property("shown", f"{told}; agreed {dict(found.agreed)}, explained {dict(found.explained)}")
    assert found.unexplained == [], told
    assert found.compared >= CASES * 0.95, told
    assert min(found.agreed[outcome] for outcome in ("ALLOW", "IMPLICIT_DENY", "EXPLICIT_DENY")) > CASES * 0.1, told


def test_every_difference_has_a_reading_and_a_page() -> None:
    """Each entry says what we answer and why, names an AWS page, and has its rewrite; no rewrite is without entry."""
    assert [entry["id"] for entry in DIFFERENCES] == list(READINGS)
    assert all(entry["page"].startswith("https://docs.aws.amazon.com/") for entry in DIFFERENCES)
    assert all(entry["ours"] and entry["reason"] for entry in DIFFERENCES)


def test_readings_explain_nothing_by_themselves() -> None:
    """A case that none of the list's points touches stays the same under all of them, so nothing real hides there."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::b/*"]}
    request = {"caller": USER, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "account": HOME, "context": {}}
    plain = {"request": request, "policies": {"identity": [{"Version": "2012-10-17", "Statement": [statement]}]}}
    assert rewritten(plain, READINGS) == plain
    assert ours(plain) == "ALLOW"
    assert explanation(plain, "IMPLICIT_DENY") is None
    assert explanation(plain, "EXPLICIT_DENY") is None


def test_cases_are_made_again_from_seed_and_index() -> None:
    """A failure's seed and index are enough to see its case again."""
    assert list(cases.generate(7, 3))[2] == cases.one(7, 2)
