"""A queue subscribed to topics, and what it has heard."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.process import Sandbox

QUEUE = "heard-notices"
ACCOUNT = "000000000000"


@dataclass(slots=True, kw_only=True)
class Ear:
    """Hears notices, and remembers each.

    Attributes:
        heard: The SNS envelopes.

    """

    sqs: Any
    url: str
    heard: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, sandbox: Sandbox, topics: Iterable[str], *, queue: str = QUEUE) -> Ear:
        """Subscribes a new queue of this name to the topics."""
        sqs, sns = sandbox.client("sqs"), sandbox.client("sns")
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{queue}"
        send = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:*", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [send]})
        url = sqs.create_queue(QueueName=queue, Attributes={"Policy": policy})["QueueUrl"]
        for topic in topics:
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return cls(sqs=sqs, url=url)

    def listen(self) -> int:
        """Takes what has arrived since the last time; returns how much has been heard in all."""
        while True:
            got = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
            if not got:
                return len(self.heard)
            entries = [{"Id": str(at), "ReceiptHandle": one["ReceiptHandle"]} for at, one in enumerate(got)]
            self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)
            self.heard += [json.loads(message["Body"]) for message in got]

    def by_text(self, text: str) -> Counter[str]:
        """Returns how often each state was told of whatever is named by this text (an ARN, a finding's id)."""
        told = (one for one in self.heard if text in json.dumps(one))
        return Counter(state_of(one) for one in told)

    def ids_by_text(self, text: str) -> set[str]:
        """Returns the ids of these notices."""
        return {id_of(one) for one in self.heard if text in json.dumps(one)}


def id_of(envelope: dict[str, Any]) -> str:
    """Returns the id that repeats of a notice share."""
    return str(envelope.get("MessageAttributes", {}).get("notice_id", {}).get("Value", ""))


def state_of(envelope: dict[str, Any]) -> str:
    """Returns the state that a notice tells."""
    return str(envelope.get("MessageAttributes", {}).get("state", {}).get("Value", ""))
