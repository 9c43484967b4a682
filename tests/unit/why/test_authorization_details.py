"""Request authorization details as a value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain.authorization_details import CHECK_LAYERS, AuthorizationDetails, Blamed, read_details
from redress.domain.words import Effect, Layer

SCP = "arn:aws:organizations::1:policy/o-1/service_control_policy/p-1"


def details(effect: str, *checks: dict[str, Any], policies: tuple[dict[str, Any], ...] = ()) -> AuthorizationDetails:
    """Returns the details of one evaluation with these checks."""
    evaluation = {
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
        "evaluatedEffect": effect,
        "checks": list(checks),
    }
    return read_details({"evaluations": [evaluation], "policies": list(policies)})


def check(kind: str, effect: str, **members: object) -> dict[str, Any]:
    """Returns one check."""
    return {"checkType": kind, "evaluatedEffect": effect, **members}


def blamed(found: AuthorizationDetails) -> Blamed:
    """Returns what decided the denied evaluation."""
    assert found.denied is not None
    assert found.denied.blamed is not None
    return found.denied.blamed


@pytest.mark.parametrize(("kind", "layer"), CHECK_LAYERS.items())
@pytest.mark.parametrize("effect", ["EXPLICIT_DENY", "IMPLICIT_DENY"])
def test_every_type_of_check_is_a_layer(kind: str, layer: Layer, effect: str) -> None:
    """The check that said no is the layer that decided."""
    found = blamed(details(effect, check("PRINCIPAL", "ALLOW"), check(kind, effect)))
    assert (found.layer, found.effect, found.also) == (layer, Effect(effect), ())


def test_guardrails_are_blamed_before_the_principal() -> None:
    """While an SCP says no, an Allow on the principal changes nothing; the others are named beside it."""
    checks = [check(kind, "IMPLICIT_DENY") for kind in ("PRINCIPAL", "PERMISSIONS_BOUNDARY", "SERVICE_CONTROL_POLICY")]
    found = blamed(details("IMPLICIT_DENY", *checks))
    assert found.layer is Layer.SERVICE_CONTROL_POLICY
    assert found.also == (Layer.PERMISSIONS_BOUNDARY, Layer.IDENTITY_BASED_POLICY)


def test_the_denying_policy_and_statement_are_named() -> None:
    """A managed policy by its ARN, the statement by its id, the target by its ARN."""
    matched = {"uri": SCP, "matchedStatements": [{"sid": "No", "evaluatedEffect": "DENY"}]}
    scp = check(
        "SERVICE_CONTROL_POLICY", "EXPLICIT_DENY", matchedPolicies=[matched], targetArn="arn:aws:organizations::1:ou"
    )
    assert blamed(details("EXPLICIT_DENY", scp)) == Blamed(
        layer=Layer.SERVICE_CONTROL_POLICY,
        effect=Effect.EXPLICIT_DENY,
        policy_arn=SCP,
        sid="No",
        target="arn:aws:organizations::1:ou",
    )


@pytest.mark.parametrize("uri", ["inline-policy-1", "arn:aws:iam::1:policy/inline"])
def test_an_inline_policy_has_no_arn(uri: str) -> None:
    """Its uri is opaque, whatever it looks like."""
    matched = {"uri": uri, "matchedStatements": [{"sid": "No", "evaluatedEffect": "DENY"}]}
    principal = check("PRINCIPAL", "EXPLICIT_DENY", matchedPolicies=[matched])
    found = blamed(details("EXPLICIT_DENY", principal, policies=({"uri": uri, "inline": True},)))
    assert (found.policy_arn, found.sid) == (None, "No")


def test_allowed_evaluations_blame_nobody() -> None:
    """Where every evaluation was allowed there is no denied one."""
    assert details("ALLOW", check("PRINCIPAL", "ALLOW")).denied is None


def test_an_explicit_deny_is_found_before_an_implicit_one() -> None:
    """Of several denied evaluations the explicit one decides."""
    answer = {
        "evaluations": [
            {"action": f"s3:{name}", "evaluatedEffect": effect, "checks": [check("PRINCIPAL", effect)]}
            for name, effect in (("Get", "IMPLICIT_DENY"), ("Put", "EXPLICIT_DENY"), ("List", "ALLOW"))
        ]
    }
    found = read_details(answer).denied
    assert found is not None
    assert found.action == "s3:Put"


def test_context_values_are_texts() -> None:
    """Single values, lists, numbers and truths all become texts."""
    found = read_details({"requestContext": {"a": "x", "b": ["y", 3, None], "c": True, "d": {"e": 1}}})
    assert [(value.key, value.values) for value in found.request_context] == [
        ("a", ("x",)), ("b", ("y", "3")), ("c", ("true",)), ("d", ()),
    ]  # fmt: skip


NAMES = [
    "evaluations",
    "policies",
    "checks",
    "evaluatedEffect",
    "checkType",
    "matchedPolicies",
    "uri",
    "action",
    "requestContext",
]
VALUES = st.none() | st.integers() | st.sampled_from(["IMPLICIT_DENY", "EXPLICIT_DENY", "PRINCIPAL", "x"])
JSON = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=5))
def test_any_answer_gives_a_value(answer: dict[str, Any]) -> None:
    """What cannot be read is left out; a preview API may change its shapes."""
    assert isinstance(read_details(answer), AuthorizationDetails)
