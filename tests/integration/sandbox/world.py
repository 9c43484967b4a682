"""The people who are denied in the sandbox, and the rule that hears of it."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sandbox.process import ACCOUNT, Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TRUST = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
PATTERN = {"source": [{"prefix": "aws."}], "detail-type": ["AWS API Call via CloudTrail"]}
SECONDS = 20.0
_NUMBERS = itertools.count(1)


def policy(*statements: Mapping[str, Any]) -> str:
    """Returns a policy document of the statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str = "*", **more: object) -> dict[str, Any]:
    """Returns an Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | list[str], resource: str = "*", **more: object) -> dict[str, Any]:
    """Returns a Deny statement."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def may_send(queue: str, service: str = "events.amazonaws.com") -> str:
    """Returns a queue policy that lets a service send."""
    principal = {"Service": service}
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": queue})


def unique(name: str) -> str:
    """Returns a name that no other test uses."""
    return f"{name}-{next(_NUMBERS)}"


def denial_of(call: Callable[[], object]) -> dict[str, Any]:
    """Returns the error that a call is refused with; fails if it goes through."""
    with pytest.raises(ClientError) as caught:
        call()
    return dict(caught.value.response["Error"])


@dataclass(frozen=True, slots=True)
class People:
    """Makes roles and users with just the policies that a test gives them."""

    sandbox: Sandbox

    def role(self, *statements: Mapping[str, Any], path: str = "/", boundary: str | None = None) -> str:
        """Returns the name of a new role."""
        name, iam = unique("role"), self.sandbox.client("iam")
        bounds = {"PermissionsBoundary": boundary} if boundary else {}
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=policy(TRUST), **bounds)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
        return name

    def session(self, role: str, *, path: str = "/", session_policy: str | None = None) -> dict[str, Any]:
        """Returns credentials of a session ``work`` of the role."""
        extra = {"Policy": session_policy} if session_policy else {}
        arn = f"arn:aws:iam::{ACCOUNT}:role{path}{role}"
        made = self.sandbox.client("sts").assume_role(RoleArn=arn, RoleSessionName="work", **extra)
        return dict(made["Credentials"])

    def restricted(self, *statements: Mapping[str, Any]) -> dict[str, Any]:
        """Returns credentials of a new role that may do only this."""
        return self.session(self.role(*statements))

    def user(self, *statements: Mapping[str, Any]) -> dict[str, Any]:
        """Returns credentials of a new user that may do only this."""
        name, iam = unique("user"), self.sandbox.client("iam")
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"], "UserName": name}

    def managed(self, *statements: Mapping[str, Any]) -> str:
        """Returns the ARN of a new managed policy."""
        iam = self.sandbox.client("iam")
        made = iam.create_policy(PolicyName=unique("managed"), PolicyDocument=policy(*statements))
        return str(made["Policy"]["Arn"])


class Trail:
    """A queue behind a rule, and the events that reach it."""

    def __init__(self, sandbox: Sandbox, *, state: str, pattern: Mapping[str, Any]) -> None:
        self._queue, self._events = sandbox.client("sqs"), sandbox.client("events")
        self.rule = unique("trail")
        self.rule_arn = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{self.rule}"
        self.queue_arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{self.rule}"
        opened = {"Policy": may_send(self.queue_arn)}
        self._url = self._queue.create_queue(QueueName=self.rule, Attributes=opened)["QueueUrl"]
        self._events.put_rule(Name=self.rule, EventPattern=json.dumps(pattern), State=state)
        self._events.put_targets(Rule=self.rule, Targets=[{"Id": "queue", "Arn": self.queue_arn}])

    def close(self) -> None:
        """Takes the rule away."""
        self._events.remove_targets(Rule=self.rule, Ids=["queue"])
        self._events.delete_rule(Name=self.rule)

    def close_queue(self) -> None:
        """Lets nobody send to the queue any more."""
        self._queue.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": ""})

    def put_aside_to(self, other: Trail) -> None:
        """Has what cannot be delivered put into another trail's queue."""
        target = {"Id": "queue", "Arn": self.queue_arn, "DeadLetterConfig": {"Arn": other.queue_arn}}
        self._events.put_targets(Rule=self.rule, Targets=[target])

    def messages(self, *, attributes: bool = False) -> list[dict[str, Any]]:
        """Returns the messages of one look at the queue; waits until there is one if attributes are asked for."""
        asked = {"MessageAttributeNames": ["All"], "WaitTimeSeconds": int(SECONDS)} if attributes else {}
        got = self._queue.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, **asked).get("Messages", [])
        for message in got:
            self._queue.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return list(got)

    def events(self) -> list[dict[str, Any]]:
        """Returns what has arrived since the last look."""
        found = []
        while got := self.messages():
            found += [json.loads(message["Body"]) for message in got]
        return found

    def one(self) -> dict[str, Any]:
        """Returns the next event; fails if none comes, or two."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if found := self.events():
                assert len(found) == 1
                return dict(found[0])
            time.sleep(0.02)
        raise AssertionError(f"no event within {SECONDS:.0f} s")

    def none(self) -> bool:
        """Returns whether nothing arrives while an event would have had plenty of time."""
        time.sleep(0.5)
        return self.events() == []
