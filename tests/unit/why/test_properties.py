"""Any input gives a verdict or a named error, and nothing else."""

from __future__ import annotations

import copy
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.classify import classify
from redress.domain.denied_call import DeniedCall, NotADenial
from redress.domain.envelopes import records_in
from redress.domain.errors import RedressError
from redress.domain.explain import explain
from redress.domain.fingerprint import fingerprint
from redress.domain.kinds import is_fixable
from redress.domain.parse import parse_record
from redress.domain.request_ids import refine
from redress.domain.words import Effect, Evidence, Layer
from tests.unit.why import corpus
from tests.unit.why.cases import cases

CATALOGUE = IamCatalogue()
SEEDS = [case["record"] for case in cases("kinds")]
NAMES = sorted(
    {name for record in SEEDS for name in record} | {"errorMessage", "sharedEventID", "resources", "Records"}
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=6), inner, max_size=5)
    ),
    max_leaves=25,
)
HOSTILE = st.sampled_from(
    [
        "", " ", "\x00", "\u202eevil", "a" * 5000, "${jndi:ldap://x}", "{{ x }}", "'; DROP TABLE", "<script>", "arn:",
        "arn:aws:s3:::", "*", "arn:aws:iam::111122223333:role/../../x", "\ud800", "\U0001f600", "\u0661" * 12, "null",
        "because no identity-based policy allows the s3:* action", "s3:*", "Encoded authorization failure message:",
    ]
)  # fmt: skip
REPLACEMENTS: tuple[object, ...] = (None, "", 7, [], {}, "x" * 2000, "\u202e{{x}}")


def judged(record: object) -> None:
    """Goes the whole way for one record, and checks what holds of every verdict."""
    try:
        call = parse_record(record)
    except RedressError:
        return
    if isinstance(call, NotADenial):
        assert call.reason
        return
    verdict = classify(call, catalogue=CATALOGUE)
    told = explain(verdict)
    assert all(text.isprintable() for text in (told.what, told.why, told.meaning, told.next_step))
    assert max(len(told.what), len(told.why)) < 1500
    identity, template = fingerprint(verdict, call)
    assert len(identity) == 22
    assert template
    refine(verdict, call)
    missing = (verdict.layer, verdict.effect) == (Layer.IDENTITY_BASED_POLICY, Effect.IMPLICIT_DENY)
    assert not is_fixable(verdict) or (missing and verdict.evidence is not Evidence.NONE)


@given(JSON)
def test_any_json_gives_a_verdict_or_a_named_error(value: Any) -> None:  # noqa: ANN401 - any JSON
    """No JSON value gets an unnamed exception out of the parser or the classifier."""
    judged(value)


@given(JSON)
def test_any_json_in_an_envelope_gives_records_or_a_named_error(value: Any) -> None:  # noqa: ANN401 - any JSON
    """No JSON value gets an unnamed exception out of the envelopes."""
    try:
        for record in records_in(value):
            judged(record)
    except RedressError:
        return


@settings(max_examples=300)
@given(seed=st.sampled_from(SEEDS), luck=st.randoms(use_true_random=False), instead=JSON | HOSTILE)
def test_mutated_records_give_a_verdict_or_a_named_error(seed: Any, luck: random.Random, instead: Any) -> None:  # noqa: ANN401
    """A record with any part replaced, dropped or renamed is judged, or refused by name."""
    judged(mutated(seed, luck, instead))


@given(JSON, HOSTILE, HOSTILE)
def test_hostile_text_in_a_denial_stays_text(parameters: Any, text: str, other: str) -> None:  # noqa: ANN401 - any JSON
    """Text in any place of a denial is shown, never obeyed."""
    record = SEEDS[0] | {"errorMessage": text, "userAgent": other, "eventName": other, "requestParameters": parameters}
    judged(record)
    judged(record | {"errorMessage": f"User: {text} is not authorized to perform: s3:GetObject on resource: {other}"})


def test_mutated_records_of_the_corpus_give_a_verdict_or_a_named_error() -> None:
    """Each record of the corpus, with something in it broken, is judged, or refused by name."""
    luck = random.Random(20261121)  # noqa: S311 - repeatable, not secret
    for name in ("panther-labs__panther-analysis", "DataDog__stratus-red-team", "invictus-ir__aws_dataset", "success"):
        for line in corpus.lines(f"records/{name}.jsonl"):
            for instead in REPLACEMENTS:
                judged(mutated(line["record"], luck, instead))


def test_a_denial_is_one_before_and_after_a_round_trip() -> None:
    """Parsing does not change what it was given."""
    for record in SEEDS:
        before = copy.deepcopy(record)
        assert isinstance(parse_record(record), DeniedCall)
        assert record == before


def mutated(record: dict[str, Any], luck: random.Random, instead: object) -> dict[str, Any]:
    """Returns a copy of the record with one member, at any depth, replaced, dropped or renamed."""
    whole = copy.deepcopy(record)
    place = whole
    while True:
        if not place:
            return whole
        name = luck.choice(sorted(place))
        inner = place[name]
        if not (isinstance(inner, dict) and luck.random() < 0.7):
            break
        place = inner
    what = luck.randrange(3)
    value = place.pop(name)
    if what == 0:
        place[name] = instead
    elif what == 1:
        place[name.swapcase()] = value
    return whole
