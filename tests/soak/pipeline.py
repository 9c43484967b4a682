"""Redress in the sandbox under load: what is sent to it, and what can be seen of it."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from redress.adapters.findings_items import finding_of, is_finding
from redress.adapters.table_values import from_attributes
from redress.adapters.table_writes import Item
from redress.domain.finding import Finding
from sandbox.deploy import deploy
from sandbox.fault_client import Faults
from sandbox.synthesize import KNOBS, synthesize
from tests.e2e.stack import TRUST, Stack
from tests.integration.faults.notices import Ear

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.process import Sandbox
    from tests.soak.denials import Load

KNOBS_HERE: dict[str, object] = {**KNOBS, "triage_max_concurrency": 4, "max_waiting_approvals": 5}
QUIET_SECONDS = 4.0
LOOK_SECONDS = 2.0
DEAD = ("DenialsDeadLetterQueueUrl", "RuleDeadLetterQueueUrl", "FunctionDeadLetterQueueUrl")
SENDERS = 2
BATCH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is there when all is quiet.

    Attributes:
        ledger: Items of the notices' ledger.
        audit: Lines of the audit trail.
        letters: Messages of each dead-letter queue.
        heard: SNS envelopes of the notices.
        struck: How often each fault struck.
        settled: Whether everything came to rest within the time.
        last: The last look at it, in words.

    """

    findings: tuple[Finding, ...]
    ledger: tuple[Item, ...]
    audit: tuple[Item, ...]
    letters: dict[str, list[dict[str, Any]]]
    heard: tuple[dict[str, Any], ...]
    struck: tuple[int, ...]
    settled: bool
    last: str
    seconds: float


@dataclass(slots=True, kw_only=True)
class Pipeline:
    """The deployed stack with somebody listening."""

    stack: Stack
    ear: Ear
    tell: Callable[[str], None]
    letters: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, sandbox: Sandbox, tell: Callable[[str], None], *, hidden_seconds: int) -> Pipeline:
        """Deploys, and subscribes to the topics of findings.

        Args:
            sandbox: Started.
            tell: Told how far the run is.
            hidden_seconds: After which what a killed function held comes back; six minutes in the template.

        """
        stack = Stack(sandbox, deploy(sandbox, synthesize(KNOBS_HERE)))
        hidden = {"VisibilityTimeout": str(hidden_seconds)}
        stack.root("sqs").set_queue_attributes(QueueUrl=stack.outputs["DenialsQueueUrl"], Attributes=hidden)
        ear = Ear.of(sandbox, (stack.outputs["FindingsTopicArn"], stack.outputs["SecurityTopicArn"]))
        return cls(stack=stack, ear=ear, tell=tell)

    def run(self, load: Load, *, throttle: float, patience: float, seed: int) -> Seen:
        """Sends the load while faults strike, waits until all is quiet, and returns what can be seen."""
        iam = self.stack.root("iam")
        for role in load.roles:
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
        begun = time.monotonic()
        with self._faults(throttle, len(load.messages), seed) as faults:
            self._send(load.messages)
            settled = self._settle(load, begun + patience)
        seconds, found = time.monotonic() - begun, self._items()
        last = f"{self._state(load)}, queue {self._waiting():,}"  # hears what the ledger has by now
        return Seen(
            findings=tuple(finding_of(item) for item in found if is_finding(item)),
            ledger=tuple(item for item in found if str(item["sk"]).startswith("NOTICE#")),
            audit=tuple(item for item in found if str(item["sk"]).startswith("AUDIT#")),
            letters=dict(self.letters),
            heard=tuple(self.ear.heard),
            struck=tuple(faults.struck),
            settled=settled,
            last=last,
            seconds=seconds,
        )

    def _faults(self, throttle: float, messages: int, seed: int) -> Faults:
        faults = Faults(self.stack.sandbox, seed=seed)
        triage, propose = (self.stack.outputs[f"{name}Function"][:64] for name in ("Triage", "Propose"))
        early = max(messages // 20, 5)
        return (
            faults.kill("dynamodb", "UpdateItem", late=True, caller=f"*/{triage}", after=early, times=1)
            .kill("dynamodb", "TransactWriteItems", late=True, caller=f"*/{propose}", after=1, times=1)
            .throttle(caller="*/Redress-*Function*", probability=throttle)
        )

    def _send(self, messages: Sequence[str]) -> None:
        url = self.stack.outputs["DenialsQueueUrl"]
        parts = [messages[start : start + BATCH] for start in range(0, len(messages), BATCH)]
        with ThreadPoolExecutor(SENDERS) as senders:
            for number, _ in enumerate(senders.map(lambda part: self._send_part(url, part), parts)):
                if number % 200 == 0:
                    self.tell(f"sent {number * BATCH:,} of {len(messages):,}")

    def _send_part(self, url: str, part: Sequence[str]) -> None:
        entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(part)]
        answer = self._sqs.send_message_batch(QueueUrl=url, Entries=entries)
        if answer.get("Failed"):
            raise RuntimeError(f"the queue refused {answer['Failed']}")

    @property
    def _sqs(self) -> Any:  # noqa: ANN401 - a boto3 client
        return self.ear.sqs

    def _settle(self, load: Load, deadline: float) -> bool:
        """Waits until the queue is empty and nothing has changed for a while; returns whether that came to pass."""
        before, since = "", time.monotonic()
        while time.monotonic() < deadline:
            waiting = self._waiting()
            state = self._state(load) if waiting == 0 else f"queue {waiting:,}"  # a look costs the sandbox time
            self.tell(state)
            if state != before:
                before, since = state, time.monotonic()
            elif waiting == 0 and time.monotonic() - since > QUIET_SECONDS:
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def _state(self, load: Load) -> str:
        for name in DEAD:
            self._take(name)
        found = self._items()
        counted = sum(int(item["count"]) for item in found if is_finding(item))
        versions = sum(int(item["state_version"]) for item in found if is_finding(item))
        owed = sum(1 for item in found if item.get("item_type") == "notice" and item.get("status") != "SENT")
        dead = sum(len(letters) for letters in self.letters.values())
        return (
            f"counted {counted:,} of {sum(load.counts.values()):,}, versions {versions:,}, "
            f"dead letters {dead}, notices {self.ear.listen():,} and {owed} owed"
        )

    def _waiting(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self._sqs.get_queue_attributes(QueueUrl=self.stack.outputs["DenialsQueueUrl"], AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def _take(self, name: str) -> None:
        url = self.stack.outputs[name]
        while True:
            got = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=BATCH, MessageAttributeNames=["All"])
            for letter in got.get("Messages", ()):
                self.letters[name].append(letter)
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
            if not got.get("Messages"):
                return

    def _items(self) -> list[Item]:
        pages = self.stack.root("dynamodb").get_paginator("scan").paginate(TableName=self.stack.outputs["TableName"])
        return [from_attributes(item) for page in pages for item in page["Items"]]


def attribute_of(envelope: dict[str, Any], name: str) -> str:
    """Returns an attribute of a notice, or an empty text."""
    return str(envelope.get("MessageAttributes", {}).get(name, {}).get("Value", ""))


def reason_of(letter: dict[str, Any]) -> str:
    """Returns why a message was put aside, or an empty text."""
    return str(json.loads(json.dumps(letter.get("MessageAttributes", {}))).get("reason", {}).get("StringValue", ""))
