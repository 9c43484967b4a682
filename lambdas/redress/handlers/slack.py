"""λ slack: passes notices on to a Slack webhook.

It is subscribed to the findings topic and, as the operator chose, to the security topic, which may have a webhook of
its own. A card comes with its Slack message ready (``redress.domain.card``); any other text (the daily digest, an
alarm) is wrapped. What cannot be delivered raises: Lambda tries twice more, minutes apart, and then keeps the event in
the queue of failed functions.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from redress.adapters.secrets import Secret
from redress.adapters.sessions import client
from redress.adapters.slack_webhook import SlackWebhook
from redress.domain.card.alarm import alarm, is_alarm
from redress.domain.card.slack import note
from redress.domain.errors import Refused, Retry
from redress.domain.harmless import harmless
from redress.domain.values import dataclass
from redress.handlers.observability import logger
from redress.handlers.settings import environment

if TYPE_CHECKING:
    from redress.adapters.slack_webhook import Answer

HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
GONE = frozenset({403, 404, 410})
BAD_REQUEST, TOO_MANY, SERVER_ERROR = 400, 429, 500
OK = range(200, 300)
REQUEST_SECONDS = 10.0
SPARE_SECONDS = 2.0
"""Kept back to log and to raise in."""
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
SUBJECT = "Redress"
REMEMBERED = 1_000
"""Notices that a process knows that it has delivered, the newest ones."""


class Address(Protocol):
    """Where the webhook's address is kept."""

    def text(self) -> str:
        """Returns it as it was last read."""

    def renewed(self) -> str:
        """Returns it as it is now."""


class Webhook(Protocol):
    """Posts to Slack."""

    def post(self, address: str, body: bytes, *, seconds: float) -> Answer:
        """Posts JSON; raises Retry where no answer comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What notices are delivered with.

    Attributes:
        addresses: The webhook of each topic by its ARN, where they have different ones.
        address: The webhook of whatever is of none of these topics.
        left: Seconds until Lambda ends this invocation.
        delivered: Ids of the notices that Slack has taken in the life of this process, the newest last.

    """

    address: Address
    webhook: Webhook
    left: Callable[[], float]
    pause: Callable[[float], None] = time.sleep
    addresses: Mapping[str, Address] = field(default_factory=dict)
    delivered: dict[str, None] = field(default_factory=dict)

    def address_of(self, topic_arn: str) -> Address:
        """Returns where a topic's notices go."""
        return self.addresses.get(topic_arn, self.address)


def slack(event: Mapping[str, Any], *, desk: Desk) -> None:
    """Delivers the notices of an SNS event, one as a rule.

    Raises:
        Retry: Slack did not take it in time.
        Refused: Slack will never take it, or the secret holds no address of Slack.

    """
    for record in event["Records"]:
        _deliver(record["Sns"], desk)


def _deliver(notice: Mapping[str, Any], desk: Desk) -> None:
    """Delivers one notice, unless Slack has taken it before: SNS and Lambda bring some twice."""
    id_ = id_of(notice)
    if id_ and id_ in desk.delivered:
        logger.info("delivered before", notice_id=id_)
        return
    message, address = message_of(notice), desk.address_of(str(notice.get("TopicArn") or ""))
    answer = _delivered(message, address, desk)
    if answer.status == BAD_REQUEST and "blocks" in message:
        logger.warning("Slack does not take the blocks; the plain text goes instead", answer=harmless(answer.text))
        answer = _delivered({"text": message["text"]}, address, desk)
    if answer.status not in OK:
        raise Refused(f"Slack does not take the notice: {answer.status} {harmless(answer.text)}")
    logger.info("delivered", message_id=notice.get("MessageId"), notice_id=id_)
    if id_:
        _remember(id_, desk)


def _remember(id_: str, desk: Desk) -> None:
    desk.delivered[id_] = None
    for oldest in list(desk.delivered)[:-REMEMBERED]:
        del desk.delivered[oldest]


def id_of(notice: Mapping[str, Any]) -> str:
    """Returns what tells a repeat of this notice: its topic and its id; empty where it has none (an alarm)."""
    attribute = (notice.get("MessageAttributes") or {}).get("notice_id") or {}
    id_ = str(attribute.get("Value") or "")
    return f"{notice.get('TopicArn') or ''} {id_}" if id_ else ""


def message_of(notice: Mapping[str, Any]) -> dict[str, Any]:
    """Returns Slack's message for what SNS delivered."""
    text = str(notice.get("Message") or "")
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict) and isinstance(document.get("slack"), dict):
        ready: dict[str, Any] = document["slack"]
        return ready
    if isinstance(document, dict) and is_alarm(document):
        return alarm(document)
    return note(str(notice.get("Subject") or SUBJECT), text)


def checked(address: str) -> str:
    """Returns the address of a webhook, if it is one of Slack's.

    Raises:
        Refused: It is not; the text does not repeat it, since it is a secret.

    """
    try:
        parts = urlsplit(address.strip())
        plain = parts.scheme == "https" and parts.netloc in HOSTS and len(parts.path) > 1
    except ValueError:
        plain = False
    if not plain or not address.strip().isascii() or any(letter.isspace() for letter in address.strip()):
        raise Refused(
            "the secret holds no address of a Slack webhook (https://hooks.slack.com/services/…): put it there"
        )
    return address.strip()


def _delivered(message: Mapping[str, Any], where: Address, desk: Desk) -> Answer:
    """Returns Slack's last answer: delivered, or one that waiting does not mend."""
    body = json.dumps(message).encode()
    address, pauses = checked(where.text()), 0
    while True:
        answer, fault = _asked(address, body, desk)
        if answer and answer.status in GONE:
            renewed = checked(where.renewed())
            if renewed == address:
                return answer
            address = renewed
        elif answer and answer.status != TOO_MANY and answer.status < SERVER_ERROR:
            return answer
        else:
            _wait(desk, pauses, answer, fault)
            pauses += 1


def _asked(address: str, body: bytes, desk: Desk) -> tuple[Answer | None, str]:
    """Returns the answer, or None and why there is none."""
    seconds = min(REQUEST_SECONDS, desk.left() - SPARE_SECONDS)
    if seconds <= 0:
        raise Retry("no time is left to reach Slack")
    try:
        answer = desk.webhook.post(address, body, seconds=seconds)
    except Retry as error:
        return None, str(error)
    return answer, f"Slack answered {answer.status} {harmless(answer.text)}"


def _wait(desk: Desk, pauses: int, answer: Answer | None, fault: str) -> None:
    asked = answer.retry_after if answer else None
    seconds = min(float(2**pauses), LONGEST_PAUSE) if asked is None else max(asked, SHORTEST_PAUSE)
    if seconds + SPARE_SECONDS >= desk.left():
        raise Retry(f"{fault}, and there is no time left to wait {seconds:.0f} s")
    desk.pause(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What lasts as long as the process."""

    address: Address
    addresses: Mapping[str, Address]
    webhook: Webhook
    delivered: dict[str, None] = field(default_factory=dict)


@cache
def _kept() -> Kept:
    given = environment()
    given.need("slack_webhook_secret_arn")
    usual = _secret(given.slack_webhook_secret_arn)
    if not given.slack_security_secret_arn:
        return Kept(address=usual, addresses={}, webhook=_webhook())
    # What names no topic of ours goes where fewer people read it.
    security = _secret(given.slack_security_secret_arn)
    return Kept(address=security, addresses={given.findings_topic_arn: usual}, webhook=_webhook())


def _secret(arn: str) -> Secret:
    return Secret(lambda: client("secretsmanager"), arn)


def _webhook() -> Webhook:
    return SlackWebhook()


class Context(Protocol):
    """What Lambda tells of the invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """Returns the milliseconds until Lambda ends it."""


def handle(event: dict[str, Any], context: Context) -> None:
    """Lambda entry point."""
    kept = _kept()
    desk = Desk(
        address=kept.address,
        addresses=kept.addresses,
        webhook=kept.webhook,
        left=lambda: context.get_remaining_time_in_millis() / 1_000,
        delivered=kept.delivered,
    )
    slack(event, desk=desk)
