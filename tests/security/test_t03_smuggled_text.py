"""A caller puts wildcards, variables and JSON into every name that it can choose, to read them in a policy later."""

from __future__ import annotations

import pytest

from redress.domain.words import NoFixReason, PrincipalType
from tests.unit.fix import builders

HOSTILE = (
    "*",
    "reports/*",
    "?",
    "${aws:username}",
    "{{ global:ACCOUNT_ID }}",
    'x","Action":"*',
    "x\\",
    "x\n",
    "x\u202e",
    "\u0430",
    "x\x00",
)
SAFE = "arn:aws:s3:::reports/2026/a.csv"


@pytest.mark.parametrize("text", HOSTILE)
def test_t03_smuggled_text_in_a_resource_is_never_proposed(text: str) -> None:
    """A key, table or queue whose name holds more than a name gets no fix."""
    for resource in (f"arn:aws:s3:::reports/2026/{text}", f"arn:aws:sqs:us-east-1:{builders.ACCOUNT}:{text}"):
        action = "s3:PutObject" if ":s3:" in resource else "sqs:SendMessage"
        plan = builders.plan(builders.finding(action, resource))
        assert plan.proposal is None
        ((_, answer),) = plan.no_fixes
        assert answer.reason in {NoFixReason.UNSAFE_TEXT, NoFixReason.RESOURCE_UNKNOWN, NoFixReason.GUARD_BLOCKED}


@pytest.mark.parametrize("text", [*HOSTILE, "x:*", "s3:*", "s3:Put*"])
def test_t03_smuggled_text_in_an_action_is_never_proposed(text: str) -> None:
    """Only a known action, spelt as IAM spells it, can be granted."""
    assert builders.plan(builders.finding(f"s3:{text}", SAFE, event="PutObject")).proposal is None
    assert builders.plan(builders.finding(text, SAFE, event="PutObject")).proposal is None


@pytest.mark.parametrize("text", [text for text in HOSTILE if text != "reports/*"])
def test_t03_smuggled_text_in_a_principal_is_never_proposed(text: str) -> None:
    """A role or user whose ARN holds more than IAM's letters is nobody's to change."""
    for kind in (PrincipalType.ROLE, PrincipalType.USER):
        arn = f"arn:aws:iam::{builders.ACCOUNT}:{kind.value.lower()}/{text}"
        found = builders.finding(principal=builders.principal(arn, kind))
        assert builders.plan(found).proposal is None


@pytest.mark.parametrize("text", HOSTILE)
def test_t03_smuggled_text_in_a_condition_value_is_left_out(text: str) -> None:
    """A condition value from the evidence enters a policy only if it is safe as it stands."""
    shown = builders.context(iam__PassedToService=text)
    found = builders.finding("iam:PassRole", f"arn:aws:iam::{builders.ACCOUNT}:role/worker", context=shown)
    plan = builders.plan(found)
    assert plan.proposal is None or text not in plan.proposal.content["document"]
