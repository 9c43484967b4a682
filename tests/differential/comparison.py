"""Compares our answers with the oracle's, and explains each difference by the written list."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain, combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.domain.evaluate import evaluate
from tests.differential import cases, oracle
from tests.differential.readings import READINGS, rewritten
from tests.evaluation_cases import policies_of, request_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]
DIFFERENCES: list[Json] = json.loads(Path(__file__).with_name("differences.json").read_text())
ANSWERS = {"Allowed": "ALLOW", "ImplicitlyDenied": "IMPLICIT_DENY", "ExplicitlyDenied": "EXPLICIT_DENY"}
MOST_READINGS = 3


@dataclass(slots=True)
class Comparison:
    """The result of one run.

    Attributes:
        compared: Cases that both answered.
        refused: Cases that the oracle did not take, by its first words.
        explained: Differences, by the entries that explain them.
        unexplained: Index, the oracle's answer, ours.

    """

    compared: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    agreed: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[tuple[int, str, str]] = field(default_factory=list)


def ours(case: Mapping[str, Any]) -> str:
    """Returns our outcome."""
    return evaluate(request_of(case["request"]), policies_of(case["policies"])).outcome.value


def compare(seed: int, count: int) -> Comparison:
    """Returns how ``count`` generated cases come out."""
    found = Comparison()
    made = list(cases.generate(seed, count))
    for index, (case, answer) in enumerate(zip(made, oracle.answers(made), strict=True)):
        if answer.get("type") != "single":
            found.refused[json.dumps(answer.get("error", answer.get("type")))[:120]] += 1
        else:
            _add(found, index, _seen(case, answer), ANSWERS[answer["result"]])
    return found


def _seen(case: Json, answer: Json) -> Json:
    """Returns the case without the keys that the oracle knows the action not to have."""
    ignored = set(answer["ignored"])
    context = {key: value for key, value in case["request"]["context"].items() if key not in ignored}
    return {**case, "request": {**case["request"], "context": context}}


def _add(found: Comparison, index: int, case: Json, theirs: str) -> None:
    found.compared += 1
    mine = ours(case)
    if mine == theirs:
        found.agreed[mine] += 1
        return
    why = explanation(case, theirs)
    if why is None:
        found.unexplained.append((index, theirs, mine))
    found.explained.update(why or ())


def explanation(case: Json, theirs: str) -> tuple[str, ...] | None:
    """Returns the fewest entries of the list under which we agree with the oracle, or None."""
    sets = chain.from_iterable(combinations(READINGS, size) for size in range(1, MOST_READINGS + 1))
    return next((names for names in sets if ours(rewritten(case, names)) == theirs), None)
