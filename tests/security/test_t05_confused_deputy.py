"""Records that point at one principal while another one called: who would be given the permission?"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from redress.domain.denied_call import DeniedCall, Principal
from redress.domain.eligible import by_principal
from redress.domain.parse import parse_record
from redress.domain.policy_document import own_arn, policy_name
from redress.domain.words import NoFixReason, PrincipalType
from tests.unit.fix import builders
from tests.unit.fix.test_hostile import RECORD, proposal_for

OTHER = "444455556666"
ROLE = f"arn:aws:iam::{OTHER}:role/team/app"


def record(**identity: object) -> dict[str, Any]:
    """Returns a denial whose userIdentity has these members changed; ``issuer`` is the session issuer's ARN."""
    made = copy.deepcopy(RECORD)
    issuer = identity.pop("issuer", None)
    made["userIdentity"].update(identity)
    if issuer:
        made["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] = issuer
    return made


def call_of(made: dict[str, Any]) -> DeniedCall:
    """Returns the parsed denial."""
    call = parse_record(made)
    assert isinstance(call, DeniedCall)
    return call


def test_t05_confused_deputy_the_honest_record_is_fixed() -> None:
    """Without tampering the record leads to a fix, so that the refusals below mean something."""
    assert proposal_for(record()) is not None


@pytest.mark.parametrize(
    "made",
    [
        record(issuer=ROLE),
        record(accountId=OTHER),
        record(accountId=OTHER, issuer=ROLE),
        record(type="AWSAccount"),
        record(type="AWSService"),
        {**record(), "recipientAccountId": OTHER},
        record(issuer=f"arn:aws:iam::{builders.ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
        record(issuer=f"arn:aws:iam::{builders.ACCOUNT}:role/AWSServiceRoleForECS"),
        record(issuer=f"arn:aws:iam::{builders.ACCOUNT}:role/x::y:user/app"),
        record(issuer=f"arn:aws:iam::{builders.ACCOUNT}:root"),
        record(issuer=f"arn:aws:iam::{builders.ACCOUNT}:group/app"),
    ],
    ids=str,
)
def test_t05_confused_deputy_nobody_is_widened_for_somebody_else(made: dict[str, Any]) -> None:
    """Where issuer, caller and recipient disagree, or the caller is a service, there is no fix."""
    assert proposal_for(made) is None


def test_t05_confused_deputy_a_user_with_a_roles_arn_is_that_role_or_nobody() -> None:
    """The kind of principal follows the ARN, so that the policy's name cannot be another kind's."""
    call = call_of(record(type="IAMUser"))
    assert call.principal.type is PrincipalType.ROLE
    lying = Principal(type=PrincipalType.USER, arn=call.principal.arn, account=builders.ACCOUNT)
    answer = by_principal(lying)
    assert answer is not None
    assert answer.reason is NoFixReason.UNSAFE_TEXT


def test_t05_confused_deputy_a_role_of_the_same_name_elsewhere_is_refused() -> None:
    """An ARN of another account under our account's credentials is nobody we may change."""
    answer = by_principal(Principal(type=PrincipalType.ROLE, arn=ROLE, account=builders.ACCOUNT))
    assert answer is not None
    assert answer.reason is NoFixReason.OTHER_ACCOUNT_PRINCIPAL


OLD, NEW = "AROAEXAMPLEEXAMPLE123", "AROAEXAMPLEEXAMPLE456"


def test_t05_confused_deputy_a_role_made_anew_does_not_inherit_what_the_old_one_was_denied() -> None:
    """A denial of the role that bore this name before ends without a grant to its namesake."""
    denied = replace(builders.ROLE, unique_id=call_of(record(principalId=f"{OLD}:session")).principal.unique_id)
    found = builders.finding(principal=denied)
    plan = builders.plan(found, on=builders.target(of=denied, unique_id=NEW))
    answer = plan.no_fix_of(found.finding_id)
    assert plan.proposal is None
    assert answer is not None
    assert answer.reason is NoFixReason.PRINCIPAL_GONE
    assert answer.detail == "The role that was denied no longer exists; another one has its name now."


def test_t05_confused_deputy_only_the_living_roles_own_denials_are_fixed() -> None:
    """Of two findings of one ARN, the one of the role that exists gets the fix."""
    of_old = builders.finding("s3:GetObject", principal=replace(builders.ROLE, unique_id=OLD))
    of_new = builders.finding(principal=replace(builders.ROLE, unique_id=NEW))
    plan = builders.plan(of_old, of_new, on=builders.target(unique_id=NEW))
    assert plan.covered == (of_new.finding_id,)


@pytest.mark.parametrize("recorded", [NEW, None, "", builders.ACCOUNT, "AROASHORT", "AIDAEXAMPLEEXAMPLE123"])
def test_t05_confused_deputy_an_id_that_says_nothing_refuses_nobody(recorded: str | None) -> None:
    """Ids of federated sessions, and records without one, are no evidence that the role is another."""
    found = builders.finding(principal=replace(builders.ROLE, unique_id=recorded))
    assert builders.plan(found, on=builders.target(unique_id=NEW)).proposal is not None


@pytest.mark.parametrize(("living", "sealed"), [(NEW, {"unique_id": NEW}), (None, {})])
def test_t05_confused_deputy_the_living_roles_id_is_sealed(living: str | None, sealed: dict[str, str]) -> None:
    """What is signed names the role by the id that IAM gave it, so that a namesake can be told from it later."""
    found = builders.finding(principal=replace(builders.ROLE, unique_id=NEW))
    proposal = builders.plan(found, on=builders.target(unique_id=living)).proposal
    assert proposal is not None
    principal = proposal.content["principal"]
    assert {name: principal[name] for name in principal if name == "unique_id"} == sealed


def test_t05_confused_deputy_names_of_policies_never_meet() -> None:
    """No two principals or Regions share a policy: kinds are told apart, paths do not count, long names get a hash."""
    names = ["a", "role-a", "user-a", "a-role", "x" * 64, "x" * 63 + "y", "x" * 120 + "a", "x" * 120 + "b"]
    made = [
        policy_name(region, kind, name)
        for region in ("us-east-1", "us-gov-east-1")
        for kind in ("role", "user")
        for name in names
    ]
    assert len(set(made)) == len(made)
    assert max(map(len, made)) <= 128
    one, other = (builders.principal(f"arn:aws:iam::{builders.ACCOUNT}:role/{path}/a") for path in "xy")
    assert own_arn(builders.target(of=one)) == own_arn(builders.target(of=other))  # IAM lets only one of them exist


def test_t05_confused_deputy_what_a_service_calls_for_somebody_is_said() -> None:
    """Who called on whose behalf is kept, and so reaches the card."""
    assert call_of(record()).principal.invoked_by == "s3.amazonaws.com"


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-eusc"])
def test_t05_confused_deputy_every_partition_is_known(partition: str) -> None:
    """ARNs of all partitions are read, none is taken for hostile."""
    arn = f"arn:{partition}:iam::{builders.ACCOUNT}:role/app"
    assert by_principal(builders.principal(arn)) is None
