"""The ``redress`` command as people use it: each with the credentials of his own role, against the deployed stack."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from redress.domain.words import ProposalStatus, State
from redress_cli.main import main
from sandbox.process import REGION
from sandbox.synthesize import ACCOUNT, APPROVER_ARN, SECOND_APPROVER_ARN
from tests.e2e.security.test_t01_forged_events import VICTIM, record
from tests.e2e.stack import TRUST, Application, Stack, allow, denial_of, deny, eventually, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from redress.domain.finding import Finding

    Redress = Callable[..., tuple[int, str, str]]

PUT = "s3:PutObject"
ROLES = {"on-call": "OnCallPolicyArn", "auditor": "AuditorPolicyArn"}


@pytest.fixture(scope="module")
def people(stack: Stack) -> dict[str, str]:
    """The ARNs of an approver, an on-call person and an auditor, who have the shipped policies and nothing else."""
    iam = stack.root("iam")
    for name, output in ROLES.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        iam.attach_role_policy(RoleName=name, PolicyArn=stack.outputs[output])
    signers = {"approver": APPROVER_ARN, "second": SECOND_APPROVER_ARN}
    return {**signers, **{name: f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ROLES}}


@pytest.fixture
def redress(
    stack: Stack, people: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Redress:
    """Runs a command as somebody; returns its exit code, output and errors."""

    def run(who: str, *words: str) -> tuple[int, str, str]:
        taken = stack.root("sts").assume_role(RoleArn=people[who], RoleSessionName=who)["Credentials"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", taken["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", taken["SecretAccessKey"])
        monkeypatch.setenv("AWS_SESSION_TOKEN", taken["SessionToken"])
        capsys.readouterr()
        code = main([*words, "--region", REGION, "--endpoint-url", stack.sandbox.endpoint])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def denied(stack: Stack) -> tuple[Application, Finding]:
    """Returns an application that was denied writing to a bucket, and the finding that waits for a signature."""
    bucket, application = stack.bucket(), stack.application()
    call = lambda: application.client("s3").put_object(Bucket=bucket, Key="2026/a.json", Body=b"{}")  # noqa: E731
    assert denial_of(call) == "AccessDenied"
    return application, stack.wait_for(application.arn, PUT, State.AWAITING_APPROVAL)


def _asked_again(stack: Stack, execution: str) -> bool | None:
    """Returns True once the second approval step waits."""
    steps = {each["StepName"]: each["StepStatus"] for each in stack.execution(execution)["StepExecutions"]}
    return True if steps.get("approve_second") == "Waiting" else None


def test_a_fix_from_listing_to_taking_back(stack: Stack, redress: Redress) -> None:
    """People find, show, sign and take back a fix with nothing but the command and the shipped policies."""
    application, finding = denied(stack)
    code, out, _ = redress("auditor", "findings", "--principal", application.arn, "--json")
    assert (code, json.loads(out)["finding_id"]) == (0, finding.finding_id)
    code, out, _ = redress("auditor", "show", finding.finding_id)
    assert code == 0
    assert PUT in out
    code, out, _ = redress("auditor", "show", finding.finding_id, "--patch", "terraform")
    assert (code, PUT in out) == (0, True)

    assert finding.execution_id
    stack.wait_until_asked(finding.execution_id)
    code, out, err = redress("approver", "approve", finding.finding_id, "--yes", "--comment", "part of the job")
    assert (code, err) == (0, "")
    assert "sent: Approve" in out
    assert stack.wait_until_over(finding.execution_id) == "Success"
    fixed = stack.wait_for(application.arn, PUT, State.FIXED)

    (fix,) = (each for each in _in_force(redress) if each["principal"] == application.arn)
    assert (fix["proposal_id"], fix["need"]) == (fixed.proposal_id, "NEEDED")
    own = policy(allow("s3:Put*", "arn:aws:s3:::*"))
    stack.root("iam").put_role_policy(RoleName=application.name, PolicyName="deploy", PolicyDocument=own)
    (fix,) = _in_force(redress, "--redundant")
    assert (fix["proposal_id"], fix["redundant_by"]) == (fixed.proposal_id, ["inline:deploy"])

    code, out, _ = redress("on-call", "restore", fixed.finding_id, "--yes")
    assert code == 0
    execution = out.split("started: ")[1].split(";")[0]
    stack.wait_until_asked(execution)
    code, out, _ = redress("approver", "approve", execution, "--yes")
    assert code == 0
    assert "TAKES BACK" in out
    assert stack.wait_until_over(execution) == "Success"
    assert application.attached() == []
    assert _in_force(redress, "--redundant") == []


def _in_force(redress: Redress, *words: str) -> list[dict[str, Any]]:
    code, out, err = redress("auditor", "fixes", "--json", *words)
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def test_a_rejection_with_its_reason(stack: Stack, redress: Redress) -> None:
    """A rejected fix is written nowhere, and its reason is in the finding's history."""
    application, finding = denied(stack)
    assert finding.execution_id
    stack.wait_until_asked(finding.execution_id)
    assert redress("approver", "reject", finding.finding_id, "--yes", "--comment", "use the other role")[0] == 0
    stack.wait_for(application.arn, PUT, State.REJECTED)
    _, out, _ = redress("auditor", "show", finding.finding_id)
    assert "use the other role" in out
    assert application.attached() == []


def test_nobody_does_more_than_his_part(stack: Stack, redress: Redress) -> None:
    """On-call and auditors do not sign, auditors and approvers do not write findings; each is told so in a sentence."""
    _, finding = denied(stack)
    assert finding.execution_id
    stack.wait_until_asked(finding.execution_id)
    for who, *words in (
        ("auditor", "approve", "--yes"),
        ("on-call", "approve", "--yes"),
        ("auditor", "reject", "--yes"),
        ("approver", "claim"),
        ("auditor", "claim"),
    ):
        code, out, err = redress(who, words[0], finding.finding_id, *words[1:])
        assert (code, "sent:" in out) == (2, False)
        assert err.startswith("redress: ")
        assert err.count("\n") == 1
    assert stack.execution(finding.execution_id)["AutomationExecutionStatus"] in {"Waiting", "PendingApproval"}


def test_quiet_a_while(stack: Stack, redress: Redress) -> None:
    """On-call takes care of a finding, keeps it quiet until a day, and ends that again; all of it is on record."""
    application = stack.application(deny("dynamodb:DeleteTable"))
    assert denial_of(lambda: application.client("dynamodb").delete_table(TableName="ledger"))
    finding = stack.wait_for(application.arn, "dynamodb:DeleteTable", State.NO_FIX)
    code, out, _ = redress("on-call", "claim", finding.finding_id)
    assert (code, "on-call" in out) == (0, True)
    until = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"
    code, out, err = redress("on-call", "mute", finding.finding_id, "--until", until, "--reason", "known")
    assert (code, err, "MUTED" in out) == (0, "", True)
    assert redress("on-call", "mute", finding.finding_id, "--end")[0] == 0
    code, out, _ = redress("auditor", "export", finding.finding_id)
    records = [json.loads(line) for line in out.splitlines()]
    assert (code, records[0]["record"]) == (0, "finding")
    assert {"MUTED", "NO_FIX"} <= {each["to"] for each in records[1:]}
    assert any("on-call" in each["actor"] and each["cause"] == "known" for each in records[1:])


def test_a_suspicious_principal_is_cleared_by_a_person(stack: Stack, redress: Redress) -> None:
    """Many doors tried make a principal suspicious; only a person with a reason opens its findings again."""
    application = stack.application()
    iam = application.client("iam")
    tries = (
        *("list_users", "list_roles", "list_groups", "list_policies", "get_account_summary", "list_account_aliases"),
        *(
            "list_instance_profiles",
            "list_open_id_connect_providers",
            "list_saml_providers",
            "list_server_certificates",
        ),
        *("get_account_authorization_details", "get_credential_report", "list_virtual_mfa_devices"),
    )
    assert all(denial_of(getattr(iam, name)) for name in tries)
    finding = stack.wait_for(application.arn, "iam:ListUsers", State.SUSPICIOUS)
    assert redress("auditor", "clear", finding.finding_id, "--reason", "x")[0] == 2
    code, out, _ = redress("on-call", "clear", finding.finding_id, "--reason", "our own inventory")
    assert code == 0
    assert out.endswith(f"OPEN again, of {application.arn}\n")
    stack.wait_for(application.arn, "iam:ListUsers", State.AWAITING_APPROVAL)
    assert State.SUSPICIOUS not in {each.state for each in stack.findings.by_principal(application.arn)}


def test_what_takes_two_is_started_and_signed_by_people(stack: Stack, redress: Redress) -> None:
    """A dangerous fix waits for a person to start it, and for two different people to sign it."""
    bucket, application = stack.bucket(), stack.application()
    opening = policy(allow("s3:GetObject"))
    assert denial_of(lambda: application.client("s3").put_bucket_policy(Bucket=bucket, Policy=opening))
    finding = stack.wait_for(application.arn, "s3:PutBucketPolicy", State.PROPOSED)
    stored = stack.proposals.get(finding.proposal_id or "")
    assert stored is not None
    assert stored.status is ProposalStatus.MANUAL
    assert redress("approver", "approve", finding.finding_id, "--yes")[0] == 2
    assert redress("approver", "start", finding.finding_id, "--yes")[0] == 2
    code, out, _ = redress("on-call", "start", finding.finding_id, "--yes")
    assert code == 0
    execution = out.split("started: ")[1].strip()
    stack.wait_until_asked(execution)
    assert redress("approver", "approve", execution, "--yes")[0] == 0
    eventually("second request", lambda: _asked_again(stack, execution))
    assert redress("second", "approve", execution, "--yes")[0] == 0
    assert stack.wait_until_over(execution) == "Success"


def test_dead_letters_are_read_and_sent_again(stack: Stack, redress: Redress) -> None:
    """A poison message shows up with its reason, and what is replayed becomes a finding after all."""
    sqs, dead = stack.root("sqs"), stack.outputs["DenialsDeadLetterQueueUrl"]
    sqs.send_message(QueueUrl=stack.outputs["DenialsQueueUrl"], MessageBody="{poison")

    def arrived() -> bool | None:
        names = ["ApproximateNumberOfMessages"]
        found = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=names)["Attributes"]
        return True if int(found[names[0]]) else None

    eventually("dead letter", arrived)
    assert redress("approver", "dlq")[0] == 2
    code, out, _ = redress("on-call", "dlq", "--queue", "denials", "--json")
    letters = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [each["reason"].startswith("the message is no JSON") for each in letters if each["body"] == "{poison"] == [
        True
    ]

    body = json.dumps({"source": "aws.s3", "detail-type": "AWS API Call via CloudTrail", "detail": record()})
    sqs.send_message(QueueUrl=dead, MessageBody=body)
    code, out, _ = redress("on-call", "dlq", "replay", "--queue", "denials", "--yes")
    assert (code, out) == (0, "sent again: 1\n")
    stack.wait_for(VICTIM, PUT)
