"""One CloudTrail record of a denied call, from what is known of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.denial_text import recorded_text
from sandbox.event_names import is_data, is_read

EVENT_VERSION: Final = "1.11"
_CODES: Final[Mapping[str, str]] = {
    "AccessDeniedException": "AccessDenied",
    "UnauthorizedOperation": "Client.UnauthorizedOperation",
}
"""SDK error codes that CloudTrail records under another name."""
_USER_AGENT: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DeniedRequest:
    """What a record is made from.

    Attributes:
        source: What stands before ``.amazonaws.com``.
        operation: As the service's model names it.
        name: As CloudTrail spells it.
        resource: ARN that the request was evaluated on, or ``*``.
        error_code: As the client saw it.
        when: ISO 8601, UTC, whole seconds.

    """

    source: str
    operation: str
    name: str
    region: str
    account: str
    identity: Mapping[str, Any]
    parameters: Mapping[str, Any] | None
    resource: str
    error_code: str
    message: str | None
    request_id: str
    source_ip: str
    user_agent: str
    when: str


def record_of(denied: DeniedRequest) -> dict[str, Any]:
    """Returns the record, fields in CloudTrail's order."""
    data = is_data(denied.source, denied.operation)
    resources = resources_of(denied)
    agent = f"[{denied.user_agent}]" if denied.source == "s3" else denied.user_agent
    return {
        "eventVersion": EVENT_VERSION,
        "userIdentity": dict(denied.identity),
        "eventTime": denied.when,
        "eventSource": f"{denied.source}.amazonaws.com",
        "eventName": denied.name,
        "awsRegion": denied.region,
        "sourceIPAddress": denied.source_ip,
        "userAgent": agent[:_USER_AGENT],
        "errorCode": _CODES.get(denied.error_code, denied.error_code),
        **({"errorMessage": recorded_text(denied.message)} if denied.message else {}),
        "requestParameters": denied.parameters,
        "responseElements": None,
        "requestID": denied.request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": is_read(denied.source, denied.operation),
        **({"resources": resources} if resources else {}),
        "eventType": "AwsApiCall",
        "managementEvent": not data,
        "recipientAccountId": denied.account,
        "eventCategory": "Data" if data else "Management",
    }


def resources_of(denied: DeniedRequest) -> list[dict[str, str]]:
    """Returns the ``resources`` that the services which fill them would."""
    arn = denied.resource
    if not arn.startswith("arn:"):
        return []
    owned = {"accountId": denied.account}
    match denied.source:
        case "s3":
            return _s3_resources(arn, owned)
        case "kms" if ":key/" in arn:
            return [{**owned, "type": "AWS::KMS::Key", "ARN": arn}]
        case "sts" if ":role/" in arn:
            return [{**owned, "type": "AWS::IAM::Role", "ARN": arn}]
    kind = _DATA_TYPES.get(denied.source)
    return [{**owned, "type": kind, "ARN": arn}] if kind and is_data(denied.source, denied.operation) else []


_DATA_TYPES: Final[Mapping[str, str]] = {
    "dynamodb": "AWS::DynamoDB::Table",
    "lambda": "AWS::Lambda::Function",
    "sns": "AWS::SNS::Topic",
    "sqs": "AWS::SQS::Queue",
    "kinesis": "AWS::Kinesis::Stream",
}


def _s3_resources(arn: str, owned: Mapping[str, str]) -> list[dict[str, str]]:
    bucket, slash, _ = arn.partition("/")
    found = [{**owned, "type": "AWS::S3::Bucket", "ARN": bucket}]
    return [{"type": "AWS::S3::Object", "ARN": arn}, *found] if slash else found
