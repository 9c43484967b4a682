"""How CloudTrail names, sources and sorts events: the general rule, and what is known to differ from it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.exchange import Call
    from sandbox.service_models import Operation

_SOURCES: Final[Mapping[str, str]] = {
    "api.ecr": "ecr",
    "email": "ses",
    "streams.dynamodb": "dynamodb",
    "api.pricing": "pricing",
    "api.sagemaker": "sagemaker",
    "s3-control": "s3",
    "iotdata": "iot",
    "data-ats.iot": "iot",
}
"""Endpoint prefixes that are not what an event's source begins with."""

GLOBAL: Final = frozenset({"iam", "organizations", "cloudfront", "route53", "globalaccelerator", "shield", "waf"})
"""Services whose events CloudTrail records in us-east-1 wherever they are called."""

_S3_NAMES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"(Get|Put)BucketAccelerateConfiguration"), r"\1AccelerateConfiguration"),
    (re.compile(r"(Get|Put)Bucket(Lifecycle|Notification)Configuration"), r"\1Bucket\2"),
    (re.compile(r"(Get|Put|Delete)PublicAccessBlock"), r"\1BucketPublicAccessBlock"),
    (re.compile(r"(Get|Put)ObjectLockConfiguration"), r"\1BucketObjectLockConfiguration"),
    (re.compile(r"ListObjectsV2"), "ListObjects"),
)
_LAMBDA_V2: Final = frozenset(
    {"GetFunction", "AddPermission", "RemovePermission", "UpdateFunctionCode", "UpdateFunctionConfiguration"}
)

_READS: Final = re.compile(
    r"(Get|List|Describe|Head|Lookup|Search|Query|Scan|Select|BatchGet|Check|Validate|Preview|Estimate|Test|Simulate"
    r"|AssumeRole|DecodeAuthorizationMessage|Receive|Discover|View|Read|Download|Is[A-Z]|Can[A-Z])"
)
_ALSO_READS: Final[Mapping[str, frozenset[str]]] = {
    "kms": frozenset(
        {
            *("Decrypt", "Encrypt", "ReEncrypt", "Sign", "Verify", "GenerateMac", "VerifyMac", "DeriveSharedSecret"),
            *("GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateRandom"),
            *("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"),
        }
    ),
    "dynamodb": frozenset({"TransactGetItems", "BatchGetItem"}),
}
_DATA: Final[Mapping[str, re.Pattern[str]]] = {
    "s3": re.compile(
        r"(?!.*Bucket[A-Z])(HeadBucket|ListObject\w*|ListParts|DeleteObjects|\w*Object(?!Lock)\w*|\w*Multipart\w*"
        r"|UploadPart\w*)"
    ),
    "dynamodb": re.compile(
        r"(Batch|Transact)(Get|Write)Items?|(Batch)?ExecuteStatement|ExecuteTransaction"
        r"|(Get|Put|Update|Delete)Item|Query|Scan|GetRecords|GetShardIterator"
    ),
    "lambda": re.compile(r"Invoke\w*"),
    "sns": re.compile(r"Publish(Batch)?"),
    "sqs": re.compile(r"(Send|Receive|Delete)Message(Batch)?|ChangeMessageVisibility(Batch)?"),
    "kinesis": re.compile(r"PutRecords?|GetRecords|GetShardIterator|SubscribeToShard"),
    "monitoring": re.compile(r"PutMetricData|GetMetric(Data|Statistics|WidgetImage)"),
}
"""Operations on data, which a trail records only where it selects data events; the sandbox's selects them all."""


def source_of(call: Call, operation: Operation | None) -> str:
    """Returns what stands before ``.amazonaws.com`` in the event's source."""
    if operation is None:
        credential = call.credential
        return credential.service if credential else "s3"
    endpoint = operation.service.endpoint
    return _SOURCES.get(endpoint, endpoint.rsplit(".", 1)[-1] if endpoint.startswith("api.") else endpoint)


def event_name(source: str, call: Call, operation: Operation | None) -> str:
    """Returns the operation as CloudTrail spells it; the HTTP request line's parts where no model knows it."""
    if operation is None:
        return f"{call.method.title()}{''.join(part.title() for part in re.findall(r'[A-Za-z]+', call.path)[:1])}"
    if source == "s3":
        return _renamed(operation.name)
    dated = re.match(r"/(\d{4})-(\d{2})-(\d{2})/", call.path)
    if source == "lambda" and dated and not operation.name.startswith("Invoke"):
        return f"{operation.name}{''.join(dated.groups())}{'v2' if operation.name in _LAMBDA_V2 else ''}"
    if source == "cloudfront" and dated:
        return f"{operation.name}{'_'.join(dated.groups())}"
    return operation.name


def _renamed(name: str) -> str:
    for pattern, replacement in _S3_NAMES:
        if pattern.fullmatch(name):
            return pattern.sub(replacement, name)
    return name


def is_read(source: str, name: str) -> bool:
    """Returns whether CloudTrail records the operation as read-only."""
    return bool(_READS.match(name)) or name in _ALSO_READS.get(source, frozenset())


def is_data(source: str, name: str) -> bool:
    """Returns whether the operation is a data event."""
    pattern = _DATA.get(source)
    return bool(pattern and pattern.fullmatch(name))
