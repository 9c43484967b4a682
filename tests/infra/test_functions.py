"""How the functions are set up, and what reaches them."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from infra.intake import VISIBILITY_TIMEOUTS
from scripts.build_asset import ROOT, SOURCES
from tests.infra.event_pattern import matches

if TYPE_CHECKING:
    from tests.infra.template import Resource, Template

HANDLERS = {"Triage", "Propose", "Start", "Track", "Notify", "Digest"}
EVERYWHERE = {
    *("TABLE_NAME", "FINDINGS_TOPIC_ARN", "SECURITY_TOPIC_ARN", "CHAT_TOPIC_ARN", "APPROVALS_TOPIC_ARN"),
    *("REDRESS_SETTINGS", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"),
}
MAX_ENVIRONMENT = 4_096
AWAITED = {"slack"}
"""Handlers that are still to be written."""


def functions(template: Template) -> dict[str, Resource]:
    """Returns the functions by the name of their handler's module."""
    found = template.resources("AWS::Lambda::Function")
    return {function.properties["Handler"].split(".")[2]: function for function in found}


def mapping(template: Template, part: str) -> dict[str, Any]:
    """Returns the properties of an event source mapping."""
    return template.one("AWS::Lambda::EventSourceMapping", part).properties


def change(event_name: str = "MODIFY", **attributes: str) -> dict[str, Any]:
    """Returns a record of the table's stream."""
    image = {name: {"S": value} for name, value in attributes.items()}
    images = {"OldImage": image} if event_name == "REMOVE" else {"NewImage": image}
    return {"eventName": event_name, "dynamodb": images}


def delivered(template: Template, part: str, record: dict[str, Any]) -> bool:
    """Returns whether a mapping's filters let the record through."""
    filters = mapping(template, part)["FilterCriteria"]["Filters"]
    return any(matches(json.loads(each["Pattern"]), record) for each in filters)


def test_the_functions(template: Template, everything: Template) -> None:
    """There are six, and a seventh only if Slack is wanted."""
    assert set(functions(template)) == {name.lower() for name in HANDLERS}
    assert set(functions(everything)) == {name.lower() for name in HANDLERS} | {"slack"}


def test_handlers_exist(everything: Template) -> None:
    """Each handler's module is in the asset."""
    handlers = ROOT / SOURCES / "handlers"
    assert {name for name in functions(everything) if not (handlers / f"{name}.py").is_file()} <= AWAITED


def test_one_asset_one_runtime(everything: Template) -> None:
    """All functions run the same code, on the same Python and processor."""
    properties = [function.properties for function in functions(everything).values()]
    assert {each["Runtime"] for each in properties} == {"python3.13"}
    assert {tuple(each["Architectures"]) for each in properties} == {("arm64",)}
    assert len({json.dumps(each["Code"]) for each in properties}) == 1


def test_names_of_handlers(everything: Template) -> None:
    """Handlers are found by rule."""
    for name, function in functions(everything).items():
        assert function.properties["Handler"] == f"redress.handlers.{name}.handle"


def test_logs(everything: Template) -> None:
    """Each function logs JSON into a group of its own, kept as long as the knob says; nothing is traced."""
    groups = everything.resources("AWS::Logs::LogGroup")
    assert {group.properties["RetentionInDays"] for group in groups} == {365}
    assert len(groups) == len(functions(everything))
    for function in functions(everything).values():
        assert function.properties["LoggingConfig"]["LogFormat"] == "JSON"
        assert function.properties["LoggingConfig"]["ApplicationLogLevel"] == "DEBUG"
        assert "TracingConfig" not in function.properties


def test_environment(everything: Template) -> None:
    """Every function knows the table, the topics and the knobs, within what Lambda allows."""
    for name, function in functions(everything).items():
        variables = function.properties["Environment"]["Variables"]
        assert set(variables) >= EVERYWHERE, name
        assert sum(len(key) + len(value) for key, value in variables.items()) < MAX_ENVIRONMENT, name


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("triage", {"DEAD_LETTER_QUEUE_URL"}),
        ("propose", {"START_FUNCTION_NAME"}),
        ("start", {"APPLY_DOCUMENT", "RESTORE_DOCUMENT", "AUTOMATION_ROLE_ARN"}),
        ("track", {"APPLY_DOCUMENT", "RESTORE_DOCUMENT", "AUTOMATION_ROLE_ARN"}),
        ("digest", {"DENIAL_RULE_NAME", "DEAD_LETTER_QUEUE_URL"}),
        ("slack", {"SLACK_WEBHOOK_SECRET_ARN", "SLACK_SECURITY_SECRET_ARN"}),
    ],
)
def test_variables_of_one_function(everything: Template, name: str, variables: set[str]) -> None:
    """What only one function needs, only that one is told."""
    assert set(functions(everything)[name].properties["Environment"]["Variables"]) - EVERYWHERE == variables


def test_the_queue_hides_messages_long_enough(template: Template) -> None:
    """A message comes back only after six times triage's limit and the batching window."""
    queue = template.one("AWS::SQS::Queue", "IntakeDenials").properties
    feed = mapping(template, "IntakeFeed")
    seconds = functions(template)["triage"].properties["Timeout"]
    wanted = VISIBILITY_TIMEOUTS * seconds + feed["MaximumBatchingWindowInSeconds"]
    assert queue["VisibilityTimeout"] >= wanted


def test_the_feed(template: Template) -> None:
    """Triage takes batches of a hundred, reports each failure, and is bounded."""
    feed = mapping(template, "IntakeFeed")
    assert feed["BatchSize"] == 100
    assert feed["MaximumBatchingWindowInSeconds"] == 1
    assert feed["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert feed["ScalingConfig"] == {"MaximumConcurrency": 10}


def test_reserved_concurrency_is_a_knob(template: Template, everything: Template) -> None:
    """By default nothing is taken from the account's pool."""
    assert "ReservedConcurrentExecutions" not in functions(template)["triage"].properties
    assert functions(everything)["triage"].properties["ReservedConcurrentExecutions"] == 20


@pytest.mark.parametrize("part", ["ProposalsWanting", "NoticesFindings"])
def test_readers_of_the_stream(template: Template, part: str) -> None:
    """A change that fails again and again is isolated, given up on, and kept; it never blocks the shard."""
    reader = mapping(template, part)
    assert reader["BisectBatchOnFunctionError"] is True
    assert reader["MaximumRetryAttempts"] == 10
    assert reader["MaximumRecordAgeInSeconds"] == 21_600
    assert reader["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "DeadLettersFunctions" in reader["DestinationConfig"]["OnFailure"]["Destination"]
    assert reader["StartingPosition"] == "TRIM_HORIZON"


def test_two_readers_of_a_stream(everything: Template) -> None:
    """AWS reads a shard of a DynamoDB stream for two functions at most."""
    mappings = everything.resources("AWS::Lambda::EventSourceMapping")
    readers = Counter(each.properties["EventSourceArn"] for each in mappings)
    streams = {source: count for source, count in readers.items() if "/stream/" in source}
    assert set(streams.values()) == {2}


def test_the_quiet_window_gathers_findings(template: Template) -> None:
    """λ propose waits, so that one principal's denials become one proposal."""
    assert mapping(template, "ProposalsWanting")["MaximumBatchingWindowInSeconds"] == 10


@pytest.mark.parametrize(
    ("part", "record", "expected"),
    [
        ("ProposalsWanting", change("INSERT", item_type="finding", state="OPEN"), True),
        ("ProposalsWanting", change(item_type="finding", state="REOPENED"), True),
        ("ProposalsWanting", change(item_type="finding", state="FIXED"), False),
        ("ProposalsWanting", change(item_type="proposal", state="OPEN"), False),
        ("ProposalsWanting", change("REMOVE", item_type="finding", state="OPEN"), False),
        ("NoticesFindings", change(item_type="finding", state="MUTED"), True),
        ("NoticesFindings", change(item_type="proposal", status="READY"), False),
        ("NoticesFindings", change("REMOVE", item_type="finding", state="CLOSED"), False),
        ("NoticesFindings", change("INSERT", pk="FINDING#f", sk="AUDIT#000001"), False),
    ],
)
def test_what_each_reader_gets(template: Template, part: str, record: dict[str, Any], expected: object) -> None:
    """Filters spare each function the changes that are none of its business, expiry of items included."""
    assert delivered(template, part, record) is expected


@pytest.mark.parametrize("part", ["Start", "Track", "Digest"])
def test_events_of_functions_are_kept(template: Template, part: str) -> None:
    """An event that a function fails on twice more is put aside, not dropped."""
    config = template.one("AWS::Lambda::EventInvokeConfig", part).properties
    assert config["MaximumRetryAttempts"] == 2
    assert "DeadLettersFunctions" in config["DestinationConfig"]["OnFailure"]["Destination"]
