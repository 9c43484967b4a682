"""The codec writes any of the domain's values as JSON and reads the same value back."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain.codec import encode, from_json, iso, moment, to_json
from redress.domain.denied_call import DeniedCall
from redress.domain.errors import Unreadable
from redress.domain.finding import Finding, NoFix, Sighting
from redress.domain.proposal import Guard, PreImage, Proof
from redress.domain.verdict import Verdict
from redress.domain.words import Layer

MOMENTS = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds are what the strategy takes
PARAMETERS = st.dictionaries(st.text(), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))


@pytest.mark.parametrize("kind", [Finding, Verdict, Sighting, NoFix, Guard, Proof, PreImage])
@given(data=st.data())
def test_round_trip(kind: type, data: st.DataObject) -> None:
    """Whatever a domain value holds, reading what was written gives the same value."""
    value = data.draw(findings() if kind is Finding else st.from_type(kind))
    assert from_json(kind, to_json(value)) == value


@given(st.builds(DeniedCall, event_time=MOMENTS, session_created=st.none() | MOMENTS, request_parameters=PARAMETERS))
def test_round_trip_with_free_parameters(call: DeniedCall) -> None:
    """A denied call keeps request parameters of any JSON shape."""
    assert from_json(DeniedCall, to_json(call)) == call


def findings() -> st.SearchStrategy[Finding]:
    """Any finding at all."""
    last = st.builds(Sighting, event_time=MOMENTS)
    moments = dict.fromkeys(("first_seen", "last_seen", "changed_at"), MOMENTS)
    return st.builds(Finding, last=last, muted_until=st.none() | MOMENTS, **moments)


st.register_type_strategy(datetime, MOMENTS)


def test_leaves_out_defaults() -> None:
    """A field that has its default costs no bytes."""
    assert encode(PreImage(exists=True)) == {"exists": True}


def test_ignores_unknown_keys_and_fills_absent_ones() -> None:
    """An item written by an older or newer version stays readable."""
    assert from_json(PreImage, '{"exists":false,"colour":"red"}') == PreImage(exists=False)


BAD = [
    ("{", "stored as no JSON"),
    ("[]", "PreImage should be an object"),
    ("{}", "PreImage.exists is missing"),
    ('{"exists":1}', "PreImage.exists should be bool"),
    ('{"exists":true,"version_id":null}', "PreImage.version_id should be str"),
]


@pytest.mark.parametrize(("text", "says"), BAD)
def test_bad_text_is_named(text: str, says: str) -> None:
    """Text that is no such value is refused with the path to the wrong part."""
    with pytest.raises(Unreadable, match=says):
        from_json(PreImage, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Odd:
    pair: tuple[int, str] = (1, "a")
    level: float = 0.5
    layer: Layer | None = None
    when: datetime | None = None
    thing: object = None


ODD = [
    ({"pair": [1]}, "_Odd.pair should be a list of 2"),
    ({"pair": "x"}, "_Odd.pair should be a list"),
    ({"pair": [True, "a"]}, r"_Odd.pair\[0\] should be int"),
    ({"layer": "NONE"}, "_Odd.layer should be a member of Layer"),
    ({"when": "yesterday"}, "_Odd.when should be a moment"),
    ({"when": "2026-01-01T00:00:00"}, "_Odd.when should be a moment"),
]


@pytest.mark.parametrize(("content", "says"), ODD)
def test_bad_parts_are_named(content: dict[str, object], says: str) -> None:
    """Each kind of wrong part has its own words."""
    with pytest.raises(Unreadable, match=says):
        from_json(_Odd, json.dumps(content))


def test_whole_numbers_do_for_fractions() -> None:
    """JSON has one kind of number, so 1 is read as 1.0."""
    assert from_json(_Odd, '{"level":1}') == _Odd(level=1.0)


def test_unknown_types_are_programming_errors() -> None:
    """A field type that the codec does not know is a TypeError, not bad data."""
    with pytest.raises(TypeError, match="does not know the type"):
        from_json(_Odd, '{"thing":1}')
    with pytest.raises(TypeError, match="no JSON for a complex"):
        encode(1j)


def test_moments_are_utc() -> None:
    """Moments are written in UTC with a Z, and need a time zone."""
    assert iso(datetime(2026, 11, 21, 4, tzinfo=timezone(timedelta(hours=2)))) == "2026-11-21T02:00:00Z"
    assert moment("2026-11-21T02:00:00Z") == datetime(2026, 11, 21, 2, tzinfo=UTC)
    with pytest.raises(TypeError):
        iso(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_every_stored_value_has_a_reader() -> None:
    """The codec knows every field type of what is stored."""
    assert {each.name for each in fields(Finding)} >= {"verdict", "no_fix", "last", "muted_until"}
