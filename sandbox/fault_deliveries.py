"""What functions are given by queues and streams, delivered twice, or told with clocks that are off.

A batch that is delivered again is what queues and streams do whenever they do not hear in time that the first
delivery was handled. An event keeps its wrong time in every delivery, as one that a wrong clock had stamped.
"""

from __future__ import annotations

import copy
import json
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox.emulator import LAMBDA
from sandbox.fault_rules import ORDERS

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCES: Final = {"aws:sqs": "sqs", "aws:dynamodb": "dynamodb"}
DELIVER: Final = "Deliver"
_execute: Final = LAMBDA._execute_function  # noqa: SLF001 - MiniStack has no public way
_inside: Final[ContextVar[bool]] = ContextVar("inside", default=False)


def _delivered(function: dict[str, Any], event: dict[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's result
    source = _source(event)
    if not ORDERS or source is None or _inside.get():
        return _execute(function, event)
    token = _inside.set(True)
    try:
        return _meddled(function, event, source)
    finally:
        _inside.reset(token)


def _meddled(function: dict[str, Any], event: dict[str, Any], source: str) -> Any:  # noqa: ANN401 - MiniStack's result
    name = (function.get("config") or function).get("FunctionName", "")
    given = _skewed(event, source, name)
    if ORDERS.striking(("redeliver",), source, DELIVER, name):
        _execute(function, copy.deepcopy(given))
    return _execute(function, given)


def _source(event: object) -> str | None:
    records = event.get("Records") if isinstance(event, dict) else None
    return SOURCES.get(records[0].get("eventSource", "")) if records else None


def _skewed(event: dict[str, Any], source: str, name: str) -> dict[str, Any]:
    rule = ORDERS.striking(("skew",), source, DELIVER, name)
    if rule is None:
        return event
    shift = _shifted_message if source == "sqs" else _shifted_change
    return {**event, "Records": [shift(record, rule.offset_of) for record in event["Records"]]}


def _shifted_message(record: Mapping[str, Any], offset_of: Any) -> dict[str, Any]:  # noqa: ANN401 - of FaultRule
    try:
        body = json.loads(record["body"])
        detail = body["detail"]
        at = datetime.fromisoformat(detail["eventTime"]) + timedelta(seconds=offset_of(detail["eventID"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return dict(record)  # no event: there is no clock to put off
    text = json.dumps({**body, "detail": {**detail, "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ")}})
    return {**record, "body": text}


def _shifted_change(record: Mapping[str, Any], offset_of: Any) -> dict[str, Any]:  # noqa: ANN401 - of FaultRule
    change = record["dynamodb"]
    at = float(change["ApproximateCreationDateTime"]) + offset_of(str(change["SequenceNumber"]))
    return {**record, "dynamodb": {**change, "ApproximateCreationDateTime": at}}


def install() -> None:
    """Makes MiniStack's deliveries suffer what was ordered."""
    LAMBDA._execute_function = _delivered  # noqa: SLF001 - looked up at each delivery
