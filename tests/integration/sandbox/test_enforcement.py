"""What is enforced beyond the emulator: several resources, EC2's and DynamoDB's own keys, trust by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.process import ACCOUNT
from tests.integration.sandbox.world import allow, denial_of, deny, policy, unique

if TYPE_CHECKING:
    from sandbox.process import Sandbox
    from tests.integration.sandbox.world import People, Trail

LAUNCH: dict[str, Any] = {"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1}
EC2 = f"arn:aws:ec2:us-east-1:{ACCOUNT}"


def _denied_on(sandbox: Sandbox, credentials: dict[str, Any], **launch: Any) -> str:  # noqa: ANN401 - boto3's own
    """Returns action and resource of a denied launch, as its message says them."""
    ec2 = sandbox.client("ec2", credentials)
    message = str(denial_of(lambda: ec2.run_instances(**LAUNCH, **launch))["Message"])
    return message.partition("to perform: ")[2].partition(" because")[0].partition(" with an")[0]


def test_a_launch_is_first_denied_on_the_instance(sandbox: Sandbox, people: People) -> None:
    """As AWS reports it, whatever else the launch needs."""
    assert _denied_on(sandbox, people.restricted()) == f"ec2:RunInstances on resource: {EC2}:instance/*"


def test_a_launch_needs_every_resource_that_it_uses(sandbox: Sandbox, people: People) -> None:
    """With instance and volume allowed, the image is next: its ARN has no account."""
    granted = allow("ec2:RunInstances", [f"{EC2}:instance/*", f"{EC2}:volume/*"])  # type: ignore[arg-type]
    found = _denied_on(sandbox, people.restricted(granted))
    assert found == "ec2:RunInstances on resource: arn:aws:ec2:us-east-1::image/ami-12345678"


def test_a_launch_with_tags_needs_create_tags(sandbox: Sandbox, people: People) -> None:
    """The second denial of a launch that tags its instance."""
    tagged = [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": "orders"}]}]
    credentials = people.restricted(allow("ec2:RunInstances"))
    found = _denied_on(sandbox, credentials, TagSpecifications=tagged)
    assert found == f"ec2:CreateTags on resource: {EC2}:instance/*"


def test_a_tagged_spot_request_is_a_resource_of_its_own(sandbox: Sandbox, people: People) -> None:
    """RunInstances is evaluated on the Spot request only if the launch tags it."""
    market = {"MarketType": "spot"}
    tagged = [{"ResourceType": "spot-instances-request", "Tags": [{"Key": "team", "Value": "orders"}]}]
    spot = f"{EC2}:spot-instances-request/*"
    credentials = people.restricted(allow("ec2:*"), deny("ec2:RunInstances", spot))
    found = _denied_on(sandbox, credentials, InstanceMarketOptions=market, TagSpecifications=tagged)
    assert found == f"ec2:RunInstances on resource: {spot}"
    assert sandbox.client("ec2", credentials).run_instances(**LAUNCH, InstanceMarketOptions=market)["Instances"]


def test_a_launch_with_a_profile_passes_its_role(sandbox: Sandbox, people: People, trail: Trail) -> None:
    """The event is RunInstances, the denied action iam:PassRole on the profile's role."""
    iam, name, role = sandbox.client("iam"), unique("profile"), people.role()
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
    credentials = people.restricted(allow("ec2:RunInstances"))
    found = _denied_on(sandbox, credentials, IamInstanceProfile={"Name": name})
    assert found == f"iam:PassRole on resource: arn:aws:iam::{ACCOUNT}:role/{role}"
    assert trail.one()["detail"]["eventName"] == "RunInstances"


def test_deleting_a_fleet_with_its_instances_needs_to_terminate_them(sandbox: Sandbox, people: People) -> None:
    """The event is DeleteFleets, the missing action ec2:TerminateInstances."""
    ec2 = sandbox.client("ec2", people.restricted(allow("ec2:DeleteFleets")))
    error = denial_of(lambda: ec2.delete_fleets(FleetIds=["fleet-1"], TerminateInstances=True))
    assert "not authorized to perform: ec2:TerminateInstances on resource" in error["Message"]


def test_describing_takes_no_resources(sandbox: Sandbox, people: People) -> None:
    """A policy on instances does not let anyone describe them, as on AWS."""
    ec2 = sandbox.client("ec2", people.restricted(allow("ec2:DescribeInstances", f"{EC2}:instance/*")))
    error = denial_of(lambda: ec2.describe_instances(InstanceIds=["i-12345678"]))
    assert "ec2:DescribeInstances on resource: * because" in error["Message"]


def test_partition_keys_are_enforced(sandbox: Sandbox, people: People) -> None:
    """A condition on dynamodb:LeadingKeys holds for single items, transactions, batches and queries alike."""
    table, root = unique("table"), sandbox.client("dynamodb")
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
    kinds = [{"AttributeName": "pk", "AttributeType": "S"}]
    root.create_table(TableName=table, BillingMode="PAY_PER_REQUEST", KeySchema=keys, AttributeDefinitions=kinds)
    mine = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["MINE#*"]}}
    client = sandbox.client("dynamodb", people.restricted({**allow("dynamodb:*"), "Condition": mine}))

    def calls(key: str) -> list[Any]:
        item = {"pk": {"S": key}}
        condition = {"KeyConditionExpression": "pk = :k", "ExpressionAttributeValues": {":k": {"S": key}}}
        return [
            lambda: client.put_item(TableName=table, Item=item),
            lambda: client.get_item(TableName=table, Key=item),
            lambda: client.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": item}}]),
            lambda: client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}}]}),
            lambda: client.query(TableName=table, **condition),
        ]

    for call in calls("MINE#1"):
        call()
    assert {denial_of(call)["Code"] for call in calls("OTHER#1")} == {"AccessDeniedException"}


def test_a_trust_policy_that_names_the_role_needs_no_identity_policy(sandbox: Sandbox, people: People) -> None:
    """Within an account the trust policy alone is enough if it names the caller's role; the account is not."""
    caller = people.role()
    named = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{caller}"}}
    trust = policy({**named, "Action": "sts:AssumeRole"})
    trusting, iam = unique("trusting"), sandbox.client("iam")
    iam.create_role(RoleName=trusting, AssumeRolePolicyDocument=trust)
    sts = sandbox.client("sts", people.session(caller))
    assert sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{trusting}", RoleSessionName="work")["Credentials"]
    by_account = f"arn:aws:iam::{ACCOUNT}:role/{people.role()}"
    assert denial_of(lambda: sts.assume_role(RoleArn=by_account, RoleSessionName="work"))["Code"] == "AccessDenied"


def test_a_service_that_the_emulator_lacks_is_enforced_too(sandbox: Sandbox, people: People) -> None:
    """Without permission denied, as anywhere; with it, told that there is no such service here."""
    denied = denial_of(sandbox.client("redshift", people.restricted()).describe_clusters)
    assert denied["Code"] == "AccessDenied"
    assert "redshift:DescribeClusters on resource: *" in denied["Message"]
    permitted = people.restricted(allow(["redshift:*", "guardduty:*"]))
    absent = (
        sandbox.client("redshift", permitted).describe_clusters,
        sandbox.client("guardduty", permitted).list_detectors,
    )
    assert [denial_of(call)["Code"] for call in absent] == ["NotImplemented"] * 2


def test_calls_count_as_made_over_tls(sandbox: Sandbox, people: People) -> None:
    """The loopback stands for TLS, so that policies which demand it do not shut out everybody."""
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    credentials = people.restricted(allow("s3:ListAllMyBuckets"), {**deny("*"), "Condition": insecure})
    assert sandbox.client("s3", credentials).list_buckets()["Buckets"]
