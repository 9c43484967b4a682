"""What makes two denials one finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain.denied_call import DeniedCall, Principal
from redress.domain.fingerprint import VOLATILE, fingerprint, principal_key, resource_template
from redress.domain.verdict import Verdict
from redress.domain.words import Effect, Evidence, Kind, Layer, PrincipalType
from tests.unit.why.cases import cases, named

ROLE = Principal(type=PrincipalType.ROLE, arn="arn:aws:iam::111122223333:role/orders", session_name="one")
VERDICT = Verdict(
    layer=Layer.IDENTITY_BASED_POLICY,
    effect=Effect.IMPLICIT_DENY,
    evidence=Evidence.REPORTED,
    kind=Kind.MISSING_PERMISSION,
    principal=ROLE,
    action="s3:GetObject",
    resource="arn:aws:s3:::orders/2026/a.csv",
)
CALL = DeniedCall(
    event_id="e",
    event_time=datetime(2026, 11, 21, tzinfo=UTC),
    event_source="s3.amazonaws.com",
    event_name="GetObject",
    error_code="AccessDenied",
    principal=ROLE,
)


@pytest.mark.parametrize("case", cases("templates.json"), ids=named)
def test_each_resource_has_its_template(case: dict[str, Any]) -> None:
    """What changes from call to call is generalised by the table, and nothing else is."""
    assert resource_template(case["resource"]) == case["template"]


@pytest.mark.parametrize(("name", "shape"), [(name, shape) for name, shape, _ in VOLATILE])
def test_every_rule_of_the_table_has_a_case(name: str, shape: Any) -> None:  # noqa: ANN401 - a compiled pattern
    """No rule stays untried."""
    assert any(case["resource"] and shape.fullmatch(case["resource"]) for case in cases("templates.json")), name


@pytest.mark.parametrize(
    "changes",
    [
        {
            "principal": replace(
                ROLE, session_name="two", session_arn="arn:aws:sts::111122223333:assumed-role/orders/two"
            )
        },
        {"resource": "arn:aws:s3:::orders/2026/b.csv"},
        {"evidence": Evidence.VERIFIED, "kind": Kind.UNKNOWN, "effect": Effect.UNKNOWN},
        {"action": "S3:getobject"},
    ],
)
def test_sessions_objects_and_evidence_do_not_part_denials(changes: dict[str, Any]) -> None:
    """Another session, another object of the same prefix, or better evidence is the same finding."""
    assert fingerprint(replace(VERDICT, **changes), CALL)[0] == fingerprint(VERDICT, CALL)[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"principal": replace(ROLE, arn="arn:aws:iam::111122223333:role/team/orders")},
        {"principal": replace(ROLE, arn="arn:aws:iam::444455556666:role/orders")},
        {"action": "s3:PutObject"},
        {"resource": "arn:aws:s3:::orders/2027/a.csv"},
        {"resource": None},
        {"layer": Layer.SERVICE_CONTROL_POLICY},
    ],
)
def test_principal_action_resource_and_layer_part_denials(changes: dict[str, Any]) -> None:
    """Another path, account, action, prefix or layer is another finding."""
    assert fingerprint(replace(VERDICT, **changes), CALL)[0] != fingerprint(VERDICT, CALL)[0]


def test_what_another_role_lacks_is_another_finding() -> None:
    """Calls of one caller that two roles of functions fail in are two findings, and none of the caller's own."""
    verdict = replace(VERDICT, kind=Kind.OTHER_PRINCIPAL)
    text = "User: arn:aws:sts::111122223333:assumed-role/{}/x is not authorized to perform: s3:GetObject"
    calls = [replace(CALL, message=text.format(role)) for role in ("one", "two")]
    found = {fingerprint(verdict, call)[0] for call in calls} | {fingerprint(VERDICT, CALL)[0]}
    assert len(found) == 3
    session = replace(CALL, message=text.format("one").replace("/x ", "/y "))
    assert fingerprint(verdict, session)[0] == fingerprint(verdict, calls[0])[0]


def test_unresolved_actions_are_parted_by_their_event() -> None:
    """Two different calls whose actions nobody knows are two findings."""
    unknown = replace(VERDICT, action=None)
    other = replace(CALL, event_name="PutObject")
    assert fingerprint(unknown, CALL)[0] != fingerprint(unknown, other)[0]


@pytest.mark.parametrize(
    ("principal", "key"),
    [
        (Principal(type=PrincipalType.AWS_SERVICE, invoked_by="s.amazonaws.com"), "AWS_SERVICE||s.amazonaws.com|"),
        (Principal(type=PrincipalType.OTHER_ACCOUNT, account="1", unique_id="AROAX"), "OTHER_ACCOUNT|1||AROAX"),
        (
            Principal(type=PrincipalType.ROLE, account="1", session_arn="arn:aws:sts::1:assumed-role/app/session"),
            "ROLE|1||assumed-role/app",
        ),
        (Principal(), "UNKNOWN|||"),
    ],
)
def test_a_principal_without_arn_has_a_key_that_outlives_its_sessions(principal: Principal, key: str) -> None:
    """Service, unique id or role name stand in for an ARN."""
    assert principal_key(principal) == key


def test_the_id_of_the_principals_account_is_no_number_of_a_run() -> None:
    """A stack's tables that bear the caller's account id stay two, even in another account."""
    names = [f"arn:aws:dynamodb:eu-west-1:444455556666:table/{name}-111122223333" for name in ("orders", "users")]
    assert [resource_template(name, "111122223333") for name in names] == names
    assert {resource_template(name, "777788889999") for name in names} == {
        "arn:aws:dynamodb:eu-west-1:444455556666:table/*"
    }


@given(st.text(max_size=400))
def test_a_template_is_its_own_template(text: str) -> None:
    """Generalising twice changes nothing more, whatever the text."""
    once = resource_template(text)
    assert resource_template(once) == once


@given(st.from_regex(r"arn:aws:[a-z0-9]{2,8}:[a-z0-9-]{0,9}:\d{12}:[a-zA-Z0-9/:._-]{1,80}", fullmatch=True))
def test_a_template_covers_the_resource_it_was_made_from(arn: str) -> None:
    """A template is the resource itself, or a beginning of it with a wildcard at the end."""
    template = resource_template(arn)
    assert template == arn or arn.startswith(template.removesuffix("*"))
