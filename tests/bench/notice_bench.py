"""Time from a denied call to the notice at a subscriber, beside a function that only passes events on.

Three ways run in the same sandbox, in turn, on denials of one new role each: rule → queue → function → topic for the
bare one, rule → queue → triage → table → stream → notify → topic for Redress, and for the least one the same hops as
Redress with nothing in them: one write of the finding, one claim of its notice, no reads, no code of ours.
"""

from __future__ import annotations

import io
import json
import statistics
import time
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.deploy import deploy
from sandbox.process import ACCOUNT, PYTHON, REGION, Sandbox
from sandbox.synthesize import KNOBS, synthesize
from tests.bench.bell import Bell
from tests.bench.figures import Figure, Section
from tests.e2e.stack import TRUST, Stack, denial_of, policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AIM = 1.5
ROUNDS = 5
WARM = 2
PER_ROUND = 5
PATIENCE_SECONDS = 30.0
SETTLED_SECONDS = 0.1
NAME = "beside"
BARE, LEAST, OURS = "bare", "least", "redress"
CODE = """
import os
import botocore.session

make = botocore.session.get_session().create_client
table, topic = os.environ["TABLE"], os.environ["TOPIC"]
sns, dynamodb = make("sns"), make("dynamodb")


def handle(event, _context):
    for record in event["Records"]:
        sns.publish(TopicArn=topic, Message=record["body"])


def write(event, _context):
    for record in event["Records"]:
        item = {"pk": {"S": "FINDING#" + record["messageId"]}, "sk": {"S": "FINDING"}, "text": {"S": record["body"]}}
        dynamodb.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")


def claim(event, _context):
    for record in event["Records"]:
        new = record["dynamodb"]["NewImage"]
        item = {"pk": new["pk"], "sk": {"S": "NOTICE"}, "text": new["text"]}
        dynamodb.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
        sns.publish(TopicArn=topic, Message=new["text"]["S"])
"""
FINDINGS_ONLY = json.dumps({"dynamodb": {"Keys": {"sk": {"S": ["FINDING"]}}}})
PATTERN = {"source": [{"prefix": "aws."}], "detail-type": ["AWS API Call via CloudTrail"]}
SETTINGS = {**KNOBS, "account_burst_principals": 100}
"""So many roles with one cause are told one by one; by default the sixth would be told with the others."""
ALL_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way from a denied call to a notice."""

    name: str
    rule: str
    bell: Bell


def measure() -> Section:
    """Returns the times and their ratios."""
    title = "From a denied call to its notice"
    if not PYTHON.exists():
        return Section(title=title, notes=("not measured: the sandbox is not set up (make setup)",))
    with Sandbox() as sandbox, ExitStack() as bells:
        stack = Stack(sandbox, deploy(sandbox, synthesize(SETTINGS)))
        _without_proposals(stack)
        made = _Made.on(stack)
        ends = {
            BARE: (made.bare(), made.topic),
            LEAST: (made.least(), made.topic),
            OURS: (stack.outputs["DenialRuleName"], stack.outputs["FindingsTopicArn"]),
        }
        ringing = {topic: bells.enter_context(Bell(stack.root("sns"), topic)) for _, topic in ends.values()}
        ways = [Way(name=name, rule=rule, bell=ringing[topic]) for name, (rule, topic) in ends.items()]
        rounds = [{way.name: _median(stack, way, ways) for way in ways} for _ in range(ROUNDS)]
    times = tuple(_figure(name, [one[name] * 1e3 for one in rounds], "ms") for name in (BARE, LEAST, OURS))
    ratios = (
        _figure("Redress over bare", [one[OURS] / one[BARE] for one in rounds], "x", aim=AIM),
        _figure("the least over bare", [one[LEAST] / one[BARE] for one in rounds], "x"),
        _figure("Redress over the least", [one[OURS] / one[LEAST] for one in rounds], "x"),
    )
    return Section(title=title, figures=(*times, *ratios), notes=(f"medians of {PER_ROUND} calls, functions warm",))


def _figure(name: str, rounds: Sequence[float], unit: str, *, aim: float | None = None) -> Figure:
    return Figure(name=name, rounds=tuple(rounds), unit=unit, aim=aim)


def _median(stack: Stack, way: Way, ways: Iterable[Way]) -> float:
    """Returns the median seconds of a few denied calls while only this way's rule is on."""
    events = stack.root("events")
    for each in ways:
        if each.rule != way.rule:
            events.disable_rule(Name=each.rule)
    known = events.describe_rule(Name=way.rule)
    events.put_rule(Name=way.rule, EventPattern=known["EventPattern"], State=ALL_EVENTS)
    for _ in range(WARM):
        _one(stack, way)
    return statistics.median(_one(stack, way) for _ in range(PER_ROUND))


def _without_proposals(stack: Stack) -> None:
    """Keeps λ propose from starting at the same moment: on AWS it waits for ``quiet_window_seconds``."""
    functions = stack.root("lambda")
    for mapping in functions.list_event_source_mappings(FunctionName=stack.outputs["ProposeFunction"])[
        "EventSourceMappings"
    ]:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def _one(stack: Stack, way: Way) -> float:
    application = stack.application()
    client = application.client("kms")
    time.sleep(SETTLED_SECONDS)  # what the notice before left to be marked is not this one's
    start = time.perf_counter()
    if denial_of(client.list_keys) is None:
        raise RuntimeError("the call was not denied")
    return way.bell.rang(application.name, within=PATIENCE_SECONDS) - start


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What the ways beside Redress are made of."""

    stack: Stack
    role: str
    topic: str
    stream: str

    @classmethod
    def on(cls, stack: Stack) -> _Made:
        """Makes a role that may do what they need, a topic, and a table with a stream."""
        iam = stack.root("iam")
        trust = TRUST.replace(f'{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}', '{"Service": "lambda.amazonaws.com"}')
        role = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        needed = ["sns:Publish", "sqs:*", "logs:*", "dynamodb:*"]
        work = policy({"Effect": "Allow", "Action": needed, "Resource": "*"})
        iam.put_role_policy(RoleName=NAME, PolicyName="work", PolicyDocument=work)
        topic = stack.root("sns").create_topic(Name=NAME)["TopicArn"]
        table = stack.root("dynamodb").create_table(
            TableName=NAME,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk")],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )["TableDescription"]
        return cls(stack=stack, role=role, topic=topic, stream=table["LatestStreamArn"])

    def bare(self) -> str:
        """Makes the bare way; returns its rule."""
        return self._fed_by_a_rule(BARE, "handle")

    def least(self) -> str:
        """Makes the least way that has Redress's hops; returns its rule."""
        claim = self._function("claim")
        self.stack.root("lambda").create_event_source_mapping(
            EventSourceArn=self.stream,
            FunctionName=claim,
            StartingPosition="LATEST",
            FilterCriteria={"Filters": [{"Pattern": FINDINGS_ONLY}]},
        )
        return self._fed_by_a_rule(LEAST, "write")

    def _fed_by_a_rule(self, name: str, entry: str) -> str:
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        sender = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:*"}
        attributes = {"Policy": policy({**sender, "Resource": arn}), "VisibilityTimeout": "60"}
        self.stack.root("sqs").create_queue(QueueName=name, Attributes=attributes)
        mapped = {"EventSourceArn": arn, "FunctionName": self._function(entry), "BatchSize": 10}
        self.stack.root("lambda").create_event_source_mapping(**mapped)
        events = self.stack.root("events")
        events.put_rule(Name=name, EventPattern=json.dumps(PATTERN), State=ALL_EVENTS)
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        return name

    def _function(self, entry: str) -> str:
        made: dict[str, Any] = self.stack.root("lambda").create_function(
            FunctionName=f"{NAME}-{entry}",
            Runtime="python3.13",
            Handler=f"{NAME}.{entry}",
            Role=self.role,
            Code={"ZipFile": _zipped(CODE)},
            Timeout=30,
            Environment={"Variables": {"TOPIC": self.topic, "TABLE": NAME}},
        )
        return str(made["FunctionArn"])


def _zipped(code: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{NAME}.py", code)
    return packed.getvalue()
