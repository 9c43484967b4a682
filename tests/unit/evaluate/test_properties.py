"""What holds for every request and every set of policies."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from redress.domain.decision import Outcome
from redress.domain.evaluate import ALWAYS_ALLOWED, evaluate
from redress.domain.policy_error import MalformedPolicy
from redress.domain.policy_json import parse_policy
from redress.domain.request import Request, caller_of
from redress.domain.words import Layer
from tests.differential import cases
from tests.evaluation_cases import policies_of, request_of

Json = dict[str, Any]
DENY_ALL: Json = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
ALLOW_ALL: Json = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
NAMED_DENY: Json = {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*"}]}

generated = st.builds(cases.one, st.integers(0, 1000), st.integers(0, 10_000))
DENIALS = {Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY}


def outcome(case: Json) -> Outcome:
    """Returns the outcome of a case."""
    return evaluate(request_of(case["request"]), policies_of(case["policies"])).outcome


def with_policy(case: Json, layer: str, document: Json) -> Json:
    """Returns the case with one more policy in a layer."""
    changed = copy.deepcopy(case)
    if layer == "resource":
        statements = changed["policies"].setdefault("resource", {"Statement": []})["Statement"]
        listed = statements if isinstance(statements, list) else [statements]
        changed["policies"]["resource"]["Statement"] = [*listed, *document["Statement"]]
    elif layer in {"service_control", "resource_control"}:
        changed["policies"].setdefault(layer, []).append([ALLOW_ALL, document])
    elif layer in {"boundary", "session", "vpc_endpoint"}:
        changed["policies"].setdefault(layer, [ALLOW_ALL]).append(document)
    else:
        changed["policies"].setdefault(layer, []).append(document)
    return changed


@given(generated, st.sampled_from(["identity", "boundary", "session"]))
def test_a_deny_of_everything_denies(case: Json, layer: str) -> None:
    """Whatever else is there, an explicit deny that applies is the answer."""
    assert outcome(with_policy(case, layer, DENY_ALL)) is Outcome.EXPLICIT_DENY


@given(generated)
def test_a_deny_of_everything_in_the_resource_policy_denies(case: Json) -> None:
    """The same for the resource's side."""
    assert outcome(with_policy(case, "resource", NAMED_DENY)) is Outcome.EXPLICIT_DENY


@given(generated, generated, st.sampled_from(["identity", "boundary", "session", "service_control"]))
def test_a_deny_statement_more_never_allows(case: Json, other: Json, layer: str) -> None:
    """Adding a Deny, conditions and all, never turns a denial into anything better."""
    denies = [
        {**statement, "Effect": "Deny"}
        for document in other["policies"].get("identity", [])
        for statement in (document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]])
    ]
    before = outcome(with_policy(case, layer, {"Version": "2012-10-17", "Statement": []}))
    after = outcome(with_policy(case, layer, {"Version": "2012-10-17", "Statement": denies}))
    assert after is not Outcome.ALLOW or before is Outcome.ALLOW
    assert before is not Outcome.EXPLICIT_DENY or after is Outcome.EXPLICIT_DENY


@given(generated, generated)
def test_an_identity_policy_more_never_lifts_an_explicit_deny(case: Json, other: Json) -> None:
    """What a fix adds cannot overrule an explicit deny of any layer."""
    changed = case
    for document in other["policies"].get("identity", []):
        changed = with_policy(changed, "identity", document)
    if outcome(case) is Outcome.EXPLICIT_DENY:
        assert outcome(changed) is Outcome.EXPLICIT_DENY


@given(generated)
def test_an_identity_allow_more_never_takes_away(case: Json) -> None:
    """Adding an Allow for the very call never turns an ALLOW into a denial."""
    statement = {"Effect": "Allow", "Action": case["request"]["action"], "Resource": case["request"]["resource"]}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    if outcome(case) is Outcome.ALLOW:
        assert outcome(with_policy(case, "identity", document)) is Outcome.ALLOW


@given(generated, st.data())
def test_knowing_less_never_allows_more(case: Json, data: st.DataObject) -> None:
    """What is said with values missing stays true when they are known: UNKNOWN is the only answer that may change."""
    known = case["request"]["context"]
    forgotten = set(data.draw(st.lists(st.sampled_from(sorted(known)), unique=True))) if known else set()
    partial = copy.deepcopy(case)
    partial["request"]["context"] = {key: value for key, value in known.items() if key not in forgotten}
    partial["request"] |= {"complete": False}
    told, truth = outcome(partial), outcome(case)
    if told is Outcome.ALLOW:
        assert truth in {Outcome.ALLOW, Outcome.UNKNOWN}
    if told is Outcome.EXPLICIT_DENY:
        assert truth is Outcome.EXPLICIT_DENY
    if told is Outcome.IMPLICIT_DENY:
        assert truth in DENIALS


@given(generated, st.sets(st.sampled_from([layer for layer in Layer if layer is not Layer.UNKNOWN])))
def test_unread_layers_are_always_named(case: Json, layers: set[Layer]) -> None:
    """Whatever the answer, the layers that could not be read stand beside it."""
    changed = copy.deepcopy(case)
    changed["policies"]["unreadable"] = [layer.value for layer in layers]
    decision = evaluate(request_of(changed["request"]), policies_of(changed["policies"]))
    assert set(decision.unknown_layers) == layers


@given(generated)
def test_case_of_actions_and_keys_never_matters(case: Json) -> None:
    """Actions and condition keys compare without case."""
    changed = copy.deepcopy(case)
    changed["request"]["action"] = case["request"]["action"].swapcase()
    changed["request"]["context"] = {key.swapcase(): value for key, value in case["request"]["context"].items()}
    assert outcome(changed) is outcome(case)


texts = st.text(alphabet=st.sampled_from(list("ab*?:/${}\\[](),'\"\n\x00é😀.-_^|+")), max_size=60)


@settings(max_examples=400)
@given(texts, texts, texts, texts, texts)
def test_hostile_text_never_crashes(pattern: str, text: str, key: str, value: str, arn: str) -> None:
    """No text in a policy or a request makes the evaluation fail."""
    condition = {
        "StringLike": {f"aws:{key}": pattern},
        "ArnLike": {"aws:SourceArn": f"arn:aws:{pattern}"},
        "IpAddress": {"aws:SourceIp": pattern},
        "DateLessThan": {"aws:CurrentTime": pattern},
        "NumericLessThan": {"s3:max-keys": pattern},
        "BinaryEquals": {"x:y": pattern},
    }
    statement = {"Effect": "Allow", "Action": [pattern, "s3:*"], "Resource": [pattern, f"arn:aws:s3:::{pattern}"]}
    document = {"Version": "2012-10-17", "Statement": [statement, {**statement, "Condition": condition}]}
    request = {
        "caller": arn or "anonymous",
        "action": text,
        "resource": f"arn:aws:s3:::{text}",
        "context": {f"aws:{key}": value, "aws:SourceArn": value, "aws:SourceIp": value, "aws:CurrentTime": value},
        "complete": bool(len(value) % 2),
    }
    policies: Json = {"identity": [document], "resource": {"Statement": [{**statement, "Principal": {"AWS": pattern}}]}}
    assert outcome({"request": request, "policies": policies}) in set(Outcome)


ELEMENTS = [
    *("Version", "Statement", "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"),
    *("Principal", "NotPrincipal", "Condition", "StringEquals", "Bool", "AWS"),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(ELEMENTS) | texts, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=400)
@given(json_values)
def test_any_json_is_a_policy_or_malformed(document: object) -> None:
    """Every JSON value is either parsed or refused as malformed, with its position."""
    for form in (document, json.dumps(document)):
        try:
            parse_policy("any", form)
        except MalformedPolicy as error:
            assert str(error).startswith("any")  # noqa: PT017 - both ways out are right


def test_calls_that_need_no_permission_are_few() -> None:
    """The exception to every rule here is one call of AWS's own list."""
    assert set(ALWAYS_ALLOWED) == {"sts:getcalleridentity"}
    request = Request(
        caller=caller_of("arn:aws:iam::111122223333:user/bob"), action="sts:GetCallerIdentity", resource="*"
    )
    assert evaluate(request, policies_of({"identity": [DENY_ALL]})).allowed
