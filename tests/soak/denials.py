"""A load of denied calls with repeats and poison, and what must come of it."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.classify import classify
from redress.domain.denied_call import DeniedCall
from redress.domain.fingerprint import fingerprint
from redress.domain.parse import parse_record
from sandbox.fault_client import poison

ACCOUNT = "000000000000"
PER_ROLE = 5
"""Fingerprints of one role; more distinct actions than that begin to look like an intruder."""
ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectTagging", "s3:PutObjectTagging")
SKEW = 0.7
"""How uneven the fingerprints are: the n-th is as frequent as n to the power of minus this."""
EXPLICIT = 3
"""Every third role is denied explicitly, the others lack an Allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of what.

    Attributes:
        denials: Distinct denied calls.
        repeats: Share of them that is delivered once more.
        poison: Share of messages that nobody can read, on top.

    """

    denials: int = 20_000
    fingerprints: int = 500
    repeats: float = 0.3
    poison: float = 0.01
    seed: int = 20261121


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is sent, and what must come of it.

    Attributes:
        messages: Bodies, in the order of sending.
        counts: Denials by finding id.
        roles: Names of the roles that are denied.
        poison: The bodies that must end in the dead-letter queue.

    """

    messages: Sequence[str]
    counts: Mapping[str, int]
    roles: Sequence[str]
    poison: Sequence[str]


def load(size: Size) -> Load:
    """Returns the load; the same for the same size."""
    luck = random.Random(size.seed)  # noqa: S311 - repeatable, not secret
    chosen = _chosen(size, luck)
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    details = [
        _detail(which, number, begin + timedelta(hours=number / len(chosen))) for number, which in enumerate(chosen)
    ]
    repeats = luck.sample(details, int(size.denials * size.repeats))
    bad = poison(int(size.denials * size.poison), seed=size.seed)
    messages = [*map(_body, details), *(_body(_copy(detail, luck)) for detail in repeats), *bad]
    return Load(
        messages=_disordered(messages, len(details), luck),
        counts=_counts(details),
        roles=[f"soak-{number:04d}" for number in range(-(-size.fingerprints // PER_ROLE))],
        poison=bad,
    )


def _chosen(size: Size, luck: random.Random) -> list[int]:
    """Returns the fingerprint of each denial: each at least once, the first ones most."""
    weights = list(accumulate((rank + 1) ** -SKEW for rank in range(size.fingerprints)))
    drawn = luck.choices(range(size.fingerprints), cum_weights=weights, k=size.denials - size.fingerprints)
    chosen = [*range(size.fingerprints), *drawn]
    luck.shuffle(chosen)
    return chosen


def _detail(which: int, number: int, at: datetime) -> dict[str, Any]:
    role, action = f"soak-{which // PER_ROLE:04d}", ACTIONS[which % PER_ROLE]
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/i-1"
    identity = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    reason = (
        "with an explicit deny in an identity-based policy"
        if which // PER_ROLE % EXPLICIT == 0
        else f"because no identity-based policy allows the {action} action"
    )
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": session,
            "accountId": ACCOUNT,
            "principalId": "AROAEXAMPLE:i-1",
            "accessKeyId": f"ASIASOAK{which // PER_ROLE:08d}",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "arn": identity, "accountId": ACCOUNT, "userName": role}
            },
        },
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "s3.amazonaws.com",
        "eventName": action.partition(":")[2],
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.17",
        "userAgent": "aws-sdk-java/2.31",
        "errorCode": "AccessDenied",
        "errorMessage": (
            f"User: {session} is not authorized to perform: {action} on resource: "
            f'"arn:aws:s3:::soak-{which:05d}/inbox/order.json" {reason}'
        ),
        "requestID": f"R{number:015d}",
        "eventID": f"5a0c0000-0000-4000-8000-{number:012d}",
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        "sharedEventID": f"5a0c0000-0000-4000-9000-{number:012d}",
    }  # fmt: skip


def _copy(detail: dict[str, Any], luck: random.Random) -> dict[str, Any]:
    """Returns the same event again, or the copy of it that another account got."""
    return detail if luck.random() < 0.5 else {**detail, "eventID": detail["eventID"].replace("-8000-", "-b000-")}


def _body(detail: dict[str, Any]) -> str:
    return json.dumps({"detail-type": "AWS API Call via CloudTrail", "source": "aws.s3", "detail": detail})


def _disordered(messages: list[str], events: int, luck: random.Random) -> list[str]:
    """Returns them roughly in time, each a little early or late; repeats and poison anywhere."""
    places = [
        number + luck.uniform(-150, 150) if number < events else luck.uniform(0, events)
        for number in range(len(messages))
    ]
    return [message for _, message in sorted(zip(places, messages, strict=True))]


def _counts(details: list[dict[str, Any]]) -> Counter[str]:
    catalogue = IamCatalogue()
    return Counter(_finding_id(detail, catalogue) for detail in details)


def _finding_id(detail: dict[str, Any], catalogue: IamCatalogue) -> str:
    call = parse_record(detail)
    if not isinstance(call, DeniedCall):
        raise TypeError("the load is made of denials")
    return fingerprint(classify(call, catalogue=catalogue), call)[0]
