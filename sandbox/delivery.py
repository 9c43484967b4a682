"""Events on the bus, delivered to the rules whose state asks for them.

MiniStack serves only rules in state ENABLED, and sends every event to those. On AWS a read-only
management event reaches only rules in state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, which
get everything else too
(docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html).
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

from ministack.core import responses

from sandbox.emulator import EVENTBRIDGE

if TYPE_CHECKING:
    from collections.abc import Mapping

API_CALL: Final = "AWS API Call via CloudTrail"
ENABLED: Final = "ENABLED"
ALL_EVENTS: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
MOST_BYTES: Final = 256 * 1024
"""CloudTrail sends no larger events to EventBridge."""

_LOG: Final = logging.getLogger("redress.delivery")


def deliver(record: Mapping[str, Any]) -> bool:
    """Puts a CloudTrail record on the default bus of its account and Region; returns False for one too large."""
    detail = json.dumps(record)
    if len(detail) > MOST_BYTES:
        return False
    account, region = record["recipientAccountId"], record["awsRegion"]
    with responses.request_scope(account, region):
        event = {
            "EventId": str(uuid.uuid4()),
            "Source": f"aws.{record['eventSource'].removesuffix('.amazonaws.com')}",
            "DetailType": API_CALL,
            "Detail": detail,
            "EventBusName": "default",
            "Time": int(time.time()),
            "Resources": [],
            "Account": account,
            "Region": region,
        }
        EVENTBRIDGE._events_log_list().append(event)  # noqa: SLF001
        _dispatch(event)
        EVENTBRIDGE._archive_event(event)  # noqa: SLF001
    return True


def _dispatch(event: Mapping[str, Any], view: Any = None) -> None:  # noqa: ANN401 - MiniStack's own view
    view = view or EVENTBRIDGE._pattern_event_view(event)  # noqa: SLF001
    states = states_for(event["DetailType"], event["Detail"])
    bus = event.get("EventBusName", "default")
    passed = set(event.get("_DispatchPath") or [])
    for key, rule in EVENTBRIDGE._rules.items():  # noqa: SLF001
        wanted = rule.get("EventBusName", "default") == bus and rule.get("State") in states and key not in passed
        pattern = rule.get("EventPattern")
        if wanted and pattern and EVENTBRIDGE._matches_pattern_view(pattern, view, f"rule {key}"):  # noqa: SLF001
            for target in EVENTBRIDGE._targets.get(key, []):  # noqa: SLF001
                EVENTBRIDGE._invoke_target(target, event, rule, view)  # noqa: SLF001


def states_for(detail_type: str, detail: str) -> frozenset[str]:
    """Returns the rule states that an event reaches."""
    if detail_type != API_CALL:
        return frozenset({ENABLED, ALL_EVENTS})
    try:
        record = json.loads(detail)
    except ValueError:
        return frozenset({ENABLED, ALL_EVENTS})
    quiet = isinstance(record, dict) and record.get("readOnly") is True and record.get("managementEvent") is not False
    return frozenset({ALL_EVENTS}) if quiet else frozenset({ENABLED, ALL_EVENTS})


EVENTBRIDGE._dispatch_event = _dispatch  # noqa: SLF001 - looked up at each PutEvents
