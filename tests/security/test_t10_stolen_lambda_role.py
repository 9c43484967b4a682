"""A thief with one function's credentials: what can he reach? The template's own policies, put to the evaluator.

The same with real credentials in the deployed stack is in ``tests/e2e/test_loop.py`` and ``tests/e2e/security``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.names import APPLY_DOCUMENT, EXECUTION_TAG, RESTORE_DOCUMENT
from tests.infra.roles import FUNCTIONS, decide, role_of
from tests.infra.template import ACCOUNT, REGION

if TYPE_CHECKING:
    from tests.infra.template import Template

SSM = f"arn:aws:ssm:{REGION}:{ACCOUNT}"
EXECUTION = f"{SSM}:automation-execution/4105a4fc-f944-11e6-9d32-0a1b2c3d495h"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/"
ROLES = ("orders", "redress/system/x", "Admin")
KEYS = {"Triage": ("PROPOSAL#p", "AUDIT"), "Notify": ("PROPOSAL#p", "TARGET#a"), "Digest": ("FINDING#f", "PROPOSAL#p")}


@pytest.mark.parametrize("part", FUNCTIONS)
def test_t10_stolen_lambda_role_writes_no_iam(everything: Template, part: str) -> None:
    """No policy can be made, changed or attached, no key made, no trust changed, no role assumed."""
    role = role_of(everything, f"{part}Role")
    writes = ("CreatePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion", "PutRolePolicy", "AttachRolePolicy")
    for action in (*writes, "AttachUserPolicy", "CreateAccessKey", "UpdateAssumeRolePolicy", "CreateRole", "TagRole"):
        for on in ("policy/redress/redress-us-east-1-role-x", *(f"role/{name}" for name in ROLES), "user/bert"):
            assert not decide(role, f"iam:{action}", f"arn:aws:iam::{ACCOUNT}:{on}").allowed
    for name in ROLES:
        assert not decide(role, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/{name}").allowed


@pytest.mark.parametrize("part", FUNCTIONS)
def test_t10_stolen_lambda_role_signs_nothing_and_changes_no_code(everything: Template, part: str) -> None:
    """Nobody's role signs, changes a runbook or a function, or the rules that feed triage."""
    role = role_of(everything, f"{part}Role")
    tagged = {f"aws:ResourceTag/{EXECUTION_TAG}": "p-0123456789abcdef0123"}
    assert not decide(role, "ssm:SendAutomationSignal", EXECUTION, tagged).allowed
    for action in ("ssm:UpdateDocument", "ssm:CreateDocument", "ssm:UpdateDocumentDefaultVersion"):
        assert not decide(role, action, f"{SSM}:document/{APPLY_DOCUMENT}").allowed
    for action, on in (
        ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:x"),
        ("events:PutRule", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/x"),
        ("events:DisableRule", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/x"),
        ("s3:GetObject", "arn:aws:s3:::payroll/2026.csv"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:other"),
    ):
        assert not decide(role, action, on).allowed


@pytest.mark.parametrize(("part", "keys"), KEYS.items())
def test_t10_stolen_lambda_role_writes_no_items_but_its_own(
    everything: Template, part: str, keys: tuple[str, ...]
) -> None:
    """Who takes events in, tells people or sums up writes nothing that is signed."""
    role = role_of(everything, f"{part}Role")
    for key in keys:
        for action in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"):
            on = TABLE + everything.output("TableName")
            assert not decide(role, f"dynamodb:{action}", on, {"dynamodb:LeadingKeys": [key]}).allowed


def test_t10_stolen_lambda_role_of_start_stops_only_our_executions(everything: Template) -> None:
    """Executions that were not started for a proposal are not stopped, though the table names them."""
    role = role_of(everything, "StartRole")
    tag = f"aws:ResourceTag/{EXECUTION_TAG}"
    assert decide(role, "ssm:StopAutomationExecution", EXECUTION, {tag: "p-0123456789abcdef0123"}).allowed
    assert not decide(role, "ssm:StopAutomationExecution", EXECUTION).allowed
    assert not decide(role, "ssm:StopAutomationExecution", EXECUTION, {tag: "payroll"}).allowed


@pytest.mark.parametrize("part", ["Start", "Track"])
@pytest.mark.parametrize("name", ["AWS-RunShellScript", "AWSSupport-ExecuteEC2Rescue", "Redress-ApplyPolicyFixx"])
def test_t10_stolen_lambda_role_starts_no_other_runbook(everything: Template, part: str, name: str) -> None:
    """The right to hand over the Automation role is of use for our two runbooks only."""
    role = role_of(everything, f"{part}Role")
    for on in (f"{SSM}:document/{name}", f"{SSM}:automation-definition/{name}:$DEFAULT"):
        assert not decide(role, "ssm:StartAutomationExecution", on).allowed
    assert decide(role, "ssm:StartAutomationExecution", f"{SSM}:document/{RESTORE_DOCUMENT}").allowed
