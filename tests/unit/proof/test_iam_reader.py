"""Reading a role or user: everything it has, and a word for everything that could not be read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from redress.adapters.iam_reader import read_target
from redress.domain.denied_call import Principal
from redress.domain.words import PrincipalType

if TYPE_CHECKING:
    from collections.abc import Callable

HOME = "111122223333"
REGION = "eu-west-1"
OWN = f"arn:aws:iam::{HOME}:policy/redress/redress-{REGION}-role-app"
MANAGED = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BOUND = f"arn:aws:iam::{HOME}:policy/bound"
ROLE = Principal(type=PrincipalType.ROLE, arn=f"arn:aws:iam::{HOME}:role/team/app", account=HOME)
USER = Principal(type=PrincipalType.USER, arn=f"arn:aws:iam::{HOME}:user/bob", account=HOME)


def document(action: str) -> dict[str, Any]:
    """Returns a policy that allows the action."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


class FakeIam:
    """IAM's read calls over dictionaries; pages hold one entry each, and any call can be made to fail."""

    def __init__(self) -> None:
        self.failing: dict[str, Exception] = {}
        self.calls: list[str] = []
        self.inline: dict[str, dict[str, Any]] = {"app": {}, "bob": {}, "devs": {}}
        self.attached: dict[str, list[str]] = {"app": [], "bob": [], "devs": []}
        self.groups: list[str] = []
        self.managed: dict[str, dict[str, Any]] = {}
        self.versions: dict[str, list[str]] = {}
        self.entity: dict[str, Any] = {}

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - boto3's methods
        if operation.startswith("_"):
            raise AttributeError(operation)
        return lambda **call: self._do(operation, call)

    def _do(self, operation: str, call: dict[str, str]) -> dict[str, Any]:
        self.calls.append(operation)
        if operation in self.failing:
            raise self.failing[operation]
        name = next((call[key] for key in ("RoleName", "UserName", "GroupName") if key in call), "")
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "get_role": lambda: {"Role": {"Arn": ROLE.arn, "RoleName": "app", **self.entity}},
            "get_user": lambda: {"User": {"Arn": USER.arn, "UserName": "bob", **self.entity}},
            "list_groups_for_user": lambda: page("Groups", [{"GroupName": group} for group in self.groups], call),
            "get_policy": lambda: self._policy(call["PolicyArn"]),
            "get_policy_version": lambda: self._version(call["PolicyArn"], call["VersionId"]),
            "list_policy_versions": lambda: page(
                "Versions", [{"VersionId": one} for one in self.versions.get(call["PolicyArn"], ["v1"])], call
            ),
        }
        if operation in answers:
            return answers[operation]()
        if operation.startswith("list_attached_"):
            return page("AttachedPolicies", [{"PolicyArn": arn} for arn in self.attached[name]], call)
        if operation.startswith("list_"):
            return page("PolicyNames", list(self.inline[name]), call)
        return {"PolicyName": call["PolicyName"], "PolicyDocument": self.inline[name][call["PolicyName"]]}

    def _policy(self, arn: str) -> dict[str, Any]:
        if arn not in self.managed:
            raise refusal("NoSuchEntity")
        return {"Policy": {"Arn": arn, "DefaultVersionId": self.versions.get(arn, ["v1"])[0]}}

    def _version(self, arn: str, version: str) -> dict[str, Any]:
        return {"PolicyVersion": {"VersionId": version, "Document": self.managed[arn]}}


def page(member: str, entries: list[Any], call: dict[str, str]) -> dict[str, Any]:
    """Returns one entry and a marker to the next."""
    start = int(call.get("Marker", "0"))
    more = start + 1 < len(entries)
    return {member: entries[start : start + 1], "IsTruncated": more, **({"Marker": str(start + 1)} if more else {})}


def refusal(code: str) -> ClientError:
    """Returns the error that boto3 raises for this code."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


@pytest.fixture
def iam() -> FakeIam:
    """Returns an IAM with one role and one user."""
    return FakeIam()


def test_a_role_with_all_it_can_have(iam: FakeIam) -> None:
    """Tags, inline and managed policies over several pages, boundary and the policy under /redress/."""
    iam.entity = {
        "Tags": [{"Key": "team", "Value": "web"}],
        "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": BOUND},
    }
    iam.inline["app"] = {"one": document("ec2:*"), "two": document("sqs:*")}
    iam.attached["app"] = [MANAGED, OWN]
    iam.managed = {MANAGED: document("s3:Get*"), OWN: document("sns:Publish"), BOUND: document("*")}
    iam.versions[OWN] = ["v12", "v9", "v11"]
    target = read_target(ROLE, region=REGION, iam=iam)
    assert target.exists
    assert target.unreadable == ()
    assert target.tags == (("team", "web"),)
    assert [policy.name for policy in target.policies] == ["inline:one", "inline:two", MANAGED, OWN]
    assert target.policies[2].document == document("s3:Get*")
    assert target.boundary is not None
    assert (target.boundary.name, target.boundary.document) == (BOUND, document("*"))
    assert target.attached == 2
    own = target.redress_policy
    assert own is not None
    assert (own.arn, own.version_id, own.versions, own.attached) == (OWN, "v12", ("v9", "v11", "v12"), True)
    assert json.loads(own.document) == document("sns:Publish")


@pytest.mark.parametrize(
    ("principal", "entity", "known"),
    [
        (ROLE, {"RoleId": "AROAEXAMPLEEXAMPLE123"}, "AROAEXAMPLEEXAMPLE123"),
        (USER, {"UserId": "AIDAEXAMPLEEXAMPLE123"}, "AIDAEXAMPLEEXAMPLE123"),
        (ROLE, {}, None),
        (ROLE, {"RoleId": "AIDAEXAMPLEEXAMPLE123"}, None),
        (ROLE, {"RoleId": "AROA{{ x }}"}, None),
    ],
)
def test_the_unique_id_is_what_iam_says_now(
    iam: FakeIam, principal: Principal, entity: dict[str, str], known: str | None
) -> None:
    """A role's or user's id is kept if it has the shape of one; anything else is not known."""
    iam.entity = entity
    assert read_target(principal, region=REGION, iam=iam).unique_id == known


def test_a_user_has_its_groups_policies(iam: FakeIam) -> None:
    """Inline and managed policies of every group count as the user's, and are not its own attachments."""
    iam.groups = ["devs"]
    iam.inline["devs"] = {"g": document("ec2:*")}
    iam.attached["devs"] = [MANAGED]
    iam.managed = {MANAGED: document("s3:Get*")}
    target = read_target(USER, region=REGION, iam=iam)
    assert [policy.name for policy in target.policies] == ["group:devs:g", MANAGED]
    assert target.attached == 0
    assert target.unreadable == ()


def test_a_policy_under_redress_that_is_not_attached(iam: FakeIam) -> None:
    """It is found by its name, and is no policy of the principal."""
    iam.managed = {OWN: document("sns:Publish")}
    target = read_target(ROLE, region=REGION, iam=iam)
    assert target.redress_policy is not None
    assert target.redress_policy.attached is False
    assert target.policies == ()


def test_no_policy_under_redress(iam: FakeIam) -> None:
    """That there is none yet is an answer, not a failure."""
    target = read_target(ROLE, region=REGION, iam=iam)
    assert target.redress_policy is None
    assert target.unreadable == ()


def test_documents_may_come_url_encoded(iam: FakeIam) -> None:
    """As IAM itself returns them (RFC 3986)."""
    iam.inline["app"] = {"one": quote(json.dumps(document("ec2:*")))}
    assert read_target(ROLE, region=REGION, iam=iam).policies[0].document == document("ec2:*")


def test_a_role_that_is_gone(iam: FakeIam) -> None:
    """IAM's word that there is no such role is believed."""
    iam.failing["get_role"] = refusal("NoSuchEntity")
    target = read_target(ROLE, region=REGION, iam=iam)
    assert target.exists is False
    assert target.unreadable == ()


def test_a_role_of_another_path_is_not_the_same(iam: FakeIam) -> None:
    """A role that was made anew elsewhere is not taken for the one that was denied."""
    iam.entity = {"Arn": f"arn:aws:iam::{HOME}:role/other/app"}
    target = read_target(ROLE, region=REGION, iam=iam)
    assert target.unreadable == (f"IAM knows app as arn:aws:iam::{HOME}:role/other/app, not as {ROLE.arn}.",)


@pytest.mark.parametrize(
    "operation",
    [
        "get_role",
        "list_role_policies",
        "get_role_policy",
        "list_attached_role_policies",
        "get_policy",
        "get_policy_version",
        "list_policy_versions",
    ],
)
@pytest.mark.parametrize("code", ["AccessDenied", "Throttling"])
def test_every_failed_look_up_of_a_role_is_on_record(iam: FakeIam, operation: str, code: str) -> None:
    """Whichever call fails, and however: the target says so and is not read as empty."""
    iam.inline["app"] = {"one": document("ec2:*")}
    iam.attached["app"] = [MANAGED, OWN]
    iam.managed = {MANAGED: document("s3:Get*"), OWN: document("sns:Publish")}
    iam.failing[operation] = refusal(code)
    target = read_target(ROLE, region=REGION, iam=iam)
    assert target.exists
    api = "".join(word.title() for word in operation.split("_"))
    assert any(note.startswith(f"iam:{api} on ") and note.endswith(f"{code}.") for note in target.unreadable)


@pytest.mark.parametrize(
    "operation",
    [
        *("get_user", "list_user_policies", "list_attached_user_policies", "list_groups_for_user"),
        *("list_group_policies", "get_group_policy", "list_attached_group_policies"),
    ],
)
def test_every_failed_look_up_of_a_user_is_on_record(iam: FakeIam, operation: str) -> None:
    """The same for users and their groups."""
    iam.groups = ["devs"]
    iam.inline["devs"] = {"g": document("ec2:*")}
    iam.failing[operation] = refusal("AccessDenied")
    assert len(read_target(USER, region=REGION, iam=iam).unreadable) == 1


def test_an_attached_policy_that_vanishes_is_on_record(iam: FakeIam) -> None:
    """A policy deleted between two calls is not read as a policy that allows nothing."""
    iam.attached["app"] = [MANAGED]
    assert read_target(ROLE, region=REGION, iam=iam).unreadable == (
        f"iam:GetPolicy on {MANAGED} failed: NoSuchEntity.",
    )


def test_a_network_fault_is_on_record(iam: FakeIam) -> None:
    """So is an endpoint that cannot be reached."""
    iam.failing["list_role_policies"] = EndpointConnectionError(endpoint_url="https://iam")
    assert read_target(ROLE, region=REGION, iam=iam).unreadable == (
        "iam:ListRolePolicies on app failed: EndpointConnectionError.",
    )


def test_a_document_that_is_no_json_is_on_record(iam: FakeIam) -> None:
    """What cannot be parsed was not read."""
    iam.inline["app"] = {"one": "%7Bnot json"}
    target = read_target(ROLE, region=REGION, iam=iam)
    assert target.policies == ()
    assert target.unreadable == ("The document of inline:one is no JSON object.",)


@pytest.mark.parametrize(
    "principal",
    [
        Principal(type=PrincipalType.ROOT, arn=f"arn:aws:iam::{HOME}:root", account=HOME),
        Principal(type=PrincipalType.ROLE, account=HOME),
        Principal(type=PrincipalType.AWS_SERVICE),
    ],
)
def test_what_is_no_role_or_user_is_refused(principal: Principal) -> None:
    """Root, services and principals without ARN have no policies to read."""
    with pytest.raises(ValueError, match="no role or user"):
        read_target(principal, region=REGION, iam=FakeIam())
