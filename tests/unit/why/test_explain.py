"""A verdict in plain words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redress.domain.denied_call import Principal
from redress.domain.explain import explain
from redress.domain.explain_words import DECODE_WORDS, EVIDENCE_WORDS, LAYER_WORDS
from redress.domain.verdict import Verdict
from redress.domain.words import DecodeStatus, Effect, Evidence, Kind, Layer, PrincipalType

VERDICT = Verdict(
    layer=Layer.IDENTITY_BASED_POLICY,
    effect=Effect.IMPLICIT_DENY,
    evidence=Evidence.REPORTED,
    kind=Kind.MISSING_PERMISSION,
    principal=Principal(
        type=PrincipalType.ROLE, arn="arn:aws:iam::111122223333:role/team/orders", account="111122223333"
    ),
    action="s3:PutObject",
    resource="arn:aws:s3:::orders/a.csv",
)


def test_a_missing_permission_is_told() -> None:
    """Who, what, on what; why and how we know; what it means."""
    told = explain(VERDICT)
    assert told.what == (
        'The role "orders" of account 111122223333 was denied s3:PutObject on "arn:aws:s3:::orders/a.csv".'
    )
    assert told.why == "No identity-based policy allows it; the error message says so."
    assert told.meaning.startswith("The role or user lacks this permission")


@pytest.mark.parametrize(
    ("kind", "session", "who"),
    [
        (PrincipalType.ROLE, "assumed-role/app/i-0abc", 'The role "app" (session i-0abc) of account 111122223333'),
        (PrincipalType.USER, "federated-user/ann", 'The user behind the session "ann" of account 111122223333'),
    ],
)
def test_a_session_is_never_called_the_role(kind: PrincipalType, session: str, who: str) -> None:
    """Where the session's ARN is all there is, the role in it is named as the role, and the session as the session."""
    arn = f"arn:aws:sts::111122223333:{session}"
    name = session.rsplit("/", 1)[-1]
    behind = Principal(type=kind, account="111122223333", session_arn=arn, session_name=name)
    assert explain(replace(VERDICT, principal=behind)).what.startswith(f"{who} was denied ")


def test_an_explicit_deny_names_policy_and_statement() -> None:
    """Where the evidence names them, so do we."""
    told = explain(
        replace(
            VERDICT, effect=Effect.EXPLICIT_DENY, kind=Kind.ORGANIZATION_GUARDRAIL, layer=Layer.SERVICE_CONTROL_POLICY,
            policy_arn="arn:aws:organizations::1:policy/o-1/service_control_policy/p-1", matched_statement="NoUploads",
        )
    )  # fmt: skip
    assert told.why == (
        "A service control policy explicitly denies it "
        '(policy "arn:aws:organizations::1:policy/o-1/service_control_policy/p-1", statement "NoUploads"); '
        "the error message says so."
    )


def test_what_is_unknown_is_said_to_be_unknown() -> None:
    """No action, no resource, no layer: each is said, none is made up."""
    told = explain(
        Verdict(
            layer=Layer.UNKNOWN, effect=Effect.UNKNOWN, evidence=Evidence.NONE, kind=Kind.UNKNOWN, principal=Principal()
        )
    )
    assert told.what == "A call was denied; neither the caller nor the action nor the resource is named."
    assert told.why == ("Neither the error nor the event says which kind of policy decided.")


def test_a_message_that_was_cut_says_why_it_was_not_decoded() -> None:
    """The reader learns that there was more, and that it is lost."""
    told = explain(replace(VERDICT, decode_status=DecodeStatus.TRUNCATED))
    assert told.why.endswith("; CloudTrail cut the encoded message off, so it can't be decoded.")


def test_passing_a_role_warns() -> None:
    """Who passes a role hands on what the role may do."""
    assert "hands its permissions on" in explain(replace(VERDICT, action="iam:PassRole")).next_step


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({}, 'The role "orders" of account 111122223333 was denied {call}.'),
        ({"evidence": Evidence.NONE}, 'The role "orders" of account 111122223333 called {call} and was refused.'),
        (
            {"kind": Kind.OTHER_PRINCIPAL, "layer": Layer.IDENTITY_BASED_POLICY},
            'In a call of the role "orders" of account 111122223333, another role or user was denied {call}.',
        ),
        (
            {"kind": Kind.OTHER_PRINCIPAL, "layer": Layer.UNKNOWN},
            'The role "orders" of account 111122223333 called {call} and was refused.',
        ),
        (
            {"kind": Kind.ROLE_TRUST, "layer": Layer.UNKNOWN},
            'The role "orders" of account 111122223333 called {call} and was refused.',
        ),
        (
            {"kind": Kind.ROLE_TRUST, "layer": Layer.UNKNOWN, "action": "sts:AssumeRole"},
            'In a call of the role "orders" of account 111122223333, the service was denied {call}.',
        ),
        (
            {"kind": Kind.ROLE_TRUST, "layer": Layer.RESOURCE_BASED_POLICY, "action": "sts:AssumeRole"},
            'The role "orders" of account 111122223333 was denied {call}.',
        ),
    ],
)
def test_nobody_is_said_to_be_denied_what_the_evidence_does_not_name(changes: dict[str, Any], what: str) -> None:
    """Where another role, a service or nothing at all is blamed, the caller called and was refused."""
    principal = Principal(type=PrincipalType.ROLE, arn="arn:aws:iam::111122223333:role/orders", account="111122223333")
    verdict = replace(VERDICT, principal=principal, action="s3:PutObject", resource="arn:aws:s3:::b/k")
    verdict = replace(verdict, **changes)
    assert explain(verdict).what == what.format(call=f'{verdict.action} on "arn:aws:s3:::b/k"')


def test_every_word_has_its_words() -> None:
    """No layer, evidence or failure to decode is without words."""
    assert set(LAYER_WORDS) == set(Layer)
    assert set(EVIDENCE_WORDS) == set(Evidence)
    untold = set(DecodeStatus) - set(DECODE_WORDS)
    assert untold == {DecodeStatus.NO_MESSAGE, DecodeStatus.PRESENT, DecodeStatus.DECODED}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("layer", Layer)
@pytest.mark.parametrize("effect", Effect)
def test_every_combination_reads_as_sentences(kind: Kind, layer: Layer, effect: Effect) -> None:
    """Whatever comes together, three sentences come out, each with one full stop at its end."""
    told = explain(replace(VERDICT, kind=kind, layer=layer, effect=effect))
    for sentence in (told.what, told.why, told.meaning):
        assert sentence.endswith(".")
        assert sentence.count(". ") == 0
        assert "  " not in sentence


@given(st.text(max_size=600), st.text(max_size=600), st.text(max_size=600))
def test_text_of_events_is_shown_on_one_line_without_hidden_characters(name: str, action: str, resource: str) -> None:
    """No control or direction mark, no line break, no quotation mark that ends ours, no endless text."""
    principal = Principal(type=PrincipalType.ROLE, arn=f"arn:aws:iam::1:role/{name}", account="1")
    told = explain(replace(VERDICT, principal=principal, action=action, resource=resource, policy_arn=name))
    for sentence in (told.what, told.why):
        assert sentence.isprintable()
        assert sentence.count('"') % 2 == 0
        assert len(sentence) < 1500
