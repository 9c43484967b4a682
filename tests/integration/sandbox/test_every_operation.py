"""Every operation that an SDK knows is told apart by its request alone."""

from __future__ import annotations

import botocore.session
import pytest

from sandbox.event_names import event_name, is_data, is_read, source_of
from sandbox.request_parameters import parameters_of, recorded
from sandbox.service_models import operation_of
from tests.integration.sandbox.requests import call_of

SESSION = botocore.session.get_session()
MOST_USED = ("s3", "ec2", "iam", "sts", "lambda", "dynamodb", "kms", "sqs", "sns", "cloudwatch", "cloudfront", "eks")

# Requests that two operations share; CloudTrail's name of the first four is that of the older one.
SHARED = {
    ("s3", "GetBucketLifecycle"): "GetBucketLifecycleConfiguration",
    ("s3", "GetBucketNotification"): "GetBucketNotificationConfiguration",
    ("s3", "PutBucketLifecycle"): "PutBucketLifecycleConfiguration",
    ("s3", "PutBucketNotification"): "PutBucketNotificationConfiguration",
    ("s3", "ListDirectoryBuckets"): "ListBuckets",
    ("lex-models", "GetImport"): "DescribeImport",
    ("lex-models", "StartImport"): "ListImports",
    ("bedrock-agent-runtime", "InvokeInlineAgent"): "PrepareAgent",
}


def _mistaken(service: str) -> dict[str, str | None]:
    """Returns the operations of a service that are taken for another one."""
    model, mistaken = SESSION.get_service_model(service), {}
    for name in model.operation_names:
        operation = operation_of(call_of(model, model.operation_model(name)))
        found = operation.name if operation else None
        if found != SHARED.get((service, name), name):
            mistaken[name] = found
    return mistaken


@pytest.mark.parametrize("service", MOST_USED)
def test_operations_are_recognized(service: str) -> None:
    """Each operation is found from method, path, headers and body as botocore writes them."""
    assert _mistaken(service) == {}


@pytest.mark.slow
def test_operations_of_all_services_are_recognized() -> None:
    """All of nearly 20,000, but for the requests that two operations share."""
    mistaken = {service: found for service in SESSION.get_available_services() if (found := _mistaken(service))}
    assert mistaken == {}


@pytest.mark.parametrize("service", MOST_USED)
def test_every_operation_can_be_recorded(service: str) -> None:
    """Names, sorts and parameters can be told of each, with its required parameters."""
    model = SESSION.get_service_model(service)
    for name in model.operation_names:
        call = call_of(model, model.operation_model(name))
        operation = operation_of(call)
        source = source_of(call, operation)
        written = recorded(parameters_of(call, operation), operation)
        assert event_name(source, call, operation)
        assert isinstance(is_read(source, name) or is_data(source, name), bool)
        assert written is None or all(isinstance(key, str) for key in written)


NAMES = [
    ("s3", "PutObject", "s3", "PutObject", False, True),
    ("s3", "GetObjectLockConfiguration", "s3", "GetBucketObjectLockConfiguration", True, False),
    ("s3", "ListObjectsV2", "s3", "ListObjects", True, True),
    ("s3", "GetBucketTagging", "s3", "GetBucketTagging", True, False),
    ("s3", "CreateMultipartUpload", "s3", "CreateMultipartUpload", False, True),
    ("lambda", "GetFunction", "lambda", "GetFunction20150331v2", True, False),
    ("lambda", "Invoke", "lambda", "Invoke", False, True),
    ("cloudfront", "GetDistribution", "cloudfront", "GetDistribution2020_05_31", True, False),
    ("kms", "Decrypt", "kms", "Decrypt", True, False),
    ("sts", "AssumeRole", "sts", "AssumeRole", True, False),
    ("dynamodb", "Query", "dynamodb", "Query", True, True),
    ("dynamodb", "DescribeTable", "dynamodb", "DescribeTable", True, False),
    ("cloudwatch", "PutMetricData", "monitoring", "PutMetricData", False, True),
    ("stepfunctions", "StartExecution", "states", "StartExecution", False, False),
]


@pytest.mark.parametrize("case", NAMES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_events_are_named_and_sorted_as_cloudtrail_does(case: tuple[str, str, str, str, bool, bool]) -> None:
    """Source, name, read-only and data are CloudTrail's."""
    service, operation, *expected = case
    model = SESSION.get_service_model(service)
    call = call_of(model, model.operation_model(operation))
    found = operation_of(call)
    source = source_of(call, found)
    assert [source, event_name(source, call, found), is_read(source, operation), is_data(source, operation)] == expected
