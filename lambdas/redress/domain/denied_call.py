"""One CloudTrail record of a denial, as a frozen value.

Field names follow the CloudTrail record reference
(docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
Every string in here is written by whoever made the call: treat it as hostile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from redress.domain.values import dataclass
from redress.domain.words import PrincipalType


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who was denied: the role or user behind the session, never the session.

    Attributes:
        type: What stands behind the credentials.
        arn: IAM ARN with its path (``arn:aws:iam::111122223333:role/team/app``); None where the record has none.
        account: 12 digits, or None.
        session_arn: The STS or IAM ARN as the record gives it, session name included.
        session_name: Last part of an assumed-role or federated-user ARN.
        unique_id: AROA…/AIDA… identifier without the session.
        invoked_by: The AWS service that made the call for the principal, if one did.

    """

    type: PrincipalType = PrincipalType.UNKNOWN
    arn: str | None = None
    account: str | None = None
    session_arn: str | None = None
    session_name: str | None = None
    unique_id: str | None = None
    invoked_by: str | None = None

    @property
    def name(self) -> str | None:
        """Returns the role or user name without its path, or None."""
        return self.arn.rsplit("/", 1)[-1] if self.arn and "/" in self.arn else None

    @property
    def role_name(self) -> str | None:
        """Returns the role that the ARN of an assumed-role session names, without its path; None for any other."""
        kind, *named = (self.session_arn or "").split(":", 5)[-1].split("/")
        return named[0] if kind == "assumed-role" and len(named) > 1 and named[0] else None

    @property
    def partition(self) -> str | None:
        """Returns ``aws``, ``aws-cn``, … from the ARN, or None."""
        return self.arn.split(":")[1] if self.arn else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeniedCall:
    """One denied API call.

    Attributes:
        event_id: CloudTrail eventID, or a hash of the record where it has none.
        shared_event_id: Set when caller's and owner's account each got a copy of one call.
        event_time: When it happened, UTC.
        account: recipientAccountId, the account whose trail recorded it.
        message: errorMessage (or responseElements.message); None where the record has none.
        request_parameters: As recorded; a mapping, or empty.
        resources: ARNs of the record's ``resources``.
        resource_entries: What they were read from, as recorded; ``bucket_owners`` reads whose buckets they are.

    """

    event_id: str
    event_time: datetime
    event_source: str
    event_name: str
    error_code: str
    principal: Principal
    message: str | None = None
    shared_event_id: str | None = None
    request_id: str | None = None
    region: str | None = None
    account: str | None = None
    event_type: str | None = None
    event_category: str | None = None
    source_ip: str | None = None
    user_agent: str | None = None
    access_key_id: str | None = None
    read_only: bool | None = None
    mfa_authenticated: bool | None = None
    session_created: datetime | None = None
    ec2_role_delivery: str | None = None
    console_session: bool = False
    vpc_endpoint_id: str | None = None
    resources: tuple[str, ...] = ()
    resource_entries: Any = None
    request_parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def dedupe_id(self) -> str:
        """Returns the id that all copies of this call share."""
        return self.shared_event_id or self.event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NotADenial:
    """A record that is no denial, and why.

    Attributes:
        event_id: CloudTrail eventID, or None.
        reason: One of the stable words of ``redress.domain.parse`` (``no_error``, ``throttled``, …).

    """

    event_id: str | None
    reason: str
    error_code: str | None = None
    event_source: str | None = None
    event_name: str | None = None
