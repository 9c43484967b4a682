"""The rules let every denial in and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from infra import patterns
from infra.names import APPLY_DOCUMENT, RESTORE_DOCUMENT
from redress.domain.parse_codes import DENIAL_CODES, FALSE_FRIENDS
from scripts.build_asset import ROOT
from tests.infra.event_pattern import matches
from tests.infra.template import ACCOUNT

if TYPE_CHECKING:
    from tests.infra.template import Template

CASES = ROOT / "tests" / "cases" / "rule"
CODES = json.loads((CASES / "codes.json").read_text())
DENIED = json.loads((CASES / "denied_calls.json").read_text())
PATTERN = patterns.denied_calls(f"arn:aws:iam::{ACCOUNT}:role/redress/")
STATUS = "EC2 Automation Execution Status-change Notification"


def event(case: dict[str, Any]) -> dict[str, Any]:
    """Returns the event of a case: a denied S3 call but for what the case says."""
    detail = {"eventSource": "s3.amazonaws.com", "errorCode": "AccessDenied", **case["detail"]}
    detail = {name: value for name, value in detail.items() if value is not None}
    detail_type = case.get("detail-type", patterns.API_CALL)
    return {"source": case.get("source", "aws.s3"), "detail-type": detail_type, "detail": detail}


@pytest.mark.parametrize("case", DENIED, ids=lambda case: case["name"])
def test_denied_calls(case: dict[str, Any]) -> None:
    """Denials match by whoever they are, but for AWS services and Redress itself."""
    assert matches(PATTERN, event(case)) is case["matches"]


@pytest.mark.parametrize("code", sorted({*CODES["denials"], *DENIAL_CODES}))
def test_every_denial_code_matches(code: str) -> None:
    """Every error code that means a denial, to AWS's services or to our classifier, is let in."""
    assert matches(PATTERN, event({"detail": {"errorCode": code}}))


@pytest.mark.parametrize("code", sorted({*CODES["others"], *FALSE_FRIENDS}))
def test_other_codes_do_not_match(code: str) -> None:
    """Codes that only contain the words, and errors of other kinds, are left out."""
    assert not matches(PATTERN, event({"detail": {"errorCode": code}}))


def test_the_template_holds_this_pattern(template: Template) -> None:
    """What is deployed is what is tested here."""
    assert template.one("AWS::Events::Rule", "DeniedCalls").properties["EventPattern"] == PATTERN


def test_read_only_calls_are_delivered_too(template: Template) -> None:
    """The rule's state asks EventBridge for Describe, List and Get calls as well."""
    rule = template.one("AWS::Events::Rule", "DeniedCalls").properties
    assert rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def test_patterns_are_short_enough(template: Template) -> None:
    """EventBridge takes 4,096 characters."""
    rules = [rule.properties.get("EventPattern", {}) for rule in template.resources("AWS::Events::Rule")]
    assert max(map(patterns.length_of, rules)) <= patterns.MAX_PATTERN


@pytest.mark.parametrize("part", ["DeniedCalls", "DlmErrors", "HealthEvents"])
def test_events_reach_the_queue_or_the_dead_letters(template: Template, part: str) -> None:
    """Each rule delivers to the one queue, tries for a day, and then keeps the event."""
    (target,) = template.one("AWS::Events::Rule", part).properties["Targets"]
    queue = template.one("AWS::SQS::Queue", "IntakeDenials").name
    assert target["Arn"].endswith(f":{queue}")
    assert "DeadLettersRules" in target["DeadLetterConfig"]["Arn"]
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}


@pytest.mark.parametrize("part", ["IntakeDenials", "DeadLettersRules"])
def test_only_the_rules_deliver(template: Template, part: str) -> None:
    """EventBridge may send to a queue for our own rules only."""
    policy = next(
        each for each in template.resources("AWS::SQS::QueuePolicy") if part in each.properties["Queues"][0]
    ).properties["PolicyDocument"]
    allowed = [statement for statement in policy["Statement"] if statement["Effect"] == "Allow"]
    assert {statement["Principal"]["Service"] for statement in allowed} == {"events.amazonaws.com"}
    sources = [statement["Condition"]["ArnEquals"]["aws:SourceArn"] for statement in allowed]
    flat = [text for source in sources for text in ([source] if isinstance(source, str) else source)]
    assert flat
    assert all(text.startswith("arn:aws:events:") and "*" not in text for text in flat)


def test_lifecycle_policies_in_error() -> None:
    """Only state changes into ERROR come in."""
    change = {"source": "aws.dlm", "detail-type": "DLM Policy State Change", "detail": {"state": "ERROR"}}
    assert matches(patterns.dlm_errors(), change)
    assert not matches(patterns.dlm_errors(), {**change, "detail": {"state": "ENABLED"}})


def test_health_events() -> None:
    """Issues come in; reports of abuse are another team's."""
    issue = {"source": "aws.health", "detail-type": "AWS Health Event", "detail": {"service": "EC2"}}
    assert matches(patterns.health_issues(), issue)
    assert not matches(patterns.health_issues(), {**issue, "detail-type": "AWS Health Abuse Event"})


@pytest.mark.parametrize(
    ("definition", "expected"), [(APPLY_DOCUMENT, True), (RESTORE_DOCUMENT, True), ("AWS-StopEC2Instance", False)]
)
def test_status_changes_of_our_runbooks_only(template: Template, definition: str, expected: object) -> None:
    """λ track hears of our two runbooks, and of no other automation of the account."""
    pattern = template.one("AWS::Events::Rule", "ApprovalsChanges").properties["EventPattern"]
    change = {"source": "aws.ssm", "detail-type": STATUS, "detail": {"Definition": definition, "Status": "Success"}}
    assert matches(pattern, change) is expected


@pytest.mark.parametrize(
    ("part", "schedule"),
    [
        ("ApprovalsRetry", "rate(1 minute)"),
        ("ApprovalsReconcile", "rate(5 minutes)"),
        ("NoticesOwed", "rate(5 minutes)"),
        ("Daily", "cron(0 8 * * ? *)"),
    ],
)
def test_schedules(template: Template, part: str, schedule: str) -> None:
    """λ start retries each minute, λ track and λ notify look for leftovers every five, the digest comes once a day."""
    assert template.one("AWS::Events::Rule", part).properties["ScheduleExpression"] == schedule
