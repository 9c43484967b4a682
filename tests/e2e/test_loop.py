"""The loop in the sandbox: the real template, the real Lambdas, real IAM enforcement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from redress.domain.words import Effect, Evidence, Kind, Layer, NoFixReason, ProposalStatus, State
from sandbox.synthesize import ACCOUNT
from tests.e2e.stack import Application, Stack, allow, denial_of, deny, eventually

if TYPE_CHECKING:
    from redress.domain.finding import Finding

KEY = "2026/order.json"


def put(application: Application, bucket: str) -> str | None:
    """Stores an object as the application; returns the denial's code, or None."""
    return denial_of(lambda: application.client("s3").put_object(Bucket=bucket, Key=KEY, Body=b"{}"))


def denied_writer(stack: Stack) -> tuple[Application, str, Finding]:
    """Returns an application that was denied writing to a bucket, and the finding that waits for a signature."""
    bucket = stack.bucket()
    application = stack.application(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"))
    assert put(application, bucket) == "AccessDenied"
    finding = stack.wait_for(application.arn, "s3:PutObject", State.AWAITING_APPROVAL)
    return application, bucket, finding


def execution_of(finding: Finding) -> str:
    """Returns the id of the finding's execution."""
    assert finding.execution_id
    return finding.execution_id


def test_a_missing_permission_is_found_fixed_and_taken_back(stack: Stack) -> None:
    """A denied call is explained, its fix signed, applied and verified, the call succeeds, and restore undoes it."""
    application, bucket, finding = denied_writer(stack)
    verdict = finding.verdict
    assert (verdict.kind, verdict.layer, verdict.effect) == (
        Kind.MISSING_PERMISSION,
        Layer.IDENTITY_BASED_POLICY,
        Effect.IMPLICIT_DENY,
    )
    assert verdict.evidence is Evidence.REPORTED
    assert finding.count == 1
    assert application.attached() == []

    stack.signal(execution_of(finding))
    assert stack.wait_until_over(execution_of(finding)) == "Success"
    assert put(application, bucket) is None
    fixed = stack.wait_for(application.arn, "s3:PutObject", State.FIXED)

    stored = stack.proposals.get(fixed.proposal_id or "")
    assert stored is not None
    assert stored.status is ProposalStatus.APPLIED
    assert application.attached() == [
        f"arn:aws:iam::{ACCOUNT}:policy/redress/redress-us-east-1-role-{application.name}"
    ]
    restore = stack.restore(stored.proposal.proposal_id, stored.proposal.digest)
    stack.signal(restore)
    assert stack.wait_until_over(restore) == "Success"
    assert application.attached() == []
    assert put(application, bucket) == "AccessDenied"


def test_what_is_written_is_what_was_signed(stack: Stack) -> None:
    """The policy in IAM is byte for byte the document that the digest covers."""
    application, _, finding = denied_writer(stack)
    stack.signal(execution_of(finding))
    assert stack.wait_until_over(execution_of(finding)) == "Success"
    stored = stack.proposals.get(finding.proposal_id or "")
    assert stored is not None
    iam = stack.root("iam")
    arn = stored.proposal.content["policy"]["arn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    written = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert written == json.loads(stored.proposal.content["document"])
    assert application.attached() == [arn]


def test_a_rejected_fix_changes_nothing(stack: Stack) -> None:
    """A rejection leaves IAM as it was, and the finding says so with the approver's comment."""
    application, bucket, finding = denied_writer(stack)
    stack.signal(execution_of(finding), "Reject", comment="not part of the job")
    assert stack.wait_until_over(execution_of(finding)) == "Rejected"
    rejected = stack.wait_for(application.arn, "s3:PutObject", State.REJECTED)
    assert "not part of the job" in rejected.cause
    assert application.attached() == []
    assert put(application, bucket) == "AccessDenied"


def test_an_explicit_deny_ends_in_no_fix(stack: Stack) -> None:
    """A Deny is never worked around: no fix, the reason, and who can act."""
    application = stack.application(allow("dynamodb:*"), deny("dynamodb:DeleteTable"))
    assert denial_of(lambda: application.client("dynamodb").delete_table(TableName="ledger"))
    finding = stack.wait_for(application.arn, "dynamodb:DeleteTable", State.NO_FIX)
    assert finding.no_fix is not None
    assert finding.no_fix.reason is NoFixReason.EXPLICIT_DENY
    assert finding.proposal_id is None


def test_ten_repeats_are_one_finding(stack: Stack) -> None:
    """A denial and ten repeats make one finding with count 11."""
    application = stack.application()
    client = application.client("kms")
    for _ in range(11):
        assert denial_of(client.list_keys)

    def counted() -> bool | None:
        found = stack.findings.by_principal(application.arn)
        return True if [each.count for each in found] == [11] else None

    assert eventually("count of 11", counted)


FUNCTIONS = ("Triage", "Propose", "Start", "Track", "Notify", "Digest")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_lambda_role_can_write_iam(stack: Stack, function: str) -> None:
    """With the credentials of each Lambda's role, IAM refuses to create, change or attach any policy."""
    name = stack.outputs[f"{function}Function"]
    role = stack.root("lambda").get_function_configuration(FunctionName=name)["Role"]
    iam = stack.sandbox.client("iam", lambda_credentials(stack, role))
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:GetObject")]})
    attempts = {
        "create": lambda: iam.create_policy(PolicyName="x", Path="/redress/", PolicyDocument=document),
        "inline": lambda: iam.put_role_policy(RoleName="approver", PolicyName="x", PolicyDocument=document),
        "attach": lambda: iam.attach_role_policy(
            RoleName="approver", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
        ),
        "key": lambda: iam.create_access_key(UserName="someone"),
        "trust": lambda: iam.update_assume_role_policy(RoleName="approver", PolicyDocument=document),
    }
    assert {what: denial_of(attempt) for what, attempt in attempts.items()} == dict.fromkeys(attempts, "AccessDenied")


def lambda_credentials(stack: Stack, role_arn: str) -> dict[str, str]:
    """Returns credentials of a Lambda's role, as the Lambda service would get them."""
    iam, name = stack.root("iam"), role_arn.rsplit("/", 1)[-1]
    before = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    widened = {**before, "Statement": [*before["Statement"], trust]}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(widened))
    taken: dict[str, str] = stack.root("sts").assume_role(RoleArn=role_arn, RoleSessionName="thief")["Credentials"]
    return taken
