"""Whose bucket it is: S3's ARNs name no account, but CloudTrail's ``resources`` do.

docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html (resources)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from redress.domain.grammar import is_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.denied_call import DeniedCall

_BUCKET = re.compile(r"arn:aws(?:-[a-z]{1,8}){0,2}:s3:::(?P<name>[A-Za-z0-9._-]{3,255})(?:/.*)?", re.DOTALL)
_MOST_ENTRIES = 20


def bucket_of(resource: str | None) -> str | None:
    """Returns the name of the bucket that an ARN of a bucket or object names, or None for any other text."""
    found = _BUCKET.fullmatch(resource) if resource else None
    return found["name"] if found else None


def bucket_owners(resources: object) -> tuple[tuple[str, str], ...]:
    """Returns buckets and their owners' accounts, as far as a record's ``resources`` say so without contradiction."""
    entries = resources[:_MOST_ENTRIES] if isinstance(resources, list) else ()
    owners: dict[str, set[str]] = {}
    for bucket, account in (pair for entry in entries for pair in _owner(entry)):
        owners.setdefault(bucket, set()).add(account)
    return tuple((bucket, accounts.pop()) for bucket, accounts in owners.items() if len(accounts) == 1)


def owner_of_bucket(call: DeniedCall, resource: str | None) -> str | None:
    """Returns the account that owns the resource's bucket, or None where the record does not say."""
    bucket = bucket_of(resource)
    return dict(bucket_owners(call.resource_entries)).get(bucket) if bucket else None


def _owner(entry: object) -> Iterator[tuple[str, str]]:
    if not isinstance(entry, dict):
        return
    arn, account = entry.get("ARN") or entry.get("arn"), entry.get("accountId") or entry.get("accountid")
    bucket = bucket_of(arn) if isinstance(arn, str) else None
    if bucket and isinstance(account, str) and is_account(account):
        yield bucket, account
