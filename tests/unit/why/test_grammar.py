"""What may enter a policy, and what only looks like an ARN."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain.grammar import has_wildcard, is_account, is_action, is_arn, is_policy_safe, looks_like_arn

A = "111122223333"


@pytest.mark.parametrize(
    "text", ["s3:GetObject", "SNS:Publish", "ec2-instance-connect:SendSSHPublicKey", "apigateway:GET"]
)
def test_actions(text: str) -> None:
    """One service prefix, one name."""
    assert is_action(text)


NO_ACTIONS = "", "s3", "s3:", ":x", "s3:*", "s3:Get?", "s3:Get Object", "s3:Get\n", "*", "ß:x", "a:b:c", "s3:Get${x}"
NO_ARN_SHAPES = (
    "arn:aws:iam::<ACCOUNT>:role/x",
    "arn:aws:execute-api:eu-west-1:***1633:x/y",
    "arn:aws:iam::1: role/x",
    "arn:aws:s3:::b/...",
    "role/x",
    'arn:aws:s3:::b/"x',
)
UNSAFE = (
    *("", "*", "a*", "a?", "${aws:username}", "{{ x }}", "a}b", 'a"b', "a\\b", "a`b", "<a>"),
    *("a\nb", "a\x7f", "é", "\u202e", "x" * 2049),
)


@pytest.mark.parametrize("text", NO_ACTIONS)
def test_no_actions(text: str) -> None:
    """No wildcard, blank, line break, variable, nor letter outside ASCII."""
    assert not is_action(text)


@pytest.mark.parametrize(
    "text",
    [
        f"arn:aws:iam::{A}:role/team/app",
        "arn:aws:s3:::bucket/a b.txt",
        f"arn:aws-us-gov:ec2:us-gov-west-1:{A}:instance/*",
        f"arn:aws-iso-b:sqs:us-isob-east-1:{A}:q",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        f"arn:aws:logs:eu-west-1:{A}:log-group:/aws/lambda/f:log-stream:x",
    ],
)
def test_arns(text: str) -> None:
    """Partition, service, Region, 12-digit account or none, resource."""
    assert is_arn(text)
    assert looks_like_arn(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "arn:",
        "arn:aws:s3",
        "arn:evil:s3:::b",
        "arn:aws:iam::1:role/x",
        "arn:aws:s3:::",
        "arn:aws:s3::: b",
        "arn:aws:s3:::b ",
        "arn:aws:s3:::b\n",
        "arn:aws:s3:::bücket",
        "arn:aws:S3:::b",
        "arn:aws:s3:::" + "b" * 3000,
    ],
)
def test_no_arns(text: str) -> None:
    """Unknown partitions, short accounts, blanks at the ends, control characters and lengths are refused."""
    assert not is_arn(text)


@pytest.mark.parametrize("text", NO_ARN_SHAPES)
def test_what_does_not_even_look_like_an_arn(text: str) -> None:
    """Placeholders, masks, cut ones and bare names are none."""
    assert not looks_like_arn(text)


@pytest.mark.parametrize("text", ["arn:aws:iam::accountID:role/x", "arn:aws:dms:us-east-1:152683116:rep:X"])
def test_redacted_accounts_look_like_arns_and_are_none(text: str) -> None:
    """Good enough to show, not good enough for a policy."""
    assert (looks_like_arn(text), is_arn(text)) == (True, False)


@pytest.mark.parametrize("text", UNSAFE)
def test_what_may_not_stand_in_a_policy(text: str) -> None:
    """Wildcards, variables, quotes, braces, control and direction marks, letters outside ASCII."""
    assert not is_policy_safe(text)


@given(st.text(max_size=60))
def test_what_is_safe_is_printable_ascii_without_patterns(text: str) -> None:
    """Whatever passes is printable, and means itself to IAM, SSM and JSON."""
    if is_policy_safe(text):
        assert text.isascii()
        assert text.isprintable()
        assert not has_wildcard(text)
        assert "{{" not in text


def test_accounts() -> None:
    """Twelve digits, and digits of ASCII only."""
    assert [is_account(text) for text in (A, "1", A + "4", "\u0661" * 12, "aws")] == [True, False, False, False, False]
