"""How fast requests are evaluated, beside the independent evaluator in the same run.

``python -m tests.bench.evaluate_bench`` prints it; REDRESS_CASES chooses how many generated cases.
"""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from redress.domain.evaluate import evaluate
from tests.differential import cases, oracle
from tests.evaluation_cases import policies_of, request_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SEED = 20261121
CASES = int(os.environ.get("REDRESS_CASES", "3000"))
ROUNDS = 5
TYPICAL: cases.Json = {
    "request": {
        "caller": "arn:aws:sts::111122223333:assumed-role/app/i-0abc",
        "issuer": "arn:aws:iam::111122223333:role/app",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::data-bucket/home/app/report.csv",
        "account": "111122223333",
        "context": {"aws:SecureTransport": "true", "aws:PrincipalTag/team": "web"},
    },
    "policies": {
        "identity": [
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": ["arn:aws:s3:::data-bucket/*"]},
                    {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:111122223333:jobs"},
                    {
                        "Effect": "Deny",
                        "Action": "s3:*",
                        "Resource": "*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                ],
            }
        ],
        "boundary": [
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "*"}]}
        ],
        "service_control": [
            [{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}]
        ],
    },
}
"""A role session with three statements, a boundary and one level of service control policies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Microseconds per case, the best of several rounds.

    Attributes:
        evaluate: Of generated cases whose policies are parsed already.
        parsing: Of the same cases from their JSON.
        typical: Of the typical case, parsed already.
        oracle: Of the same generated cases from their JSON, its start not counted; None without Node.

    """

    evaluate: float
    parsing: float
    typical: float
    oracle: float | None


def measure(count: int = CASES) -> Measured:
    """Returns the times of this machine."""
    made = list(cases.generate(SEED, count))
    ready = [(request_of(case["request"]), policies_of(case["policies"])) for case in made]
    usual = request_of(TYPICAL["request"]), policies_of(TYPICAL["policies"])
    return Measured(
        evaluate=_best(lambda: _each(evaluate(*one) for one in ready), count),
        parsing=_best(
            lambda: _each(evaluate(request_of(case["request"]), policies_of(case["policies"])) for case in made), count
        ),
        typical=_best(lambda: _each(evaluate(*usual) for _ in range(count)), count),
        oracle=None if oracle.missing() else _oracle(made),
    )


def _each(answers: Iterable[object]) -> None:
    """Makes every answer and keeps none, so that the garbage collector has as little to do as in a Lambda."""
    deque(answers, maxlen=0)


def _best(work: Callable[[], object], count: int) -> float:
    return min(_seconds(work) for _ in range(ROUNDS)) * 1e6 / count


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _oracle(made: list[cases.Json]) -> float:
    starting = min(_seconds(lambda: oracle.answers(made[:1])) for _ in range(2))
    return (_seconds(lambda: oracle.answers(made)) - starting) * 1e6 / len(made)


def lines(found: Measured) -> list[str]:
    """Returns the measurements as people read them."""
    told = [
        f"evaluate, typical case, parsed        {found.typical:8.1f} µs   {1e6 / found.typical:10,.0f} per second",
        f"evaluate, generated cases, parsed     {found.evaluate:8.1f} µs   {1e6 / found.evaluate:10,.0f} per second",
        f"parse, evaluate, generated cases      {found.parsing:8.1f} µs   {1e6 / found.parsing:10,.0f} per second",
    ]
    if found.oracle is None:
        return [*told, f"independent evaluator: {oracle.missing()}"]
    ratio = found.oracle / found.parsing
    return [*told, f"iam-simulate, the same cases          {found.oracle:8.1f} µs   {ratio:10.1f} times ours"]


if __name__ == "__main__":
    print("\n".join(lines(measure())))  # noqa: T201 - it is a command
