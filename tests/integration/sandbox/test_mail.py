"""The e-mails of the topics can be read, in the words that e-mail subscribers would get."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

if TYPE_CHECKING:
    from sandbox.process import Sandbox


def mails(sandbox: Sandbox, topic: str) -> list[dict[str, Any]]:
    """Returns what subscribers of the topic were mailed."""
    with urlopen(f"{sandbox.endpoint}/_redress/mail.json") as answer:  # noqa: S310 - our own address
        return [each for each in json.load(answer) if each["topic"] == topic]


def test_mail_of_a_topic_without_subscribers(sandbox: Sandbox) -> None:
    """A message by protocol is mailed in its e-mail form, any other one as it is; the newest comes last."""
    sns = sandbox.client("sns")
    topic = sns.create_topic(Name="mailed")["TopicArn"]
    by_protocol = json.dumps({"default": "{}", "email": "Dear reader\né", "sqs": "machine"})
    sns.publish(TopicArn=topic, Subject="One", Message=by_protocol, MessageStructure="json")
    sns.publish(TopicArn=topic, Message="plain")
    assert mails(sandbox, topic) == [
        {"topic": topic, "subject": "One", "text": "Dear reader\né"},
        {"topic": topic, "subject": "AWS Notification Message", "text": "plain"},
    ]
    with urlopen(f"{sandbox.endpoint}/_redress/mail") as answer:  # noqa: S310 - our own address
        shown = answer.read().decode()
    assert "To:      mailed\nSubject: One\n\nDear reader\né\n" in shown


def test_subscribers_get_theirs(sandbox: Sandbox) -> None:
    """Keeping the e-mail takes nothing away from a queue that listens."""
    sns, sqs = sandbox.client("sns"), sandbox.client("sqs")
    topic = sns.create_topic(Name="heard-and-mailed")["TopicArn"]
    arn = "arn:aws:sqs:us-east-1:000000000000:hears-too"
    sender = {"Service": "sns.amazonaws.com"}
    let_in = {"Effect": "Allow", "Principal": sender, "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [let_in]})
    url = sqs.create_queue(QueueName="hears-too", Attributes={"Policy": policy})["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="both")
    (got,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(got["Body"])["Message"] == "both"
    assert [each["text"] for each in mails(sandbox, topic)] == ["both"]
