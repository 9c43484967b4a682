"""Fetching stronger evidence from AWS: every failure has its cause and its remedy, and costs nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from botocore.stub import Stubber

from redress.adapters.authorization_details import PAUSES, AuthorizationDetailsReader
from redress.adapters.decode import StsDecoder
from redress.adapters.sessions import details_client
from redress.domain.words import DecodeStatus, Effect, Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

DECODED = json.dumps({"allowed": False, "explicitDeny": True, "context": {"action": "ec2:RunInstances"}})
SESSION = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="eu-west-1")
PAGE: dict[str, Any] = {
    "requestContext": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"},
    "evaluations": [
        {
            "action": "iam:GetRole",
            "resource": "*",
            "evaluatedEffect": "IMPLICIT_DENY",
            "checks": [{"checkType": "PRINCIPAL", "evaluatedEffect": "IMPLICIT_DENY"}],
        }
    ],
    "policies": [],
}


class Answering:
    """A client that answers with what it was given, one by one; errors are raised."""

    def __init__(self, *answers: Mapping[str, Any] | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[dict[str, object]] = []

    def decode_authorization_message(self, **call: object) -> Mapping[str, Any]:
        """Answers as STS."""
        return self._next(call)

    def get_request_authorization_details(self, **call: object) -> Mapping[str, Any]:
        """Answers as IAM Toolbox."""
        return self._next(call)

    def _next(self, call: dict[str, object]) -> Mapping[str, Any]:
        self.asked.append(call)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def fault(code: str) -> ClientError:
    """Returns the error that botocore raises for this code."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Any")


TIMEOUT = ConnectTimeoutError(endpoint_url="https://sts.eu-west-1.amazonaws.com")


def test_a_decoded_message_is_a_value() -> None:
    """STS's text becomes a value, by the API's own names."""
    client = SESSION.client("sts")
    with Stubber(client) as stub:
        stub.add_response("decode_authorization_message", {"DecodedMessage": DECODED}, {"EncodedMessage": "blob"})
        answer = StsDecoder(client).decode("blob")
    assert (answer.status, answer.notes) == (DecodeStatus.DECODED, ())
    assert answer.decoded is not None
    assert answer.decoded.effect is Effect.EXPLICIT_DENY


@pytest.mark.parametrize(
    ("failure", "status", "cause", "remedy"),
    [
        (fault("InvalidAuthorizationMessageException"), DecodeStatus.EXPIRED_OR_INVALID, "expired", "Repeat the call"),
        (fault("AccessDenied"), DecodeStatus.NOT_PERMITTED, "denied", "Allow sts:DecodeAuthorizationMessage"),
        (fault("Throttling"), DecodeStatus.FAILED, "Throttling", "decoded anew"),
        (TIMEOUT, DecodeStatus.FAILED, "ConnectTimeoutError", "decoded anew"),
        ({"DecodedMessage": "no JSON"}, DecodeStatus.FAILED, "MalformedDecodedMessage", "decoded anew"),
        ({}, DecodeStatus.FAILED, "MalformedDecodedMessage", "decoded anew"),
    ],
    ids=str,
)
def test_a_message_that_cannot_be_decoded_says_why_and_what_helps(
    failure: Any,  # noqa: ANN401 - an answer or an error
    status: DecodeStatus,
    cause: str,
    remedy: str,
) -> None:
    """Each failure has a status of its own, its cause, and its remedy."""
    answer = StsDecoder(Answering(failure)).decode("blob")
    assert (answer.status, answer.decoded) == (status, None)
    assert cause in answer.notes[0]
    assert remedy in answer.notes[1]


def test_details_are_read_page_by_page() -> None:
    """All pages make one answer, and its text is kept as a snapshot."""
    client = Answering({**PAGE, "nextToken": "t"}, PAGE)
    answer = reader(client).fetch("id", region="eu-west-1")
    assert client.asked == [{"authorizationId": "id"}, {"authorizationId": "id", "nextToken": "t"}]
    assert answer.details is not None
    assert [evaluation.action for evaluation in answer.details.evaluations] == ["iam:GetRole"] * 2
    assert json.loads(answer.snapshot or "")["requestContext"] == PAGE["requestContext"]


def test_details_that_are_not_there_yet_are_waited_for() -> None:
    """AWS records them asynchronously: a few tries, with growing pauses."""
    slept: list[float] = []
    client = Answering(fault("ResourceNotFoundException"), fault("ResourceNotFoundException"), PAGE)
    answer = AuthorizationDetailsReader(lambda _: client, sleep=slept.append).fetch("id", region=None)
    assert answer.details is not None
    assert answer.details.denied is not None
    assert slept == list(PAUSES[:2])


@pytest.mark.parametrize(
    ("failures", "cause"),
    [
        ([fault("ResourceNotFoundException")] * (len(PAUSES) + 1), "no authorization details"),
        ([fault("AccessDeniedException")], "iam:GetRequestAuthorizationDetails was denied"),
        ([fault("ValidationException")], "ValidationException"),
        ([fault("InternalServerException")], "InternalServerException"),
        ([TIMEOUT], "ConnectTimeoutError"),
    ],
    ids=str,
)
def test_details_that_cannot_be_had_are_a_note(failures: list[Exception], cause: str) -> None:
    """Absent, denied, broken: the verdict stands on the other evidence, and says what is missing."""
    answer = reader(Answering(*failures)).fetch("id", region="eu-west-1")
    assert answer.details is None
    assert cause in answer.notes[0]
    assert len(answer.notes) == 2


def test_an_sdk_without_the_service_is_a_note() -> None:
    """Lambda's own boto3 may be older than the service."""
    answer = AuthorizationDetailsReader(lambda _: None).fetch("id", region="eu-west-1")
    assert "does not know iam-toolbox" in answer.notes[0]


@pytest.mark.parametrize("region", ["evil.example/#", "a b", "x" * 300])
def test_a_region_from_an_event_cannot_lead_elsewhere(region: str) -> None:
    """The SDK refuses a Region that is no host label, and that is a note like any other."""
    answer = AuthorizationDetailsReader(details_client).fetch("id", region=region)
    assert answer.details is None
    assert answer.notes


def test_the_blamed_layer_of_the_details_is_read() -> None:
    """What the adapter returns is what the domain reads."""
    answer = reader(Answering(PAGE)).fetch("id", region=None)
    assert answer.details is not None
    assert answer.details.denied is not None
    assert answer.details.denied.blamed is not None
    assert answer.details.denied.blamed.layer is Layer.IDENTITY_BASED_POLICY


def reader(client: Answering) -> AuthorizationDetailsReader:
    """Returns a reader over this client that does not wait."""
    return AuthorizationDetailsReader(lambda _: client, sleep=lambda _: None)
