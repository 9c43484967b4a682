"""Time from a denied call to the notice in a subscriber's queue, beside a function that only passes events on.

Both ways run in the same sandbox, in turn, on denials of one new role each: rule → queue → function → topic for the
bare one, rule → queue → triage → table → stream → notify → topic for Redress.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.deploy import deploy
from sandbox.process import ACCOUNT, PYTHON, REGION, Sandbox
from sandbox.synthesize import KNOBS, synthesize
from tests.bench.figures import Figure, Section
from tests.e2e.stack import TRUST, Stack, denial_of, policy
from tests.integration.faults.notices import Ear

if TYPE_CHECKING:
    from collections.abc import Callable

AIM = 1.5
ROUNDS = 5
WARM = 2
PER_ROUND = 4
PATIENCE_SECONDS = 30.0
NAME = "bare"
CODE = """
import os
import botocore.session

sns = botocore.session.get_session().create_client("sns")


def handle(event, _context):
    for record in event["Records"]:
        sns.publish(TopicArn=os.environ["TOPIC"], Message=record["body"])
"""
PATTERN = {"source": [{"prefix": "aws."}], "detail-type": ["AWS API Call via CloudTrail"]}
SETTINGS = {**KNOBS, "account_burst_principals": 100}
"""So many roles with one cause are told one by one; by default the sixth would be told with the others."""
ALL_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way from a denied call to a notice."""

    name: str
    rule: str
    ear: Ear


def measure() -> Section:
    """Returns the times and their ratio."""
    title = "From a denied call to its notice"
    if not PYTHON.exists():
        return Section(title=title, notes=("not measured: the sandbox is not set up (make setup)",))
    with Sandbox() as sandbox:
        stack = Stack(sandbox, deploy(sandbox, synthesize(SETTINGS)))
        ours = Way(
            name="Redress",
            rule=stack.outputs["DenialRuleName"],
            ear=Ear.of(sandbox, (stack.outputs["FindingsTopicArn"],)),
        )
        bare = _bare(stack)
        _without_proposals(stack)
        times = [(_median(stack, bare, ours), _median(stack, ours, bare)) for _ in range(ROUNDS)]
    figures = (
        Figure(name="bare: rule, queue, function, topic", rounds=tuple(one * 1e3 for one, _ in times), unit="ms"),
        Figure(name="Redress: the notice of a new finding", rounds=tuple(other * 1e3 for _, other in times), unit="ms"),
        Figure(name="Redress over bare", rounds=tuple(other / one for one, other in times), unit="x", aim=AIM),
    )
    return Section(title=title, figures=figures, notes=(f"medians of {PER_ROUND} calls, functions warm",))


def _median(stack: Stack, way: Way, other: Way) -> float:
    """Returns the median seconds of a few denied calls while only this way's rule is on."""
    events = stack.root("events")
    events.disable_rule(Name=other.rule)
    _enable(stack, way)
    took = sorted(_one(stack, way) for _ in range(WARM + PER_ROUND))
    return took[(WARM + PER_ROUND) // 2 - 1]


def _without_proposals(stack: Stack) -> None:
    """Keeps λ propose from starting at the same moment: on AWS it waits for ``quiet_window_seconds``."""
    functions = stack.root("lambda")
    for mapping in functions.list_event_source_mappings(FunctionName=stack.outputs["ProposeFunction"])[
        "EventSourceMappings"
    ]:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def _enable(stack: Stack, way: Way) -> None:
    events = stack.root("events")
    known = events.describe_rule(Name=way.rule)
    events.put_rule(Name=way.rule, EventPattern=known["EventPattern"], State=ALL_EVENTS)


def _one(stack: Stack, way: Way) -> float:
    application = stack.application()
    client = application.client("kms")
    way.ear.listen()
    way.ear.heard.clear()
    start = time.perf_counter()
    if denial_of(client.list_keys) is None:
        raise RuntimeError("the call was not denied")
    return _until(lambda: application.name in json.dumps(way.ear.heard), way.ear) - start


def _until(heard: Callable[[], bool], ear: Ear) -> float:
    deadline = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < deadline:
        ear.listen()
        if heard():
            return time.perf_counter()
        time.sleep(0.005)
    raise RuntimeError(f"no notice within {PATIENCE_SECONDS:.0f} s")


def _bare(stack: Stack) -> Way:
    """Makes the bare way with a role that may do what it needs."""
    topic = stack.root("sns").create_topic(Name=NAME)["TopicArn"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAME}"
    sender = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:*", "Resource": arn}
    stack.root("sqs").create_queue(QueueName=NAME, Attributes={"Policy": policy(sender), "VisibilityTimeout": "60"})
    function = _function(stack, topic)
    mapped = {"EventSourceArn": arn, "FunctionName": function, "BatchSize": 10}
    stack.root("lambda").create_event_source_mapping(**mapped)
    events = stack.root("events")
    events.put_rule(Name=NAME, EventPattern=json.dumps(PATTERN), State=ALL_EVENTS)
    events.put_targets(Rule=NAME, Targets=[{"Id": "queue", "Arn": arn}])
    return Way(name=NAME, rule=NAME, ear=Ear.of(stack.sandbox, (topic,), queue="heard-bare"))


def _function(stack: Stack, topic: str) -> str:
    iam = stack.root("iam")
    trust = TRUST.replace(f'{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}', '{"Service": "lambda.amazonaws.com"}')
    role = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    work = policy({"Effect": "Allow", "Action": ["sns:Publish", "sqs:*", "logs:*"], "Resource": "*"})
    iam.put_role_policy(RoleName=NAME, PolicyName="work", PolicyDocument=work)
    made: dict[str, Any] = stack.root("lambda").create_function(
        FunctionName=NAME,
        Runtime="python3.13",
        Handler="bare.handle",
        Role=role,
        Code={"ZipFile": _zipped(CODE)},
        Timeout=30,
        Environment={"Variables": {"TOPIC": topic}},
    )
    return str(made["FunctionArn"])


def _zipped(code: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("bare.py", code)
    return packed.getvalue()
