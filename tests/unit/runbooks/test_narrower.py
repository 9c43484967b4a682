"""What is taken back only ever takes away."""

from __future__ import annotations

from typing import Any

import pytest

from infra.runbook_scripts.narrower import adds
from tests.runbook_world import BUCKET, allow, document

PUT = allow()
DENY = {**PUT, "Effect": "Deny"}
ONLY = {"StringEquals": {"aws:PrincipalTag/team": "web"}}
MORE = {"StringEquals": {"aws:PrincipalTag/team": "web", "aws:RequestedRegion": "us-east-1"}}


@pytest.mark.parametrize(
    ("new", "live"),
    [
        ([], [PUT]),
        ([PUT], [PUT]),
        ([DENY, PUT], [DENY, PUT]),
        ([allow(resource=f"{BUCKET}/2026/a")], [PUT]),
        ([{**PUT, "Action": "s3:PutObject"}], [{**PUT, "Action": ["s3:GetObject", "s3:PutObject"]}]),
        ([{**PUT, "Condition": MORE}], [{**PUT, "Condition": ONLY}]),
        ([{**PUT, "Condition": ONLY}], [PUT]),
    ],
)
def test_what_is_narrower_adds_nothing(new: list[dict[str, Any]], live: list[dict[str, Any]]) -> None:
    """Fewer actions, fewer resources, more conditions, fewer statements."""
    assert adds(document(*new), document(*live)) == ""


@pytest.mark.parametrize(
    ("new", "live"),
    [
        ([PUT], []),
        ([allow("s3:*")], [PUT]),
        ([allow(resource="*")], [PUT]),
        ([allow(resource=f"{BUCKET}/*")], [PUT]),
        ([PUT], [{**PUT, "Condition": ONLY}]),
        ([{**PUT, "Condition": ONLY}], [{**PUT, "Condition": MORE}]),
        ([PUT], [DENY, PUT]),
        ([DENY], [PUT]),
        ([{"Effect": "Allow", "NotAction": "s3:PutObject", "Resource": "*"}], [PUT]),
        ([PUT], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
        ([{**PUT, "Resource": [f"{BUCKET}/2026/a", "*"]}], [PUT]),
    ],
)
def test_what_may_be_wider_is_named(new: list[dict[str, Any]], live: list[dict[str, Any]]) -> None:
    """Whatever cannot be shown to be narrower, a dropped Deny among it, counts as wider."""
    assert adds(document(*new), document(*live)) != ""
