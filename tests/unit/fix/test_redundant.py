"""Which fixes are no longer needed: those whose taking back provably changes no decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from redress.domain.evaluate import evaluate
from redress.domain.policies import Policies
from redress.domain.policy_json import parse_policy
from redress.domain.proposal import Condition, Statement
from redress.domain.redundant import redundant_by
from redress.domain.request import Request, caller_of
from redress.domain.statement import to_json
from redress.domain.target import NamedPolicy

if TYPE_CHECKING:
    from redress.domain.decision import Outcome

ROLE = "arn:aws:iam::111122223333:role/app"
OURS = "arn:aws:iam::111122223333:policy/redress/redress-eu-west-1-role-app"
MINE = Condition(operator="StringEquals", key="aws:ResourceAccount", values=("111122223333",))
FOLDER = Statement(sid="RedressFa", actions=("s3:PutObject",), resources=("arn:aws:s3:::orders/2026/*",))
LISTING = Statement(sid="RedressFb", actions=("s3:ListAllMyBuckets",), resources=("*",))
OWNED = Statement(
    sid="RedressFc", actions=("s3:GetObject",), resources=("arn:aws:s3:::orders/a.csv",), conditions=(MINE,)
)


def policy(*statements: object, name: str = "inline:app") -> NamedPolicy:
    """Returns a policy of these statements."""
    return NamedPolicy(name=name, document={"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: object, resource: object, **more: object) -> dict[str, Any]:
    """Returns an Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (FOLDER, allow("s3:PutObject", "arn:aws:s3:::orders/2026/*")),
        (FOLDER, allow("s3:putobject", ["arn:aws:s3:::else/*", "arn:aws:s3:::orders/*"])),
        (FOLDER, allow(["s3:Get*", "s3:Put*"], "arn:aws:s3:::*")),
        (FOLDER, allow("*", "*")),
        (LISTING, allow("s3:List*", "*")),
        (OWNED, allow("s3:Get?bject", "arn:aws:s3:::orders/?.csv")),
        (OWNED, allow("s3:*", "*", Condition={"StringEquals": {"AWS:resourceaccount": "111122223333"}})),
        (
            OWNED,
            allow("s3:*", "*", Condition={"StringEquals": {"aws:ResourceAccount": ["444455556666", "111122223333"]}}),
        ),
    ],
)
def test_what_another_policy_allows_too(ours: Statement, theirs: dict[str, Any]) -> None:
    """One Allow that contains ours, under no condition that ours does not have, makes it needless."""
    assert redundant_by([ours], [policy(theirs)]) == ("inline:app",)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (FOLDER, allow("s3:PutObject", "arn:aws:s3:::orders/2026/a.csv")),
        (FOLDER, allow("s3:PutObject", "arn:aws:s3:::orders/2026/?")),
        (FOLDER, allow("s3:PutObjectAcl", "arn:aws:s3:::orders/2026/*")),
        (FOLDER, allow("s3:PutObject", "arn:aws:s3:::orders/${aws:username}/*")),
        (FOLDER, allow("s3:PutObject", "*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
        (FOLDER, allow("s3:PutObject", "*", Condition="none")),
        (FOLDER, {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        (FOLDER, {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::else/*"}),
        (FOLDER, {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}),
        (LISTING, allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")),
        (OWNED, allow("s3:*", "*", Condition={"StringEquals": {"aws:ResourceAccount": "444455556666"}})),
        (OWNED, allow("s3:*", "*", Condition={"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}})),
        (OWNED, allow("s3:*", "*", Condition={"StringNotEquals": {"aws:ResourceAccount": "111122223333"}})),
    ],
)
def test_what_is_still_needed(ours: Statement, theirs: dict[str, Any]) -> None:
    """Where containment cannot be shown, the fix counts as needed."""
    assert redundant_by([ours], [policy(theirs)]) == ()


def test_each_part_may_have_its_own_policy() -> None:
    """All that is allowed by ours must be allowed by some other policy; each is named once."""
    both = (policy(allow("s3:Put*", "*"), name="group:dev:put"), policy(allow("s3:*", "*"), name="inline:all"))
    assert redundant_by([FOLDER, LISTING], both) == ("group:dev:put", "inline:all")
    assert redundant_by([FOLDER, LISTING], both[:1]) == ()


def test_a_single_statement_may_stand_alone() -> None:
    """IAM takes one statement without a list."""
    alone = NamedPolicy(name="inline:app", document={"Statement": allow("s3:*", "*")})
    assert redundant_by([FOLDER], [alone]) == ("inline:app",)


def test_what_redress_wrote_does_not_count() -> None:
    """Neither the fix itself nor that of another Region's Redress makes it needless."""
    other = OURS.replace("eu-west-1", "us-east-1")
    assert redundant_by([FOLDER], [policy(to_json(FOLDER), name=name) for name in (OURS, other)]) == ()


ACTIONS = ("s3:GetObject", "s3:PutObject")
RESOURCES = ("arn:aws:s3:::b/x/1", "arn:aws:s3:::b/x/22", "arn:aws:s3:::b/y/1", "arn:aws:sqs:eu-west-1:111122223333:b")
PATTERNS = ("*", "arn:aws:s3:::b/x/*", "arn:aws:s3:::b/?/1", "arn:aws:s3:::b/*", "arn:aws:s3:::*1", "arn:*:s3:::b/x/1")
VALUES = ("111122223333", "444455556666")
conditions = st.lists(st.sampled_from(VALUES), min_size=1, max_size=2, unique=True).map(
    lambda values: Condition(operator="StringEquals", key="aws:ResourceAccount", values=tuple(sorted(values)))
)
fixes = st.builds(
    Statement,
    sid=st.just("RedressFa"),
    actions=st.sampled_from([ACTIONS[:1], ACTIONS]),
    resources=st.sampled_from([RESOURCES[:1], RESOURCES[:2], ("arn:aws:s3:::b/x/*",), ("arn:aws:s3:::b/*",), ("*",)]),
    conditions=st.one_of(st.just(()), conditions.map(lambda one: (one,))),
)
blocks = st.one_of(
    st.just({}),
    st.builds(
        lambda operator, values: {"Condition": {operator: {"aws:ResourceAccount": values}}},
        st.sampled_from(["StringEquals", "StringNotEquals", "StringLike"]),
        st.lists(st.sampled_from([*VALUES, "*"]), min_size=1, max_size=2),
    ),
)
others = st.lists(
    st.builds(
        lambda effect, action, resource, block: {"Effect": effect, **action, **resource, **block},
        st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
        st.sampled_from(
            [{"Action": "s3:*"}, {"Action": list(ACTIONS)}, {"Action": "s3:Get*"}, {"NotAction": "s3:Put*"}]
        ),
        st.one_of(st.sampled_from(PATTERNS).map(lambda one: {"Resource": one}), st.just({"NotResource": RESOURCES[2]})),
        blocks,
    ),
    min_size=1,
    max_size=3,
)


@given(fixes=st.lists(fixes, min_size=1, max_size=2), statements=others)
def test_taking_it_back_changes_no_decision(fixes: list[Statement], statements: list[dict[str, Any]]) -> None:
    """The project's own evaluator gives the same answer to every call, with the fix and without it."""
    needless = bool(redundant_by(fixes, [policy(*statements)]))
    event(f"needless: {needless}")
    if not needless:
        return
    without = parse_policy("own", policy(*statements).document)
    ours = parse_policy("fix", {"Version": "2012-10-17", "Statement": [to_json(each) for each in fixes]})
    for action in ACTIONS:
        for resource in (*RESOURCES, "*"):
            for account in VALUES:
                request = Request(
                    caller=caller_of(ROLE),
                    action=action,
                    resource=resource,
                    context={"aws:ResourceAccount": (account,)},
                    complete=True,
                )
                answers = {_outcome(request, identity) for identity in ((without,), (without, ours))}
                assert len(answers) == 1


def _outcome(request: Request, identity: tuple[Any, ...]) -> Outcome:
    return evaluate(request, Policies(identity=identity)).outcome
