"""The deployed stack as its users meet it: roles that are denied, approvers who sign, a table to look into."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from redress.adapters.automation import EXECUTION_TAG
from redress.adapters.findings_table import FindingsTable
from redress.adapters.proposals_table import ProposalsTable
from redress.adapters.table_client import DynamoStore
from sandbox.synthesize import ACCOUNT, APPROVER_ARN, SECOND_APPROVER_ARN

if TYPE_CHECKING:
    from collections.abc import Callable

    from redress.domain.finding import Finding
    from redress.domain.words import State
    from sandbox.deploy import Deployed
    from sandbox.process import Sandbox

T = TypeVar("T")
Document = dict[str, Any]
PATIENCE_SECONDS = 60.0
RUNNING = {"Pending", "InProgress", "Waiting", "PendingApproval", "Cancelling"}
_numbers = count(1)


def policy(*statements: Document) -> str:
    """Returns a policy document as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(action: str, resource: str = "*") -> Document:
    """Returns an Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def deny(action: str, resource: str = "*") -> Document:
    """Returns a Deny statement."""
    return {**allow(action, resource), "Effect": "Deny"}


TRUST = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"})


def eventually(what: str, look: Callable[[], T | None], *, seconds: float = PATIENCE_SECONDS) -> T:
    """Returns the first thing that ``look`` finds; fails if nothing comes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.2)
    raise AssertionError(f"no {what} within {seconds:.0f} s")


def denial_of(call: Callable[[], object]) -> str | None:
    """Returns the error code that a call meets, or None if it goes through."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None


@dataclass(frozen=True, slots=True)
class Application:
    """A role that makes calls."""

    name: str
    stack: Stack

    @property
    def arn(self) -> str:
        """Returns the role's ARN."""
        return f"arn:aws:iam::{ACCOUNT}:role/{self.name}"

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 clients have no static type here
        """Returns a client with the role's own credentials."""
        return self.stack.acting_as(self.arn, service)

    def attached(self) -> list[str]:
        """Returns the ARNs of its managed policies."""
        listed = self.stack.root("iam").list_attached_role_policies(RoleName=self.name)["AttachedPolicies"]
        return [each["PolicyArn"] for each in listed]


class Stack:
    """The deployed stack."""

    def __init__(self, sandbox: Sandbox, deployed: Deployed) -> None:
        self.sandbox = sandbox
        self.deployed = deployed
        self.outputs = deployed.outputs
        store = DynamoStore(self.root("dynamodb"), self.outputs["TableName"])
        self.findings = FindingsTable(store)
        self.proposals = ProposalsTable(store)
        for arn in (APPROVER_ARN, SECOND_APPROVER_ARN):
            self._person(arn.rsplit("/", 1)[-1], self.outputs["ApproverPolicyArn"])

    def root(self, service: str) -> Any:  # noqa: ANN401 - boto3 clients have no static type here
        """Returns a client that may do everything."""
        return self.sandbox.client(service)

    def acting_as(self, role_arn: str, service: str) -> Any:  # noqa: ANN401 - boto3 clients have no static type here
        """Returns a client whose calls are made as the role."""
        taken = self.root("sts").assume_role(RoleArn=role_arn, RoleSessionName="tester")
        return self.sandbox.client(service, taken["Credentials"])

    def application(self, *statements: Document, path: str = "/") -> Application:
        """Creates a role with these permissions; its name is new."""
        name = f"app-{next(_numbers)}"
        self.root("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST)
        if statements:
            self.root("iam").put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
        return Application(name, self)

    def _person(self, name: str, managed: str) -> None:
        self.root("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        self.root("iam").attach_role_policy(RoleName=name, PolicyArn=managed)

    def bucket(self) -> str:
        """Creates a bucket; its name is new."""
        name = f"bucket-{next(_numbers)}"
        self.root("s3").create_bucket(Bucket=name)
        return name

    def finding_of(self, principal: str, action: str) -> Finding | None:
        """Returns the finding of a principal and action, or None."""
        found = self.findings.by_principal(principal)
        return next((each for each in found if each.verdict.action == action), None)

    def wait_for(self, principal: str, action: str, *states: State, seconds: float = PATIENCE_SECONDS) -> Finding:
        """Returns the finding once it is in one of the states (any, if none is named)."""

        def look() -> Finding | None:
            found = self.finding_of(principal, action)
            return found if found and (not states or found.state in states) else None

        return eventually(f"finding {action} in {'/'.join(states) or 'any state'}", look, seconds=seconds)

    def execution(self, execution_id: str) -> Document:
        """Returns an Automation execution."""
        answer: Document = self.root("ssm").get_automation_execution(AutomationExecutionId=execution_id)
        execution: Document = answer["AutomationExecution"]
        return execution

    def wait_until_asked(self, execution_id: str) -> None:
        """Waits until an execution waits for a signature."""
        waiting = {"Waiting", "PendingApproval"}

        def look() -> bool | None:
            found = self.execution(execution_id)
            status = found["AutomationExecutionStatus"]
            assert status in {*RUNNING, *waiting}, f"nobody was asked: {status}, {found.get('FailureMessage')}"
            return True if status in waiting else None

        eventually(f"approval request of {execution_id}", look)

    def signal(self, execution_id: str, kind: str = "Approve", *, by: str = APPROVER_ARN, comment: str = "ok") -> None:
        """Sends a signature as one of the approvers."""
        self.wait_until_asked(execution_id)
        ssm = self.acting_as(by, "ssm")
        payload = {"Comment": [comment]}
        ssm.send_automation_signal(AutomationExecutionId=execution_id, SignalType=kind, Payload=payload)

    def wait_until_over(self, execution_id: str) -> str:
        """Returns the status in which an execution ended."""

        def look() -> str | None:
            status = str(self.execution(execution_id)["AutomationExecutionStatus"])
            return None if status in RUNNING else status

        status = eventually(f"end of {execution_id}", look)
        if status == "Failed":  # pytest shows it where the test did not want it
            print(f"execution {execution_id}: {self.execution(execution_id).get('FailureMessage')}")  # noqa: T201
        return status

    def restore(self, proposal_id: str, digest: str) -> str:
        """Starts the restore runbook and returns its execution's id."""
        return self.start("RestoreDocument", proposal_id, digest)

    def start(self, document: str, proposal_id: str, digest: str) -> str:
        """Starts one of the runbooks for a proposal, tagged so that approvers may sign; returns the execution's id."""
        started = self.root("ssm").start_automation_execution(
            DocumentName=self.outputs[document],
            Parameters={"ProposalId": [proposal_id], "Digest": [digest]},
            Tags=[{"Key": EXECUTION_TAG, "Value": proposal_id}],
        )
        return str(started["AutomationExecutionId"])
