"""Documents and change calendars, through the operations."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.unit.automation.fakes import START, World, runbook

CALL = {"name": "one", "action": "aws:executeAwsApi", "inputs": {"Service": "sts", "Api": "GetCallerIdentity"}}
NAP = {"name": "nap", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}


def new(world: World, **more: object) -> dict[str, Any]:
    """Returns the description of a new document."""
    content = json.dumps(
        runbook([CALL], description="Calls once", parameters={"A": {"type": "String", "default": "a"}})
    )
    given = {"Name": "Fix", "DocumentType": "Automation", "Content": content, **more}
    described = world.call("CreateDocument", **given)["DocumentDescription"]
    assert isinstance(described, dict)
    return described


def test_create() -> None:
    """A new document is active, and its only version is newest and default."""
    described = new(World(), Tags=[{"Key": "team", "Value": "orders"}], VersionName="first")
    digest = described.pop("Hash")
    assert len(digest) == 64
    assert described == {
        "Name": "Fix",
        "Owner": "000000000000",
        "CreatedDate": START.timestamp(),
        "Status": "Active",
        "HashType": "Sha256",
        "Description": "Calls once",
        "Parameters": [{"Name": "A", "Type": "String", "DefaultValue": "a"}],
        "PlatformTypes": ["Windows", "Linux", "MacOS"],
        "DocumentType": "Automation",
        "DocumentFormat": "JSON",
        "SchemaVersion": "0.3",
        "DocumentVersion": "1",
        "LatestVersion": "1",
        "DefaultVersion": "1",
        "VersionName": "first",
        "Tags": [{"Key": "team", "Value": "orders"}],
    }


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({}, "DocumentAlreadyExists"),
        ({"Name": "a b"}, "ValidationException"),
        ({"Name": "AWS-Fix"}, "ValidationException"),
        ({"Name": ""}, "ValidationException"),
        ({"Name": 1}, "ValidationException"),
        ({"Name": "Other", "DocumentType": "Command"}, "ValidationException"),
        ({"Name": "Other", "DocumentFormat": "XML"}, "ValidationException"),
        ({"Name": "Other", "Tags": ["a"]}, "ValidationException"),
        ({"Name": "Other", "Requires": [{"Name": "a"}]}, "ValidationException"),
        ({"Name": "Other", "Content": "{"}, "InvalidDocumentContent"),
        ({"Name": "Other", "Content": "[]"}, "InvalidDocumentContent"),
        ({"Name": "Other", "Content": '{"schemaVersion": "0.3", "schemaVersion": "0.3"}'}, "InvalidDocumentContent"),
        ({"Name": "Other", "Content": "a: 1\na: 2\n", "DocumentFormat": "YAML"}, "InvalidDocumentContent"),
        ({"Name": "Other", "Content": "a: [", "DocumentFormat": "YAML"}, "InvalidDocumentContent"),
        ({"Name": "Other", "Content": "[" * 60_000}, "InvalidDocumentContent"),
        ({"Name": "Other", "Content": "x" * 65_537}, "MaxDocumentSizeExceeded"),
    ],
)
def test_create_refused(changes: dict[str, object], error: str) -> None:
    """CreateDocument says by name what is wrong."""
    world = World()
    new(world)
    given = {"Name": "Fix", "DocumentType": "Automation", "Content": json.dumps(runbook([CALL])), **changes}
    assert world.refused("CreateDocument", **given)[0] == error


def test_faults_are_told_together() -> None:
    """One CreateDocument tells all that is wrong."""
    world = World()
    content = json.dumps(runbook([{**CALL, "onFail": 1}, {**NAP, "isEnd": 1}]))
    _, message = world.refused("CreateDocument", Name="Fix", DocumentType="Automation", Content=content)
    assert message == (
        "step one: the property onFail is unknown or not supported here; step nap: isEnd must be true or false"
    )


def test_update_keeps_the_default() -> None:
    """A new version is the newest; the default one stays until it is moved."""
    world = World()
    new(world)
    content = json.dumps(runbook([NAP]))
    updated = world.call("UpdateDocument", Name="Fix", Content=content, DocumentVersion="$LATEST")[
        "DocumentDescription"
    ]
    assert (updated["DocumentVersion"], updated["LatestVersion"], updated["DefaultVersion"]) == ("2", "2", "1")
    assert world.call("GetDocument", Name="Fix")["DocumentVersion"] == "1"
    assert world.call("GetDocument", Name="Fix", DocumentVersion="$LATEST")["Content"] == content
    moved = world.call("UpdateDocumentDefaultVersion", Name="Fix", DocumentVersion="2")
    assert moved == {"Description": {"Name": "Fix", "DefaultVersion": "2"}}
    assert world.call("DescribeDocument", Name="Fix")["Document"]["DocumentVersion"] == "2"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({}, "DuplicateDocumentContent"),
        ({"DocumentVersion": "2"}, "InvalidDocumentVersion"),
        ({"Name": "None"}, "InvalidDocument"),
        ({"Content": "{}"}, "InvalidDocumentContent"),
        ({"Content": json.dumps(runbook([NAP])), "VersionName": "first"}, "DuplicateDocumentVersionName"),
    ],
)
def test_update_refused(changes: dict[str, object], error: str) -> None:
    """UpdateDocument says by name what is wrong."""
    world = World()
    described = world.call("GetDocument", Name=new(world, VersionName="first")["Name"])
    assert world.refused("UpdateDocument", **{"Name": "Fix", "Content": described["Content"], **changes})[0] == error


@pytest.mark.parametrize("version", ["0", "2", "$LATEST", "01", "9" * 5000, "-1"])
def test_default_must_be_a_version(version: str) -> None:
    """The default is one of the numbered versions."""
    world = World()
    new(world)
    refused = world.refused("UpdateDocumentDefaultVersion", Name="Fix", DocumentVersion=version)
    assert refused[0] == "InvalidDocumentVersion"


def test_get_in_the_other_format() -> None:
    """A document is shown as JSON or YAML, whichever it was sent as."""
    world = World()
    new(world)
    shown = world.call("GetDocument", Name="Fix", DocumentFormat="YAML")
    assert yaml.safe_load(shown["Content"])["mainSteps"] == [CALL]
    assert shown["DocumentFormat"] == "YAML"
    world.call(
        "CreateDocument", Name="Other", DocumentType="Automation", DocumentFormat="YAML", Content=shown["Content"]
    )
    back = world.call("GetDocument", Name="Other", DocumentFormat="JSON")
    assert json.loads(back["Content"])["mainSteps"] == [CALL]


def test_get_by_arn_and_version_name() -> None:
    """A document may be named by its ARN, a version by its name."""
    world = World()
    new(world, VersionName="first")
    arn = "arn:aws:ssm:us-east-1:000000000000:document/Fix"
    assert world.call("GetDocument", Name=arn, VersionName="first")["DocumentVersion"] == "1"
    assert world.refused("GetDocument", Name=arn, VersionName="second")[0] == "InvalidDocumentVersion"
    assert world.refused("DescribeDocument", Name=arn, DocumentVersion="7")[0] == "InvalidDocumentVersion"


def test_list_and_delete() -> None:
    """Documents are listed by name, page by page, until they are deleted."""
    world = World()
    for name in ("Redress-b", "Redress-a", "Other"):
        new(world, Name=name)
    wanted = {"Filters": [{"Key": "Name", "Values": ["Redress"]}, {"Key": "Owner", "Values": ["Self"]}]}
    first = world.call("ListDocuments", MaxResults=1, **wanted)
    second = world.call("ListDocuments", MaxResults=1, NextToken=first["NextToken"], **wanted)
    assert [page["DocumentIdentifiers"][0]["Name"] for page in (first, second)] == ["Redress-a", "Redress-b"]
    assert "NextToken" not in second
    world.call("DeleteDocument", Name="Redress-a")
    types = [{"Key": "DocumentType", "Values": ["Automation"]}]
    listed = world.call("ListDocuments", Filters=types)["DocumentIdentifiers"]
    assert [one["Name"] for one in listed] == ["Other", "Redress-b"]
    assert world.refused("DeleteDocument", Name="Redress-a")[0] == "InvalidDocument"
    assert world.refused("DeleteDocument", Name="Other", DocumentVersion="1")[0] == "InvalidDocumentOperation"


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({"NextToken": "x"}, "InvalidNextToken"),
        ({"NextToken": "7"}, "InvalidNextToken"),
        ({"NextToken": "9" * 5000}, "InvalidNextToken"),
        ({"MaxResults": 51}, "ValidationException"),
        ({"Filters": [{"Key": "PlatformTypes", "Values": ["Linux"]}]}, "InvalidFilterKey"),
        ({"Filters": [{"Key": "Name"}]}, "ValidationException"),
        ({"Filters": "Name"}, "ValidationException"),
        ({"DocumentFilterList": [{"key": "Name", "value": "a"}]}, "InvalidFilterKey"),
    ],
)
def test_list_refused(payload: dict[str, object], error: str) -> None:
    """ListDocuments says by name what is wrong."""
    world = World()
    new(world)
    assert world.refused("ListDocuments", **payload)[0] == error


def calendar(kind: str, *events: tuple[str, str]) -> str:
    """Returns an iCalendar text."""
    inside = [f"BEGIN:VEVENT\r\nDTSTART:{start}\r\nDTEND:{end}\r\nEND:VEVENT" for start, end in events]
    return "\r\n".join(["BEGIN:VCALENDAR", f"X-CALENDAR-TYPE:{kind}", *inside, "END:VCALENDAR"])


FREEZE = calendar("DEFAULT_OPEN", ("20261121T010000Z", "20261121T040000Z"))
WINDOW = calendar("DEFAULT_CLOSED", ("20261121T030000Z", "20261121T050000Z"))


@pytest.mark.parametrize(
    ("names", "at", "expected"),
    [
        (["Freeze"], None, {"State": "CLOSED", "NextTransitionTime": "2026-11-21T04:00:00Z"}),
        (["Freeze"], "2026-11-21T04:00:00Z", {"State": "OPEN"}),
        (["Freeze"], "2026-11-21T00:59:59Z", {"State": "OPEN", "NextTransitionTime": "2026-11-21T01:00:00Z"}),
        (["Window"], None, {"State": "CLOSED", "NextTransitionTime": "2026-11-21T03:00:00Z"}),
        (["Window"], "2026-11-21T03:00:00Z", {"State": "OPEN", "NextTransitionTime": "2026-11-21T05:00:00Z"}),
        (
            ["Freeze", "Window"],
            "2026-11-21T03:30:00Z",
            {"State": "CLOSED", "NextTransitionTime": "2026-11-21T04:00:00Z"},
        ),
        (["Freeze", "Window"], "2026-11-21T04:30:00Z", {"State": "OPEN", "NextTransitionTime": "2026-11-21T05:00:00Z"}),
    ],
)
def test_calendar_state(names: list[str], at: str | None, expected: dict[str, str]) -> None:
    """Several calendars are open when all are."""
    world = World()
    for name, text in (("Freeze", FREEZE), ("Window", WINDOW)):
        world.call("CreateDocument", Name=name, DocumentType="ChangeCalendar", DocumentFormat="TEXT", Content=text)
    found = world.call("GetCalendarState", CalendarNames=names, **({"AtTime": at} if at else {}))
    assert found == {"AtTime": at or "2026-11-21T02:00:00Z", **expected}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OPEN",
        calendar("DEFAULT_AJAR"),
        calendar("DEFAULT_OPEN").replace("X-CALENDAR-TYPE", "X-TYPE"),
        calendar("DEFAULT_OPEN", ("20261121T010000", "20261121T040000")),
        calendar("DEFAULT_OPEN", ("20261121T040000Z", "20261121T010000Z")),
        FREEZE.replace("DTEND", "RRULE:FREQ=DAILY\r\nDTEND"),
        FREEZE.replace("DTEND:20261121T040000Z", "DURATION:PT3H"),
        FREEZE.replace("END:VEVENT\r\n", ""),
    ],
)
def test_calendar_refused(text: str) -> None:
    """What a calendar can't express here is refused, never ignored."""
    world = World()
    given = {"Name": "Freeze", "DocumentType": "ChangeCalendar", "DocumentFormat": "TEXT", "Content": text or " "}
    assert world.refused("CreateDocument", **given)[0] == "InvalidDocumentContent"


def test_calendar_state_refused() -> None:
    """A runbook has no state, and a moment is ISO 8601."""
    world = World()
    new(world)
    assert world.refused("GetCalendarState", CalendarNames=["Fix"])[0] == "InvalidDocumentType"
    assert world.refused("GetCalendarState", CalendarNames=[])[0] == "ValidationException"
    world.call("CreateDocument", Name="Freeze", DocumentType="ChangeCalendar", DocumentFormat="TEXT", Content=FREEZE)
    assert world.refused("GetCalendarState", CalendarNames=["Freeze"], AtTime="now")[0] == "ValidationException"
    assert (
        world.refused("StartAutomationExecution", DocumentName="Freeze")[0] == "AutomationDefinitionNotFoundException"
    )
