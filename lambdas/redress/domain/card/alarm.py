"""What CloudWatch publishes of an alarm, as Slack's message.

docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-notification-schemas.html: JSON with ``AlarmName``,
``AlarmDescription``, ``NewStateValue``, ``NewStateReason``, ``StateChangeTime`` and ``Region``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redress.domain.card.safe_text import told
from redress.domain.card.slack import note

if TYPE_CHECKING:
    from collections.abc import Mapping

LINE_LIMIT = 1_000
ROWS = {
    "": "AlarmDescription",
    "Why: ": "NewStateReason",
    "Since: ": "StateChangeTime",
    "Region: ": "Region",
}


def is_alarm(document: object) -> bool:
    """Returns whether this is an alarm of CloudWatch."""
    return isinstance(document, dict) and bool(document.get("AlarmName")) and bool(document.get("NewStateValue"))


def alarm(document: Mapping[str, Any]) -> dict[str, Any]:
    """Returns Slack's message for an alarm: its state and name, what it means, and why it changed."""
    rows = ((label, told(str(document.get(name) or ""), LINE_LIMIT)) for label, name in ROWS.items())
    lines = [f"{label}{text}" for label, text in rows if text]
    return note(f"{document['NewStateValue']}: {document['AlarmName']}", "\n".join(lines))
