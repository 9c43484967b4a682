"""One card per finding, and its renderings: what the on-call person, the approver and machines are shown.

How a notice is sent (``handlers.notify``)::

    card = compose(finding, proposal=proposal, place=place, circumstances=circumstances)
    card = replace(card, lead=…, trouble=…, notice_id=…)      # and ``title=…`` for a burst, without "[Redress]"
    shown = renderings(card, finding)
    publish(findings or security topic, Subject=shown.subject, Message=by_protocol(shown),
            MessageStructure="json", MessageAttributes=shown.attributes)
    publish(chat topic, Message=shown.chat, MessageAttributes=shown.attributes)

That is one publish for everybody but Amazon Q Developer, which wants a topic of its own: with
``MessageStructure="json"`` SNS gives each protocol its own text. E-mail gets ``text``, text messages get ``subject``,
Lambda functions (λ slack among them) get the machine document with one more member, ``slack``, and everybody else
(SQS, HTTPS, Firehose, e-mail-json) gets the machine document.

Whatever else is published to those topics as plain text (the digest, an alarm) reaches e-mail and λ slack as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from redress.domain.card import chat, machine, plain, slack
from redress.domain.card.content import Card, Place, compose
from redress.domain.card.links import reasons_page
from redress.domain.card.phrases import TITLE_LIMIT
from redress.domain.card.safe_text import LONG, told
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from redress.domain.finding import Finding

__all__ = ["Card", "Place", "Renderings", "by_protocol", "compose", "reasons_page", "renderings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderings:
    """One card in every form.

    Attributes:
        subject: For e-mail: under 100 characters of printable ASCII.
        text: For e-mail.
        chat: For Amazon Q Developer in chat applications: JSON.
        slack: For a Slack webhook: JSON.
        machine: For everything else: JSON.
        attributes: SNS message attributes.

    """

    subject: str
    text: str
    chat: str
    slack: str
    machine: str
    attributes: Mapping[str, Mapping[str, str]]


def renderings(card: Card, finding: Finding) -> Renderings:
    """Returns every rendering of a finding's card."""
    card = replace(
        card,
        title=told(card.title.removeprefix("[Redress] "), TITLE_LIMIT),
        lead=told(card.lead, LONG),
        trouble=told(card.trouble, LONG),
    )
    return Renderings(
        subject=plain.subject(card),
        text=plain.body(card),
        chat=json.dumps(chat.notification(card)),
        slack=json.dumps(slack.message(card)),
        machine=machine.text(machine.document(card, finding)),
        attributes=machine.attributes(card, finding),
    )


def by_protocol(shown: Renderings) -> str:
    """Returns the ``Message`` of a publish with ``MessageStructure="json"``: the text for each protocol."""
    with_slack = {**json.loads(shown.machine), "slack": json.loads(shown.slack)}
    texts = {"default": shown.machine, "email": shown.text, "sms": shown.subject, "lambda": machine.text(with_slack)}
    return json.dumps(texts, ensure_ascii=False)
