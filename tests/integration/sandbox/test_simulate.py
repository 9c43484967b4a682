"""The policy simulator honours context, boundaries, extra policies and several resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sandbox.process import ACCOUNT
from tests.integration.sandbox.world import allow, denial_of, deny, policy

if TYPE_CHECKING:
    from sandbox.process import Sandbox
    from tests.integration.sandbox.world import People

OBJECT = "arn:aws:s3:::orders/one"


def _role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def _ask(sandbox: Sandbox, role: str, **more: object) -> dict[str, Any]:
    asked: dict[str, Any] = {"ActionNames": ["s3:GetObject"], "ResourceArns": [OBJECT], **more}
    answer = sandbox.client("iam").simulate_principal_policy(PolicySourceArn=_role_arn(role), **asked)
    return dict(answer["EvaluationResults"][0])


def test_the_principals_own_policies_decide(sandbox: Sandbox, people: People) -> None:
    """Allowed by its inline policy, which is named; implicitly denied without one; explicitly by a Deny."""
    allowed = _ask(sandbox, people.role(allow("s3:GetObject")))
    assert (allowed["EvalDecision"], allowed["MatchedStatements"][0]["SourcePolicyType"]) == ("allowed", "role")
    assert _ask(sandbox, people.role())["EvalDecision"] == "implicitDeny"
    assert _ask(sandbox, people.role(allow("s3:*"), deny("s3:Get*")))["EvalDecision"] == "explicitDeny"


def test_extra_policies_count(sandbox: Sandbox, people: People) -> None:
    """With the proposed document in ``PolicyInputList`` the decision flips; without it nothing is changed."""
    role = people.role()
    with_fix = _ask(sandbox, role, PolicyInputList=[policy(allow("s3:GetObject", OBJECT))])
    assert (with_fix["EvalDecision"], with_fix["MatchedStatements"][0]["SourcePolicyId"]) == (
        "allowed",
        "PolicyInputList.1",
    )
    assert _ask(sandbox, role)["EvalDecision"] == "implicitDeny"


def test_context_entries_decide_conditions(sandbox: Sandbox, people: People) -> None:
    """A condition holds with the right value, fails with another, and its key is missing without one."""
    condition = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
    role = people.role({**allow("s3:GetObject"), "Condition": condition})

    def entry(value: str) -> dict[str, Any]:
        return {"ContextKeyName": "aws:SourceVpc", "ContextKeyType": "string", "ContextKeyValues": [value]}

    assert _ask(sandbox, role, ContextEntries=[entry("vpc-1")])["EvalDecision"] == "allowed"
    assert _ask(sandbox, role, ContextEntries=[entry("vpc-2")])["EvalDecision"] == "implicitDeny"
    without = _ask(sandbox, role)
    assert (without["EvalDecision"], without["MissingContextValues"]) == ("implicitDeny", ["aws:sourcevpc"])


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("ip", "203.0.113.7", "here"),
        ("boolean", "true", "1"),
        ("numeric", "12", "many"),
        ("date", "2026-11-21", "soon"),
    ],
)
def test_context_entries_are_of_the_type_that_they_name(
    sandbox: Sandbox, people: People, kind: str, right: str, wrong: str
) -> None:
    """A value that is none of its type is refused, as are several of a type that is no list."""
    role = people.role()

    def asked(*values: str) -> dict[str, Any]:
        entry = {"ContextKeyName": "x:Key", "ContextKeyType": kind, "ContextKeyValues": list(values)}
        return _ask(sandbox, role, ContextEntries=[entry])

    assert asked(right)["EvalDecision"] == "implicitDeny"
    for values in ((wrong,), (right, right)):
        with pytest.raises(ClientError, match="InvalidInput"):
            asked(*values)


def test_the_attached_boundary_limits(sandbox: Sandbox, people: People) -> None:
    """A boundary that does not allow is told apart from the identity policies, and can be replaced."""
    role = people.role(allow("s3:*"), boundary=people.managed(allow("dynamodb:*")))
    limited = _ask(sandbox, role)
    assert limited["EvalDecision"] == "implicitDeny"
    assert limited["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    wider = _ask(sandbox, role, PermissionsBoundaryPolicyInputList=[policy(allow("*"))])
    assert wider["EvalDecision"] == "allowed"
    assert wider["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}


def test_each_resource_has_its_own_answer(sandbox: Sandbox, people: People) -> None:
    """The top-level decision is the most restrictive of them."""
    role, other = people.role(allow("s3:GetObject", OBJECT)), "arn:aws:s3:::orders/two"
    answer = _ask(sandbox, role, ResourceArns=[OBJECT, other])
    each = {one["EvalResourceName"]: one["EvalResourceDecision"] for one in answer["ResourceSpecificResults"]}
    assert (answer["EvalDecision"], each) == ("implicitDeny", {OBJECT: "allowed", other: "implicitDeny"})


def test_each_action_has_its_own_result_and_pages_hold_as_many_as_asked(sandbox: Sandbox, people: People) -> None:
    """Two actions on pages of one: the marker leads from the first to the second."""
    role, iam = people.role(allow("s3:GetObject")), sandbox.client("iam")
    asked = {"PolicySourceArn": _role_arn(role), "ActionNames": ["s3:GetObject", "s3:PutObject"], "MaxItems": 1}
    first = iam.simulate_principal_policy(**asked)
    second = iam.simulate_principal_policy(**asked, Marker=first["Marker"])
    found = [page["EvaluationResults"][0] for page in (first, second)]
    assert [(one["EvalActionName"], one["EvalDecision"]) for one in found] == [
        ("s3:GetObject", "allowed"),
        ("s3:PutObject", "implicitDeny"),
    ]
    assert (first["IsTruncated"], second["IsTruncated"]) == (True, False)


def test_key_and_trust_policies_are_not_missed(sandbox: Sandbox, people: People) -> None:
    """The simulator looks at identity policies only: a key's own policy is not asked for."""
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
    answer = _ask(sandbox, people.role(allow("kms:Decrypt")), ActionNames=["kms:Decrypt"], ResourceArns=[key])
    assert answer["EvalDecision"] == "allowed"


def test_users_bring_their_groups(sandbox: Sandbox, people: People) -> None:
    """A group's inline policy counts for its members, and is said to be a group's."""
    iam, name = sandbox.client("iam"), people.user()["UserName"]
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="read", PolicyDocument=policy(allow("s3:GetObject")))
    iam.add_user_to_group(GroupName="readers", UserName=name)
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:GetObject"])["EvaluationResults"][0]
    assert (answer["EvalDecision"], answer["MatchedStatements"][0]["SourcePolicyType"]) == ("allowed", "group")


def test_custom_policies_are_simulated_alone(sandbox: Sandbox) -> None:
    """SimulateCustomPolicy knows nothing but its input, the boundary included."""
    iam = sandbox.client("iam")
    asked: dict[str, Any] = {"PolicyInputList": [policy(allow("s3:*"))], "ActionNames": ["s3:GetObject"]}
    alone = iam.simulate_custom_policy(**asked)["EvaluationResults"][0]
    bounded = iam.simulate_custom_policy(**asked, PermissionsBoundaryPolicyInputList=[policy(allow("ec2:*"))])
    assert alone["EvalDecision"] == "allowed"
    assert bounded["EvaluationResults"][0]["EvalDecision"] == "implicitDeny"


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/nobody", "NoSuchEntity"),
        (f"arn:aws:iam::{ACCOUNT}:user/nobody", "NoSuchEntity"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/role/session", "InvalidInput"),
    ],
)
def test_sources_must_exist_and_be_entities(sandbox: Sandbox, arn: str, code: str) -> None:
    """A session's ARN is no policy source, and nobody has no policies."""
    iam = sandbox.client("iam")
    call = {"PolicySourceArn": arn, "ActionNames": ["s3:GetObject"]}
    assert denial_of(lambda: iam.simulate_principal_policy(**call))["Code"] == code


def test_a_malformed_extra_policy_is_refused(sandbox: Sandbox, people: People) -> None:
    """What is no policy is no input."""
    arn, iam = _role_arn(people.role()), sandbox.client("iam")
    call = {"PolicySourceArn": arn, "ActionNames": ["s3:GetObject"], "PolicyInputList": ["{}"]}
    assert denial_of(lambda: iam.simulate_principal_policy(**call))["Code"] == "InvalidInput"


def test_simulation_needs_its_permission_on_the_source(sandbox: Sandbox, people: People) -> None:
    """A role that may simulate one principal may not simulate another."""
    mine, other = people.role(allow("s3:GetObject")), people.role()
    iam = sandbox.client("iam", people.restricted(allow("iam:SimulatePrincipalPolicy", _role_arn(mine))))
    ask = {"ActionNames": ["s3:GetObject"]}
    assert iam.simulate_principal_policy(PolicySourceArn=_role_arn(mine), **ask)["EvaluationResults"]
    error = denial_of(lambda: iam.simulate_principal_policy(PolicySourceArn=_role_arn(other), **ask))
    assert error["Code"] == "AccessDenied"
