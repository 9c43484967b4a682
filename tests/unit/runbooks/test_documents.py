"""What must be true of every runbook file, now and of those to come."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from infra.runbooks import FOLDER, fill_in, load
from sandbox.automation.validate import problems
from tests.runbook_world import APPLY, RESTORE, VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE_LIMIT = 64 * 1024
"""Of an SSM document (CreateDocument, MaxDocumentSizeExceeded)."""
FILES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
SCHEMA = Path("node_modules/aws-ssm-document-language-service/dist/schema.json")
READS = re.compile(r"^(Get|List|Describe|Simulate)")
RECORDING = {"load", "recheck", "record", "release", "report", "verify"}
"""Script steps that write nothing to IAM."""
REFERENCE = re.compile(r"\{\{\s*([\w:.]+)\s*\}\}")
BUILT_IN = {"automation:EXECUTION_ID", "global:ACCOUNT_ID", "global:REGION"}
LONGEST = {"ApprovalTimeoutSeconds": 2_592_000, "Approvers": [f"arn:aws:iam::111122223333:role/{'x' * 64}"] * 10}


@pytest.fixture(params=FILES)
def runbook(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each runbook, filled in."""
    return filled(request.param)


def filled(name: str, **values: object) -> dict[str, Any]:
    """Returns the runbook as it is deployed."""
    found: dict[str, Any] = fill_in(load(FOLDER / f"{name}.yaml"), {**VALUES, **values})
    return found


def steps(runbook: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Returns the steps by name, in order."""
    return {step["name"]: step for step in runbook["mainSteps"]}


def changes_iam(step: dict[str, Any]) -> bool:
    """Returns whether a step may change IAM."""
    if step["action"] == "aws:executeAwsApi":
        return not READS.match(step["inputs"]["Api"])
    return step["action"] == "aws:executeScript" and step["name"] not in RECORDING


def successors(runbook: dict[str, Any], name: str) -> set[str]:
    """Returns every step that may come next."""
    step = steps(runbook)[name]
    jumps = [str(step.get(key, "")).removeprefix("step:") for key in ("onFailure", "onCancel", "nextStep")]
    branches = [choice["NextStep"] for choice in step["inputs"].get("Choices", [])]
    default = [step["inputs"]["Default"]] if "Default" in step["inputs"] else []
    names = list(steps(runbook))
    leads_on = not step.get("isEnd") and "nextStep" not in step and step["action"] != "aws:branch"
    following = names[names.index(name) + 1 : names.index(name) + 2] if leads_on else []
    return {each for each in [*jumps, *branches, *default, *following] if each in names}


def paths_without(runbook: dict[str, Any], avoided: set[str]) -> set[str]:
    """Returns the steps that can be reached from the start without passing those avoided."""
    reached: set[str] = set()
    waiting = [runbook["mainSteps"][0]["name"]]
    while waiting:
        name = waiting.pop()
        if name not in reached and name not in avoided:
            reached.add(name)
            waiting += successors(runbook, name)
    return reached


def texts(value: object) -> Iterator[str]:
    """Yields every string in a JSON value, scripts included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def test_both_runbooks_are_there() -> None:
    """The two documents that the stack deploys are the two files."""
    assert sorted([APPLY, RESTORE]) == FILES


def test_the_sandbox_finds_no_problem(runbook: dict[str, Any]) -> None:
    """The validator of the sandbox, which refuses what it does not support, is content."""
    assert problems(runbook) == []


def test_it_fits_aws_own_schema(runbook: dict[str, Any]) -> None:
    """The JSON schema of AWS's language service accepts it, two gaps of its age apart (python3.11, onCancel)."""
    if not SCHEMA.is_file():
        pytest.skip("node_modules is not installed")
    schema = json.loads(SCHEMA.read_text())
    schema["properties"]["mainSteps"]["items"]["properties"]["onCancel"] = {"type": "string"}
    text = json.dumps(schema).replace('["python3.6", "python3.7",', '["python3.11",')
    jsonschema.validate(runbook, json.loads(text))


def test_it_is_small_enough_with_the_longest_values(runbook: dict[str, Any]) -> None:
    """SSM takes 64 KB; the longest lists of approvers count."""
    name = APPLY if "put_back" in steps(runbook) else RESTORE
    calendars = dict.fromkeys(("ChangeCalendars", "CalendarNames"), ["c" * 128] * 5)
    longest = filled(name, **LONGEST, SecondApprovers=LONGEST["Approvers"], **calendars)
    assert len(json.dumps(longest, separators=(",", ":")).encode()) < SIZE_LIMIT - 256


def test_it_describes_itself_and_its_steps(runbook: dict[str, Any]) -> None:
    """The document and every step say what they do."""
    assert runbook["description"].startswith("# Redress-")
    assert all(step.get("description") for step in runbook["mainSteps"])
    assert runbook["schemaVersion"] == "0.3"


def test_the_parameters_are_an_id_and_a_digest(runbook: dict[str, Any]) -> None:
    """Nothing that decides anything is a parameter, and both are constrained by a pattern."""
    assert set(runbook["parameters"]) == {"ProposalId", "Digest"}
    for parameter in runbook["parameters"].values():
        assert parameter["allowedPattern"].startswith("^")
        assert parameter["allowedPattern"].endswith("$")
        assert parameter["description"]


def test_it_runs_as_the_automation_role(runbook: dict[str, Any]) -> None:
    """The role is baked in: whoever starts it cannot choose another."""
    assert runbook["assumeRole"] == VALUES["AutomationRoleArn"]


def test_every_reference_resolves(runbook: dict[str, Any]) -> None:
    """What stands in double braces is a parameter, a built-in variable, or an output that its step declares."""
    outputs = {f"{step['name']}.{each['Name']}" for step in runbook["mainSteps"] for each in step.get("outputs", [])}
    known = {*runbook["parameters"], *BUILT_IN, *outputs}
    found = {name for text in texts(runbook["mainSteps"]) for name in REFERENCE.findall(text)}
    assert found <= known
    assert set(runbook["outputs"]) <= outputs


def test_every_declared_output_is_returned_by_its_script(runbook: dict[str, Any]) -> None:
    """A selector picks a key that the script of its step writes."""
    for step in runbook["mainSteps"]:
        for output in step.get("outputs", []):
            assert output["Selector"] == f"$.Payload.{output['Name']}"
            assert f"'{output['Name']}'" in step["inputs"]["Script"]


def test_a_reference_stands_alone(runbook: dict[str, Any]) -> None:
    """Values are handed on whole; no text is put together around them."""
    for text in texts(runbook["mainSteps"]):
        assert not REFERENCE.search(text) or REFERENCE.fullmatch(text)


def test_scripts_take_values_by_payload_only(runbook: dict[str, Any]) -> None:
    """No script holds a variable of SSM's, so no value can become code."""
    for step in runbook["mainSteps"]:
        assert "{{" not in step["inputs"].get("Script", "")
        assert "}}" not in step["inputs"].get("Script", "")


def test_every_changing_step_stands_after_a_signature(runbook: dict[str, Any]) -> None:
    """Without the first approval no step that changes IAM can be reached.

    The restore runbook may leave it out, but only where its own script says that nobody need agree.
    """
    unsigned = {"if_approval"} if "if_approval" in steps(runbook) else set()
    reached = paths_without(runbook, {"approve"} | unsigned)
    assert not [name for name in reached if changes_iam(steps(runbook)[name])]


def test_every_changing_step_has_its_way_back(runbook: dict[str, Any]) -> None:
    """A changing step leads to put_back or settle when it fails and when it is cancelled; so does all around it."""
    way_back = "put_back" if "put_back" in steps(runbook) else "settle"
    changing = {name for name, step in steps(runbook).items() if step["action"] == "aws:executeAwsApi"}
    assert changing
    for name in changing | {"verify", "record", "if_write", "if_attach", "if_prune", "if_detach", "if_how"}:
        step = steps(runbook).get(name)
        if step and not (way_back == "settle" and name == "record"):
            assert (step.get("onFailure"), step.get("onCancel")) == (f"step:{way_back}",) * 2, name


def test_the_way_back_ends_in_failure() -> None:
    """Apply cannot succeed once it has gone back: the step after put_back always raises, and is the end."""
    found = steps(filled(APPLY))
    assert found["put_back"]["nextStep"] == "report"
    assert found["report"]["isEnd"]
    assert "raise " in found["report"]["inputs"]["Script"]
    assert all(not step.get("isEnd") for name, step in found.items() if name not in {"release", "report"})


def test_writes_are_api_calls_that_cloudtrail_names() -> None:
    """The signed change is written by aws:executeAwsApi alone; the document comes from the checked orders."""
    found = steps(filled(APPLY))
    apis = {step["inputs"]["Api"]: step for step in found.values() if step["action"] == "aws:executeAwsApi"}
    assert set(apis) == {
        *("DeletePolicyVersion", "CreatePolicy", "CreatePolicyVersion", "AttachRolePolicy", "AttachUserPolicy"),
    }
    for api in ("CreatePolicy", "CreatePolicyVersion"):
        assert apis[api]["inputs"]["PolicyDocument"] == "{{ recheck.Document }}"
    for name in ("apply_load", "apply_recheck", "apply_verify", "apply_record"):
        assert not re.search(r"\.(create|attach|detach|set_default)_", script_of(found, name))


def script_of(found: dict[str, dict[str, Any]], name: str) -> str:
    """Returns the script that was made from this file."""
    scripts = [step["inputs"]["Script"] for step in found.values() if "Script" in step["inputs"]]
    return str(next(text for text in scripts if f"/{name}.py" in text))


def test_every_step_ends_by_itself(runbook: dict[str, Any]) -> None:
    """Each step but branches has a time-out; scripts and calls have one within SSM's limits."""
    for step in runbook["mainSteps"]:
        if step["action"] != "aws:branch":
            assert step["timeoutSeconds"] <= (2_592_000 if step["action"] == "aws:approve" else 600)


def test_only_what_does_no_harm_twice_is_tried_again(runbook: dict[str, Any]) -> None:
    """A read that fails once is repeated, and attaching; any other write with an unknown outcome never is."""
    for name, step in steps(runbook).items():
        if step["action"] == "aws:executeAwsApi":
            attaches = step["inputs"]["Api"] in {"AttachRolePolicy", "AttachUserPolicy"}
            assert step.get("maxAttempts", 1) == (3 if attaches else 1)
        if name in {"load", "recheck", "record", "put_back", "settle"}:
            assert step["maxAttempts"] > 1


def test_approvals_come_from_the_stack(runbook: dict[str, Any]) -> None:
    """Approvers, their number and the topic are baked in, for each approval step."""
    for name, step in steps(runbook).items():
        if step["action"] == "aws:approve":
            people = VALUES["SecondApprovers"] if name == "approve_second" else VALUES["Approvers"]
            assert step["inputs"]["Approvers"] == people
            assert step["inputs"]["NotificationArn"] == VALUES["ApprovalsTopicArn"]
            assert step["inputs"]["Message"] == "{{ load.Message }}"
            assert step["onFailure"] == "Abort"


def test_the_page_lists_every_step_with_its_ways_out() -> None:
    """docs/runbooks.md names the steps of both documents in order, and where they lead when they go wrong."""
    page = (Path(__file__).parents[3] / "docs" / "runbooks.md").read_text()
    rows = re.findall(r"^\| (\w+) \| [^|]+ \| (ends|put_back|settle) \| (ends|put_back|settle) \|$", page, re.MULTILINE)
    written = [
        (step["name"], _way(step, "onFailure"), _way(step, "onCancel"))
        for name in (APPLY, RESTORE)
        for step in filled(name)["mainSteps"]
    ]
    assert rows == written


def _way(step: dict[str, Any], key: str) -> str:
    way = str(step.get(key, "Abort"))
    return way.removeprefix("step:") if way.startswith("step:") else "ends"
