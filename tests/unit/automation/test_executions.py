"""Starting, limiting, signalling and showing executions, through the operations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.automation.launching import Limits
from sandbox.automation.service import OPERATIONS
from sandbox.automation.unreliable import Unreliable
from tests.unit.automation.fakes import ROLE, START, World, runbook

ASK = {"name": "ask", "action": "aws:approve", "inputs": {"Approvers": ["ana"]}}
CALL = {"name": "call", "action": "aws:executeAwsApi", "inputs": {"Service": "sts", "Api": "GetCallerIdentity"}}
TOKEN = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
EXECUTION_EVENT = "EC2 Automation Execution Status-change Notification"
STEP_EVENT = "EC2 Automation Step Status-change Notification"


def test_operations_are_those_that_are_answered() -> None:
    """OPERATIONS lists exactly what handle answers."""
    world = World()
    assert set(world.service._operations) == OPERATIONS
    assert world.refused("DescribeInstanceInformation") == ("ValidationException", "The operation is not answered here")


PARAMETERS: dict[str, Any] = {
    "Text": {"type": "String", "allowedPattern": "^p-[0-9]+$", "default": "p-1"},
    "Choice": {"type": "String", "allowedValues": ["a", "b"], "default": "a"},
    "Number": {"type": "Integer", "default": 1},
    "Flag": {"type": "Boolean", "default": False},
    "List": {"type": "StringList", "default": ["x"], "allowedPattern": "[a-z]"},
    "Map": {"type": "StringMap", "default": {}},
    "Maps": {"type": "MapList", "default": []},
    "Role": {"type": "AWS::IAM::Role::Arn", "default": ROLE},
}


def typed(**given: list[str]) -> dict[str, object]:
    """Returns the typed parameters of an execution."""
    world = World()
    return dict(world.execution(world.start(runbook([CALL], parameters=PARAMETERS), **given)).parameters)


def test_defaults() -> None:
    """Parameters that are not given have their defaults."""
    assert typed() == {name: spec["default"] for name, spec in PARAMETERS.items()}


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("Text", ["p-2"], "p-2"),
        ("Choice", ["b"], "b"),
        ("Number", ["-7"], -7),
        ("Flag", ["true"], True),
        ("List", ["a", "b"], ["a", "b"]),
        ("List", [], []),
        ("Map", ['{"a": 1}'], {"a": 1}),
        ("Maps", ['[{"a": 1}, {}]'], [{"a": 1}, {}]),
        ("Maps", ['{"a": 1}', "{}"], [{"a": 1}, {}]),
    ],
)
def test_typed(name: str, given: list[str], expected: object) -> None:
    """Values arrive as strings and become what the document declares."""
    assert typed(**{name: given})[name] == expected


DOCUMENT = "InvalidAutomationExecutionParametersException"
API = "ValidationException"


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"Unknown": ["a"]}, DOCUMENT),
        ({"Text": ["q-1"]}, DOCUMENT),
        ({"Text": ["p-1\n"]}, DOCUMENT),
        ({"Text": ["p-1", "p-2"]}, DOCUMENT),
        ({"Text": []}, DOCUMENT),
        ({"Choice": ["c"]}, DOCUMENT),
        ({"Choice": ["{{ ssm:/choice }}"]}, DOCUMENT),
        ({"Number": ["1.5"]}, DOCUMENT),
        ({"Number": ["true"]}, DOCUMENT),
        ({"Number": ["one"]}, DOCUMENT),
        ({"Flag": ["1"]}, DOCUMENT),
        ({"List": ["a", "B"]}, DOCUMENT),
        ({"Map": ["[]"]}, DOCUMENT),
        ({"Maps": ["[1]"]}, DOCUMENT),
        ({"Text": ["p-" + "1" * 511]}, API),
        ({"Text": [""]}, API),
        ({"Text": "p-1"}, API),
        ({"Text": [1]}, API),
        ({"List": ["a"] * 51}, API),
        ({"x" * 51: ["a"]}, API),
        ({f"P{number}": ["a"] for number in range(201)}, API),
        ("Text", API),
    ],
)
def test_parameters_refused(parameters: object, error: str) -> None:
    """A value outside the limits of the API or of the document starts nothing."""
    world = World()
    world.create(runbook([CALL], parameters=PARAMETERS))
    refused = world.refused("StartAutomationExecution", DocumentName="Runbook", Parameters=parameters)
    assert refused[0] == error
    assert world.engine.all() == []


def test_512_characters_pass() -> None:
    """The longest value is 512 characters."""
    longest = "p-" + "1" * 510
    assert typed(Text=[longest])["Text"] == longest


def test_required_parameter() -> None:
    """A parameter without a default must be given."""
    world = World()
    world.create(runbook([CALL], parameters={"Id": {"type": "String"}}))
    refused = world.refused("StartAutomationExecution", DocumentName="Runbook")
    assert refused == (DOCUMENT, "parameter Id is required and has no value")


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({"DocumentName": "None"}, "AutomationDefinitionNotFoundException"),
        ({"DocumentVersion": "7"}, "AutomationDefinitionVersionNotFoundException"),
        ({"ClientToken": "token"}, API),
        ({"Mode": "Interactive"}, DOCUMENT),
        ({"Targets": [{"Key": "tag:a", "Values": ["b"]}]}, DOCUMENT),
        ({"MaxErrors": "1"}, DOCUMENT),
        ({"Tags": [{"Key": str(number), "Value": ""} for number in range(6)]}, DOCUMENT),
        ({"DocumentName": None}, API),
    ],
)
def test_start_refused(payload: dict[str, object], error: str) -> None:
    """What doesn't run here is refused, never ignored."""
    world = World()
    world.create(runbook([CALL]))
    assert world.refused("StartAutomationExecution", **{"DocumentName": "Runbook", **payload})[0] == error


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("arn:aws:iam::000000000000:role/missing", "The defined assume role is unable to be assumed."),
        ("orders-service", "The format of the supplied assume role ARN is not valid."),
    ],
)
def test_role_must_be_assumable(role: str, said: str) -> None:
    """An execution starts only if SSM can assume its role."""
    world = World()
    document = {**runbook([CALL], parameters={"Role": {"type": "String"}}), "assumeRole": "{{ Role }}"}
    world.create(document)
    given = {"DocumentName": "Runbook", "Parameters": {"Role": [role]}}
    error, message = world.refused("StartAutomationExecution", **given)
    assert error == DOCUMENT
    assert message.startswith(said)


def test_session_is_named_for_the_execution() -> None:
    """Calls of a runbook show in CloudTrail under Automation-<execution id>."""
    world = World()
    execution_id = world.start(runbook([CALL]))
    world.runner.run()
    assert world.roles.sessions == [f"Automation-{execution_id}"]
    assert world.performer.orders[0].session_name == f"Automation-{execution_id}"
    assert world.performer.orders[0].role_arn == ROLE


def test_client_token_starts_once() -> None:
    """The same token with the same parameters names the same execution, whatever its case."""
    world = World()
    world.create(runbook([CALL]))
    first = world.call("StartAutomationExecution", DocumentName="Runbook", ClientToken=TOKEN)
    second = world.call("StartAutomationExecution", DocumentName="Runbook", ClientToken=TOKEN.upper())
    assert first == second
    assert len(world.engine.all()) == 1


def test_client_token_is_not_reused() -> None:
    """The same token with other parameters is refused, even after the first execution has ended."""
    world = World()
    world.create(runbook([CALL], parameters=PARAMETERS))
    world.call("StartAutomationExecution", DocumentName="Runbook", ClientToken=TOKEN)
    world.runner.run()
    given = {"DocumentName": "Runbook", "ClientToken": TOKEN, "Parameters": {"Text": ["p-2"]}}
    assert world.refused("StartAutomationExecution", **given)[0] == "IdempotentParameterMismatch"


def test_refused_start_leaves_its_token_free() -> None:
    """A start that was refused can be tried again with its token."""
    world = World()
    assert world.refused("StartAutomationExecution", DocumentName="Runbook", ClientToken=TOKEN)
    world.create(runbook([CALL]))
    assert world.call("StartAutomationExecution", DocumentName="Runbook", ClientToken=TOKEN)


def test_one_start_a_second() -> None:
    """After a burst, one start a second passes; the others are throttled."""
    world = World(Limits(burst=2))
    world.create(runbook([CALL]))
    start = {"DocumentName": "Runbook"}
    assert world.call("StartAutomationExecution", **start)
    assert world.call("StartAutomationExecution", **start)
    assert world.refused("StartAutomationExecution", **start) == ("ThrottlingException", "Rate exceeded")
    world.clock.advance(1)
    assert world.call("StartAutomationExecution", **start)
    assert world.refused("StartAutomationExecution", **start)[0] == "ThrottlingException"


def test_waiting_executions_have_a_limit() -> None:
    """Executions that wait for people count apart from running ones, up to their own limit."""
    world = World(Limits(burst=100, running=1, waiting=2))
    world.create(runbook([ASK]))
    ids = [world.call("StartAutomationExecution", DocumentName="Runbook")["AutomationExecutionId"] for _ in range(3)]
    assert (
        world.refused("StartAutomationExecution", DocumentName="Runbook")[0]
        == "AutomationExecutionLimitExceededException"
    )
    world.signal(ids[0], "Reject", "ana")
    assert world.call("StartAutomationExecution", DocumentName="Runbook")


@pytest.mark.parametrize(
    "caller",
    ["eve", "signers/ana", "arn:aws:iam::000000000000:root", "arn:aws:iam::111111111111:user/ana", "nonsense:arn"],
)
@pytest.mark.parametrize("signal", ["Approve", "Reject"])
def test_only_approvers_sign(caller: str, signal: str) -> None:
    """A signal of anybody else is refused and changes nothing."""
    world = World()
    execution_id = world.start(runbook([ASK, CALL]))
    before = world.execution(execution_id)
    given = {"AutomationExecutionId": execution_id, "SignalType": signal}
    assert world.refused("SendAutomationSignal", caller, **given)[0] == "InvalidAutomationSignalException"
    assert world.execution(execution_id) == before


@pytest.mark.parametrize("signal", ["Approve", "Reject", "Resume", "StartStep", "StopStep", "Revoke", "Deny"])
def test_signals_out_of_place(signal: str) -> None:
    """A signal that the execution doesn't wait for is refused."""
    world = World()
    execution_id = world.start(runbook([CALL]))
    given = {"AutomationExecutionId": execution_id, "SignalType": signal}
    assert world.refused("SendAutomationSignal", "ana", **given)[0] == "InvalidAutomationSignalException"
    world.runner.run()
    assert world.refused("SendAutomationSignal", "ana", **given)[0] == "InvalidAutomationSignalException"


def test_resume_is_no_approval() -> None:
    """Resume does not end an approval, and Approve no pause."""
    world = World()
    asking = world.start(runbook([ASK]))
    pausing = world.start(runbook([{"name": "hold", "action": "aws:pause", "inputs": {}}]))
    for execution_id, signal in ((asking, "Resume"), (pausing, "Approve")):
        given = {"AutomationExecutionId": execution_id, "SignalType": signal}
        assert world.refused("SendAutomationSignal", "ana", **given)[0] == "InvalidAutomationSignalException"


def test_comment_is_limited() -> None:
    """A comment has at most 512 characters, as any parameter value."""
    world = World()
    given = {"AutomationExecutionId": world.start(runbook([ASK])), "SignalType": "Approve"}
    assert world.refused("SendAutomationSignal", "ana", **given, Payload={"Comment": ["x" * 513]})[0] == API


def test_stop_refused() -> None:
    """What has ended or is being cancelled can't be stopped, and the type Complete does not run here."""
    world = World()
    execution_id = world.start(runbook([CALL]))
    stop = {"AutomationExecutionId": execution_id}
    refused = "InvalidAutomationStatusUpdateException"
    assert world.refused("StopAutomationExecution", **stop, Type="Complete")[0] == refused
    world.call("StopAutomationExecution", **stop)
    assert world.refused("StopAutomationExecution", **stop)[0] == refused
    world.runner.run()
    assert world.refused("StopAutomationExecution", **stop)[0] == refused


@pytest.mark.parametrize(
    "operation",
    ["GetAutomationExecution", "DescribeAutomationStepExecutions", "StopAutomationExecution", "SendAutomationSignal"],
)
def test_unknown_execution(operation: str) -> None:
    """An id that was never given out is not found."""
    refused = World().refused(operation, AutomationExecutionId=TOKEN, SignalType="Approve")
    assert refused[0] == "AutomationExecutionNotFoundException"


def test_shown_as_in_the_api() -> None:
    """GetAutomationExecution shows each step, run or not, with its inputs as JSON and its outputs as strings."""
    world = World()
    document = runbook([ASK, CALL], parameters={"Id": {"type": "Integer"}}, outputs=["ask.ApprovalStatus"])
    execution_id = world.start(document, Id=["7"])
    world.wait(5)
    world.signal(execution_id, "Reject", "ana", "no")
    world.runner.run()
    shown = world.shown(execution_id)
    ask, call = shown.pop("StepExecutions")
    name, now = shown.pop("DocumentName"), START.timestamp()
    assert shown == {
        "AutomationExecutionId": execution_id,
        "DocumentVersion": "1",
        "AutomationExecutionStatus": "Rejected",
        "ExecutionStartTime": now,
        "ExecutionEndTime": now + 5,
        "ExecutedBy": "arn:aws:iam::000000000000:user/root",
        "Mode": "Auto",
        "FailureMessage": "Step ask failed: Approval step is rejected by arn:aws:iam::000000000000:user/ana",
        "Outputs": {"ask.ApprovalStatus": ["Rejected"]},
        "Parameters": {"Id": ["7"]},
        "StepExecutionsTruncated": False,
        "ProgressCounters": {
            "TotalSteps": 2,
            "SuccessSteps": 0,
            "FailedSteps": 1,
            "CancelledSteps": 0,
            "TimedOutSteps": 0,
        },
    }
    assert name.startswith("Runbook-")
    assert (ask["StepStatus"], ask["Inputs"], ask["ExecutionEndTime"]) == ("Failed", {"Approvers": '["ana"]'}, now + 5)
    assert (ask["TimeoutSeconds"], ask["OnFailure"], ask["IsCritical"], ask["IsEnd"]) == (604800, "Abort", True, False)
    assert ask["ValidNextSteps"] == ["call"]
    assert (call["StepStatus"], "ExecutionStartTime" in call, "Inputs" in call) == ("Pending", False, False)


def test_events() -> None:
    """Events carry AWS's shape: spoken times, a number of milliseconds, the version as a number."""
    world = World()
    execution_id = world.start(runbook([ASK]))
    name = world.execution(execution_id).document_name
    world.wait(1.5)
    world.signal(execution_id, "Reject", "ana")
    world.runner.run()
    (step_type, step, resources), (execution_type, execution, same) = world.sink.events
    common = {
        "ExecutionId": execution_id,
        "Definition": name,
        "DefinitionVersion": 1.0,
        "StartTime": "Nov 21, 2026 2:00:00 AM",
        "EndTime": "Nov 21, 2026 2:00:01 AM",
        "Time": 1500.0,
    }
    who = "arn:aws:iam::000000000000:user/root"
    assert (step_type, step) == (STEP_EVENT, {**common, "Status": "Failed", "StepName": "ask", "Action": "aws:approve"})
    assert (execution_type, execution) == (EXECUTION_EVENT, {**common, "Status": "Rejected", "ExecutedBy": who})
    assert (
        resources
        == same
        == (
            f"arn:aws:ssm:us-east-1:000000000000:automation-execution/{execution_id}",
            f"arn:aws:ssm:us-east-1:000000000000:automation-definition/{name}:1",
        )
    )
    assert json.loads(json.dumps(execution)) == execution


def test_events_are_best_effort() -> None:
    """Events can be lost and repeated, without a trace in the executions."""
    world = World()
    copies = iter([0, 2])
    world.engine._sink = Unreliable(world.sink, lambda: next(copies))
    execution_id = world.start(runbook([CALL]))
    world.runner.run()
    assert world.sink.statuses == ["Success", "Success"]
    assert world.execution(execution_id).status == "Success"


def test_describe_executions() -> None:
    """Executions are listed newest first, through filters, page by page."""
    world = World()
    world.create(runbook([ASK]), "Redress-Apply")
    world.create(runbook([CALL]), "Other")
    tags = {"Tags": [{"Key": "proposal", "Value": "p-1"}]}
    first = world.call("StartAutomationExecution", DocumentName="Redress-Apply", **tags)["AutomationExecutionId"]
    world.clock.advance(60)
    second = world.call("StartAutomationExecution", DocumentName="Other")["AutomationExecutionId"]
    world.runner.run()
    filters: dict[str, tuple[list[str], list[str]]] = {
        "DocumentNamePrefix": (["Redress-"], [first]),
        "ExecutionStatus": (["Waiting", "InProgress"], [first]),
        "ExecutionId": ([second], [second]),
        "CurrentAction": (["aws:approve"], [first]),
        "AutomationType": (["Local"], [second, first]),
        "StartTimeBefore": (["2026-11-21T02:00:30Z"], [first]),
        "StartTimeAfter": (["2026-11-21T02:00:30Z"], [second]),
        "TagKey": (["proposal"], [first]),
    }
    for key, (values, expected) in filters.items():
        listed = world.call("DescribeAutomationExecutions", Filters=[{"Key": key, "Values": values}])
        assert [one["AutomationExecutionId"] for one in listed["AutomationExecutionMetadataList"]] == expected, key
    page = world.call("DescribeAutomationExecutions", MaxResults=1)
    rest = world.call("DescribeAutomationExecutions", NextToken=page["NextToken"])
    both = [one["AutomationExecutionId"] for one in (page | rest)["AutomationExecutionMetadataList"]]
    assert both == [first]


@pytest.mark.parametrize(
    ("operation", "key", "value", "error"),
    [
        ("DescribeAutomationExecutions", "OpsItemId", "a", "InvalidFilterKey"),
        ("DescribeAutomationExecutions", "StartTimeAfter", "yesterday", "InvalidFilterValue"),
        ("DescribeAutomationStepExecutions", "ParentStepIteration", "1", "InvalidFilterKey"),
        ("DescribeAutomationStepExecutions", "StartTimeBefore", "now", "InvalidFilterValue"),
    ],
)
def test_filters_refused(operation: str, key: str, value: str, error: str) -> None:
    """An unknown filter is refused, never ignored."""
    world = World()
    execution_id = world.start(runbook([CALL]))
    given: dict[str, Any] = {"AutomationExecutionId": execution_id, "Filters": [{"Key": key, "Values": [value]}]}
    assert world.refused(operation, **given)[0] == error


def test_describe_steps() -> None:
    """Steps are listed in the document's order, or the other way round, through filters."""
    world = World()
    execution_id = world.start(runbook([CALL, {**ASK, "name": "then"}]))
    world.runner.run()

    def listed(*filters: tuple[str, str], **more: object) -> list[str]:
        given = {"Filters": [{"Key": key, "Values": [value]} for key, value in filters]} if filters else {}
        found = world.call("DescribeAutomationStepExecutions", AutomationExecutionId=execution_id, **given, **more)
        return [step["StepName"] for step in found["StepExecutions"]]

    assert listed() == ["call", "then"]
    assert listed(ReverseOrder=True) == ["then", "call"]
    assert listed(("StepExecutionStatus", "Waiting")) == ["then"]
    assert listed(("Action", "aws:approve"), ("StepName", "call")) == []
    assert listed(("StartTimeAfter", "2026-11-21T02:00:00Z")) == ["call", "then"]


def test_resources_for() -> None:
    """Each operation names the resources that its caller must be allowed."""
    world = World()
    world.create(runbook([CALL]), "Fix")
    arn = "arn:aws:ssm:us-east-1:000000000000"
    needed = world.service.resources_for
    assert needed("StartAutomationExecution", {"DocumentName": "Fix", "DocumentVersion": "1"}) == [
        ("ssm:StartAutomationExecution", f"{arn}:document/Fix"),
        ("ssm:StartAutomationExecution", f"{arn}:automation-execution/00000000-0000-0000-0000-000000000000"),
        ("iam:PassRole", ROLE),
    ]
    assert needed("StartAutomationExecution", {"DocumentName": "None"})[-1][0] == "ssm:StartAutomationExecution"
    execution = [("ssm:SendAutomationSignal", f"{arn}:automation-execution/{TOKEN}")]
    assert needed("SendAutomationSignal", {"AutomationExecutionId": TOKEN}) == execution
    assert needed("DescribeAutomationExecutions", {}) == [("ssm:DescribeAutomationExecutions", "*")]
    assert needed("CreateDocument", {"Name": "Fix"}) == [("ssm:CreateDocument", f"{arn}:document/Fix")]
    calendars = [f"{arn}:document/a", f"{arn}:document/b"]
    named = {"CalendarNames": ["a", calendars[1]]}
    assert [resource for _, resource in needed("GetCalendarState", named)] == calendars


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
@pytest.mark.parametrize(
    "payload", [{}, {"Name": [], "DocumentName": {}, "AutomationExecutionId": 1, "Filters": {"a": 1}}]
)
def test_nonsense_is_answered(operation: str, payload: dict[str, object]) -> None:
    """A request of the wrong shape gets an answer, never an exception."""
    world = World()
    assert world.service.resources_for(operation, payload)
    lists = operation in {"DescribeAutomationExecutions", "ListDocuments"} and not payload
    if not lists:
        assert world.refused(operation, **payload)[0].endswith("Exception")
