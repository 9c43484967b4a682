"""A CloudTrail record becomes a denied call, or a stable word for why it is none."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from redress.domain.denied_call import DeniedCall, NotADenial
from redress.domain.errors import MalformedRecord
from redress.domain.parse_codes import reason_not_denied
from redress.domain.parse_dlm import is_dlm_event, parse_dlm_event
from redress.domain.parse_principal import identity_of, mapping, principal_of, words

if TYPE_CHECKING:
    from collections.abc import Mapping

_INSIGHT = "AwsCloudTrailInsight"
_LONGEST_TIME = 64
_TRUTH = {True: True, False: False, "true": True, "false": False, "True": True, "False": False}


def parse_record(record: object) -> DeniedCall | NotADenial:
    """Returns the denied call that a CloudTrail record tells of, or why it tells of none.

    Args:
        record: One parsed CloudTrail record (event versions 1.x), or the EventBridge event
            ``DLM Policy State Change``, which has no record of its own.

    Raises:
        MalformedRecord: This is no CloudTrail record, or a denial without a time.

    """
    if not isinstance(record, dict):
        raise MalformedRecord(f"a CloudTrail record is a JSON object, this is a {type(record).__name__}")
    if is_dlm_event(record):
        return parse_dlm_event(record)
    if record.get("eventType") == _INSIGHT:
        return NotADenial(event_id=words(record.get("eventID")), reason="insight")
    source, name = _call_of(record)
    message = _message_of(record)
    reason = _reason(record, source, message)
    if reason is None:
        return _denied(record, source, name, message)
    return NotADenial(
        event_id=words(record.get("eventID")),
        reason=reason,
        error_code=words(record.get("errorCode")),
        event_source=source,
        event_name=name,
    )


def _call_of(record: Mapping[str, Any]) -> tuple[str, str]:
    source, name = record.get("eventSource"), record.get("eventName")
    if not isinstance(source, str) or not isinstance(name, str):
        missing = "eventSource" if not isinstance(source, str) else "eventName"
        raise MalformedRecord(f"no CloudTrail record: {missing} is not a text")
    if source.startswith("aws:"):
        raise MalformedRecord(f"no CloudTrail record: {source[:40]!r} is the source of a Lambda trigger")
    return source, name


def _reason(record: Mapping[str, Any], source: str, message: str | None) -> str | None:
    code = record.get("errorCode")
    if code is None or code == "":
        return "sign_in_failed" if record.get("eventName") == "ConsoleLogin" and message else "no_error"
    if not isinstance(code, str):
        return "other_error"
    return reason_not_denied(code, message, source)


def _message_of(record: Mapping[str, Any]) -> str | None:
    message = words(record.get("errorMessage"))
    if message is None:
        # Some services leave errorMessage empty and put the text into the response.
        response = mapping(record.get("responseElements"))
        message = words(response.get("message")) or words(response.get("Message"))
    return message


def _denied(record: Mapping[str, Any], source: str, name: str, message: str | None) -> DeniedCall:
    identity = identity_of(record)
    context = mapping(identity.get("sessionContext"))
    attributes = mapping(context.get("attributes"))
    principal = principal_of(identity)
    event_id, shared, request_id, region, account, *rest = _texts(record)
    event_type, category, source_ip, user_agent, endpoint = rest
    return DeniedCall(
        event_id=event_id or _hash_of(record),
        event_time=_time_of(record),
        event_source=source,
        event_name=name,
        error_code=str(record.get("errorCode")),
        principal=principal,
        message=message,
        access_key_id=words(identity.get("accessKeyId")),
        read_only=_truth(record.get("readOnly")),
        mfa_authenticated=_truth(attributes.get("mfaAuthenticated")),
        session_created=_instant(attributes.get("creationDate")),
        ec2_role_delivery=words(context.get("ec2RoleDelivery")),
        console_session=_truth(record.get("sessionCredentialFromConsole")) is True,
        resources=_resources(record.get("resources")),
        resource_entries=record.get("resources"),
        request_parameters=mapping(record.get("requestParameters")),
        shared_event_id=shared,
        request_id=request_id,
        region=region,
        account=account or principal.account,
        event_type=event_type,
        event_category=category,
        source_ip=source_ip,
        user_agent=user_agent,
        vpc_endpoint_id=endpoint,
    )


_TEXTS = (
    "eventID",
    "sharedEventID",
    "requestID",
    "awsRegion",
    "recipientAccountId",
    "eventType",
    "eventCategory",
    "sourceIPAddress",
    "userAgent",
    "vpcEndpointId",
)


def _texts(record: Mapping[str, Any]) -> list[str | None]:
    return [text if isinstance(text, str) and text else None for text in map(record.get, _TEXTS)]


def _truth(value: object) -> bool | None:
    return _TRUTH.get(value) if isinstance(value, (bool, str)) else None


def _resources(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    named: list[str] = []
    for entry in value:
        arn = (entry.get("ARN") or entry.get("arn")) if isinstance(entry, dict) else None
        if isinstance(arn, str) and arn:
            named.append(arn)
    return tuple(named)


def _time_of(record: Mapping[str, Any]) -> datetime:
    instant = _instant(record.get("eventTime"))
    if instant is None:
        raise MalformedRecord("eventTime is missing or no ISO 8601 time")
    return instant


def _instant(value: object) -> datetime | None:
    return _moment(value) if isinstance(value, str) and len(value) <= _LONGEST_TIME else None


@lru_cache(maxsize=4096)
def _moment(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
        # Lake and some tools drop the zone; CloudTrail's times are UTC.
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _hash_of(record: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(record, sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError) as error:
        raise MalformedRecord(f"eventID is missing and the record can't be hashed: {type(error).__name__}") from error
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
