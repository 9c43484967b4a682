"""What the stack keeps, tells and names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import RemovalPolicy

from infra.knobs import Knobs
from infra.stack import key_removal
from tests.infra.template import ACCOUNT, REGION

if TYPE_CHECKING:
    from tests.infra.template import Template

OUTPUTS = {
    *("TableName", "DenialsQueueUrl", "DenialsDeadLetterQueueUrl", "RuleDeadLetterQueueUrl"),
    *("FunctionDeadLetterQueueUrl", "DenialRuleName"),
    *("FindingsTopicArn", "SecurityTopicArn", "ChatTopicArn", "ApprovalsTopicArn"),
    *("ApplyDocument", "RestoreDocument", "AutomationRoleArn"),
    *("ApproverPolicyArn", "OnCallPolicyArn", "AuditorPolicyArn"),
    *("TriageFunction", "ProposeFunction", "StartFunction", "TrackFunction", "NotifyFunction", "DigestFunction"),
}
ACCOUNT_WIDE = {
    "AWS::CloudWatch::Dashboard": ("DashboardName",),
    "AWS::IAM::Group": ("GroupName",),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName",),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName",),
    "AWS::IAM::Role": ("RoleName",),
    "AWS::IAM::User": ("UserName",),
    "AWS::S3::Bucket": ("BucketName",),
}
"""Types whose names are unique in an account, or in all of AWS, and not only in a Region."""
BY_REGION = {"CDK", "CloudWatch", "DynamoDB", "Events", "KMS", "Lambda", "Logs", "SNS", "SQS", "SSM", "SecretsManager"}
"""Services that keep all other names by Region."""
FOURTEEN_DAYS = 1_209_600
OUR_ALARMS = {
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
    "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:Redress-*"},
}


def parts_of(name: object) -> list[object]:
    """Returns what a name in the template is joined of."""
    match name:
        case {"Fn::Join": [_, list(parts)]}:
            return parts
        case _:
            return [name]


def test_outputs(template: Template) -> None:
    """Programs and people find everything by these names."""
    assert set(template.raw["Outputs"]) == OUTPUTS


def test_any_environment(template: Template) -> None:
    """The template names no account, Region or partition."""
    text = template.path.read_text()
    assert [word for word in ("123456789012", "000000000000", "us-east-1", "arn:aws:") if word in text] == []


@pytest.mark.parametrize("made", ["template", "everything"])
def test_a_second_region_can_be_deployed(made: str, request: pytest.FixtureRequest) -> None:
    """What is unique in the account as a whole, and not in a Region, has no name or one that holds the Region."""
    raw = request.getfixturevalue(made).raw["Resources"]
    fixed = [
        name
        for name, resource in raw.items()
        for property_ in ACCOUNT_WIDE.get(resource["Type"], ())
        if (given := resource["Properties"].get(property_)) and {"Ref": "AWS::Region"} not in parts_of(given)
    ]
    assert fixed == []
    assert {resource["Type"] for resource in raw.values()} & set(ACCOUNT_WIDE)


def test_every_service_of_the_stack_is_known_to_keep_names_by_region(everything: Template) -> None:
    """A service that is new to the stack is looked up before its names are relied on."""
    types = {raw["Type"] for raw in everything.raw["Resources"].values()} - set(ACCOUNT_WIDE)
    assert {kind.split("::")[1] for kind in types} - BY_REGION == set()


def test_the_table(template: Template) -> None:
    """On demand, point-in-time recovery, a stream of both images, time to live, AWS's key, protected."""
    table = template.one("AWS::DynamoDB::Table")
    given = table.properties
    assert given["BillingMode"] == "PAY_PER_REQUEST"
    assert given["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert given["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert given["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert given["SSESpecification"] == {"SSEEnabled": True}
    assert given["DeletionProtectionEnabled"] is True
    assert table.rest["DeletionPolicy"] == "Retain"
    assert {(key["AttributeName"], key["KeyType"]) for key in given["KeySchema"]} == {("pk", "HASH"), ("sk", "RANGE")}


def test_the_one_index(template: Template) -> None:
    """It holds keys only, so that counting stays cheap; a principal's findings are listed without another."""
    (index,) = template.one("AWS::DynamoDB::Table").properties["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by_state"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["state", "last_seen"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


def test_what_is_kept(template: Template) -> None:
    """Logs and the key outlive the stack, but not a first deployment that is rolled back, which left nothing in them.

    The table stays even then: it is protected from deletion, on which the rollback would fail.
    """
    kinds = ("AWS::Logs::LogGroup", "AWS::KMS::Key")
    rests = [each.rest for kind in kinds for each in template.resources(kind)]
    assert {rest["DeletionPolicy"] for rest in rests} == {"RetainExceptOnCreate"}
    assert {rest["UpdateReplacePolicy"] for rest in rests} == {"Retain"}


@pytest.mark.parametrize(
    ("keep", "own", "removal"),
    [
        (True, True, RemovalPolicy.RETAIN),
        (True, False, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE),
        (False, True, RemovalPolicy.DESTROY),
    ],
)
def test_the_key_stays_as_long_as_a_kept_table_needs_it(*, keep: bool, own: bool, removal: RemovalPolicy) -> None:
    """A table that is kept under a key that is gone could never be read again."""
    assert key_removal(Knobs(keep_data=keep, customer_managed_key=own)) is removal


def test_a_table_that_may_go(everything: Template) -> None:
    """With ``keep_data`` off everything goes with the stack; with the own key the table uses it."""
    table = everything.one("AWS::DynamoDB::Table")
    assert table.rest["DeletionPolicy"] == "Delete"
    assert table.properties["DeletionProtectionEnabled"] is False
    assert table.properties["SSESpecification"]["SSEType"] == "KMS"
    kept = [kind for kind in ("AWS::Logs::LogGroup", "AWS::KMS::Key") for _ in everything.resources(kind)]
    gone = [
        each
        for kind in dict.fromkeys(kept)
        for each in everything.resources(kind)
        if each.rest.get("DeletionPolicy") == "Delete"
    ]
    assert len(gone) == len(kept)


def test_queues(template: Template) -> None:
    """All queues are encrypted, refuse plain HTTP, and keep messages 14 days; the denials' has a dead-letter queue."""
    queues = template.resources("AWS::SQS::Queue")
    assert {queue.properties["SqsManagedSseEnabled"] for queue in queues} == {True}
    assert {queue.properties["MessageRetentionPeriod"] for queue in queues} == {FOURTEEN_DAYS}
    denials = template.one("AWS::SQS::Queue", "IntakeDenials").properties
    assert denials["RedrivePolicy"]["maxReceiveCount"] == 5
    assert len(template.resources("AWS::SQS::QueuePolicy")) == len(queues)


def test_plain_http_is_refused(template: Template) -> None:
    """Every queue and topic denies what does not come over TLS."""
    policies = [*template.resources("AWS::SQS::QueuePolicy"), *template.resources("AWS::SNS::TopicPolicy")]
    for policy in policies:
        statements = policy.properties["PolicyDocument"]["Statement"]
        denied = [each for each in statements if each["Effect"] == "Deny"]
        assert [each["Condition"] for each in denied] == [{"Bool": {"aws:SecureTransport": "false"}}], policy.name
    assert len(policies) == 8


def test_topics(template: Template) -> None:
    """Topics are encrypted; SSM finds its topic by the beginning of its name."""
    topics = template.resources("AWS::SNS::Topic")
    assert len(topics) == 4
    assert all("KmsMasterKeyId" in topic.properties for topic in topics)
    assert template.output("ApprovalsTopicArn").endswith(":AutomationRedressApprovals")


def test_only_alarms_publish_from_outside(template: Template) -> None:
    """The only service that may publish to a topic is CloudWatch, to the security topic, for our alarms."""
    statements = [
        (policy.name, statement)
        for policy in template.resources("AWS::SNS::TopicPolicy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    ((name, statement),) = statements
    assert "Security" in name
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"] == OUR_ALARMS


def test_subscriptions_are_knobs(template: Template, everything: Template) -> None:
    """Nobody is subscribed unless named; Slack comes with its own dead-letter queue."""
    assert template.resources("AWS::SNS::Subscription") == []
    given = [each.properties for each in everything.resources("AWS::SNS::Subscription")]
    assert sorted(each["Protocol"] for each in given) == ["email", "email", "email", "lambda", "lambda"]
    for each in given:
        if each["Protocol"] == "lambda":
            assert "DeadLettersFunctions" in each["RedrivePolicy"]["deadLetterTargetArn"]


def test_slack_hears_of_security(everything: Template) -> None:
    """λ slack is subscribed to the findings and the security topic, and to no other."""
    given = [each.properties for each in everything.resources("AWS::SNS::Subscription")]
    heard = {each["TopicArn"] for each in given if each["Protocol"] == "lambda"}
    assert heard == {everything.output("FindingsTopicArn"), everything.output("SecurityTopicArn")}


def test_the_key(template: Template) -> None:
    """The key rotates, and whoever uses it does so through SNS or DynamoDB; only CloudWatch uses it directly."""
    key = template.one("AWS::KMS::Key").properties
    assert key["EnableKeyRotation"] is True
    anyone = [each for each in key["KeyPolicy"]["Statement"] if each["Principal"] == {"AWS": "*"}]
    assert len(anyone) == 2
    for statement in anyone:
        assert set(statement["Condition"]["StringEquals"]) == {"kms:CallerAccount", "kms:ViaService"}


def test_the_secret_is_a_knob(template: Template, everything: Template) -> None:
    """Without Slack there is no secret; a webhook of the security topic's own has a second one."""
    assert template.resources("AWS::SecretsManager::Secret") == []
    assert len(everything.resources("AWS::SecretsManager::Secret")) == 2


def test_no_foreign_functions(template: Template) -> None:
    """No custom resource and no function but our own: nothing runs that this repository does not hold."""
    types = {raw["Type"] for raw in template.raw["Resources"].values()}
    assert {kind for kind in types if kind.startswith(("Custom::", "AWS::CloudFormation::"))} == set()
    assert len(template.resources("AWS::Lambda::Function")) == 6
