"""A stack of the product's shape, small enough to read: rule → queue → function → table → stream → function → topic."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

CODE = '''
import json, os
import botocore.session

def client(service):
    return botocore.session.get_session().create_client(service)

def store(event, context):
    """Writes each message; a body without an id is reported as failed."""
    failed = []
    for record in event["Records"]:
        body = json.loads(record["body"])
        if "id" not in body:
            failed.append({"itemIdentifier": record["messageId"]})
            continue
        item = {"pk": {"S": str(body["id"])}, "kind": {"S": body.get("kind", "order")}, "body": {"S": record["body"]}}
        client("dynamodb").put_item(TableName=os.environ["TABLE"], Item=item)
    return {"batchItemFailures": failed}

def announce(event, context):
    """Publishes each new item; from the first ``poison`` on, the batch is reported as failed."""
    for record in event["Records"]:
        image = record["dynamodb"]["NewImage"]
        if image["kind"]["S"] == "poison":
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        client("sns").publish(TopicArn=os.environ["TOPIC"], Message=image["pk"]["S"])
    return {"batchItemFailures": []}

def forbidden(event, context):
    """Tries what its role may not do."""
    client("iam").create_user(UserName="made-by-a-function")
'''


def get(name: str, attribute: str) -> dict[str, Any]:
    """Returns a GetAtt."""
    return {"Fn::GetAtt": [name, attribute]}


def _role(*statements: dict[str, Any]) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "Path": "/small/",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "work", "PolicyDocument": document}],
        },
    }


def _function(handler: str, role: str, **variables: object) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Architectures": ["arm64"],
            "Handler": f"small.{handler}",
            "Role": get(role, "Arn"),
            "Timeout": 10,
            "Code": {"S3Bucket": {"Fn::Sub": "assets-${AWS::AccountId}-${AWS::Region}"}, "S3Key": "small.zip"},
            "Environment": {"Variables": variables},
        },
    }


def _allow(action: str, resource: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def _queue_policy(queue: str, service: str) -> dict[str, Any]:
    statement = {**_allow("sqs:SendMessage", get(queue, "Arn")), "Principal": {"Service": service}}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": queue}], "PolicyDocument": document}}


def _pattern(**image: object) -> dict[str, Any]:
    return {"Filters": [{"Pattern": json.dumps({"eventName": ["INSERT"], "dynamodb": {"NewImage": image}})}]}


STREAM = {
    "StartingPosition": "TRIM_HORIZON",
    "BatchSize": 10,
    "MaximumBatchingWindowInSeconds": 1,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "MaximumRetryAttempts": 1,
    "DestinationConfig": {"OnFailure": {"Destination": get("Aside", "Arn")}},
    "FilterCriteria": _pattern(kind={"S": [{"anything-but": ["ignored"]}]}),
}
RUNBOOK = {
    "schemaVersion": "0.3",
    "assumeRole": get("StoreRole", "Arn"),
    "description": {"Fn::Sub": "writes to ${Table}"},
    "mainSteps": [
        {"name": "rest", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}, "isEnd": True},
    ],
}
TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "BootstrapVersion": {
            "Type": "AWS::SSM::Parameter::Value<String>",
            "Default": "/cdk-bootstrap/hnb659fds/version",
        }
    },
    "Resources": {
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "VisibilityTimeout": 4,  # a worker may take seconds to start
                "RedrivePolicy": {"deadLetterTargetArn": get("Dead", "Arn"), "maxReceiveCount": 2},
            },
        },
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Aside": {"Type": "AWS::SQS::Queue"},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
                "EventPattern": {"source": ["small"]},
                "Targets": [{"Id": "queue", "Arn": get("Queue", "Arn"), "InputPath": "$.detail"}],
            },
        },
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
                "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
            },
        },
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Inbox": {"Type": "AWS::SQS::Queue"},
        "QueuePolicy": _queue_policy("Queue", "events.amazonaws.com"),
        "InboxPolicy": _queue_policy("Inbox", "sns.amazonaws.com"),
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "sqs",
                "Endpoint": get("Inbox", "Arn"),
                "RawMessageDelivery": True,
            },
        },
        "StoreRole": _role(_allow("dynamodb:PutItem", get("Table", "Arn"))),
        "AnnounceRole": _role(_allow("sns:Publish", {"Ref": "Topic"})),
        "Store": _function("store", "StoreRole", TABLE={"Ref": "Table"}),
        "Announce": _function("announce", "AnnounceRole", TOPIC={"Ref": "Topic"}),
        "Forbidden": _function("forbidden", "AnnounceRole"),
        "Feed": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": get("Queue", "Arn"),
                "FunctionName": {"Ref": "Store"},
                "BatchSize": 10,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        },
        "Read": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": get("Table", "StreamArn"), "FunctionName": {"Ref": "Announce"}, **STREAM},
        },
        "Runbook": {
            "Type": "AWS::SSM::Document",
            "Properties": {"Name": "Small-Rest", "DocumentType": "Automation", "Content": RUNBOOK},
        },
        "Anomaly": {"Type": "AWS::CloudWatch::AnomalyDetector", "Properties": {}},
    },
    "Outputs": {
        "Queue": {"Value": {"Ref": "Queue"}},
        "Dead": {"Value": {"Ref": "Dead"}},
        "Aside": {"Value": {"Ref": "Aside"}},
        "Inbox": {"Value": {"Ref": "Inbox"}},
        "Table": {"Value": {"Ref": "Table"}},
        "StoreRole": {"Value": get("StoreRole", "Arn")},
        "Forbidden": {"Value": {"Ref": "Forbidden"}},
        "Runbook": {"Value": {"Ref": "Runbook"}},
    },
}


def assemble(folder: Path, template: dict[str, Any] = TEMPLATE) -> Path:
    """Writes the stack as the CDK writes a cloud assembly; returns its folder."""
    with zipfile.ZipFile(folder / "asset.zip", "w") as asset:
        asset.writestr("small.py", CODE)
    place = {"bucketName": "assets-${AWS::AccountId}-${AWS::Region}", "objectKey": "small.zip"}
    files = {"one": {"source": {"path": "asset.zip", "packaging": "file"}, "destinations": {"here": place}}}
    (folder / "Small.assets.json").write_text(json.dumps({"version": "1", "files": files}))
    (folder / "Small.template.json").write_text(json.dumps(template))
    return folder
