"""The runbooks as the stack deploys them."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import boto3
import pytest

from infra.knobs import KnobError
from infra.runbooks import RunbookError, Runbooks, fill_in, load
from tests.infra.roles import actions, role_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.template import Resource, Template

VALUES = {"Approvers": ["arn:a", "arn:b"], "MinApprovals": 2, "TableName": "Findings"}
MAX_DOCUMENT = 64 * 1_024


def test_a_whole_text_becomes_the_value_itself() -> None:
    """Lists and numbers keep their type."""
    document = {"Approvers": "${Approvers}", "MinRequiredApprovals": "${MinApprovals}"}
    assert fill_in(document, VALUES) == {"Approvers": ["arn:a", "arn:b"], "MinRequiredApprovals": 2}


def test_inside_a_text_it_becomes_words() -> None:
    """Within a sentence a value is written out."""
    text = "table ${TableName}, ${MinApprovals} of ${Approvers}"
    assert fill_in([text], VALUES) == ["table Findings, 2 of arn:a, arn:b"]


@pytest.mark.parametrize("text", ["${Unknown}", "a ${Unknown} b", "${Scripts}"])
def test_an_unknown_placeholder_is_refused(text: str) -> None:
    """A placeholder without a value never reaches a document."""
    with pytest.raises(RunbookError, match="unknown placeholder"):
        fill_in({"steps": [text]}, VALUES)


def test_other_braces_stay() -> None:
    """SSM's own variables are none of ours."""
    assert fill_in("{{ global:REGION }} $notours {x}", VALUES) == "{{ global:REGION }} $notours {x}"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The message says which runbook is missing."""
    with pytest.raises(RunbookError, match=r"Redress-ApplyPolicyFix\.yaml"):
        load(tmp_path / "Redress-ApplyPolicyFix.yaml")


def test_a_file_without_a_document_is_refused(tmp_path: Path) -> None:
    """A list is no runbook."""
    (tmp_path / "x.yaml").write_text("- a\n")
    with pytest.raises(RunbookError, match="holds no document"):
        load(tmp_path / "x.yaml")


@pytest.mark.parametrize("part", ["Apply", "Restore"])
def test_documents(everything: Template, part: str) -> None:
    """Documents get new versions, are filled in wholly, and stay below SSM's limit."""
    document = everything.one("AWS::SSM::Document", f"Runbooks{part}").properties
    text, content = document["Content"], json.loads(document["Content"])
    assert document["UpdateMethod"] == "NewVersion"
    assert document["DocumentType"] == "Automation"
    assert "${" not in text
    assert len(text.encode()) < MAX_DOCUMENT
    assert set(content["parameters"]) == {"ProposalId", "Digest"}
    assert content["assumeRole"] == everything.output("AutomationRoleArn")


@pytest.mark.parametrize("part", ["Apply", "Restore"])
def test_documents_are_one_text_without_blanks(everything: Template, part: str) -> None:
    """CloudFormation indents an object before it sends it, and what SSM then gets may be too long; texts stay."""
    text = everything.one("AWS::SSM::Document", f"Runbooks{part}").properties["Content"]
    assert isinstance(text, str)
    assert text == json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)


def test_no_list_of_an_api_call_is_empty(template: Template) -> None:
    """Without change calendars the steps that ask for their state are not reached, and still name one."""
    steps = steps_of(template.one("AWS::SSM::Document", "RunbooksApply"))
    given = [value for step in steps if "Api" in step["inputs"] for value in step["inputs"].values()]
    assert [] not in given
    (load,) = (step for step in steps if step["name"] == "load")
    assert load["inputs"]["InputPayload"]["Calendars"] == []


def test_a_document_that_ssm_would_refuse_is_never_synthesized() -> None:
    """Many long names of approvers stand in the runbook four times; the mistake is told before a deployment."""
    values: dict[str, object] = dict.fromkeys(("AutomationRoleArn", "TableName", "ApprovalsTopicArn", "Partition"), "x")
    values |= {"MinApprovals": 1, "ApprovalTimeoutSeconds": 60, "ChangeCalendars": [], "CalendarNames": ["none"]}
    people = [f"arn:aws:iam::123456789012:role/{'x' * 500}{number}" for number in range(10)]
    with pytest.raises(KnobError, match=r"Redress-ApplyPolicyFix takes up to \d+ bytes, SSM allows 65536"):
        Runbooks(cdk.Stack(), "Runbooks", values={**values, "Approvers": people, "SecondApprovers": people})


def test_approvers_are_baked_in(everything: Template) -> None:
    """Who may sign stands in the document, not in a parameter that a starter could set."""
    steps = steps_of(everything.one("AWS::SSM::Document", "RunbooksApply"))
    approvals = [step["inputs"] for step in steps if step["action"] == "aws:approve"]
    assert [each["Approvers"] for each in approvals] == [
        ["arn:aws:iam::123456789012:role/First", "arn:aws:iam::123456789012:user/team/second"],
        ["arn:aws:iam::123456789012:role/Security"],
    ]
    assert approvals[0]["MinRequiredApprovals"] == 2


def steps_of(document: Resource) -> list[dict[str, Any]]:
    """Returns the steps of a runbook as it is deployed."""
    found: list[dict[str, Any]] = json.loads(document.properties["Content"])["mainSteps"]
    return found


def called(script: str) -> set[str]:
    """Returns the IAM, SSM and DynamoDB actions that a step's script calls."""
    methods: dict[str, str] = {}
    for service, prefix in (("iam", "iam"), ("ssm", "ssm"), ("dynamodb", "dynamodb")):
        client = boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")  # type: ignore[call-overload]  # one of three
        names = client.meta.method_to_api_mapping
        methods |= {method: f"{prefix}:{api}" for method, api in names.items()}
    attributes = {node.attr for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Attribute)}
    return {methods[name] for name in attributes & set(methods)}


@pytest.mark.parametrize("part", ["Apply", "Restore"])
def test_the_automation_role_may_do_every_step(everything: Template, part: str) -> None:
    """Whatever a step or its script calls, the Automation role is allowed, and it is allowed nothing else."""
    steps = steps_of(everything.one("AWS::SSM::Document", f"Runbooks{part}"))
    inputs = [step["inputs"] for step in steps]
    apis = {f"{each['Service']}:{each['Api']}" for each in inputs if "Api" in each}
    scripts = [each["Script"] for each in inputs if "Script" in each]
    needed = apis.union(*map(called, scripts))
    assert needed - actions(role_of(everything, "AutomationRole")) == set()


def test_the_automation_role_may_do_nothing_more(everything: Template) -> None:
    """Every action that writes, of the Automation role, is one that a step takes."""
    documents = everything.resources("AWS::SSM::Document")
    inputs = [step["inputs"] for document in documents for step in steps_of(document)]
    needed = {f"{each['Service']}:{each['Api']}" for each in inputs if "Api" in each}
    needed |= {action for each in inputs if "Script" in each for action in called(each["Script"])}
    needed |= {"sns:Publish"}  # by aws:approve itself
    assert actions(role_of(everything, "AutomationRole")) - needed == set()
