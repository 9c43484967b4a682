"""Approvals in the sandbox: who may sign, what a signature is worth, and what time and others do to it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters.table_client import DynamoStore
from redress.adapters.table_writes import Key, Update
from redress.domain.words import GuardVerdict, NoFixReason, ProposalStatus, State
from sandbox.synthesize import APPROVER_ARN, SECOND_APPROVER_ARN
from tests.e2e.stack import TRUST, Application, Stack, allow, denial_of, eventually, policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.adapters.proposals_table import StoredProposal
    from redress.domain.finding import Finding

PUT = "s3:PutObject"
OVER = {"Success", "Failed", "Rejected", "TimedOut", "Cancelled"}
ATTACHED_BEFORE = 10


def put(application: Application, bucket: str, key: str = "2026/order.json") -> str | None:
    """Stores an object as the application; returns the denial's code, or None."""
    return denial_of(lambda: application.client("s3").put_object(Bucket=bucket, Key=key, Body=b"{}"))


def waiting(stack: Stack, application: Application | None = None) -> tuple[Application, str, Finding]:
    """Returns an application that was denied writing to a bucket, and the finding that waits for a signature."""
    bucket, denied = stack.bucket(), application or stack.application()
    assert put(denied, bucket) == "AccessDenied"
    return denied, bucket, stack.wait_for(denied.arn, PUT, State.AWAITING_APPROVAL)


def execution_of(finding: Finding) -> str:
    """Returns the id of the finding's execution."""
    assert finding.execution_id
    return finding.execution_id


def proposal_of(stack: Stack, finding: Finding) -> StoredProposal:
    """Returns the finding's proposal as it stands in the table."""
    stored = stack.proposals.get(finding.proposal_id or "")
    assert stored
    return stored


def applied(stack: Stack, finding: Finding, *signers: str) -> Finding:
    """Signs, waits, and returns the finding once it is fixed."""
    execution = execution_of(finding)
    for step, signer in zip(("approve", "approve_second"), signers or (APPROVER_ARN,), strict=False):
        eventually(step, lambda step=step: stack.execution(execution).get("CurrentStepName") == step or None)  # type: ignore[misc]
        stack.signal(execution, by=signer)
    assert stack.wait_until_over(execution) == "Success"
    return stack.wait_for(finding.verdict.principal.arn or "", finding.verdict.action or "", State.FIXED)


def taken_back(stack: Stack, finding: Finding) -> Finding:
    """Takes the finding's fix back with a signature; returns the finding once it says so."""
    sealed = proposal_of(stack, finding).proposal
    restore = stack.restore(sealed.proposal_id, sealed.digest)
    stack.signal(restore)
    assert stack.wait_until_over(restore) == "Success"
    return stack.wait_for(finding.verdict.principal.arn or "", finding.verdict.action or "", State.RESTORED)


def note(stack: Stack, finding: Finding, **marks: str) -> None:
    """Changes attributes of the finding's proposal, as if they had been written at another time."""
    store = DynamoStore(stack.root("dynamodb"), stack.outputs["TableName"])
    store.write(Update(key=Key(pk=f"PROPOSAL#{finding.proposal_id}", sk="PROPOSAL"), assign=marks))


def hours_ago(hours: int) -> str:
    """Returns a time in the past as the runbooks write it."""
    return f"{datetime.now(UTC) - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


def started_by_hand(stack: Stack, finding: Finding) -> Finding:
    """Starts what did not start by itself; returns the finding that waits."""
    sealed = proposal_of(stack, finding).proposal
    stack.start("ApplyDocument", sealed.proposal_id, sealed.digest)
    return stack.wait_for(finding.verdict.principal.arn or "", finding.verdict.action or "", State.AWAITING_APPROVAL)


def test_a_fix_is_taken_back_and_applied_again(stack: Stack) -> None:
    """A restored fix that is still missed is proposed again, signed again and applied again."""
    application, bucket, finding = waiting(stack)
    applied(stack, finding)
    restored = taken_back(stack, finding)
    assert application.attached() == []
    # Denials in the first minutes after a change are IAM's own delay; so the change has to lie further back.
    stack.findings.amend(restored, replace(restored, changed_at=restored.changed_at - timedelta(minutes=5)))
    assert put(application, bucket) == "AccessDenied"
    applied(stack, stack.wait_for(application.arn, PUT, State.AWAITING_APPROVAL))
    assert put(application, bucket) is None


@contextmanager
def lifetime_of_fixes(stack: Stack, hours: int) -> Iterator[None]:
    """While it is entered, fixes are proposed as in a stack deployed with ``remove_after_hours``."""
    functions, name = stack.root("lambda"), stack.outputs["ProposeFunction"]
    before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    knobs = {**json.loads(before.get("REDRESS_SETTINGS") or "{}"), "remove_after_hours": hours}
    with_hours = {**before, "REDRESS_SETTINGS": json.dumps(knobs)}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": with_hours})
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": before})


def test_a_fix_with_a_lifetime_goes_by_itself(stack: Stack) -> None:
    """When the signed hours are over, the schedule takes the fix back without a signature, and the finding says so."""
    with lifetime_of_fixes(stack, 1):
        application, bucket, finding = waiting(stack)
        assert proposal_of(stack, finding).proposal.content["remove_after_hours"] == 1
    applied(stack, finding)
    assert put(application, bucket) is None
    note(stack, finding, applied_at=hours_ago(2), remove_at=hours_ago(1))
    stack.root("lambda").invoke(FunctionName=stack.outputs["TrackFunction"], Payload=b"{}")
    restored = stack.wait_for(application.arn, PUT, State.RESTORED)
    assert "the time that was signed for it ended" in restored.cause
    assert application.attached() == []
    assert put(application, bucket) == "AccessDenied"


def test_two_principals_wait_and_are_fixed_side_by_side(stack: Stack) -> None:
    """Neither of two changes that wait at once gets in the other's way."""
    (one, its_bucket, first), (other, other_bucket, second) = waiting(stack), waiting(stack)
    for finding in (second, first):
        stack.signal(execution_of(finding))
    assert [stack.wait_until_over(execution_of(each)) for each in (first, second)] == ["Success", "Success"]
    assert (put(one, its_bucket), put(other, other_bucket)) == (None, None)


def test_a_denied_approver_does_not_sign_for_himself(stack: Stack) -> None:
    """The runbook refuses the signature of the very role that was denied; nothing is attached."""
    himself = Application(APPROVER_ARN.rsplit("/", 1)[-1], stack)
    _, bucket, finding = waiting(stack, himself)
    stack.signal(execution_of(finding), by=APPROVER_ARN)
    assert stack.wait_until_over(execution_of(finding)) == "Failed"
    failed = stack.wait_for(himself.arn, PUT, State.FAILED)
    assert "the denied principal itself" in failed.cause
    assert not [arn for arn in himself.attached() if ":policy/redress/redress-" in arn]
    assert put(himself, bucket) == "AccessDenied"


@pytest.fixture(scope="module")
def worker_profile(stack: Stack) -> str:
    """An instance profile with a role in it."""
    iam = stack.root("iam")
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName="worker")
    iam.add_role_to_instance_profile(InstanceProfileName="worker", RoleName="worker")
    return "worker"


def launch(application: Application, **more: Any) -> str | None:  # noqa: ANN401 - EC2's parameters
    """Starts an instance as the application; returns the denial's code, or None."""
    return denial_of(
        lambda: application.client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, **more)
    )


def denied_launcher(stack: Stack, profile: str) -> tuple[Application, dict[str, Any], Finding]:
    """Returns a role that may start instances, but was denied passing their role and tagging them."""
    launcher = stack.application(allow("ec2:RunInstances"))
    passing = {"IamInstanceProfile": {"Name": profile}}
    tagging = {"TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": "web"}]}]}
    assert (launch(launcher, **passing), launch(launcher, **tagging)) == ("UnauthorizedOperation",) * 2

    def look() -> Finding | None:
        found = [stack.finding_of(launcher.arn, action) for action in ("iam:PassRole", "ec2:CreateTags")]
        ids = {each.proposal_id for each in found if each}
        return found[0] if None not in found and None not in ids and len(ids) == 1 else None

    return launcher, {**passing, **tagging}, eventually("one proposal for both", look)


def test_denials_that_follow_each_other_become_one_proposal(stack: Stack, worker_profile: str) -> None:
    """Passing a role and tagging on launch are one change, each bound to its launch, that two people must sign."""
    launcher, more, finding = denied_launcher(stack, worker_profile)
    stored = proposal_of(stack, finding)
    content = stored.proposal.content
    assert stored.status is ProposalStatus.MANUAL
    assert content["guard"]["verdict"] == GuardVerdict.TWO_APPROVERS
    granted = {each["Action"]: each.get("Condition") for each in content["statements"]}
    assert granted == {
        "iam:PassRole": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        "ec2:CreateTags": {"StringEquals": {"ec2:CreateAction": "RunInstances"}},
    }
    applied(stack, started_by_hand(stack, finding), APPROVER_ARN, SECOND_APPROVER_ARN)
    assert launch(launcher, **more) is None


def test_one_person_who_signs_twice_is_not_two_people(stack: Stack, worker_profile: str) -> None:
    """Where two must sign, the same person's second signature is refused, and nothing is attached."""
    launcher, more, finding = denied_launcher(stack, worker_profile)
    execution = execution_of(started_by_hand(stack, finding))
    for step in ("approve", "approve_second"):
        eventually(step, lambda step=step: stack.execution(execution).get("CurrentStepName") == step or None)  # type: ignore[misc]
        stack.signal(execution, by=APPROVER_ARN)
    assert stack.wait_until_over(execution) == "Failed"
    failed = stack.wait_for(launcher.arn, "iam:PassRole", State.FAILED)
    assert "signed twice" in failed.cause
    assert launcher.attached() == []
    assert launch(launcher, **more) == "UnauthorizedOperation"


def test_a_newer_proposal_replaces_one_that_waits(stack: Stack) -> None:
    """A further denial makes one change of both; the old request is cancelled and its signature applies nothing."""
    application, bucket, older = waiting(stack)
    stack.wait_until_asked(execution_of(older))
    assert denial_of(application.client("kms").list_keys)
    newer = stack.wait_for(application.arn, "kms:ListKeys", State.AWAITING_APPROVAL)
    assert stack.wait_until_over(execution_of(older)) == "Cancelled"
    assert proposal_of(stack, older).status is ProposalStatus.SUPERSEDED
    ssm = stack.acting_as(APPROVER_ARN, "ssm")
    late = {"AutomationExecutionId": execution_of(older), "SignalType": "Approve", "Payload": {"Comment": ["late"]}}
    assert denial_of(lambda: ssm.send_automation_signal(**late))
    assert application.attached() == []
    moved = stack.wait_for(application.arn, PUT, State.AWAITING_APPROVAL)
    assert moved.proposal_id == newer.proposal_id
    assert older.proposal_id
    told = [line["cause"] for line in stack.findings.audit_trail(moved.finding_id)]
    assert [cause for cause in told if older.proposal_id in cause]
    applied(stack, newer)
    assert (put(application, bucket), denial_of(application.client("kms").list_keys)) == (None, None)


def test_a_policy_changed_since_it_was_proposed_is_not_touched(stack: Stack) -> None:
    """Somebody makes a policy of that name while the request waits: the signature applies nothing."""
    application, bucket, finding = waiting(stack)
    stack.wait_until_asked(execution_of(finding))
    arn = policy_named(stack, application, policy(allow("s3:*")))
    stack.signal(execution_of(finding))
    assert stack.wait_until_over(execution_of(finding)) == "Failed"
    failed = stack.wait_for(application.arn, PUT, State.FAILED)
    assert "made by somebody else" in failed.cause
    assert application.attached() == []
    assert stack.root("iam").get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v1"
    assert put(application, bucket) == "AccessDenied"


def policy_named(stack: Stack, application: Application, document: str) -> str:
    """Makes a policy under the name that Redress would give it; returns its ARN."""
    named = {"PolicyName": f"redress-us-east-1-role-{application.name}", "Path": "/redress/"}
    return str(stack.root("iam").create_policy(**named, PolicyDocument=document)["Policy"]["Arn"])


def test_a_policy_that_somebody_put_in_the_way_is_not_attached(stack: Stack) -> None:
    """A wide policy that lies under the fix's name gives nobody anything: no fix, and the reason."""
    application, bucket = stack.application(), stack.bucket()
    policy_named(stack, application, policy(allow("*")))
    assert put(application, bucket) == "AccessDenied"
    finding = stack.wait_for(application.arn, PUT, State.NO_FIX)
    assert finding.no_fix
    assert finding.no_fix.reason is NoFixReason.GUARD_BLOCKED
    assert "somebody else wrote" in finding.no_fix.detail
    assert application.attached() == []


def test_a_principal_without_room_for_a_policy_gets_text(stack: Stack) -> None:
    """With ten managed policies attached, the fix comes as text for its owner."""
    application, bucket, iam = stack.application(), stack.bucket(), stack.root("iam")
    for number in range(ATTACHED_BEFORE):
        name = f"own-{application.name}-{number}"
        arn = iam.create_policy(PolicyName=name, PolicyDocument=policy(allow("s3:GetObject")))["Policy"]["Arn"]
        iam.attach_role_policy(RoleName=application.name, PolicyArn=arn)
    assert put(application, bucket) == "AccessDenied"
    finding = stack.wait_for(application.arn, PUT, State.NO_FIX)
    assert finding.no_fix
    assert finding.no_fix.reason is NoFixReason.ATTACHMENT_LIMIT
    assert bucket in dict(finding.no_fix.patch)["terraform"]


def test_a_sixth_version_takes_the_place_of_the_oldest(stack: Stack) -> None:
    """A policy of ours with the five versions that IAM keeps is changed all the same; the oldest version goes."""
    application, _, finding = waiting(stack)
    applied(stack, finding)
    (arn,) = application.attached()
    iam = stack.root("iam")
    document = proposal_of(stack, finding).proposal.content["document"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    assert denial_of(application.client("kms").list_keys)
    applied(stack, stack.wait_for(application.arn, "kms:ListKeys", State.AWAITING_APPROVAL))
    kept = {each["VersionId"] for each in iam.list_policy_versions(PolicyArn=arn)["Versions"]}
    assert kept == {"v2", "v3", "v4", "v5", "v6"}
    assert denial_of(application.client("kms").list_keys) is None


@contextmanager
def seconds_to_sign(stack: Stack, seconds: int) -> Iterator[None]:
    """While it is entered, the runbook waits for a signature only so long, as ``approval_timeout_seconds`` says."""
    ssm, name = stack.root("ssm"), stack.outputs["ApplyDocument"]
    before = ssm.get_document(Name=name, DocumentFormat="JSON")["Content"]
    content = json.loads(before)
    for step in content["mainSteps"]:
        if step["action"] == "aws:approve":
            step["timeoutSeconds"] = seconds
    _put_in_force(ssm, name, json.dumps(content))
    try:
        yield
    finally:
        _put_in_force(ssm, name, before)


def _put_in_force(ssm: Any, name: str, content: str) -> None:  # noqa: ANN401 - boto3 makes the methods at run time
    """Makes a new version of the runbook, so that the newest is the one in force."""
    made = ssm.update_document(Name=name, Content=content, DocumentVersion="$LATEST")
    ssm.update_document_default_version(Name=name, DocumentVersion=made["DocumentDescription"]["DocumentVersion"])


def test_an_approval_that_nobody_gives_in_time_expires(stack: Stack) -> None:
    """When the time to sign is over, the execution ends, nothing was changed, and the finding says so."""
    with seconds_to_sign(stack, 3):
        application, bucket = stack.application(), stack.bucket()
        assert put(application, bucket) == "AccessDenied"
        expired = stack.wait_for(application.arn, PUT, State.EXPIRED)
    assert stack.execution(execution_of(expired))["AutomationExecutionStatus"] == "TimedOut"
    assert "nobody signed in time" in expired.cause
    assert proposal_of(stack, expired).status is ProposalStatus.EXPIRED
    assert application.attached() == []
    assert put(application, bucket) == "AccessDenied"
