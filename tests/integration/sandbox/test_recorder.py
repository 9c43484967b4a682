"""Denied calls become CloudTrail events: each case is a file of tests/cases/sandbox_denials."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.classify import classify
from redress.domain.denied_call import DeniedCall
from redress.domain.parse import parse_record
from redress.domain.words import Evidence, Layer
from sandbox.process import ACCOUNT
from tests.integration.sandbox.world import allow, denial_of, policy

if TYPE_CHECKING:
    from sandbox.process import Sandbox
    from tests.integration.sandbox.world import People, Trail

CASES = sorted((Path(__file__).parents[2] / "cases" / "sandbox_denials").glob("*.json"))


def _credentials(people: People, case: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    if "boundary" in case:
        names["boundary"] = people.managed(*case["boundary"])
    role = people.role(*case.get("identity", ()), boundary=names.get("boundary"))
    if "managed" in case:
        names["managed"] = people.managed(*case["managed"])
        people.sandbox.client("iam").attach_role_policy(RoleName=role, PolicyArn=names["managed"])
    names["session"] = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/work"
    session = case.get("session")
    return people.session(role, session_policy=policy(*session) if session else None)


def _at(record: dict[str, Any], path: str) -> object:
    value: Any = record
    for part in path.split("."):
        value = value[part]
    return value


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_denied_call_becomes_the_event_that_cloudtrail_would_send(
    sandbox: Sandbox, people: People, trail: Trail, path: Path
) -> None:
    """What the case expects stands in the record, the client reads the same message, and triage understands it."""
    case: dict[str, Any] = json.loads(path.read_text())
    names: dict[str, str] = {}
    client = sandbox.client(case["call"]["service"], _credentials(people, case, names))
    error = denial_of(lambda: getattr(client, case["call"]["operation"])(**case["call"]["arguments"]))
    event = trail.one()
    expected = json.loads(json.dumps(case["expect"]), object_hook=lambda each: each)
    found = {path: _at(event["detail"], path) for path in expected}
    if "errorMessage" in expected:
        expected["errorMessage"] = expected["errorMessage"].format(**names)
        assert error["Message"] == expected["errorMessage"]
    assert found == expected
    call = parse_record(event["detail"])
    assert isinstance(call, DeniedCall)
    verdict = classify(call, catalogue=IamCatalogue())
    assert (verdict.evidence, verdict.layer is Layer.UNKNOWN) == (Evidence.REPORTED, False)


def test_the_envelope_names_service_account_and_region(sandbox: Sandbox, people: People, trail: Trail) -> None:
    """The event comes from ``aws.<service>`` on the default bus, without resources."""
    denial_of(lambda: sandbox.client("iam", people.restricted()).create_user(UserName="new"))
    event = trail.one()
    known = {key: event[key] for key in ("version", "detail-type", "source", "account", "region", "resources")}
    assert known == {
        "version": "0",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iam",
        "account": ACCOUNT,
        "region": "us-east-1",
        "resources": [],
    }


def test_a_record_has_the_fields_of_version_1_11(sandbox: Sandbox, people: People, trail: Trail) -> None:
    """Ids, time, address, agent and category are filled as the record reference says."""
    denial_of(lambda: sandbox.client("iam", people.restricted()).create_user(UserName="new"))
    record = trail.one()["detail"]
    assert record["eventVersion"] == "1.11"
    assert uuid.UUID(record["eventID"])
    assert record["requestID"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record["eventTime"])
    assert record["sourceIPAddress"] == "127.0.0.1"
    assert "Boto3" in record["userAgent"]
    assert record["eventType"] == "AwsApiCall"
    assert record["recipientAccountId"] == ACCOUNT
    assert record["responseElements"] is None


def test_a_role_session_names_the_role_with_its_path(sandbox: Sandbox, people: People, trail: Trail) -> None:
    """The session's ARN leaves out the path; the issuer's ARN holds it."""
    role = people.role(path="/team/orders/")
    credentials = people.session(role, path="/team/orders/")
    denial_of(sandbox.client("ec2", credentials).describe_vpcs)
    identity = trail.one()["detail"]["userIdentity"]
    unique_id = sandbox.client("iam").get_role(RoleName=role)["Role"]["RoleId"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/work"
    assert identity["principalId"] == f"{unique_id}:work"
    assert identity["accessKeyId"] == credentials["AccessKeyId"]
    assert identity["sessionContext"]["sessionIssuer"] == {
        "type": "Role",
        "principalId": unique_id,
        "arn": f"arn:aws:iam::{ACCOUNT}:role/team/orders/{role}",
        "accountId": ACCOUNT,
        "userName": role,
    }


def test_a_user_is_named_by_its_iam_arn(sandbox: Sandbox, people: People, trail: Trail) -> None:
    """A call with a user's access key is of type IAMUser and has no session."""
    user = people.user()
    denial_of(sandbox.client("ec2", user).describe_vpcs)
    identity = trail.one()["detail"]["userIdentity"]
    assert identity["type"] == "IAMUser"
    assert identity["arn"] == f"arn:aws:iam::{ACCOUNT}:user/{user['UserName']}"
    assert "sessionContext" not in identity


def test_a_federated_user_is_issued_by_its_user(sandbox: Sandbox, people: People, trail: Trail) -> None:
    """GetFederationToken's session is of type FederatedUser, issued by an IAM user."""
    user = people.user(allow("sts:GetFederationToken"))
    made = sandbox.client("sts", user).get_federation_token(Name="guest", Policy=policy(allow("s3:ListAllMyBuckets")))
    denial_of(sandbox.client("ec2", made["Credentials"]).describe_vpcs)
    identity = trail.one()["detail"]["userIdentity"]
    assert (identity["type"], identity["arn"]) == ("FederatedUser", f"arn:aws:sts::{ACCOUNT}:federated-user/guest")
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == user["UserName"]


def test_a_denied_head_request_has_its_message_in_the_record(sandbox: Sandbox, people: People, trail: Trail) -> None:
    """HEAD has no body, so the client reads nothing, but the event tells all."""
    denial_of(lambda: sandbox.client("s3", people.restricted()).head_object(Bucket="orders", Key="k"))
    record = trail.one()["detail"]
    assert (record["eventName"], record["errorCode"]) == ("HeadObject", "AccessDenied")
    assert 's3:GetObject on resource: "arn:aws:s3:::orders/k"' in record["errorMessage"]


def test_a_role_that_does_not_trust_the_caller(sandbox: Sandbox, people: People, trail: Trail) -> None:
    """An AssumeRole that the trust policy refuses is worded as a denial of the trust policy."""
    statement = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    sandbox.client("iam").create_role(RoleName="trusts-ec2", AssumeRolePolicyDocument=policy(statement))
    arn = f"arn:aws:iam::{ACCOUNT}:role/trusts-ec2"
    sts = sandbox.client("sts", people.restricted(allow("sts:AssumeRole")))
    error = denial_of(lambda: sts.assume_role(RoleArn=arn, RoleSessionName="work"))
    record = trail.one()["detail"]
    assert record["errorMessage"] == error["Message"]
    assert record["errorMessage"].endswith(
        f"is not authorized to perform: sts:AssumeRole on resource: {arn} "
        "because no role trust policy allows the sts:AssumeRole action"
    )
    assert record["readOnly"] is True
    assert record["resources"] == [{"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": arn}]


def test_a_long_message_is_cut_as_cloudtrail_cuts_it(sandbox: Sandbox, people: People, trail: Trail) -> None:
    """The client reads the whole message, the record 1,024 characters that end in dots."""
    ec2 = sandbox.client("ec2", people.restricted())
    tags = [{"Key": f"key-{number}", "Value": uuid.uuid4().hex} for number in range(20)]
    specification = {"ResourceType": "instance", "Tags": tags}
    error = denial_of(
        lambda: ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, TagSpecifications=[specification])
    )
    text = trail.one()["detail"]["errorMessage"]
    assert len(error["Message"]) > 1024
    assert (len(text), text[-3:], text[:1021]) == (1024, "...", error["Message"][:1021])


def test_allowed_calls_and_other_failures_leave_no_event(sandbox: Sandbox, people: People, trail: Trail) -> None:
    """Success, a missing resource, and credentials that fail are no denials."""
    credentials = people.restricted(allow("dynamodb:*"))
    sandbox.client("dynamodb", credentials).list_tables()
    denial_of(lambda: sandbox.client("dynamodb", credentials).describe_table(TableName="missing"))
    wrong = {**credentials, "SecretAccessKey": "wrong"}
    denial_of(sandbox.client("dynamodb", wrong).list_tables)
    assert trail.none()


def test_every_denial_has_an_event_of_its_own(sandbox: Sandbox, people: People, trail: Trail) -> None:
    """Ten equal calls make ten events with ten ids."""
    client, found = sandbox.client("ec2", people.restricted()), []
    for _ in range(10):
        denial_of(client.describe_vpcs)
    for _ in range(50):
        found += trail.events()
        if len(found) >= 10:
            break
    assert len({event["detail"]["eventID"] for event in found}) == len(found) == 10
