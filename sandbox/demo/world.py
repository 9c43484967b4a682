"""What the demo makes in the local AWS: an application's role, an approver, and what people are mailed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from botocore.exceptions import ClientError

from sandbox.synthesize import ACCOUNT, APPROVER_ARN

if TYPE_CHECKING:
    from sandbox.deploy import Deployed
    from sandbox.process import Sandbox

BUCKET = "orders-archive"
LEDGER = "orders-ledger"
ROLE = "orders-service"
KEY = "2026/11/order-1001.json"
DENIED_CODES = {"AccessDenied", "AccessDeniedException"}


def trusting_account() -> str:
    """Returns a trust policy that lets the account's own principals assume the role."""
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    return _policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


ORDERS_POLICY = _policy(
    {"Sid": "ReadOrders", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"},
    {"Sid": "ReadLedger", "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"},
    {"Sid": "NeverDeleteTheLedger", "Effect": "Deny", "Action": "dynamodb:DeleteTable", "Resource": "*"},
)


class World:
    """The demo's own resources, and the calls that its people make."""

    def __init__(self, sandbox: Sandbox, deployed: Deployed) -> None:
        self.sandbox = sandbox
        self.outputs = deployed.outputs
        self.made: list[str] = []

    def create(self) -> None:
        """Creates bucket and roles."""
        self.sandbox.client("s3").create_bucket(Bucket=BUCKET)
        self._role(ROLE, ORDERS_POLICY)
        self._role(APPROVER_ARN.rsplit("/", 1)[-1], None)
        self._approver_may_sign()
        self.made += [f"s3://{BUCKET}", f"role {ROLE}", f"role {APPROVER_ARN.rsplit('/', 1)[-1]}"]

    def _role(self, name: str, policy: str | None) -> None:
        iam = self.sandbox.client("iam")
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting_account())
        if policy:
            iam.put_role_policy(RoleName=name, PolicyName="orders", PolicyDocument=policy)

    def _approver_may_sign(self) -> None:
        name = APPROVER_ARN.rsplit("/", 1)[-1]
        self.sandbox.client("iam").attach_role_policy(RoleName=name, PolicyArn=self.outputs["ApproverPolicyArn"])

    def acting_as(self, role: str, service: str) -> Any:  # noqa: ANN401 - boto3 clients have no static type here
        """Returns a client that makes its calls as the role, enforced like anyone's."""
        sts = self.sandbox.client("sts")
        credentials = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName=f"{role}-demo")
        return self.sandbox.client(service, credentials["Credentials"])

    def put_order(self) -> str | None:
        """Stores an order as orders-service; returns the denial's text, or None if it went through."""
        return denial_of(lambda: self.acting_as(ROLE, "s3").put_object(Bucket=BUCKET, Key=KEY, Body=b"{}"))

    def delete_ledger(self) -> str | None:
        """Deletes the ledger as orders-service; returns the denial's text, or None if it went through."""
        return denial_of(lambda: self.acting_as(ROLE, "dynamodb").delete_table(TableName=LEDGER))

    def mails(self, topic: str, text: str) -> list[dict[str, Any]]:
        """Returns the e-mails of a topic (by the name of its output) that hold a text."""
        with urlopen(f"{self.sandbox.endpoint}/_redress/mail.json", timeout=10) as answer:  # noqa: S310 - our own address
            got = json.load(answer)
        wanted = self.outputs[topic]
        return [each for each in got if each["topic"] == wanted and text in each["text"]]

    def sign(self, execution_id: str) -> None:
        """Approves a waiting runbook as the approver."""
        ssm = self.acting_as(APPROVER_ARN.rsplit("/", 1)[-1], "ssm")
        comment = {"Comment": ["seen in the demo"]}
        ssm.send_automation_signal(AutomationExecutionId=execution_id, SignalType="Approve", Payload=comment)


def denial_of(call: Any) -> str | None:  # noqa: ANN401 - any client call
    """Returns the text of the denial that a call meets, or None if it goes through."""
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] in DENIED_CODES:
            return str(error.response["Error"]["Message"])
        raise
    return None
