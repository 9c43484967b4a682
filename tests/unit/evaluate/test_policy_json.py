"""Policy documents become fast tests, or are refused with the position of what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from redress.domain.errors import RedressError
from redress.domain.policy_error import MalformedPolicy
from redress.domain.policy_json import parse_policy

FILE = Path(__file__).parents[2] / "cases" / "malformed_policies" / "policies.json"
MALFORMED = json.loads(FILE.read_text())


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in MALFORMED])
def test_malformed_policy_is_refused_with_its_position(case: dict[str, Any]) -> None:
    """What IAM's grammar forbids raises, and the text says where."""
    with pytest.raises(MalformedPolicy) as raised:
        parse_policy("p", case["document"])
    assert str(raised.value).startswith(case["error"])
    assert isinstance(raised.value, RedressError)


def test_a_document_may_be_text() -> None:
    """JSON text and parsed JSON give the same policy."""
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    statements = [parse_policy("p", form).statements[0] for form in (document, json.dumps(document))]
    assert statements[0].actions.has("s3:getobject")
    assert statements[1].actions.has("s3:getobject")


def test_statements_are_called_by_sid_or_place() -> None:
    """A statement without Sid is called by its place, counted from one."""
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = parse_policy("p", {"Statement": [{**statement, "Sid": "Read"}, statement]})
    assert [found.label for found in policy.statements] == ["Read", "statement 2"]


def test_deep_json_is_refused() -> None:
    """Text nested beyond the parser's depth is malformed, not a crash."""
    with pytest.raises(MalformedPolicy):
        parse_policy("p", "[" * 200_000)
