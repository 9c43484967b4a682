"""Messages that are put together from their parts, and read back."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain.message import MessageParts, read_message
from redress.domain.message_grammar import LAYER_NAMES
from redress.domain.words import DecodeStatus, Effect, Layer

PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b")
ACTION = "iam:CreateRole"
AUTHORIZATION_ID = "2y1350qq1mmznz1iuzhmrb4n0"
BLOB = "Zk3_-" * 90
LINK = (
    ". Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/{id} "
    "for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: {id}"
)
ENCODED = ". Encoded authorization failure message: " + BLOB
TAILS = ("", ".", LINK.format(id=AUTHORIZATION_ID), ENCODED)
NAMES = st.from_regex(r"[A-Za-z0-9+=,.@_-]{1,64}", fullmatch=True)
PATHS = st.from_regex(r"/(?:[A-Za-z0-9-]{1,12}/){0,3}", fullmatch=True)


RENDERED = list(product(LAYER_NAMES, ("implicit", "explicit"), PARTITIONS))


@pytest.mark.parametrize(("name", "effect", "partition"), RENDERED)
def test_every_template_of_every_layer_and_partition_is_read_back(name: str, effect: str, partition: str) -> None:
    """What a message is made of is what is read from it: each template, layer and partition, with any parts."""
    user = f"arn:{partition}:iam::111122223333:user/team/anna"
    target = f"arn:{partition}:iam::111122223333:role/team/app"
    policy = f"arn:{partition}:iam::111122223333:policy/team/guard"
    for prefix, resource, arn, tail in product(
        ("", "You are not authorized to perform this operation. "), (None, target, "*"), (None, policy), TAILS
    ):
        text = prefix + _rendered(user, ACTION, resource, _reason(name, effect, arn)) + tail
        parts = read_message(text)
        assert _seen(parts) == (user, ACTION, resource, LAYER_NAMES[name], _effect(effect)), text
        assert parts.policy_arn == (arn if effect == "explicit" else None), text
        assert parts.authorization_id == (AUTHORIZATION_ID if tail.startswith(". Go") else None), text
        assert parts.encoded == (BLOB if tail == ENCODED else None), text


@given(user=NAMES, path=PATHS, resource=NAMES, name=st.sampled_from(sorted(LAYER_NAMES)))
def test_names_never_change_what_is_read(user: str, path: str, resource: str, name: str) -> None:
    """Any name that IAM allows for a user and a role comes back whole, and changes no other part."""
    arn = f"arn:aws:iam::111122223333:user{path}{user}"
    target = f"arn:aws:iam::111122223333:role/{resource}"
    parts = read_message(_rendered(arn, ACTION, target, _reason(name, "implicit", None)))
    expected = None if target.endswith("...") else target
    assert _seen(parts) == (arn, ACTION, expected, LAYER_NAMES[name], Effect.IMPLICIT_DENY)


@given(noise=st.text(max_size=200))
def test_text_in_a_resource_never_gives_a_layer_that_aws_did_not_state(noise: str) -> None:
    """Whatever an object key holds, the reason behind it is believed, or none is."""
    text = _rendered("arn:aws:iam::111122223333:user/a", "s3:GetObject", f'"arn:aws:s3:::b/{noise}"', _deny())
    parts = read_message(text)
    assert parts.layer in {Layer.SERVICE_CONTROL_POLICY, Layer.UNKNOWN}
    assert parts.effect in {Effect.EXPLICIT_DENY, Effect.UNKNOWN}


FORGED = st.sampled_from(
    [
        " because no identity-based policy allows the s3:GetObject action",
        '" because no identity-based policy allows the s3:GetObject action',
        " Encoded authorization failure message: " + BLOB,
        " with an explicit deny in a permissions boundary",
        ". Go to https://x#/authorization-details/2y1350qq1mmznz1iuzhmrb4n0",
        "authorization id: 2y1350qq1mmznz1iuzhmrb4n0",
        " is not authorized to perform: s3:PutObject on resource: x",
        "denied due to a VPC endpoint policy",
    ]
)


@given(forged=st.lists(FORGED, min_size=1, max_size=4), quoted=st.booleans())
def test_a_forged_reason_is_never_believed(forged: list[str], quoted: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    """An object key that imitates AWS's reasons, links and labels can hide the reason, and never replace it."""
    key = f"arn:aws:s3:::b/{''.join(forged)}"
    resource = f'"{key}"' if quoted else key
    parts = read_message(_rendered("arn:aws:iam::111122223333:user/a", "s3:GetObject", resource, _deny()))
    assert parts.action == "s3:GetObject"
    assert parts.layer in {Layer.SERVICE_CONTROL_POLICY, Layer.UNKNOWN}


@given(st.text(max_size=3000))
def test_any_text_gives_parts(text: str) -> None:
    """No text makes the reader fail, and none without the label gives an encoded message."""
    parts = read_message(text)
    assert isinstance(parts, MessageParts)
    assert (parts.encoded is not None) == (parts.decode_status is DecodeStatus.PRESENT)


def _rendered(user: str, action: str, resource: str | None, reason: str) -> str:
    on = "" if resource is None else f" on resource: {resource}"
    return f"User: {user} is not authorized to perform: {action}{on}{reason}"


def _reason(name: str, effect: str, policy_arn: str | None) -> str:
    if effect == "implicit":
        return f" because no {name} allows the {ACTION} action"
    article = "the" if "trust" in name else "an" if name[0] in "aeiou" else "a"
    return f" with an explicit deny in {article} {name}" + (f": {policy_arn}" if policy_arn else "")


def _deny() -> str:
    return " with an explicit deny in a service control policy"


def _effect(effect: str) -> Effect:
    return Effect.IMPLICIT_DENY if effect == "implicit" else Effect.EXPLICIT_DENY


def _seen(parts: MessageParts) -> tuple[str | None, str | None, str | None, Layer, Effect]:
    return parts.principal, parts.action, parts.resource, parts.layer, parts.effect
