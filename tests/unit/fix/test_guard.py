"""The guard: each case of tests/cases/fix/guard.json, and what its tables promise."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain.guard import dangers
from redress.domain.guard.change import Change, Held
from redress.domain.guard.rules import SEVERITY, combine, inspect
from redress.domain.proposal import Condition, Guard, GuardHit, Statement
from redress.domain.settings import Settings
from redress.domain.statement import Drafted, draft
from redress.domain.target import NamedPolicy
from redress.domain.words import GuardVerdict
from tests.unit.fix import builders

if TYPE_CHECKING:
    from redress.domain.target import Target

CASES = json.loads((Path(__file__).parents[2] / "cases" / "fix" / "guard.json").read_text())
SID = "RedressF" + "0" * 20


def looked_at(*statements: Statement, on: Target | None = None, **changes: Any) -> Guard:  # noqa: ANN401 - fields of any type
    """Returns the guard's verdict on these statements."""
    return inspect(
        Change(
            target=on or builders.target(),
            held=Held(on or builders.target()),
            added=statements,
            catalogue=builders.CATALOGUE,
            settings=Settings(),
            **changes,
        )
    )


def statement(action: str, *resources: str, conditions: tuple[Condition, ...] = ()) -> Statement:
    """Returns a statement."""
    return Statement(sid=SID, actions=(action,), resources=resources, conditions=conditions)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_guard_says_what_a_grant_could_open(case: dict[str, Any]) -> None:
    """Each case comes to its verdict, and the named rules are among the hits."""
    seen = case.get("seen", [case.get("resource")])
    found = builders.finding(case["action"], seen[-1], seen=seen, source=case.get("source"), event=case.get("event"))
    found = replace(found, last=replace(found.last, bucket_owner=case.get("bucket_owner")))
    made = draft(found, builders.CATALOGUE)
    assert isinstance(made, Drafted), made
    guard = looked_at(made.statement, on=builders.target(*case.get("held", []), tags=case.get("tags")))
    assert guard.verdict is GuardVerdict(case["verdict"])
    assert set(case["rules"]) <= {hit.rule for hit in guard.hits}
    assert bool(case["rules"]) is bool(guard.hits)


@pytest.mark.parametrize(
    "wide",
    [
        statement("s3:*", "arn:aws:s3:::bucket/key"),
        statement("s3:GetObject", "*"),
        statement("s3:GetObject", "arn:aws:s3:::bucket/*"),
        statement("s3:GetObject", "arn:aws:s3:::*/key"),
        statement("s3:GetObject", "arn:aws:s3:::bucket/a?"),
        statement("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/*"),
        statement("ec2:StopInstances", "arn:aws:ec2:us-east-1:111122223333:instance/*"),
        statement(
            "iam:PassRole",
            "arn:aws:iam::111122223333:role/*",
            conditions=(Condition(operator="StringEquals", key="iam:PassedToService", values=("ec2.amazonaws.com",)),),
        ),
    ],
    ids=lambda one: f"{one.actions[0]} on {one.resources[0]}",
)
def test_a_wildcard_that_no_rule_makes_is_blocked(wide: Statement) -> None:
    """Even if a statement came from elsewhere, its wildcards do not pass."""
    assert looked_at(wide).verdict is GuardVerdict.BLOCK


@pytest.mark.parametrize(
    ("foreign", "attaches", "verdict"),
    [
        ({"Sid": "Own", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}, False, GuardVerdict.NOTE),
        (
            {"Sid": "Own", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"},
            True,
            GuardVerdict.BLOCK,
        ),
        ({"Sid": "Own", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}, False, GuardVerdict.TWO_APPROVERS),
        ({"Sid": "Own", "Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, False, GuardVerdict.TWO_APPROVERS),
    ],
)
def test_strangers_statements_are_pointed_out(foreign: dict[str, Any], attaches: bool, verdict: GuardVerdict) -> None:  # noqa: FBT001 - a case's value
    """Statements that somebody else wrote are signed with the rest, so the approver hears of them."""
    whole = {"Sid": "Own", "Effect": "Allow", "Resource": "*", **foreign}
    guard = looked_at(statement("s3:PutObject", "arn:aws:s3:::bucket/key"), foreign=(whole,), attaches=attaches)
    assert guard.verdict is verdict


def test_the_severest_hit_decides() -> None:
    """The verdict is that of the severest hit, which also comes first."""
    hits = [GuardHit(rule=verdict, verdict=verdict, reason="") for verdict in GuardVerdict]
    assert combine(hits).verdict is GuardVerdict.BLOCK
    assert [hit.verdict for hit in combine(hits).hits] == list(reversed(SEVERITY))
    assert combine([]) == Guard(verdict=GuardVerdict.CLEAN)


@pytest.mark.parametrize(
    "table",
    [
        "CREDENTIALS",
        "CREDENTIALS_SET",
        "PASSIVE_CREDENTIALS",
        "SECRETS",
        "SIGNING",
        "MANY_SECRETS",
        "DATA_READS",
        "DETECTION_OFF",
        "DETECTION_WEAKER",
        "DETECTION_OVERWRITTEN",
        "OPENS_RESOURCES",
    ],
)
def test_the_tables_name_actions_that_exist(table: str) -> None:
    """A misspelt action in a table would guard nothing."""
    names: frozenset[str] = getattr(dangers, table)
    assert [name for name in sorted(names) if builders.CATALOGUE.proper_case(name) is None] == []


def audit_list(name: str) -> list[str]:
    """Returns one of policy_sentry's lists, without importing the package (it loads 13 MB)."""
    spec = find_spec("policy_sentry")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("policy_sentry is not installed")
    path = Path(spec.submodule_search_locations[0]) / "shared" / "data" / "audit" / f"{name}.txt"
    return [line.strip() for line in path.read_text().splitlines() if line.strip()]


@pytest.mark.parametrize("name", ["privilege-escalation", "credentials-exposure", "resource-exposure"])
def test_no_action_of_a_published_list_goes_unremarked(name: str) -> None:
    """Every action of policy_sentry's audit lists that IAM still knows is at least noted."""
    known = [action for line in audit_list(name) if (action := builders.CATALOGUE.proper_case(line))]
    assert [action for action in known if verdict_on(action) is GuardVerdict.CLEAN] == []


def verdict_on(action: str) -> GuardVerdict:
    """Returns the verdict on one action on a resource that fits it."""
    return looked_at(statement(action, builders.arn_for(action))).verdict


def test_every_permissions_management_action_needs_two_approvers() -> None:
    """An action whose access level is Permissions management never passes with one signature."""
    services = ("iam", "s3", "kms", "lambda", "sqs", "sns", "ecr", "secretsmanager", "ec2", "organizations", "ram")
    managing = [
        action
        for service in services
        for action in builders.CATALOGUE.actions(service)
        if "Permissions management" in (builders.CATALOGUE.access_level(action) or "")
    ]
    severe = {GuardVerdict.TWO_APPROVERS, GuardVerdict.BLOCK}
    assert len(managing) > 50
    assert [action for action in managing if verdict_on(action) not in severe] == []


@pytest.mark.parametrize(
    ("statement", "action", "held"),
    [
        ({"Effect": "Allow", "Action": "iam:PassRole"}, "iam:PassRole", True),
        ({"Effect": "Allow", "Action": ["s3:*", "IAM:pass*"]}, "iam:PassRole", True),
        ({"Effect": "Allow", "Action": "iam:Pass????"}, "iam:PassRole", True),
        ({"Effect": "Allow", "Action": "*"}, "iam:PassRole", True),
        ({"Effect": "Allow", "Action": "iam:Pass[R]ole"}, "iam:PassRole", False),
        ({"Effect": "Allow", "NotAction": ["s3:*"]}, "iam:PassRole", True),
        ({"Effect": "Allow", "NotAction": "IAM:*"}, "iam:PassRole", False),
        ({"Effect": "Deny", "Action": "iam:PassRole"}, "iam:PassRole", False),
        ({"Effect": "Allow", "Action": "iam:PassRole", "Condition": {"Bool": {"a:b": "c"}}}, "iam:PassRole", True),
        ({"Effect": "Allow", "Action": 7}, "iam:PassRole", False),
    ],
    ids=str,
)
def test_what_a_principal_holds_is_what_some_allow_names(statement: dict[str, Any], action: str, held: bool) -> None:  # noqa: FBT001 - a case's value
    """An Allow counts whatever its resource and condition; case does not matter."""
    policy = NamedPolicy(name="inline:own", document={"Statement": statement})
    assert (action in Held(builders.target(policies=(policy,)))) is held


def test_a_principal_with_thousands_of_patterns_is_judged_quickly() -> None:
    """Six thousand patterns cost no more than a blink, so that nobody can stall the guard with their policies."""
    many = {"Effect": "Allow", "Action": [f"s{number}:Act*" for number in range(6000)]}
    on = builders.target(policies=(NamedPolicy(name="inline:own", document={"Statement": many}),))
    started = time.perf_counter()
    looked_at(statement("iam:PassRole", "arn:aws:iam::111122223333:role/worker"), on=on)
    assert time.perf_counter() - started < 5
