"""Amazon Data Lifecycle Manager's own event, which no CloudTrail record stands for.

Source: EC2 User Guide, "Monitor Amazon Data Lifecycle Manager policies using EventBridge".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from redress.domain.denied_call import DeniedCall, NotADenial, Principal
from redress.domain.errors import MalformedRecord
from redress.domain.words import PrincipalType

if TYPE_CHECKING:
    from collections.abc import Mapping

DLM_DETAIL_TYPE = "DLM Policy State Change"
DLM_SOURCE = "dlm.amazonaws.com"
DLM_EVENT = "PolicyStateChange"
_CAUSE = "sufficient permissions"


def is_dlm_event(event: Mapping[str, Any]) -> bool:
    """Returns whether an EventBridge event says that a lifecycle policy changed its state."""
    return event.get("detail-type") == DLM_DETAIL_TYPE


def parse_dlm_event(event: Mapping[str, Any]) -> DeniedCall | NotADenial:
    """Returns a denied call without action and role (the event names neither), or why it is none.

    Only ``state`` ERROR with the cause "Role provided does not have sufficient permissions" is a denial;
    the other known cause is a limit.

    Raises:
        MalformedRecord: The event lacks its id, its time or its detail.

    """
    detail = event.get("detail")
    if not isinstance(detail, dict) or not isinstance(event.get("id"), str):
        raise MalformedRecord(f"{DLM_DETAIL_TYPE} without id or detail")
    cause = detail.get("cause")
    if detail.get("state") != "ERROR" or not isinstance(cause, str) or _CAUSE not in cause:
        return _no_denial(event, cause)
    return _denied(event, detail, cause)


def lifecycle_policy_of(call: DeniedCall) -> str | None:
    """Returns the ARN of the lifecycle policy that an event is of; None for any other call."""
    return call.resources[0] if call.event_type == DLM_DETAIL_TYPE and len(call.resources) == 1 else None


def _no_denial(event: Mapping[str, Any], cause: object) -> NotADenial:
    limited = isinstance(cause, str) and "limit exceeded" in cause
    return NotADenial(
        event_id=event["id"],
        reason="quota" if limited else "dlm_state",
        event_source=DLM_SOURCE,
        event_name=DLM_EVENT,
    )


def _denied(event: Mapping[str, Any], detail: Mapping[str, Any], cause: str) -> DeniedCall:
    policy = detail.get("policy_id")
    arns = tuple(arn for arn in _listed(event.get("resources")) if ":dlm:" in arn)
    return DeniedCall(
        event_id=event["id"],
        event_time=_time_of(event),
        event_source=DLM_SOURCE,
        event_name=DLM_EVENT,
        error_code="ERROR",
        principal=Principal(type=PrincipalType.UNKNOWN, account=_words(event.get("account")), invoked_by=DLM_SOURCE),
        message=cause,
        region=_words(event.get("region")),
        account=_words(event.get("account")),
        event_type=DLM_DETAIL_TYPE,
        resources=arns,
        request_parameters={"policyId": policy} if isinstance(policy, str) else {},
    )


def _listed(value: object) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _words(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _time_of(event: Mapping[str, Any]) -> datetime:
    try:
        instant = datetime.fromisoformat(str(event.get("time")))
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedRecord(f"{DLM_DETAIL_TYPE} whose time is no ISO 8601 time") from error
