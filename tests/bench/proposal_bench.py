"""Evaluations and proposals a second, in ratio to an independent evaluator in the same run."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.plan import plan_fix
from redress.domain.proof import prove
from redress.domain.settings import Settings
from redress.domain.target import NamedPolicy, Target
from tests.bench import evaluate_bench
from tests.bench.figures import ROUNDS, Figure, Section, seconds
from tests.differential import oracle
from tests.unit.fix.builders import finding

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CATALOGUE = IamCatalogue()
COUNT = int(os.environ.get("REDRESS_PROPOSALS", "300"))


def measure() -> Section:
    """Returns times of this machine, and how many of ours fit into one of the other's."""
    found = [evaluate_bench.measure(evaluate_bench.CASES // 3) for _ in range(3)]
    plans = tuple(seconds(_plans) / COUNT * 1e6 for _ in range(ROUNDS))
    figures = [
        Figure(name="evaluate a typical case", rounds=tuple(each.typical for each in found), unit="µs"),
        Figure(name="parse and evaluate generated cases", rounds=tuple(each.parsing for each in found), unit="µs"),
        Figure(name="a whole proposal: statement, guard, proof, body, digest", rounds=plans, unit="µs"),
    ]
    times = [each.oracle for each in found if each.oracle is not None]
    if not times:
        return Section(title="Policies", figures=tuple(figures), notes=(f"iam-simulate: {oracle.missing()}",))
    evaluations = tuple(their / ours.parsing for their, ours in zip(times, found, strict=True))
    proposals = tuple(times[number % len(times)] / plan for number, plan in enumerate(plans))
    figures += [
        Figure(name="iam-simulate on the same generated cases", rounds=tuple(times), unit="µs"),
        Figure(name="our evaluations in the time of one of iam-simulate's", rounds=evaluations, unit=""),
        Figure(name="our proposals in the time of one of iam-simulate's evaluations", rounds=proposals, unit=""),
    ]
    return Section(title="Policies", figures=tuple(figures))


def _plans() -> None:
    asked = finding()
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
    target = Target(
        principal=asked.verdict.principal,
        region="us-east-1",
        exists=True,
        policies=(NamedPolicy(name="inline:own", document=document),),
    )
    for _ in range(COUNT):
        plan = plan_fix(
            findings=(asked,), target=target, catalogue=CATALOGUE, settings=Settings(), prove=prove, now=NOW
        )
        if plan.proposal is None:
            raise RuntimeError("the typical finding got no proposal")
