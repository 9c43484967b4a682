"""Access Analyzer's checks, answered where text alone can answer them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.policy_checks import Unanswerable, access_not_granted, no_new_access, validate
from tests.integration.sandbox.world import allow, denial_of, deny, policy

if TYPE_CHECKING:
    from sandbox.process import Sandbox
    from tests.integration.sandbox.world import People

GET = allow("s3:GetObject", "arn:aws:s3:::orders/*")

GRANTED: list[tuple[dict[str, Any], dict[str, list[str]], bool]] = [
    (GET, {"actions": ["s3:GetObject"]}, True),
    (GET, {"actions": ["s3:PutObject"]}, False),
    (GET, {"actions": ["s3:*"]}, True),
    (allow("s3:*"), {"actions": ["s3:getobject"]}, True),
    (allow("s3:Get*"), {"actions": ["s3:*Object"]}, True),
    (allow("s3:Get*"), {"actions": ["s3:Put*"]}, False),
    (GET, {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::other/*"]}, False),
    (GET, {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::ord*/a"]}, True),
    (GET, {"resources": ["arn:aws:s3:::orders/a"]}, True),
]


@pytest.mark.parametrize(("statement", "access", "granted"), GRANTED)
def test_granted_access_is_found(statement: dict[str, Any], access: dict[str, list[str]], granted: bool) -> None:  # noqa: FBT001
    """A statement grants what its patterns share with the access asked for."""
    assert bool(access_not_granted(policy(statement), access)) is granted


COVERED: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    (GET, GET, True),
    (GET, allow("s3:*"), True),
    (allow("s3:*"), GET, False),
    (GET, allow("s3:GetObject", "arn:aws:s3:::orders/a*"), False),
    ({**GET, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, GET, True),
    (GET, {**GET, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, False),
]


@pytest.mark.parametrize(("new", "existing", "covered"), COVERED)
def test_new_access_is_found(new: dict[str, Any], existing: dict[str, Any], covered: bool) -> None:  # noqa: FBT001
    """A statement is no new access where an existing one covers its actions, resources and conditions."""
    assert (no_new_access(policy(new), policy(existing)) == []) is covered


def test_what_a_deny_could_change_is_not_answered() -> None:
    """There is no guess where another statement may take the grant back, or an element is negated."""
    with pytest.raises(Unanswerable):
        access_not_granted(policy(allow("s3:*"), deny("s3:GetObject")), {"actions": ["s3:GetObject"]})
    with pytest.raises(Unanswerable):
        access_not_granted(policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), {"actions": ["a:b"]})
    with pytest.raises(Unanswerable):
        no_new_access(policy(GET), policy(allow("*"), deny("s3:*")))


def test_a_deny_does_not_matter_where_nothing_is_granted() -> None:
    """PASS stays PASS whatever else is denied."""
    assert access_not_granted(policy(GET, deny("*")), {"actions": ["ec2:RunInstances"]}) == []


def test_validation_finds_what_the_grammar_forbids_and_open_pass_role() -> None:
    """A good policy has no findings."""
    assert validate(policy(GET)) == []
    assert [found["findingType"] for found in validate("{}")] == ["ERROR"]
    assert [found["issueCode"] for found in validate(policy(allow("iam:*")))] == ["PASS_ROLE_WITH_STAR_IN_RESOURCE"]


def test_the_checks_are_on_the_wire(sandbox: Sandbox, people: People) -> None:
    """boto3 reads verdicts and reasons; a caller without permission is denied."""
    rights = allow(["access-analyzer:CheckNoNewAccess", "access-analyzer:ValidatePolicy"])
    analyzer, kind = sandbox.client("accessanalyzer", people.restricted(rights)), {"policyType": "IDENTITY_POLICY"}
    new, old = policy({**GET, "Sid": "Fresh"}), policy(allow("ec2:*"))
    answer = analyzer.check_no_new_access(newPolicyDocument=new, existingPolicyDocument=old, **kind)
    assert (answer["result"], answer["reasons"][0]["statementId"]) == ("FAIL", "Fresh")
    assert analyzer.validate_policy(policyDocument=policy(GET), **kind)["findings"] == []
    asked = {"policyDocument": policy(GET), "access": [{"actions": ["s3:GetObject"]}], **kind}
    assert denial_of(lambda: analyzer.check_access_not_granted(**asked))["Code"] == "AccessDeniedException"


def test_what_it_cannot_answer_is_said(sandbox: Sandbox) -> None:
    """Resource policies, analyzers and findings need the real service."""
    analyzer = sandbox.client("accessanalyzer")
    refused = denial_of(lambda: analyzer.validate_policy(policyDocument=json.dumps({}), policyType="RESOURCE_POLICY"))
    assert refused["Code"] == "UnprocessableEntityException"
    assert denial_of(analyzer.list_analyzers)["Code"] == "UnprocessableEntityException"
