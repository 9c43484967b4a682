"""Resources as full ARNs, wherever one can be built without guessing.

A message names its resource as an ARN, as a noun and a name (``role app``), or by a bare name;
a record may name it in ``resources`` or in its request parameters.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from redress.domain.grammar import is_account, looks_like_arn
from redress.domain.request_ids import ec2_ids
from redress.domain.unnamed import is_unnamed, names_none

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redress.domain.catalogue import Catalogue
    from redress.domain.denied_call import DeniedCall

_IAM_NOUNS = {
    "role": "role",
    "user": "user",
    "group": "group",
    "policy": "policy",
    "instance profile": "instance-profile",
}
_IAM_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,128}")
_POLICY_VERSION = re.compile(r" version v\d{1,6}$")
_VARIABLE = re.compile(r"\$\{[A-Za-z0-9]{1,64}\}")


def arn_of_name(text: str, action: str | None, *, partition: str | None, account: str | None) -> str | None:
    """Returns the ARN for a noun and a name (``role app``), or None where none can be built.

    IAM's messages leave out the path, so the ARN of a role under a path is not the one built here;
    ``names_pathless`` tells such texts.
    """
    noun, _, name = text.rpartition(" ") if not text.startswith("policy arn:") else ("policy", "", text[7:])
    name = _POLICY_VERSION.sub("", name)
    if looks_like_arn(name) and noun in _IAM_NOUNS:
        return name
    if noun not in _IAM_NOUNS or not _IAM_NAME.fullmatch(name) or not (action or "iam:").lower().startswith("iam:"):
        return None
    if not partition or not account or not is_account(account):
        return None
    return f"arn:{partition}:iam::{account}:{_IAM_NOUNS[noun]}/{name}"


def names_pathless(text: str) -> bool:
    """Returns whether the message gave an IAM name without its path (``role app``)."""
    noun, _, name = text.rpartition(" ")
    return noun in _IAM_NOUNS and not name.startswith("arn:")


def queue_arn(url: re.Match[str]) -> str:
    """Returns the ARN of the queue in a match of ``message_grammar.QUEUE_URL``."""
    region = url.group(1) or url.group(2)
    return f"arn:{partition_of(region)}:sqs:{region}:{url.group(4)}:{url.group(5)}"


@lru_cache(maxsize=256)
def partition_of(region: str) -> str:
    """Returns the partition of a Region by its name (``eusc-de-east-1`` → ``aws-eusc``)."""
    starts = (
        ("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("eusc-", "aws-eusc"), ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"), ("eu-isoe-", "aws-iso-e"), ("us-isof-", "aws-iso-f"),
    )  # fmt: skip
    return next((partition for start, partition in starts if region.startswith(start)), "aws")


def resource_of_call(call: DeniedCall, action: str, catalogue: Catalogue) -> str | None:
    """Returns the resource that the record itself names for this action, or None.

    ``*`` where the action has no resource types; else S3's bucket and key, else the one ARN in
    ``resources`` or in the request that fits a resource type of the action; else ``*`` where a call
    of this action need not name any, and this one does not.
    """
    types = catalogue.resource_types(action)
    if not types:
        return "*" if catalogue.access_level(action) else None
    if action.startswith("s3:"):
        return _s3_resource(call, _type_names(action, catalogue))
    formats = [arn_format for kind in types for arn_format in kind.arn_formats]
    named = (*call.resources, *call.request_parameters.values())
    fitting = {arn for arn in named if isinstance(arn, str) and looks_like_arn(arn) and fits_any(arn, formats)}
    if not fitting and is_unnamed(action, "*", catalogue) and names_none(call.request_parameters):
        return "*"
    return fitting.pop() if len(fitting) == 1 else _ec2_resource(call, _type_names(action, catalogue))


@lru_cache(maxsize=1024)
def _type_names(action: str, catalogue: Catalogue) -> frozenset[str]:
    return frozenset(kind.name for kind in catalogue.resource_types(action))


def fits_any(arn: str, formats: Iterable[str]) -> bool:
    """Returns whether the ARN has one of these shapes (``arn:${Partition}:s3:::${BucketName}``)."""
    return any(_shape(arn_format).fullmatch(arn) for arn_format in formats)


@lru_cache(maxsize=1024)
def _shape(arn_format: str) -> re.Pattern[str]:
    # Only the last variable may span slashes: names with a path come last in every format.
    head, *rest = arn_format.split(":", 5)
    pieces = [head, *rest[:4]]
    before = ":".join(_VARIABLE.sub("\x00", piece) for piece in pieces)
    *inner, last = _VARIABLE.split(rest[4] if len(rest) > 4 else "")  # noqa: PLR2004 - an ARN has six parts
    resource = "[^/:\\s]{1,512}".join(re.escape(piece) for piece in inner)
    tail = f".{{1,1024}}{re.escape(last)}" if inner else re.escape(last)
    return re.compile(re.escape(before).replace("\x00", "[^:\\s]{0,64}") + ":" + resource + tail)


def _s3_resource(call: DeniedCall, types: frozenset[str]) -> str | None:
    bucket, key = call.request_parameters.get("bucketName"), call.request_parameters.get("key")
    partition = call.principal.partition or partition_of(call.region or "")
    if not isinstance(bucket, str) or not bucket:
        return _s3_listed(call, types)
    if "bucket" in types:
        return bucket if bucket.startswith("arn:") else f"arn:{partition}:s3:::{bucket}"
    if "object" in types and isinstance(key, str) and key and not bucket.startswith("arn:"):
        return f"arn:{partition}:s3:::{bucket}/{key}"
    return _s3_listed(call, types)


def _s3_listed(call: DeniedCall, types: frozenset[str]) -> str | None:
    wanted = "object" in types
    fitting = [arn for arn in call.resources if ":s3:::" in arn and ("/" in arn) == wanted]
    return fitting[0] if len(fitting) == 1 else None


def _ec2_resource(call: DeniedCall, types: frozenset[str]) -> str | None:
    # Of these two an id says it all: they belong to the account that is asked, and to its Region.
    noun = next(iter(types & {"instance", "volume"}), "") if len(types) == 1 else ""
    if not noun or call.event_source != "ec2.amazonaws.com" or not call.region or not is_account(call.account or ""):
        return None
    found = ec2_ids(call, noun)
    return (
        f"arn:{partition_of(call.region)}:ec2:{call.region}:{call.account}:{noun}/{found[0]}"
        if len(found) == 1
        else None
    )
