"""The pure pieces: selectors, conditions, approvers, durations, values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.automation.announcing import _spoken
from sandbox.automation.api_call import as_json
from sandbox.automation.approvers import entry_of
from sandbox.automation.conditions import OPERATIONS, WrongType, holds
from sandbox.automation.durations import read_duration, read_timestamp
from sandbox.automation.selector import NOTHING, BadSelector, parse, select
from sandbox.automation.variables import Unresolved, resolve
from sandbox.automation.words import ValueType, conforms

VALUE: dict[str, Any] = {
    "a": {"b": [{"c": 1}, {"c": 2, "d": {"c": 3}}], "key-with-dash": None},
    "list": [[1, 2], [3]],
    "empty": "",
}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("$", VALUE),
        ("$.a.b[1].c", 2),
        ("$.a.b[1]", {"c": 2, "d": {"c": 3}}),
        ("$.a.key-with-dash", None),
        ("$.empty", ""),
        ("$.list[0][1]", 2),
        ("$..c", [1, 2, 3]),
        ("$.a..d..c", [3]),
        ("$..b[0]", [{"c": 1}]),
        ("$..nothing", []),
        ("$.nothing", NOTHING),
        ("$.a.b[2]", NOTHING),
        ("$.a.b.c", NOTHING),
        ("$.list.a", NOTHING),
        ("$.empty[0]", NOTHING),
    ],
)
def test_select(selector: str, expected: object) -> None:
    """A selector picks one value, or a list when it scans deeply; nothing is not null."""
    assert select(selector, VALUE) == expected


@pytest.mark.parametrize(
    "selector", ["", "a", "$a", "$.", "$.a.", "$.a[*]", "$.a[-1]", "$['a']", "$.a[?(@.b)]", "$.a b", "$...a"]
)
def test_bad_selectors(selector: str) -> None:
    """Operators that Automation doesn't document are refused."""
    with pytest.raises(BadSelector):
        parse(selector)


CONDITIONS = [
    ("StringEquals", "a", "a", True),
    ("StringEquals", "a", "A", False),
    ("EqualsIgnoreCase", "a", "A", True),
    ("StartsWith", "abc", "ab", True),
    ("StartsWith", "abc", "bc", False),
    ("EndsWith", "abc", "bc", True),
    ("EndsWith", "abc", "ab", False),
    ("Contains", "abc", "b", True),
    ("Contains", "abc", "d", False),
    ("NumericEquals", 1, 1, True),
    ("NumericEquals", 1, 2, False),
    ("NumericGreater", 2, 1, True),
    ("NumericGreater", 1, 1, False),
    ("NumericLesser", 1, 2, True),
    ("NumericLesser", 1, 1, False),
    ("NumericGreaterOrEquals", 1, 1, True),
    ("NumericGreaterOrEquals", 0, 1, False),
    ("NumericLesserOrEquals", 1, 1, True),
    ("NumericLesserOrEquals", 2, 1, False),
    ("BooleanEquals", True, True, True),
    ("BooleanEquals", False, True, False),
]


@pytest.mark.parametrize(("operation", "left", "right", "expected"), CONDITIONS)
def test_comparisons(operation: str, left: object, right: object, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Each operation compares as its name says."""
    assert holds({"Variable": left, operation: right}) is expected


def test_every_operation_has_a_case() -> None:
    """The table above leaves no operation out."""
    assert {case[0] for case in CONDITIONS} == set(OPERATIONS)


@pytest.mark.parametrize(
    ("operation", "left", "right"),
    [
        ("StringEquals", 1, "1"),
        ("StringEquals", "1", 1),
        ("NumericEquals", "1", 1),
        ("NumericEquals", True, 1),
        ("NumericEquals", 1, True),
        ("BooleanEquals", "true", True),
        ("BooleanEquals", 1, True),
        ("Contains", ["a"], "a"),
    ],
)
def test_types_are_not_converted(operation: str, left: object, right: object) -> None:
    """An operation on a value of another type is a fault, not false."""
    with pytest.raises(WrongType):
        holds({"Variable": left, operation: right})


YES = {"Variable": "a", "StringEquals": "a"}
NO = {"Variable": "a", "StringEquals": "b"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"And": [YES, YES]}, True),
        ({"And": [YES, NO]}, False),
        ({"Or": [NO, YES]}, True),
        ({"Or": [NO, NO]}, False),
        ({"Not": NO}, True),
        ({"Not": YES}, False),
        ({"And": [{"Or": [NO, YES]}, {"Not": NO}]}, True),
        ({"Variable": None, "StringEquals": "a"}, False),
        ({"Not": {"Variable": None, "NumericEquals": 1}}, True),
    ],
)
def test_groups(condition: dict[str, object], expected: bool) -> None:  # noqa: FBT001 - a table's column
    """And, Or and Not combine conditions; a variable without a value equals nothing."""
    assert holds(condition) is expected


USER = "arn:aws:iam::000000000000:user/ops/ana"
SESSION = "arn:aws:sts::000000000000:assumed-role/signers/ana"
ROLE = "arn:aws:iam::000000000000:role/ops/signers"


@pytest.mark.parametrize(
    ("approvers", "principal", "expected"),
    [
        (["ana"], USER, USER),
        ([USER], USER, USER),
        (["ana", USER], USER, USER),
        (["ops/ana"], USER, None),
        (["ana"], "arn:aws:iam::111111111111:user/ana", None),
        (["arn:aws:iam::000000000000:user/ana"], USER, None),
        ([ROLE], SESSION, ROLE),
        ([ROLE, SESSION], SESSION, ROLE),
        ([SESSION], SESSION, SESSION),
        ([SESSION], SESSION.replace("/ana", "/bob"), None),
        (["signers"], SESSION, None),
        (["ana"], SESSION, None),
        ([ROLE], SESSION.replace("signers", "signers2"), None),
        ([ROLE.replace("0", "1")], SESSION, None),
        ([ROLE], ROLE, ROLE),
        ([], USER, None),
        (["*"], USER, None),
        (["arn:aws:iam::000000000000:root"], "arn:aws:iam::000000000000:root", None),
        (["arn:aws:iam::000000000000:role/ana"], USER, None),
    ],
)
def test_who_may_sign(approvers: list[str], principal: str, expected: str | None) -> None:
    """An approver is named by user name, user ARN, role ARN or session ARN, and by nothing else."""
    assert entry_of(approvers, principal, account="000000000000") == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT3S", 3),
        ("PT10M", 600),
        ("PT1H30M", 5_400),
        ("P1D", 86_400),
        ("P1W", 604_800),
        ("P1DT1S", 86_401),
        ("PT0S", 0),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    """A duration has weeks, days, hours, minutes and seconds."""
    assert read_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "P", "PT", "-PT1S", "PT-1S", "P1Y", "1S", "pt1s", "PT1S ", "P9999999W"])
def test_no_durations(text: str) -> None:
    """Anything else is none."""
    with pytest.raises(ValueError, match="is no ISO 8601 duration"):
        read_duration(text)


def test_timestamps() -> None:
    """A moment without an offset is UTC."""
    assert read_timestamp("2026-11-21T02:00:00") == read_timestamp("2026-11-21T03:00:00+01:00")


@pytest.mark.parametrize(
    ("hour", "spoken"),
    [(0, "12:00:00 AM"), (1, "1:00:00 AM"), (12, "12:00:00 PM"), (19, "7:00:00 PM"), (23, "11:00:00 PM")],
)
def test_spoken_times(hour: int, spoken: str) -> None:
    """Events tell times as AWS's example does: Nov 29, 2016 7:43:26 PM."""
    assert _spoken(datetime(2016, 11, 29, hour, tzinfo=UTC)) == f"Nov 29, 2016 {spoken}"


def look_up(name: str) -> object:
    """Returns the value of a few names."""
    values: dict[str, object] = {
        "a": "{{ b }}",
        "b": 1,
        "s.list": ["x", "{{ a }}"],
        "s.map": {"k": "{{ a }}"},
        "flag": True,
    }
    if name not in values:
        raise Unresolved(name)
    return values[name]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{{ b }}", 1),
        ("{{b}}", 1),
        (" {{ b }} ", 1),
        ("{{ b }}{{ b }}", "11"),
        ("{{ flag }}!", "true!"),
        ("{{ a }}", "{{ b }}"),
        ("-{{ a }}-", "-{{ b }}-"),
        ("{{ s.map }}", {"k": "{{ a }}"}),
        ("<{{ s.map }}>", '<{"k":"{{ a }}"}>'),
        (["{{ s.list }}", "y"], ["x", "{{ a }}", "y"]),
        (["-{{ s.list }}"], ['-["x","{{ a }}"]']),
        ([["{{ s.list }}"]], [["x", "{{ a }}"]]),
        ({"{{ b }}": "{{ b }}"}, {"{{ b }}": 1}),
        ("{ { b } }", "{ { b } }"),
        ("{{ b c }}", "{{ b c }}"),
        (5, 5),
        (None, None),
    ],
)
def test_resolve(given: object, expected: object) -> None:
    """References become values once; what is put in is not looked through again."""
    assert resolve(given, look_up) == expected


def test_resolve_needs_every_value() -> None:
    """A reference without a value is a fault."""
    with pytest.raises(Unresolved, match=r"s\.missing"):
        resolve({"x": ["{{ s.missing }}"]}, look_up)


@pytest.mark.parametrize(
    ("value", "fitting"),
    [
        ("a", {"String", "AWS::IAM::Role::Arn"}),
        (1, {"Integer"}),
        (1.5, set()),
        (True, {"Boolean"}),
        (None, set()),
        ({}, {"StringMap"}),
        ([], {"StringList", "MapList"}),
        (["a"], {"StringList"}),
        ([{}], {"MapList"}),
        ([1], set()),
    ],
)
def test_types(value: object, fitting: set[str]) -> None:
    """A value has the type it has; 1 is no Boolean and true no Integer."""
    assert {one.value for one in ValueType if conforms(value, one)} == fitting


def test_responses_become_json() -> None:
    """Moments become ISO 8601, bytes Base64, whatever they are inside of."""
    value = {"at": datetime(2026, 11, 21, tzinfo=UTC), "raw": [b"\x00\x01"], "n": 1}
    assert as_json(value) == {"at": "2026-11-21T00:00:00+00:00", "raw": ["AAE="], "n": 1}
