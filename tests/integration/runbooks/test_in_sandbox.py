"""Both runbooks over the wire: real documents, real roles, IAM that enforces, scripts in processes of their own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters.automation import EXECUTION_TAG
from redress.adapters.findings_items import item_of
from redress.adapters.table_client import DynamoStore
from redress.adapters.table_writes import Key, Put, Update
from redress.domain.proposal import canonical_json, seal, sha256
from redress.domain.words import ProposalStatus, State
from sandbox.synthesize import ACCOUNT, APPROVER_ARN, SECOND_APPROVER_ARN
from tests.e2e.stack import TRUST, Application, Stack, eventually
from tests.unit.lifecycle.builders import finding

if TYPE_CHECKING:
    from redress.domain.finding import Finding

_numbers = count(1)
TWO_PEOPLE = {"verdict": "TWO_APPROVERS", "hits": [{"rule": "r", "verdict": "TWO_APPROVERS", "reason": "because"}]}


class Change:
    """A proposal for one role to write into one bucket, made by hand so that λ propose is not in the way."""

    def __init__(self, stack: Stack, application: Application | None = None, **changes: Any) -> None:  # noqa: ANN401 - any content
        self.stack = stack
        self.application = application or stack.application()
        self.bucket = stack.bucket()
        self.finding_id = f"f-{next(_numbers):020}"
        self.store = DynamoStore(stack.root("dynamodb"), stack.outputs["TableName"])
        self.proposal = seal({**self._content(), **changes})
        self._file()

    def is_allowed(self) -> bool:
        """Asks whether the role may write into the bucket; a real denial would become a proposal of its own."""
        asked = {"ActionNames": ["s3:PutObject"], "ResourceArns": [f"arn:aws:s3:::{self.bucket}/1"]}
        answer = self.stack.root("iam").simulate_principal_policy(PolicySourceArn=self.application.arn, **asked)
        allowed = bool(answer["EvaluationResults"][0]["EvalDecision"] == "allowed")
        if allowed:
            self.application.client("s3").put_object(Bucket=self.bucket, Key="1", Body=b"x")
        return allowed

    def start(self, document: str = "ApplyDocument") -> str:
        """Starts a runbook for it; returns the execution's id."""
        parameters = {"ProposalId": [self.proposal.proposal_id], "Digest": [self.proposal.digest]}
        tags = [{"Key": EXECUTION_TAG, "Value": self.proposal.proposal_id}]
        answer = self.stack.root("ssm").start_automation_execution(
            DocumentName=self.stack.outputs[document], Parameters=parameters, Tags=tags
        )
        return str(answer["AutomationExecutionId"])

    def applied(self) -> Change:
        """Applies it with one signature."""
        execution = self.start()
        self.stack.signal(execution)
        assert self.stack.wait_until_over(execution) == "Success", self.failure(execution)
        return self

    def failure(self, execution: str) -> str:
        """Returns all that an execution says of its failure."""
        found = self.stack.execution(execution)
        said = [step.get("FailureMessage", "") for step in found["StepExecutions"]]
        return " ".join([found.get("FailureMessage", ""), *said])

    def status(self) -> ProposalStatus:
        """Returns the proposal's status."""
        stored = self.stack.proposals.get(self.proposal.proposal_id)
        assert stored
        return stored.status

    def settled(self, state: State) -> Finding:
        """Returns the finding once it is in this state."""

        def look() -> Finding | None:
            found = self.stack.findings.get(self.finding_id)
            return found if found and found.state is state else None

        return eventually(f"{self.finding_id} in {state}", look)

    def mark(self, **marks: str) -> None:
        """Changes attributes of the proposal's item."""
        self.store.write(Update(key=Key(pk=f"PROPOSAL#{self.proposal.proposal_id}", sk="PROPOSAL"), assign=marks))

    def _content(self) -> dict[str, Any]:
        name, now = self.application.name, datetime.now(UTC)
        policy = f"redress-us-east-1-role-{name}"
        granted = {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": [f"arn:aws:s3:::{self.bucket}/1"]}
        return {
            "schema": 1,
            "created_at": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "expires_at": f"{now + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}",
            "remove_after_hours": 0,
            "finding_ids": [self.finding_id],
            "principal": {"type": "ROLE", "name": name, "arn": self.application.arn, "account": ACCOUNT},
            "policy": {
                "arn": f"arn:aws:iam::{ACCOUNT}:policy/redress/{policy}",
                "name": policy,
                "path": "/redress/",
            },
            "pre_image": self._pre_image(f"arn:aws:iam::{ACCOUNT}:policy/redress/{policy}"),
            "document": canonical_json({"Version": "2012-10-17", "Statement": [granted]}),
            "statements": [granted],
            "guard": {"verdict": "CLEAN", "hits": []},
            "proof": {"before": "implicitDeny", "after": "allowed", "complete": True, "source": "evaluator"},
            "probes": [{"action": "s3:PutObject", "resource": f"arn:aws:s3:::{self.bucket}/1", "context": []}],
            "summary": "A test's change.",
            "owned_by": None,
        }

    def _pre_image(self, arn: str) -> dict[str, Any]:
        if arn not in self.application.attached():
            return {"exists": False, "version_id": "", "document_sha256": "", "attached": False}
        iam = self.stack.root("iam")
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        parsed = json.loads(document) if isinstance(document, str) else document
        return {
            "exists": True,
            "version_id": version,
            "document_sha256": sha256(canonical_json(parsed)),
            "attached": True,
        }

    def _file(self) -> None:
        covered = finding(
            State.PROPOSED, finding_id=self.finding_id, proposal_id=self.proposal.proposal_id, state_version=2
        )
        self.store.write(Put(item=item_of(covered, frozenset({b"12345678"}))))
        before = self.stack.proposals.current(self.application.arn)
        self.stack.proposals.make_current(self.proposal, ProposalStatus.MANUAL, before=before, now=datetime.now(UTC))


def test_apply_restore_and_apply_again(stack: Stack) -> None:
    """The call is denied, goes through, is denied again, and goes through again; the findings say so."""
    change = Change(stack)
    assert not change.is_allowed()
    change.applied()
    assert change.is_allowed()
    change.settled(State.FIXED)
    restore = change.start("RestoreDocument")
    stack.signal(restore)
    assert stack.wait_until_over(restore) == "Success", change.failure(restore)
    assert not change.is_allowed()
    assert change.application.attached() == []
    change.settled(State.RESTORED)
    again = Change(stack, change.application).applied()
    assert again.is_allowed()


def test_a_second_fix_is_taken_back_before_the_first(stack: Stack) -> None:
    """Restoring the lower one is refused by name of the upper; afterwards both can be taken back."""
    lower = Change(stack).applied()
    upper = Change(stack, lower.application).applied()
    refused = lower.start("RestoreDocument")
    assert stack.wait_until_over(refused) == "Failed"
    assert f"{upper.proposal.proposal_id} came after it" in lower.failure(refused)
    for change in (upper, lower):
        restore = change.start("RestoreDocument")
        stack.signal(restore)
        assert stack.wait_until_over(restore) == "Success", change.failure(restore)
    assert lower.application.attached() == []


def test_a_lifetime_that_is_over_needs_no_signature(stack: Stack) -> None:
    """The restore runbook asks nobody when the signed hours are over, and does ask before."""
    change = Change(stack, remove_after_hours=1).applied()
    early = change.start("RestoreDocument")
    stack.wait_until_asked(early)
    stack.root("ssm").stop_automation_execution(AutomationExecutionId=early, Type="Cancel")
    stack.wait_until_over(early)
    change.mark(applied_at=f"{datetime.now(UTC) - timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}")
    late = change.start("RestoreDocument")
    assert stack.wait_until_over(late) == "Success", change.failure(late)
    assert change.status() is ProposalStatus.RESTORED
    assert not change.is_allowed()


def test_two_principals_at_once(stack: Stack) -> None:
    """Two changes wait, are signed and applied side by side."""
    one, other = Change(stack), Change(stack)
    executions = [one.start(), other.start()]
    for execution in executions:
        stack.signal(execution)
    assert [stack.wait_until_over(execution) for execution in executions] == ["Success", "Success"]
    assert (one.is_allowed(), other.is_allowed()) == (True, True)


def test_the_approver_may_not_be_the_denied_principal(stack: Stack) -> None:
    """An approver who is denied something cannot sign for himself."""
    own = Application(APPROVER_ARN.rsplit("/", 1)[-1], stack)
    change = Change(stack, own)
    execution = change.start()
    stack.signal(execution, by=APPROVER_ARN)
    assert stack.wait_until_over(execution) == "Failed"
    assert "denied principal itself" in change.failure(execution)
    assert not [arn for arn in own.attached() if "policy/redress/redress-" in arn]


@pytest.mark.parametrize(("second", "status"), [(APPROVER_ARN, "Failed"), (SECOND_APPROVER_ARN, "Success")])
def test_two_approvers_are_two_people(stack: Stack, second: str, status: str) -> None:
    """Where the guard asks for two, the same person twice is refused and two people are taken."""
    change = Change(stack, guard=TWO_PEOPLE)
    execution = change.start()
    stack.signal(execution, by=APPROVER_ARN)
    eventually("second request", lambda: _is_at(stack, execution, "approve_second"))
    stack.signal(execution, by=second)
    assert stack.wait_until_over(execution) == status
    assert change.is_allowed() == (status == "Success")


def _is_at(stack: Stack, execution: str, step: str) -> bool | None:
    return stack.execution(execution).get("CurrentStepName") == step or None


def test_somebody_elses_change_is_not_restored_over(stack: Stack) -> None:
    """After a change by hand the restore refuses, says what differs, and changes nothing."""
    change = Change(stack).applied()
    arn = change.proposal.content["policy"]["arn"]
    by_hand = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
    iam = stack.root("iam")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(by_hand), SetAsDefault=True)
    restore = change.start("RestoreDocument")
    assert stack.wait_until_over(restore) == "Failed"
    assert "somebody else" in change.failure(restore)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"


@pytest.mark.slow  # the runbook is patient for 90 seconds, since IAM is eventually consistent
def test_a_change_that_the_simulator_does_not_confirm_is_taken_back(stack: Stack) -> None:
    """A boundary keeps the call denied: the pre-image is restored, and both causes are told."""
    iam = stack.root("iam")
    name = f"bounded-{next(_numbers)}"
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
    boundary = iam.create_policy(PolicyName=f"boundary-{name}", PolicyDocument=json.dumps(nothing))["Policy"]["Arn"]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, PermissionsBoundary=boundary)
    change = Change(stack, Application(name, stack))
    execution = change.start()
    stack.signal(execution)
    assert eventually("end", lambda: _over(stack, execution), seconds=150) == "Failed"
    assert "still denied" in change.failure(execution)
    assert change.application.attached() == []
    found = change.settled(State.FAILED)
    assert "IAM is as it was before" in found.cause


def _over(stack: Stack, execution: str) -> str | None:
    status = str(stack.execution(execution)["AutomationExecutionStatus"])
    return status if status in {"Success", "Failed", "Cancelled"} else None
