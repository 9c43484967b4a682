"""From a CloudTrail record to a denied call, or to a word for why it is none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from redress.domain import parse_codes
from redress.domain.denied_call import DeniedCall, NotADenial
from redress.domain.errors import MalformedRecord
from redress.domain.parse import parse_record
from redress.domain.words import Kind, PrincipalType
from tests.unit.why.cases import cases, named

PLAIN: dict[str, Any] = {
    "eventTime": "2026-11-21T03:00:00Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "GetObject",
    "errorCode": "AccessDenied",
    "eventID": "e-1",
}
LACKING = {
    "detail-type": "DLM Policy State Change",
    "id": "1",
    "detail": {"state": "ERROR", "cause": "Role provided does not have sufficient permissions"},
}


def denied(**members: object) -> DeniedCall:
    """Returns the call of a plain denial with some members changed."""
    call = parse_record(PLAIN | members)
    assert isinstance(call, DeniedCall)
    return call


@pytest.mark.parametrize("case", cases("codes.json"), ids=named)
def test_each_error_code_is_a_denial_or_has_its_word(case: dict[str, Any]) -> None:
    """Exact codes decide, false friends do not count, and the text overrules the code where it must."""
    record = PLAIN | {"errorCode": case["code"], "errorMessage": case["message"]}
    parsed = parse_record(record | {"eventSource": case["source"], "eventName": case["event"]})
    assert (parsed.reason if isinstance(parsed, NotADenial) else None) == case["reason"]


def test_every_denial_code_and_false_friend_has_a_case() -> None:
    """No code of the lists stays untried."""
    tried = {case["code"] for case in cases("codes.json")}
    assert (parse_codes.DENIAL_CODES | parse_codes.FALSE_FRIENDS) - tried == set()


def test_every_word_for_no_denial_is_declared() -> None:
    """Each reason that can come out stands in the table that names its kind."""
    used = {case["reason"] for case in cases("codes.json")} - {None}
    assert used | {"insight", "dlm_state"} == set(parse_codes.REASON_KINDS)
    assert {Kind.CREDENTIALS, Kind.QUOTA, Kind.THROTTLED, Kind.CAPACITY, Kind.SERVICE_NOT_ENABLED} <= {
        parse_codes.REASON_KINDS[reason] for reason in used
    }


@pytest.mark.parametrize("case", cases("identities.json"), ids=named)
def test_each_identity_is_the_role_or_user_behind_the_session(case: dict[str, Any]) -> None:
    """The principal is never the session, has its path, and is None rather than guessed."""
    principal = denied(userIdentity=case["identity"]).principal
    assert {name: getattr(principal, name) for name in case["expected"]} == case["expected"]


def test_every_type_of_principal_has_a_case() -> None:
    """No principal type stays untried."""
    assert {case["expected"]["type"] for case in cases("identities.json")} == set(PrincipalType)


def test_the_members_of_a_record_are_kept() -> None:
    """A denied call holds what later steps need, typed."""
    call = denied(
        errorMessage="Access Denied",
        sharedEventID="s-1",
        requestID="r-1",
        awsRegion="eu-west-1",
        recipientAccountId="111122223333",
        eventType="AwsApiCall",
        eventCategory="Data",
        sourceIPAddress="203.0.113.17",
        userAgent="aws-cli/2",
        readOnly="true",
        vpcEndpointId="vpce-1",
        sessionCredentialFromConsole="true",
        requestParameters={"bucketName": "b"},
        resources=[{"ARN": "arn:aws:s3:::b"}, {"ARNPrefix": "arn:aws:s3:::b/x"}, None, {"ARN": 3}],
        userIdentity={
            "accessKeyId": "ASIA1",
            "sessionContext": {
                "ec2RoleDelivery": "1.0",
                "attributes": {"mfaAuthenticated": "false", "creationDate": "2026-11-21T02:00:00Z"},
            },
        },
    )
    assert (call.message, call.dedupe_id, call.request_id, call.region) == ("Access Denied", "s-1", "r-1", "eu-west-1")
    assert (call.account, call.event_type, call.event_category) == ("111122223333", "AwsApiCall", "Data")
    assert (call.source_ip, call.user_agent, call.read_only) == ("203.0.113.17", "aws-cli/2", True)
    assert (call.vpc_endpoint_id, call.console_session, call.access_key_id) == ("vpce-1", True, "ASIA1")
    assert (call.ec2_role_delivery, call.mfa_authenticated) == ("1.0", False)
    assert call.session_created == datetime(2026, 11, 21, 2, tzinfo=UTC)
    assert (call.resources, call.request_parameters) == (("arn:aws:s3:::b",), {"bucketName": "b"})


@pytest.mark.parametrize("message", [{"message": "no"}, {"Message": "no"}])
def test_the_text_may_sit_in_the_response(message: dict[str, str]) -> None:
    """Where errorMessage is empty, the response's message is the text."""
    assert denied(errorMessage=None, responseElements=message).message == "no"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21T03:00:00Z", datetime(2026, 11, 21, 3, tzinfo=UTC)),
        ("2021-01-24 04:55:45.000", datetime(2021, 1, 24, 4, 55, 45, tzinfo=UTC)),
        ("2022-02-08T09:23:37+11:00", datetime(2022, 2, 7, 22, 23, 37, tzinfo=UTC)),
    ],
)
def test_times_are_utc(text: str, expected: datetime) -> None:
    """Times with and without a zone are read, and are UTC."""
    assert denied(eventTime=text).event_time == expected


def test_a_record_without_an_id_has_a_stable_one() -> None:
    """The id is then a hash of the record: the same for the same record, another for another."""
    first, again, other = (denied(eventID=None, awsRegion=region).event_id for region in ("a", "a", "b"))
    assert first.startswith("sha256:")
    assert (first == again, first == other) == (True, False)


@pytest.mark.parametrize(
    ("record", "named_part"),
    [
        ([], "JSON object"),
        ("text", "JSON object"),
        (None, "JSON object"),
        ({}, "eventSource"),
        ({"eventSource": "s3.amazonaws.com"}, "eventName"),
        ({"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}, "Lambda trigger"),
        (PLAIN | {"eventTime": None}, "eventTime"),
        (PLAIN | {"eventTime": "yesterday"}, "eventTime"),
        (PLAIN | {"eventTime": "0001-01-01T00:00:00+23:59"}, "eventTime"),
        ({"detail-type": "DLM Policy State Change"}, "DLM"),
        (LACKING, "time"),
    ],
)  # fmt: skip
def test_what_is_no_record_is_refused_by_name(record: object, named_part: str) -> None:
    """The error says which part is wrong."""
    with pytest.raises(MalformedRecord, match=named_part):
        parse_record(record)


def test_an_insight_is_no_denial() -> None:
    """CloudTrail Insights events count errors of others; they lie beside the logs."""
    parsed = parse_record({"eventType": "AwsCloudTrailInsight", "eventID": "i", "insightDetails": {"eventName": "A"}})
    assert parsed == NotADenial(event_id="i", reason="insight")


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ({"state": "ENABLED"}, "dlm_state"),
        ({"state": "ERROR", "cause": "Maximum allowed active snapshot limit exceeded"}, "quota"),
        ({"state": "ERROR"}, "dlm_state"),
    ],
)
def test_other_states_of_a_lifecycle_policy_are_no_denials(detail: dict[str, str], reason: str) -> None:
    """Only an error for lack of permissions is a denial."""
    parsed = parse_record({"detail-type": "DLM Policy State Change", "id": "1", "detail": detail})
    assert isinstance(parsed, NotADenial)
    assert parsed.reason == reason
