"""The e-mails that subscribers of the topics would be sent: MiniStack sends none, so they are kept to be read.

``GET /_redress/mail`` shows them as text, the newest last; ``GET /_redress/mail.json`` as a list of objects with
``topic`` (ARN), ``subject`` and ``text``.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from ministack.services import sns

from sandbox.answers import Answer
from sandbox.exchange import Reply

if TYPE_CHECKING:
    from sandbox.exchange import Call

PATH: Final = "/_redress/mail"
KEPT: Final = 1_000
_fanout: Final = sns._fanout  # noqa: SLF001


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message of a topic, as its e-mail subscribers would get it."""

    topic: str
    subject: str
    text: str


_MAILS: Final[deque[Mail]] = deque(maxlen=KEPT)


def _kept(  # MiniStack's own signature
    topic_arn: str, msg_id: str, message: str, subject: str, message_structure: str = "", *more: object, **named: object
) -> None:
    text = sns._resolve_message_for_protocol(message, message_structure, "email")  # noqa: SLF001
    _MAILS.append(Mail(topic=topic_arn, subject=subject or "AWS Notification Message", text=text))
    _fanout(topic_arn, msg_id, message, subject, message_structure, *more, **named)


def _read(call: Call) -> Reply | None:
    mails = list(_MAILS)
    if call.path.endswith(".json"):
        body, kind = json.dumps([asdict(mail) for mail in mails]), "application/json"
    else:
        body, kind = (
            "\n".join(map(_shown, mails)) or "No topic has been told anything yet.\n",
            "text/plain; charset=utf-8",
        )
    return Reply(status=200, headers={"content-type": kind}, body=body.encode("utf-8", "replace"))


def _shown(mail: Mail) -> str:
    return f"{'─' * 100}\nTo:      {mail.topic.rpartition(':')[2]}\nSubject: {mail.subject}\n\n{mail.text}\n"


MAIL: Final = Answer(wants=lambda call: call.path in {PATH, f"{PATH}.json"}, respond=_read)


def install() -> None:
    """Makes MiniStack keep what it would have mailed."""
    sns._fanout = _kept  # noqa: SLF001
