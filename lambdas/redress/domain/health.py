"""AWS Health events: while AWS has trouble with a service, its denials are not what they seem.

Source: AWS Health User Guide, "EventBridge event schema"; ``eventArn`` is not unique over accounts and Regions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from redress.domain.errors import MalformedRecord
from redress.domain.harmless import harmless, is_plain_ascii
from redress.domain.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

ISSUE = "issue"
OPEN = "open"
GLOBAL = "global"
EVERY_SERVICE = frozenset({"iam", "sts", "organizations"})
"""Services that decide about the calls of all the others."""
ACTION_PREFIXES: Mapping[str, tuple[str, ...]] = {
    "apigateway": ("apigateway", "execute-api"),
    "autoscaling": ("autoscaling", "application-autoscaling"),
    "cloudwatch": ("cloudwatch", "logs"),
    "documentdb": ("rds",),
    "ecr_public": ("ecr-public",),
    "identitycenter": ("sso", "identitystore"),
    "management_console": (),
    "neptune": ("rds", "neptune-db"),
    "opensearch": ("es", "aoss"),
    "stepfunctions": ("states",),
    "systems_manager": ("ssm",),
    "vpc": ("ec2",),
}
"""Health's name of a service, in lower case, and the prefixes of its actions, where they differ."""
STALE = timedelta(days=3)
"""AWS speaks of an open issue every few hours; if it has not for so long, its end was lost on the way."""
TEXT_LIMIT = 300
WORD_LIMIT = 300
"""Service, Region and ARN together are the event's key in the table, which holds 1,024 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthEvent:
    """What AWS Health says of a service in a Region.

    Attributes:
        service: As Health names it, in lower case (``ec2``).
        region: ``us-east-1``, …, or ``global``.
        category: ``issue``, ``accountNotification``, ``investigation`` or ``scheduledChange``.
        status: ``open``, ``closed`` or ``upcoming``.
        updated: When Health last changed it.
        ended: When it was over, if it is.
        text: The beginning of its description.

    """

    arn: str
    service: str
    region: str
    category: str
    status: str
    updated: datetime
    ended: datetime | None = None
    text: str = ""


def read_health_event(event: Mapping[str, Any]) -> HealthEvent | None:
    """Returns what an EventBridge event of AWS Health says, or None for a backup Region's copy.

    Raises:
        MalformedRecord: A part that every Health event has is missing.

    """
    detail = event.get("detail")
    if not isinstance(detail, dict):
        raise MalformedRecord("an AWS Health event without a detail")
    if str(detail.get("backupEvent", "")).lower() == "true":
        return None
    return HealthEvent(
        arn=_word(detail, "eventArn"),
        service=_word(detail, "service").lower(),
        region=_word({"eventRegion": event.get("region") or GLOBAL, **detail}, "eventRegion"),
        category=_word(detail, "eventTypeCategory"),
        status=str(detail.get("statusCode") or OPEN),
        updated=_time(detail.get("lastUpdatedTime")) or _time(event.get("time")) or datetime(1970, 1, 1, tzinfo=UTC),
        ended=_time(detail.get("endTime")),
        text=_text(detail.get("eventDescription")),
    )


def is_open_issue(event: HealthEvent, now: datetime) -> bool:
    """Returns whether AWS has this trouble now."""
    is_open = event.status == OPEN and (event.ended is None or event.ended > now)
    return event.category == ISSUE and is_open and now - event.updated < STALE


def touches(event: HealthEvent, action: str | None, region: str | None) -> bool:
    """Returns whether calls of this action in this Region may fail because of the event."""
    prefixes = ACTION_PREFIXES.get(event.service, (event.service,))
    service = (action or "").partition(":")[0].lower()
    concerned = event.service in EVERY_SERVICE or service in prefixes
    return concerned and event.region in (GLOBAL, region)


def _word(detail: Mapping[str, Any], name: str) -> str:
    value = detail.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedRecord(f"an AWS Health event without {name}")
    if len(value) > WORD_LIMIT or not is_plain_ascii(value):
        raise MalformedRecord(f"an AWS Health event whose {name} is none that AWS would write")
    return value


def _text(descriptions: object) -> str:
    first = descriptions[0] if isinstance(descriptions, list) and descriptions else None
    text = first.get("latestDescription") if isinstance(first, dict) else None
    return harmless(text, TEXT_LIMIT) if isinstance(text, str) else ""


def _time(value: object) -> datetime | None:
    """Returns the moment of ``Sat, 21 Nov 2026 02:00:00 GMT`` or of ISO 8601 text, or None."""
    if not isinstance(value, str):
        return None
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None
