"""Denied calls and their groups for tests, with everything that a test does not care about filled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from redress.domain.batch import Denial, Group, gather
from redress.domain.denied_call import DeniedCall, Principal
from redress.domain.verdict import Verdict
from redress.domain.words import Effect, Evidence, Kind, Layer, PrincipalType

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROLE = "arn:aws:iam::111122223333:role/orders-service"
SESSION = "arn:aws:sts::111122223333:assumed-role/orders-service/i-0123456789abcdef0"
OBJECT = "arn:aws:s3:::orders-archive/2026/11/21/order-1.json"
PRINCIPAL = Principal(
    type=PrincipalType.ROLE,
    arn=ROLE,
    account="111122223333",
    session_arn=SESSION,
    session_name="i-0123456789abcdef0",
    unique_id="AROAEXAMPLEEXAMPLE123",
)
MESSAGE = (
    f"User: {SESSION} is not authorized to perform: s3:PutObject on resource: "
    f'"{OBJECT}" because no identity-based policy allows the s3:PutObject action'
)
VERDICT = Verdict(
    layer=Layer.IDENTITY_BASED_POLICY,
    effect=Effect.IMPLICIT_DENY,
    evidence=Evidence.REPORTED,
    kind=Kind.MISSING_PERMISSION,
    principal=PRINCIPAL,
    action="s3:PutObject",
    resource=OBJECT,
)


def call(event_id: str = "e-1", *, seconds: float = 0, **changes: Any) -> DeniedCall:  # noqa: ANN401 - any field
    """A denied s3:PutObject so many seconds after noon."""
    plain = DeniedCall(
        event_id=event_id,
        event_time=NOON + timedelta(seconds=seconds),
        event_source="s3.amazonaws.com",
        event_name="PutObject",
        error_code="AccessDenied",
        principal=PRINCIPAL,
        message=MESSAGE,
        request_id="7f6b2d5e-0c1a-4b7e-9a53-1d2c3b4a5f60",
        region="us-east-1",
        account="111122223333",
        source_ip="203.0.113.17",
        user_agent="Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux#6.1 md/arch#aarch64 lang/python#3.13.1",
        access_key_id="ASIAEXAMPLEEXAMPLE12",
    )
    return replace(plain, **changes)


def denial(event_id: str = "e-1", *, finding_id: str = "f-" + "0" * 20, seconds: float = 0, **changes: Any) -> Denial:  # noqa: ANN401 - any field of the call
    """That call with its verdict, as part of this finding."""
    return Denial(
        finding_id=finding_id,
        resource_template="arn:aws:s3:::orders-archive/2026/*",
        verdict=VERDICT,
        call=call(event_id, seconds=seconds, **changes),
    )


def group(*denials: Denial) -> Group:
    """The one group of these denials."""
    (gathered,) = gather(denials)
    return gathered


def group_of(times: dict[str, float], finding_id: str = "f-" + "0" * 20) -> Group:
    """One group of calls, by event id the second after noon at which each was denied."""
    return group(*(denial(event_id, finding_id=finding_id, seconds=at) for event_id, at in times.items()))
