"""A fix allows the denied calls and nothing else; and the guard leaves ordinary work alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from redress.domain.decision import Outcome
from redress.domain.evaluate import evaluate
from redress.domain.guard import dangers
from redress.domain.guard.escalation import POLICY_WRITES
from redress.domain.policies import Policies
from redress.domain.policy_json import parse_policy
from redress.domain.request import Request, caller_of
from redress.domain.words import GuardVerdict
from tests.unit.fix import builders

if TYPE_CHECKING:
    from redress.domain.proposal import Proposal

FOLDERS = st.sampled_from(["", "a/", "a/b/", "ab/", "a/b/c/", "b/"])
KEYS = st.builds("{}{}".format, FOLDERS, st.sampled_from(["1.csv", "2.csv", "a", "b c.txt", "[x]"]))
OBJECTS = st.builds("arn:aws:s3:::{}/{}".format, st.sampled_from(["reports", "report"]), KEYS)
S3_ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
THINGS = {
    "sqs:SendMessage": "arn:aws:sqs:{region}:111122223333:{name}",
    "dynamodb:GetItem": "arn:aws:dynamodb:{region}:111122223333:table/{name}",
    "logs:PutLogEvents": "arn:aws:logs:{region}:111122223333:log-group:/app/{name}:log-stream:{stream}",
    "ecs:StopTask": "arn:aws:ecs:{region}:111122223333:task/{name}/{stream}",
    "lambda:InvokeFunction": "arn:aws:lambda:{region}:111122223333:function:{name}",
}
CALLS = st.builds(
    lambda action, region, name, stream: (action, THINGS[action].format(region=region, name=name, stream=stream)),
    st.sampled_from(sorted(THINGS)),
    st.sampled_from(["us-east-1", "eu-west-1"]),
    st.sampled_from(["orders", "order", "orders-2"]),
    st.sampled_from(["0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdee", "x"]),
)
SERVICES = (
    "s3", "sqs", "sns", "dynamodb", "lambda", "ec2", "ecs", "eks", "logs", "cloudwatch", "kms", "rds", "states",
    "events", "kinesis", "firehose", "athena", "glue", "apigateway", "elasticloadbalancing", "autoscaling", "ecr",
    "secretsmanager", "ssm", "cloudformation", "batch", "sagemaker", "bedrock",
)  # fmt: skip


def allowed(proposal: Proposal, action: str, resource: str) -> bool:
    """Returns whether a principal that has nothing but the fix may make the call."""
    policies = Policies(identity=(parse_policy("redress", json.loads(proposal.content["document"])),))
    caller = caller_of(str(builders.ROLE.arn))
    request = Request(caller=caller, action=action, resource=resource, context={}, complete=True)
    return evaluate(request, policies).outcome is Outcome.ALLOW


@settings(max_examples=200, deadline=None)
@given(st.lists(OBJECTS, min_size=1, max_size=6, unique=True), OBJECTS, st.sampled_from(S3_ACTIONS))
def test_a_fix_for_objects_allows_them_and_nothing_outside_their_folder(
    seen: list[str], other: str, action: str
) -> None:
    """Every denied object is allowed; another one only below a folder that several denied ones share."""
    proposal = builders.plan(builders.finding("s3:PutObject", seen[-1], seen=seen)).proposal
    assert proposal is not None
    assert all(allowed(proposal, "s3:PutObject", resource) for resource in seen)
    (statement,) = proposal.content["statements"]
    if allowed(proposal, action, other):
        assert action == "s3:PutObject"
        assert other in seen or (str(statement["Resource"]).endswith("/*") and other.startswith(_folder(seen)))


def _folder(seen: list[str]) -> str:
    """Returns the deepest folder below a bucket that all share, with its slash."""
    parts = [resource.split("/")[:-1] for resource in seen]
    shared = [column[0] for column in zip(*parts, strict=False) if len(set(column)) == 1]
    while shared and any(part[: len(shared)] != shared for part in parts):
        shared.pop()
    assert len(shared) >= 2, "no fix covers a whole bucket"
    return "/".join(shared) + "/"


@settings(max_examples=200, deadline=None)
@given(st.lists(CALLS, min_size=1, max_size=5, unique=True), CALLS)
def test_a_fix_allows_no_unrelated_call(seen: list[tuple[str, str]], other: tuple[str, str]) -> None:
    """With one finding for each call, no other call is allowed."""
    assume(other not in seen)
    proposal = builders.plan(*(builders.finding(action, resource) for action, resource in seen)).proposal
    assert proposal is not None
    assert all(allowed(proposal, action, resource) for action, resource in seen)
    assert not allowed(proposal, *other)


def test_a_passed_role_can_only_go_to_the_service_that_asked() -> None:
    """The condition on the service holds: the same role cannot be passed to another one."""
    role = f"arn:aws:iam::{builders.ACCOUNT}:role/worker"
    found = builders.finding("iam:PassRole", role, source="ec2.amazonaws.com", event="RunInstances")
    proposal = builders.plan(found).proposal
    assert proposal is not None
    policies = Policies(identity=(parse_policy("redress", json.loads(proposal.content["document"])),))
    caller = caller_of(str(builders.ROLE.arn))
    outcomes = {
        service: evaluate(
            Request(
                caller=caller,
                action="iam:PassRole",
                resource=role,
                context={"iam:PassedToService": (service,)},
                complete=True,
            ),
            policies,
        ).outcome
        for service in ("ec2.amazonaws.com", "lambda.amazonaws.com")
    }
    assert outcomes == {"ec2.amazonaws.com": Outcome.ALLOW, "lambda.amazonaws.com": Outcome.IMPLICIT_DENY}


def test_ordinary_work_is_never_blocked() -> None:
    """Of all actions of the services that people use every day, the guard blocks only those that it names."""
    special = dangers.DETECTION_OFF | {action.lower() for action in POLICY_WRITES} | {"iam:passrole"}
    ordinary = [
        action
        for service in SERVICES
        for action in builders.CATALOGUE.actions(service)
        if action.lower() not in special
    ]
    findings = [builders.finding(action, builders.arn_for(action)) for action in ordinary]
    blocked = [
        found.verdict.action
        for found in findings
        if (guard := builders.plan(found).guard) and guard.verdict is GuardVerdict.BLOCK
    ]
    assert len(ordinary) > 200
    assert blocked == []
