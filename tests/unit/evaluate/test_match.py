"""Wildcards match as people expect, and hostile patterns cannot stall them."""

from __future__ import annotations

import fnmatch
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain.variables import template
from redress.domain.wildcards import arn_test, from_policy, glob_test, literal, meet

letters = st.text(alphabet="ab*?\\[", max_size=12)


@given(letters, st.text(alphabet="ab*?\\[", max_size=12))
def test_glob_is_what_the_standard_library_says(pattern: str, text: str) -> None:
    """Star and question mark mean what ``fnmatch`` takes them for; brackets and backslashes are plain."""
    plain = pattern.replace("[", "[[]")
    assert bool(glob_test(from_policy(pattern))(text)) is fnmatch.fnmatchcase(text, plain)


@given(st.text(max_size=30), st.text(max_size=30))
def test_literal_matches_only_itself(text: str, other: str) -> None:
    """Text that was made literal holds no wildcard."""
    assert glob_test(literal(text))(text)
    assert bool(glob_test(literal(text))(other)) is (text == other)


fields = st.lists(st.text(alphabet="ab*?", max_size=4), min_size=6, max_size=8)
names = st.lists(st.text(alphabet="ab", max_size=3), min_size=6, max_size=8)


@given(fields, names)
def test_arns_match_field_by_field(pattern: list[str], arn: list[str]) -> None:
    """An ARN matches if each of its first five fields does, and then all the rest."""
    expected = [fnmatch.fnmatchcase(one, like) for like, one in zip(pattern[:5], arn[:5], strict=True)]
    rest = fnmatch.fnmatchcase(":".join(arn[5:]), ":".join(pattern[5:]))
    assert bool(arn_test(":".join(pattern))(":".join(arn))) is (all(expected) and rest)


@pytest.mark.parametrize("pattern", ["*a" * 60 + "b", "?*" * 60 + "b", "*" * 200 + "b", "a*?" * 50 + "b"])
def test_hostile_patterns_take_no_time(pattern: str) -> None:
    """A pattern made to backtrack is done in milliseconds on a text of IAM's greatest length."""
    started = time.perf_counter()
    for _ in range(10):
        assert not glob_test(pattern)("a" * 2048)
    assert time.perf_counter() - started < 2


def test_arn_wildcards_stay_in_their_field() -> None:
    """No wildcard reaches over one of the first five colons; the last field holds colons of its own."""
    assert arn_test("arn:aws:sqs:*:111122223333:*")("arn:aws:sqs:us-east-1:111122223333:a:b")
    assert not arn_test("arn:aws:sqs:*:111122223333:b")("arn:aws:sqs:us-east-1:999988887777:x:111122223333:b")


def test_template_takes_text_apart() -> None:
    """Variables are found with their defaults; escapes and unfinished ones are text."""
    assert template("a/${aws:UserName}/${aws:PrincipalTag/x, 'y'}*") == (
        "a/",
        ("aws:username", None),
        "/",
        ("aws:principaltag/x", "y"),
        "*",
    )
    assert template("${*}${?}${$}${aws:x") == ("\\*", "\\?", "$", "${aws:x")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a*", "*b", True),
        ("a*", "b*", False),
        ("*", "", True),
        ("a?", "ab", True),
        ("a?", "a", False),
        ("a*c", "ab*", True),
        ("*a*", "*b*", True),
        ("abc", "abc", True),
        ("abc", "abd", False),
        ("a?*", "a", False),
    ],
)
def test_two_patterns_meet_where_some_text_fits_both(one: str, other: str, expected: bool) -> None:  # noqa: FBT001 - a table
    """Two patterns meet if and only if there is text that both match, whichever comes first."""
    assert (meet(one, other), meet(other, one)) == (expected, expected)


@given(pattern=st.text("ab*?", max_size=8), text=st.text("ab", max_size=8))
def test_a_pattern_meets_exactly_the_names_that_it_matches(pattern: str, text: str) -> None:
    """Where one of the two is a plain name, meeting is matching."""
    assert meet(pattern, text) == bool(glob_test(pattern)(text))
