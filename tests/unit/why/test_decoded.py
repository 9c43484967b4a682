"""Decoded authorization messages as values and as sentences."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain.decoded import MalformedDecodedMessage, read_decoded
from redress.domain.decoded_explain import explain_decoded
from redress.domain.words import Effect
from tests.unit.why import corpus

CONTEXT = {
    "principal": {"id": "AIDAX", "name": "anna", "arn": "arn:aws:iam::111122223333:user/anna"},
    "action": "RunInstances",
    "resource": "arn:aws:ec2:eu-west-1:111122223333:instance/*",
    "conditions": {
        "items": [
            {"key": "aws:Service", "values": {"items": [{"value": "ec2"}]}},
            {"key": "ec2:InstanceType", "values": {"items": [{"value": "m5.large"}]}},
            {"key": "aws:Region", "values": {"items": [{"value": "eu-west-1"}]}},
        ]
    },
}
DENY = {
    "statementId": "OnlySmall",
    "effect": "DENY",
    "actions": {"items": [{"value": "ec2:RunInstances"}]},
    "conditions": {
        "items": [
            {"key": "ec2:InstanceType", "values": {"items": [{"value": "t3.micro"}, {"value": "t3.small"}]}},
            {"key": "aws:RequestTag/team", "values": {"items": [{"value": "true"}]}},
        ]
    },
}
EXPLICIT = {"allowed": False, "explicitDeny": True, "matchedStatements": {"items": [DENY]}, "context": CONTEXT}


def test_an_action_without_its_prefix_gets_that_of_the_service() -> None:
    """Newer messages leave the prefix to aws:Service; that key and its like are no context of a policy."""
    decoded = read_decoded(json.dumps(EXPLICIT))
    assert (decoded.action, decoded.effect) == ("ec2:RunInstances", Effect.EXPLICIT_DENY)
    assert [value.key for value in decoded.context] == ["ec2:InstanceType", "aws:Region"]


def test_a_decoded_denial_is_told_as_who_what_conditions_statement_and_meaning() -> None:
    """Each sentence says one thing, and says what AWS does not show."""
    assert explain_decoded(read_decoded(json.dumps(EXPLICIT))) == (
        (
            '"arn:aws:iam::111122223333:user/anna" asked for ec2:RunInstances on '
            '"arn:aws:ec2:eu-west-1:111122223333:instance/*".'
        ),
        "In the request, ec2:InstanceType was m5.large, aws:Region was eu-west-1.",
        (
            'What matched is the DENY statement "OnlySmall" of a policy (AWS does not say which); it tests '
            "ec2:InstanceType against t3.micro or t3.small (the request had m5.large); "
            "aws:RequestTag/team against true (the request had none); the operators AWS does not show."
        ),
        "That Deny decides: change the request so that it no longer matches, or ask the owner of the policy.",
    )


def test_an_implicit_denial_says_that_a_failed_condition_reads_the_same() -> None:
    """Nothing matched: either there is no Allow, or its Condition did not hold."""
    told = explain_decoded(read_decoded(json.dumps(EXPLICIT | {"explicitDeny": False, "matchedStatements": {}})))
    assert "Condition did not hold" in told[-1]
    assert len(told) == 3


def test_a_statement_that_lists_other_actions_is_a_not_action() -> None:
    """An MFA guard lists the actions it spares, as if they were denied."""
    spares = DENY | {"actions": {"items": [{"value": "iam:ListUsers"}]}, "statementId": "", "conditions": {}}
    told = explain_decoded(read_decoded(json.dumps(EXPLICIT | {"matchedStatements": {"items": [spares]}})))
    assert "spares only the actions it lists" in told[2]


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[]", "{}", '{"context": 3}', "[" * 100_000, '{"context":' + " " * 300_000]
)
def test_what_is_no_decoded_message_is_refused_by_name(text: str) -> None:
    """Anything but a JSON object with a context is a named error."""
    with pytest.raises(MalformedDecodedMessage):
        read_decoded(text)


def test_every_published_decoded_message_is_read() -> None:
    """Each of them gives action, resource, effect and sentences."""
    for line in corpus.lines("decoded.jsonl"):
        decoded = read_decoded(json.dumps(line["decoded"]))
        assert decoded.action
        assert decoded.resource
        assert decoded.effect is (Effect.EXPLICIT_DENY if line["decoded"]["explicitDeny"] else Effect.IMPLICIT_DENY)
        assert all(sentence.endswith(".") for sentence in explain_decoded(decoded))


def test_messages_that_their_authors_cut_are_refused_by_name() -> None:
    """Half a JSON text is no decoded message."""
    for line in corpus.lines("decoded_partial.jsonl"):
        with pytest.raises(MalformedDecodedMessage):
            read_decoded(line["decoded_text"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["items", "key", "values", "value", "conditions", "action"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(context=st.dictionaries(st.sampled_from(["action", "resource", "principal", "conditions"]), JSON), matched=JSON)
def test_any_members_give_a_value(context: dict[str, object], matched: object) -> None:
    """Members of the wrong shape are left out, and the rest is told."""
    decoded = read_decoded(json.dumps({"matchedStatements": matched, "context": context}))
    assert all(explain_decoded(decoded))
