"""``redress dlq``: what could not be processed, each message with its reason; and back into the queue with it.

Three queues, as the stack has them: ``denials`` (triage refused the message, or could not process it), ``rules``
(EventBridge could not hand the event over) and ``functions`` (a function gave up on a batch of the table's stream).
The last hold positions in the stream, not findings: there is nothing to send again, the scheduled runs of λ start and
λ track pick up from the table what was missed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from redress.domain.errors import Refused
from redress.domain.harmless import harmless
from redress_cli import aws
from redress_cli.desk import confirmed
from redress_cli.numbers import at_least_one

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

QUEUES = {
    "denials": "DenialsDeadLetterQueueUrl",
    "rules": "RuleDeadLetterQueueUrl",
    "functions": "FunctionDeadLetterQueueUrl",
}
REPLAYABLE = ("denials", "rules")
LOOK_SECONDS = 60  # a message that was looked at is back after this
WAIT_SECONDS = 1  # without a wait SQS asks some of its servers only, and may miss the few messages of a short queue
SHOWN = 160
BATCH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message of a dead-letter queue."""

    queue: str
    message_id: str
    receipt: str
    body: str
    reason: str
    received: int
    is_for_triage: bool


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommand's arguments."""
    parser.add_argument("what", choices=("list", "replay"), nargs="?", default="list")
    parser.add_argument("--queue", choices=tuple(QUEUES), action="append", help="only these (default: all)")
    parser.add_argument("--message", action="append", metavar="ID", help="only these messages")
    parser.add_argument(
        "--limit", type=at_least_one, default=100, help="look at no more than so many per queue (default 100)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line, with the whole body")
    parser.add_argument("--yes", action="store_true", help="do not ask before replaying")
    aws.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Lists or replays dead letters; returns 0, or 1 if some could not be replayed."""
    deployment = aws.Deployment.of(arguments)
    queues = arguments.queue or list(QUEUES)
    letters = [letter for queue in queues for letter in _letters(deployment, queue, arguments.limit)]
    if arguments.message:
        letters = [letter for letter in letters if letter.message_id in arguments.message]
    if arguments.what == "replay":
        return _replay(deployment, letters, yes=arguments.yes)
    for letter in letters:
        sys.stdout.write(_as_json(letter) if arguments.json else _line(letter))
    if not letters and not arguments.json:
        sys.stdout.write("no dead letters\n")
    return 0


def _letters(deployment: aws.Deployment, queue: str, limit: int) -> Iterator[Letter]:
    client, url = deployment.client("sqs"), deployment.outputs[QUEUES[queue]]
    seen: set[str] = set()
    while len(seen) < limit:
        fresh = [letter for letter in _received(client, url, queue) if letter.message_id not in seen]
        if not fresh:
            return
        seen.update(letter.message_id for letter in fresh)
        yield from fresh


def _received(client: Any, url: str, queue: str) -> list[Letter]:  # noqa: ANN401 - boto3 clients have no static type here
    try:
        answer = client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=LOOK_SECONDS,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageAttributeNames=["All"],
            AttributeNames=["ApproximateReceiveCount"],
        )
    except (ClientError, BotoCoreError) as error:
        raise Refused(f"cannot read the dead-letter queue {url}: {error}") from error
    return [_letter(message, queue) for message in answer.get("Messages", [])]


def _letter(message: Mapping[str, Any], queue: str) -> Letter:
    given = {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
    return Letter(
        queue=queue,
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        reason=_reason(given, message["Body"], queue),
        received=int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1)),
        is_for_triage=queue in REPLAYABLE and ":lambda:" not in given.get("TARGET_ARN", ""),  # set by EventBridge
    )


def _reason(attributes: Mapping[str, str], body: str, queue: str) -> str:
    if "reason" in attributes:
        return attributes["reason"]
    if "ERROR_CODE" in attributes:  # set by EventBridge
        return f"{attributes['ERROR_CODE']}: {attributes.get('ERROR_MESSAGE', '')}"
    if queue == "functions":
        return _function_reason(body)
    return "triage failed on it again and again; its log says why"


def _function_reason(body: str) -> str:
    try:
        context = json.loads(body)["requestContext"]
        name = context["functionArn"].rsplit(":", 2)[-2 if context["functionArn"].endswith("$LATEST") else -1]
        return f"{name}: {context['condition']} after {context['approximateInvokeCount']} tries"
    except (ValueError, KeyError, TypeError):
        return "a function gave up on it; its log says why"


def _line(letter: Letter) -> str:
    return f"{letter.queue:<10} {letter.message_id}  {harmless(letter.reason, SHOWN)}\n"


def _as_json(letter: Letter) -> str:
    shown = {"queue": letter.queue, "message_id": letter.message_id, "reason": letter.reason, "body": letter.body}
    return json.dumps(shown, sort_keys=True) + "\n"


def _replay(deployment: aws.Deployment, letters: list[Letter], *, yes: bool) -> int:
    going = [letter for letter in letters if letter.is_for_triage]
    staying = len(letters) - len(going)
    if staying:
        sys.stderr.write(
            f"redress: {staying} were for functions and stay: the scheduled runs pick up what they were about\n"
        )
    if not going or not confirmed(f"Send {len(going)} messages to triage again?", yes=yes):
        sys.stdout.write("nothing was sent\n")
        return 1 if staying else 0
    for letter in going:
        _send(deployment, letter)
    sys.stdout.write(f"sent again: {len(going)}\n")
    return 1 if staying else 0


def _send(deployment: aws.Deployment, letter: Letter) -> None:
    """Sends first and deletes afterwards: a fault in between means twice, which triage counts once."""
    client, outputs = deployment.client("sqs"), deployment.outputs
    try:
        client.send_message(QueueUrl=outputs["DenialsQueueUrl"], MessageBody=letter.body)
        client.delete_message(QueueUrl=outputs[QUEUES[letter.queue]], ReceiptHandle=letter.receipt)
    except (ClientError, BotoCoreError) as error:
        raise Refused(f"message {letter.message_id} was not replayed: {error}") from error
