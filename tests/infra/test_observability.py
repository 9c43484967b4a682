"""Alarms and the dashboard say what people need, and show what the functions write."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING

import pytest

from infra.alarms import ALARMS, facts_of
from infra.dashboard import GRAPHS
from infra.knobs import DEFAULTS
from infra.metrics import BY_NAME, METRICS, SERVICE
from infra.names import ALARM_PREFIX
from redress.domain.words import Kind
from scripts.build_asset import ROOT, SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.template import Resource, Template

LONGEST_DESCRIPTION = 1_024
AWAITED: set[str] = set()
"""Metrics that no handler writes yet."""


@pytest.fixture(scope="session")
def alarms(everything: Template) -> list[Resource]:
    """Returns every alarm."""
    return everything.resources("AWS::CloudWatch::Alarm")


def written() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yields file, metric and dimensions of everything that the handlers count."""
    for path in sorted((ROOT / SOURCES / "handlers").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(attr="count"), args=[ast.Constant(value=str(name)), *_]):
                    yield path.stem, name, frozenset(each.arg or "" for each in node.keywords)


def test_names_are_stable(alarms: list[Resource]) -> None:
    """Every alarm has a name of its own, with the prefix."""
    names = [alarm.properties["AlarmName"] for alarm in alarms]
    assert len(set(names)) == len(names)
    assert all(name.startswith(ALARM_PREFIX) for name in names)


def test_every_alarm_has_its_row(alarms: list[Resource]) -> None:
    """Alarms and rows of the table are the same."""
    assert {facts_of(alarm.properties["AlarmName"]).name for alarm in alarms} == {facts.name for facts in ALARMS}


def test_alarms_tell_what_to_do(alarms: list[Resource]) -> None:
    """The notice itself says what it means and what to do next."""
    for alarm in alarms:
        facts = facts_of(alarm.properties["AlarmName"])
        assert facts.next_step in alarm.properties["AlarmDescription"]
        assert len(alarm.properties["AlarmDescription"]) <= LONGEST_DESCRIPTION


def test_alarms_wake_somebody(alarms: list[Resource], everything: Template) -> None:
    """Every alarm publishes to the security topic."""
    topic = everything.output("SecurityTopicArn")
    assert [alarm.name for alarm in alarms if alarm.properties["AlarmActions"] != [topic]] == []


def test_every_reader_of_the_stream_is_watched(everything: Template, alarms: list[Resource]) -> None:
    """Whoever reads the table's stream has an alarm on how far behind it is, and nobody else."""
    names = [alarm.properties["AlarmName"] for alarm in alarms]
    mappings = everything.resources("AWS::Lambda::EventSourceMapping")
    readers = [each.properties["FunctionName"] for each in mappings if "/stream/" in each.properties["EventSourceArn"]]
    watched = [name.rpartition("-")[2] for name in names if "-StreamAge-" in name]
    assert len(watched) == len(readers)
    assert all(any(name in reader for reader in readers) for name in watched)


def test_silence_is_an_alarm(everything: Template) -> None:
    """That nothing follows the runbooks any more is noticed by its absence."""
    alarm = everything.one("AWS::CloudWatch::Alarm", "TrackSilent").properties
    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["ComparisonOperator"] == "LessThanThreshold"


def test_anomalies_are_learnt_per_kind(template: Template) -> None:
    """Denials have a detector per kind, whose metric is the alarm's."""
    detectors = template.resources("AWS::CloudWatch::AnomalyDetector")
    kinds = [detector.properties["Dimensions"][1]["Value"] for detector in detectors]
    assert sorted(kinds) == sorted(DEFAULTS["anomaly_kinds"])
    for detector in detectors:
        kind = detector.properties["Dimensions"][1]["Value"].replace("_", "")
        alarm = template.one("AWS::CloudWatch::Alarm", f"DenialsAnomaly{kind}")
        denials = alarm.properties["Metrics"][0]
        assert denials["MetricStat"]["Metric"]["Dimensions"] == detector.properties["Dimensions"]
        # An alarm without its detector makes one anew (CloudWatch guide, "Deleting an anomaly detection model").
        assert detector.name in alarm.rest["DependsOn"]


def test_anomaly_kinds_exist() -> None:
    """The default kinds are kinds of the classifier."""
    assert set(DEFAULTS["anomaly_kinds"]) <= {kind.value for kind in Kind}


def test_alarms_watch_metrics_that_exist(alarms: list[Resource]) -> None:
    """An alarm on a metric of ours names one that is listed, with its dimensions."""
    for alarm in (each.properties for each in alarms):
        if alarm.get("Namespace") == "Redress":
            dimensions = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
            assert dimensions.pop("service") == SERVICE
            assert {BY_NAME[alarm["MetricName"]].dimension} - {""} == set(dimensions)


def test_the_dashboard(everything: Template) -> None:
    """The dashboard is valid JSON, shows every metric of ours, and nothing off the grid."""
    body = json.loads(everything.one("AWS::CloudWatch::Dashboard").properties["DashboardBody"])
    shown = set(re.findall(r'MetricName=\\?"(\w+)', json.dumps(body).replace('\\\\"', '"').replace('\\"', '"')))
    listed = {name for row in GRAPHS for _, name, _ in row}
    assert shown == listed
    assert listed >= {metric.name for metric in METRICS}
    assert all(widget["x"] + widget["width"] <= 24 for widget in body["widgets"])


def test_what_is_written_is_listed() -> None:
    """Every metric that a handler writes stands in the list, with its dimension."""
    known = {(name, frozenset({metric.dimension} - {""})) for name, metric in BY_NAME.items()}
    assert [each for each in written() if each[1:] not in known] == []


def test_what_is_listed_is_written() -> None:
    """Every metric of the list is written by a handler."""
    assert set(BY_NAME) - {name for _, name, _ in written()} <= AWAITED
