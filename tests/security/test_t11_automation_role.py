"""The one role that writes IAM, in the wrong hands: its policies, put to the evaluator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.roles import decide, role_of
from tests.infra.template import ACCOUNT

if TYPE_CHECKING:
    from tests.infra.template import Template

IAM = f"arn:aws:iam::{ACCOUNT}"
FIX = f"{IAM}:policy/redress/redress-us-east-1-role-app"
OTHER_REGION = f"{IAM}:policy/redress/redress-eu-west-1-role-app"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
TARGETS = (f"{IAM}:role/app", f"{IAM}:user/bert")
OUT_OF_REACH = (
    f"{IAM}:role/redress/system/Redress-Start",
    f"{IAM}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    f"{IAM}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
    f"{IAM}:user/redress/x",
)


@pytest.mark.parametrize(
    "policy",
    [ADMIN, f"{IAM}:policy/team", f"{IAM}:policy/redress/system/Approver", f"{IAM}:policy/redressed", OTHER_REGION],
)
@pytest.mark.parametrize("on", TARGETS)
@pytest.mark.parametrize("verb", ["Attach", "Detach"])
def test_t11_automation_role_attaches_fixes_only(everything: Template, verb: str, on: str, policy: str) -> None:
    """No policy but a fix of this Region is attached or detached, AdministratorAccess least of all."""
    kind = "User" if ":user/" in on else "Role"
    role, context = role_of(everything, "AutomationRole"), {"iam:PolicyARN": policy}
    assert not decide(role, f"iam:{verb}{kind}Policy", on, context).allowed
    assert decide(role, f"iam:{verb}{kind}Policy", on, {"iam:PolicyARN": FIX}).allowed


@pytest.mark.parametrize("on", OUT_OF_REACH)
def test_t11_automation_role_touches_no_protected_principal(everything: Template, on: str) -> None:
    """Redress's own, AWS's own and the operator's protected principals are out of reach, for fixes as well."""
    kind = "User" if ":user/" in on else "Role"
    assert not decide(
        role_of(everything, "AutomationRole"), f"iam:Attach{kind}Policy", on, {"iam:PolicyARN": FIX}
    ).allowed


@pytest.mark.parametrize("tags", [{"redress:protected": ""}, {"redress:protected": "yes"}])
def test_t11_automation_role_respects_protecting_tags(template: Template, tags: dict[str, str]) -> None:
    """A principal that carries a protecting tag gets nothing attached, whoever planted the proposal."""
    context: dict[str, str | list[str]] = {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
    role = role_of(template, "AutomationRole")
    assert not decide(role, "iam:AttachRolePolicy", TARGETS[0], {**context, "iam:PolicyARN": FIX}).allowed


@pytest.mark.parametrize("policy", [f"{IAM}:policy/team", f"{IAM}:policy/redress/system/Approver", ADMIN, OTHER_REGION])
@pytest.mark.parametrize("action", ["CreatePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicy"])
def test_t11_automation_role_edits_fixes_only(everything: Template, action: str, policy: str) -> None:
    """Other policies, the stack's own and other Regions' fixes among them, are neither changed nor deleted."""
    assert not decide(role_of(everything, "AutomationRole"), f"iam:{action}", policy).allowed


@pytest.mark.parametrize(
    "action",
    [
        *("PutRolePolicy", "PutUserPolicy", "CreateAccessKey", "CreateLoginProfile", "UpdateAssumeRolePolicy"),
        *("CreateRole", "CreateUser", "PassRole", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"),
        *("AddUserToGroup", "AttachGroupPolicy", "TagRole", "UntagRole"),
    ],
)
def test_t11_automation_role_has_no_other_write(everything: Template, action: str) -> None:
    """No inline policy, key, trust, boundary, group or tag is written, no role handed on."""
    role = role_of(everything, "AutomationRole")
    assert not any(decide(role, f"iam:{action}", on, {"iam:PolicyARN": FIX}).allowed for on in (*TARGETS, "*"))
    assert not decide(role, "sts:AssumeRole", TARGETS[0]).allowed
    assert not decide(role, "ssm:SendAutomationSignal", "*").allowed
