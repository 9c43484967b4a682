"""Encoded authorization messages: issued for EC2 denials, decoded by STS for whoever may."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.sealing import decode, encode
from tests.integration.sandbox.world import allow, denial_of, deny

if TYPE_CHECKING:
    from sandbox.process import Sandbox
    from tests.integration.sandbox.world import People

DECODING = allow("sts:DecodeAuthorizationMessage")


def _encoded(message: str) -> str:
    return message.partition("Encoded authorization failure message: ")[2]


def _decoded(sandbox: Sandbox, credentials: dict[str, Any], message: str) -> dict[str, Any]:
    answer = sandbox.client("sts", credentials).decode_authorization_message(EncodedMessage=_encoded(message))
    return dict(json.loads(answer["DecodedMessage"]))


def _items(value: dict[str, Any]) -> list[Any]:
    return [item.get("value", item) for item in value["items"]]


def test_an_implicit_deny_decodes_to_the_request(sandbox: Sandbox, people: People) -> None:
    """No statement matched; the context names principal, action, resource and the launch's keys."""
    credentials = people.restricted(DECODING)
    ec2 = sandbox.client("ec2", credentials)
    error = denial_of(lambda: ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, InstanceType="t3.micro"))
    decoded = _decoded(sandbox, credentials, error["Message"])
    conditions = {each["key"]: _items(each["values"]) for each in decoded["context"]["conditions"]["items"]}
    assert (decoded["allowed"], decoded["explicitDeny"], _items(decoded["matchedStatements"])) == (False, False, [])
    assert decoded["context"]["action"] == "RunInstances"
    assert decoded["context"]["resource"] == "arn:aws:ec2:us-east-1:000000000000:instance/*"
    assert conditions["ec2:instancetype"] == ["t3.micro"]
    assert conditions["ec2:metadatahttptokens"] == ["optional"]


def test_an_explicit_deny_decodes_to_its_statement(sandbox: Sandbox, people: People) -> None:
    """The statement that denied is told with its Sid, actions, resources and condition keys."""
    condition = {"StringNotEquals": {"ec2:MetadataHttpTokens": "required"}}
    instances = "arn:aws:ec2:*:*:instance/*"
    guard = {**deny("ec2:RunInstances", instances), "Sid": "RequireImdsV2", "Condition": condition}
    credentials = people.restricted(DECODING, allow("ec2:RunInstances"), guard)
    ec2 = sandbox.client("ec2", credentials)
    error = denial_of(lambda: ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1))
    decoded = _decoded(sandbox, credentials, error["Message"])
    (statement,) = _items(decoded["matchedStatements"])
    assert decoded["explicitDeny"] is True
    assert statement["statementId"] == "RequireImdsV2"
    assert _items(statement["actions"]) == ["ec2:RunInstances"]
    assert _items(statement["resources"]) == [instances]
    assert [each["key"] for each in _items(statement["conditions"])] == ["ec2:MetadataHttpTokens"]


def test_the_same_call_goes_through_with_the_tokens_required(sandbox: Sandbox, people: People) -> None:
    """EC2's own condition keys are enforced, not only told."""
    condition = {"StringNotEquals": {"ec2:MetadataHttpTokens": "required"}}
    guard = {**deny("ec2:RunInstances", "arn:aws:ec2:*:*:instance/*"), "Condition": condition}
    ec2 = sandbox.client("ec2", people.restricted(allow("ec2:RunInstances"), guard))
    options = {"HttpTokens": "required"}
    made = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, MetadataOptions=options)
    assert made["Instances"]


def test_decoding_needs_its_permission(sandbox: Sandbox, people: People) -> None:
    """Whoever lacks it is denied, whoever was denied first."""
    error = denial_of(sandbox.client("ec2", people.restricted()).describe_vpcs)
    sts = sandbox.client("sts", people.restricted())
    refused = denial_of(lambda: sts.decode_authorization_message(EncodedMessage=_encoded(error["Message"])))
    assert refused["Code"] == "AccessDenied"
    assert "sts:DecodeAuthorizationMessage on resource: *" in refused["Message"]


@pytest.mark.parametrize("message", ["not-one-of-ours", "AAAA", "!!!", "a b"])
def test_what_it_did_not_issue_is_no_valid_message(sandbox: Sandbox, message: str) -> None:
    """Foreign, short and malformed messages get the one error that STS documents."""
    error = denial_of(lambda: sandbox.client("sts").decode_authorization_message(EncodedMessage=message))
    assert error["Code"] == "InvalidAuthorizationMessageException"


def test_a_cut_message_is_no_valid_message(sandbox: Sandbox, people: People) -> None:
    """What CloudTrail cut cannot be decoded."""
    error = denial_of(sandbox.client("ec2", people.restricted()).describe_vpcs)
    cut = _encoded(error["Message"])[:-20] + "..."
    refused = denial_of(lambda: sandbox.client("sts").decode_authorization_message(EncodedMessage=cut))
    assert refused["Code"] == "InvalidAuthorizationMessageException"


@given(st.text())
def test_sealing_keeps_every_text(text: str) -> None:
    """What is sealed comes back as it was."""
    assert decode(encode(text)) == text


@given(st.text(min_size=1), st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_message_is_not_opened(text: str, at: int, by: int) -> None:
    """One changed character anywhere is noticed."""
    sealed = encode(text)
    place = at % len(sealed)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = alphabet[(alphabet.index(sealed[place]) + 1 + by % 62) % 64]
    changed = f"{sealed[:place]}{other}{sealed[place + 1 :]}"
    assert decode(changed) is None or _same_bits(sealed, changed)


def _same_bits(one: str, other: str) -> bool:
    """Whether two encodings differ only in bits that Base64 does not use."""
    pad = "=" * (-len(one) % 4)
    return base64.urlsafe_b64decode(one + pad) == base64.urlsafe_b64decode(other + pad)
