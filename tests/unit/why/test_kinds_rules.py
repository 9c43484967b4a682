"""The rules that tell one kind from another by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from redress.domain.classify_evidence import Findings
from redress.domain.denied_call import DeniedCall, Principal
from redress.domain.kinds_rules import Case, is_fresh, kind_of, tokens_asked
from redress.domain.message import MessageParts
from redress.domain.words import Effect, Kind, Layer, PrincipalType

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CALL = DeniedCall(
    event_id="e",
    event_time=NOON,
    event_source="ec2.amazonaws.com",
    event_name="RunInstances",
    error_code="Client.UnauthorizedOperation",
    principal=Principal(type=PrincipalType.USER),
)


def kind(policy: str = "", action: str = "ec2:RunInstances", layer: Layer = Layer.IDENTITY_BASED_POLICY) -> Kind:
    """Returns the kind of an explicit denial by a policy of this name."""
    arn = f"arn:aws:iam::111122223333:policy/{policy}" if policy else None
    found = Findings(layer=layer, effect=Effect.EXPLICIT_DENY, policy_arn=arn)
    return kind_of(Case(CALL, MessageParts(), found, action, ""))


@pytest.mark.parametrize("policy", ["enforce-mfa", "ForceMFA", "MFARequired", "DenyWithoutMfa", "team/require_mfa_now"])
def test_policies_named_for_mfa(policy: str) -> None:
    """A denying policy with MFA in its name demands MFA."""
    assert kind(policy) is Kind.MFA_MISSING


@pytest.mark.parametrize("policy", ["comfand", "amfa", "mfactory", "guard", "mfa/guard", ""])
def test_policies_not_named_for_mfa(policy: str) -> None:
    """Letters that happen to stand together are no MFA, and a path is no name."""
    assert kind(policy) is Kind.EXPLICIT_DENY


@pytest.mark.parametrize("policy", ["require-imdsv2", "RequireIMDSv2", "imds-v2-only"])
def test_policies_named_for_imdsv2(policy: str) -> None:
    """A denying policy with IMDSv2 in its name demands it of launches, and of nothing else."""
    assert kind(policy) is Kind.IMDSV2_REQUIRED
    assert kind(policy, action="ec2:StopInstances") is Kind.EXPLICIT_DENY


@pytest.mark.parametrize("action", ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
def test_a_resource_based_policy_on_assuming_a_role_is_its_trust_policy(action: str) -> None:
    """A role's only resource-based policy is its trust policy."""
    assert kind(action=action, layer=Layer.RESOURCE_BASED_POLICY) is Kind.ROLE_TRUST


@pytest.mark.parametrize(("age", "fresh"), [(0, True), (60, True), (61, False), (-1, False)])
def test_credentials_are_fresh_for_a_minute(age: int, fresh: bool) -> None:  # noqa: FBT001 - a table
    """Sixty seconds, and a session from the future is not fresh."""
    assert is_fresh(replace(CALL, session_created=NOON - timedelta(seconds=age))) is fresh


def test_credentials_of_unknown_age_are_not_fresh() -> None:
    """Long-term keys have no creation date in the record."""
    assert not is_fresh(CALL)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"metadataOptions": {"httpTokens": "optional"}}, "optional"),
        ({"MetadataOptions": {"HttpTokens": "required"}}, "required"),
        ({"ModifyInstanceMetadataOptionsRequest": {"HttpTokens": "optional"}}, "optional"),
        ({"httpTokens": "required"}, "required"),
        ({"metadataOptions": "x"}, None),
        ({"metadataOptions": {"httpTokens": ["optional"]}}, None),
        ({}, None),
    ],
)
def test_what_the_request_says_of_imds(given: dict[str, object], expected: str | None) -> None:
    """CloudTrail spells the option in several ways."""
    assert tokens_asked(replace(CALL, request_parameters=given)) == expected
