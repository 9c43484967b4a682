"""The one policy of a principal: how statements join it, and its limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain.finding import NoFix
from redress.domain.policy_document import (
    MOST_CHARACTERS,
    MOST_NAME,
    Merged,
    covers,
    merge,
    own_arn,
    policy_name,
    too_large,
)
from redress.domain.proposal import Condition, Statement, canonical_json
from redress.domain.statement import to_json
from redress.domain.words import NoFixReason
from tests.unit.fix import builders

VIA_S3 = Condition(operator="StringEquals", key="kms:ViaService", values=("s3.us-east-1.amazonaws.com",))
FOREIGN: list[dict[str, Any]] = [
    {"Sid": "Zed", "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
    {
        "Sid": "Own",
        "Effect": "Allow",
        "NotAction": ["iam:*"],
        "Resource": ["*"],
        "Condition": {"Bool": {"aws:SecureTransport": "true"}, "StringLike": {"s3:prefix": ["${aws:username}/*"]}},
    },
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/*"},
]


def one(digit: str, *resources: str, action: str = "s3:PutObject", conditions: tuple[Condition, ...] = ()) -> Statement:
    """Returns a statement of the finding whose id is twenty times this digit."""
    return Statement(sid="RedressF" + digit * 20, actions=(action,), resources=resources, conditions=conditions)


def merged(existing: str | None, *added: Statement) -> Merged:
    """Returns the merged document."""
    result = merge(existing, added)
    assert isinstance(result, Merged), result
    return result


def document(*statements: Statement, foreign: list[dict[str, Any]] | None = None) -> str:
    """Returns the text of a document with these statements."""
    listed = [*(foreign or []), *(to_json(statement) for statement in statements)]
    return json.dumps({"Version": "2012-10-17", "Statement": listed}, indent=2)


def statements_of(text: str) -> list[dict[str, Any]]:
    """Returns the statements of a document."""
    listed: list[dict[str, Any]] = json.loads(text)["Statement"]
    return listed


def test_a_first_statement_makes_the_document() -> None:
    """A principal without a policy gets one that holds the statement alone."""
    result = merged(None, one("a", "arn:aws:s3:::bucket/key"))
    assert json.loads(result.document) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "RedressF" + "a" * 20,
                "Effect": "Allow",
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::bucket/key",
            }
        ],
    }


def test_our_statements_are_sorted_whatever_order_they_came_in() -> None:
    """Two people who add the same statements in different order get the same bytes."""
    first, second = one("a", "arn:aws:s3:::bucket/1"), one("b", "arn:aws:s3:::bucket/2")
    together = merged(None, second, first).document
    assert together == merged(merged(None, second).document, first).document
    assert together == merged(merged(None, first).document, second).document


def test_what_others_wrote_stays_as_it_is() -> None:
    """Statements that Redress did not write keep their place, their order and their conditions."""
    result = merged(document(foreign=FOREIGN), one("a", "arn:aws:s3:::bucket/key"))
    assert statements_of(result.document)[:3] == FOREIGN
    assert list(result.foreign) == FOREIGN


def test_a_statement_of_ours_that_somebody_changed_counts_as_theirs() -> None:
    """A statement under a Redress Sid that Redress did not write so is kept, and a new one gets a Sid of its own."""
    changed = {**to_json(one("a", "arn:aws:s3:::bucket/key")), "Resource": ["*"]}
    result = merged(document(foreign=[changed]), one("a", "arn:aws:s3:::bucket/key"))
    assert statements_of(result.document)[0] == changed
    assert [statement.sid for statement in result.added] == ["RedressF" + "a" * 20 + "V2"]


def test_a_statement_that_is_there_already_changes_nothing() -> None:
    """Adding what the document says leaves it as it is."""
    before = document(one("a", "arn:aws:s3:::bucket/key"))
    result = merged(before, one("a", "arn:aws:s3:::bucket/key"))
    assert (result.changed, result.added) == (False, ())
    assert json.loads(result.document) == json.loads(before)


def test_a_covered_statement_is_not_added() -> None:
    """What a statement of ours already allows is not written a second time."""
    result = merged(document(one("a", "arn:aws:s3:::bucket/p/*")), one("b", "arn:aws:s3:::bucket/p/key"))
    assert result.added == ()


def test_a_wider_statement_replaces_those_it_covers() -> None:
    """Statements that a new one covers are dropped."""
    before = document(one("a", "arn:aws:s3:::bucket/p/1"), one("b", "arn:aws:s3:::bucket/q/1"))
    result = merged(before, one("c", "arn:aws:s3:::bucket/p/*"))
    assert [found["Sid"][-1] for found in statements_of(result.document)] == ["b", "c"]


def test_a_condition_keeps_a_statement_from_covering_a_wider_one() -> None:
    """A conditional statement does not cover an unconditional one, but the other way round."""
    narrow, wide = one("a", "k", conditions=(VIA_S3,)), one("b", "k")
    assert not covers(narrow, wide)
    assert covers(wide, narrow)


def test_a_finding_that_comes_back_keeps_its_old_resources() -> None:
    """A later denial of the same finding widens its statement, and takes nothing away."""
    before = document(one("a", "arn:aws:sqs:us-east-1:111122223333:q1"))
    result = merged(before, one("a", "arn:aws:sqs:us-east-1:111122223333:q2"))
    assert statements_of(result.document)[0]["Resource"] == [
        "arn:aws:sqs:us-east-1:111122223333:q1",
        "arn:aws:sqs:us-east-1:111122223333:q2",
    ]


def test_a_finding_that_comes_back_with_other_conditions_gets_a_second_statement() -> None:
    """Conditions are never mixed: the new statement stands beside the old one."""
    result = merged(document(one("a", "k", conditions=(VIA_S3,))), one("a", "k2"))
    assert [found["Sid"][20:] for found in statements_of(result.document)] == ["a" * 8, "a" * 8 + "V2"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"text"',
        '{"Version":"2008-10-17","Statement":[]}',
        '{"Version":"2012-10-17"}',
        '{"Version":"2012-10-17","Statement":["x"]}',
        '{"Version":"2012-10-17","Statement":[{"Sid":"{{ x }}"}]}',
        '{"Version":"2012-10-17","Statement":[{"Sid":"a}}b"}]}',
    ],
)
def test_a_document_that_cannot_be_merged_safely_is_left_alone(text: str) -> None:
    """Where the document is not what IAM would hold, or holds what SSM would misread, nothing is changed."""
    result = merge(text, [one("a", "k")])
    assert isinstance(result, NoFix)
    assert result.reason is NoFixReason.POLICY_CHANGED_BY_OTHERS


def test_a_single_statement_outside_a_list_is_read() -> None:
    """IAM lets a document hold one statement without a list around it."""
    text = json.dumps({"Version": "2012-10-17", "Statement": FOREIGN[0]})
    assert merged(text, one("a", "k")).foreign == (FOREIGN[0],)


def test_white_space_does_not_count_towards_the_limit() -> None:
    """IAM counts characters without white space."""
    assert not too_large("x" * MOST_CHARACTERS + " \n\t" * 100)
    assert too_large("x" * (MOST_CHARACTERS + 1))


@pytest.mark.parametrize("length", [1, 64, 104, 105, 106, 128, 512])
def test_a_policy_name_fits_and_differs(length: int) -> None:
    """Names are cut to IAM's 128 characters, and two that were cut stay two."""
    name = policy_name("us-east-1", "role", "x" * length)
    assert len(name) <= MOST_NAME
    assert name != policy_name("us-east-1", "role", "x" * length + "y")
    assert name != policy_name("us-east-1", "user", "x" * length)
    assert name != policy_name("us-east-2", "role", "x" * length)


def test_the_policy_has_the_principals_account_and_partition() -> None:
    """The policy's ARN lies under Redress's path in the principal's own account and partition, and names the Region."""
    principal = builders.principal("arn:aws-cn:iam::111122223333:role/team/app")
    target = builders.target(of=principal, region="cn-north-1")
    assert own_arn(target) == "arn:aws-cn:iam::111122223333:policy/redress/redress-cn-north-1-role-app"


resources = st.lists(
    st.sampled_from([f"arn:aws:s3:::bucket/{key}" for key in ("a/1", "a/2", "a/*", "b/1", "b/*", "1")]),
    min_size=1,
    max_size=3,
    unique=True,
).map(lambda found: tuple(sorted(found)))
ours = st.builds(
    one,
    st.sampled_from("abcdef"),
    action=st.sampled_from(["s3:PutObject", "s3:GetObject"]),
    conditions=st.sampled_from([(), (VIA_S3,)]),
).flatmap(
    lambda made: resources.map(
        lambda found: Statement(sid=made.sid, actions=made.actions, resources=found, conditions=made.conditions)
    )
)


@given(
    st.lists(ours, max_size=5, unique_by=lambda made: made.sid), st.lists(ours, max_size=4, unique_by=lambda m: m.sid)
)
def test_merging_keeps_every_grant_and_settles_at_once(old: list[Statement], new: list[Statement]) -> None:
    """Nothing that was granted or is added gets lost, and merging a second time changes nothing."""
    before = merged(None, *old)
    after = merged(before.document, *new)
    everything = (*before.ours, *new)
    assert all(any(covers(kept, wanted) for kept in after.ours) for wanted in everything)
    again = merged(after.document, *new)
    assert (again.changed, again.document) == (False, after.document)
    assert canonical_json(json.loads(after.document)) == after.document
