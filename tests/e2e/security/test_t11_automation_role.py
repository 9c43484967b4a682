"""The Automation role's own credentials, stolen, in the deployed stack."""

from __future__ import annotations

import pytest

from sandbox.synthesize import ACCOUNT
from tests.e2e.stack import Stack, allow, denial_of, policy
from tests.e2e.test_loop import lambda_credentials

IAM = f"arn:aws:iam::{ACCOUNT}"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.fixture(scope="module")
def credentials(stack: Stack) -> dict[str, str]:
    """What a thief of the role would have."""
    return lambda_credentials(stack, stack.outputs["AutomationRoleArn"])


def test_t11_automation_role_in_the_deployed_stack(stack: Stack, credentials: dict[str, str]) -> None:
    """IAM refuses AdministratorAccess, other policies, Redress's own roles and policies, and every other write."""
    iam, own = stack.sandbox.client("iam", credentials), stack.outputs["AutomationRoleArn"].rsplit("/", 1)[-1]
    application, root = stack.application(), stack.root("iam")
    document = policy(allow("s3:GetObject"))
    team = root.create_policy(PolicyName="team", PolicyDocument=document)["Policy"]["Arn"]
    fix = root.create_policy(PolicyName="redress-us-east-1-role-t11", Path="/redress/", PolicyDocument=document)[
        "Policy"
    ]["Arn"]
    approver = stack.outputs["ApproverPolicyArn"]
    attempts = {
        "admin": lambda: iam.attach_role_policy(RoleName=application.name, PolicyArn=ADMIN),
        "another policy": lambda: iam.attach_role_policy(RoleName=application.name, PolicyArn=team),
        "a policy of the stack": lambda: iam.attach_role_policy(RoleName=application.name, PolicyArn=approver),
        "its own role": lambda: iam.attach_role_policy(RoleName=own, PolicyArn=fix),
        "edit another": lambda: iam.create_policy_version(PolicyArn=team, PolicyDocument=document, SetAsDefault=True),
        "edit the approvers'": lambda: iam.create_policy_version(PolicyArn=approver, PolicyDocument=document),
        "a policy elsewhere": lambda: iam.create_policy(PolicyName="x", Path="/", PolicyDocument=document),
        "inline": lambda: iam.put_role_policy(RoleName=application.name, PolicyName="x", PolicyDocument=document),
        "trust": lambda: iam.update_assume_role_policy(RoleName=application.name, PolicyDocument=document),
        "a key": lambda: iam.create_access_key(UserName="bert"),
        "sign": lambda: stack.sandbox.client("ssm", credentials).send_automation_signal(
            AutomationExecutionId="11111111-2222-4333-8444-555555555555", SignalType="Approve"
        ),
    }
    told = {what: denial_of(attempt) for what, attempt in attempts.items()}
    assert {what for what, code in told.items() if not (code or "").startswith("AccessDenied")} == set()
    assert application.attached() == []
    assert denial_of(lambda: iam.attach_role_policy(RoleName=application.name, PolicyArn=fix)) is None
