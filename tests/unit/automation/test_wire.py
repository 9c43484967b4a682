"""The operations over HTTP, with boto3 as the client and the real performer behind."""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox.automation.execution import Place
from sandbox.automation.launching import Limits
from sandbox.automation.service import OPERATIONS, AutomationService
from tests.unit.automation.fakes import ACCOUNT, ROLE, RecordingSink, Roles, person, runbook

if TYPE_CHECKING:
    from collections.abc import Iterator

TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:Automation-approvals"


class Endpoint:
    """A tiny local AWS: SSM is the service under test, SNS and DynamoDB answer what a test needs."""

    def __init__(self) -> None:
        self.published: list[dict[str, list[str]]] = []
        self.items: dict[str, Any] = {"p-1": {"pk": {"S": "p-1"}, "body": {"S": "{{ global:REGION }}"}}}
        self.written: list[Any] = []
        self.keys: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.sink = RecordingSink()
        self.service = AutomationService.of(
            credentials=Roles(ROLE),
            sink=self.sink,
            endpoint=self.url,
            python=sys.executable,
            place=Place(),
            limits=Limits(burst=100),
        )
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stops everything."""
        self.service.engine.close()
        self.server.shutdown()
        self.server.server_close()

    def client(self, service: str, key: str = "ana") -> Any:  # noqa: ANN401 - any boto3 client
        """Returns a client whose access key names its caller."""
        make: Any = boto3.client
        return make(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key="test",
        )

    def answer(self, target: str, key: str, body: bytes) -> tuple[int, str, bytes]:
        """Returns status, content type and body for a request."""
        self.keys.append(key)
        if target.startswith("AmazonSSM."):
            operation = target.removeprefix("AmazonSSM.")
            assert operation in OPERATIONS
            status, answer = self.service.handle(operation, json.loads(body), person(key))
            return status, "application/x-amz-json-1.1", json.dumps(answer).encode()
        if target.startswith("DynamoDB"):
            return self._dynamodb(target, json.loads(body))
        self.published.append(parse_qs(body.decode()))
        text = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
        return 200, "text/xml", text.encode()

    def _dynamodb(self, target: str, request: dict[str, Any]) -> tuple[int, str, bytes]:
        answer: dict[str, Any] = {}
        if target.endswith("GetItem"):
            answer = {"Item": self.items[request["Key"]["pk"]["S"]]}
        else:
            self.written.append(request)
        return 200, "application/x-amz-json-1.0", json.dumps(answer).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                key = self.headers["Authorization"].split("Credential=")[1].split("/")[0]
                status, kind, answer = endpoint.answer(self.headers.get("X-Amz-Target", ""), key, body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                return

        return Handler


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Yields a running endpoint."""
    made = Endpoint()
    yield made
    made.close()


def started(ssm: Any, document: dict[str, object], **parameters: list[str]) -> str:  # noqa: ANN401 - a boto3 client
    """Returns the id of an execution of the document, after creating that."""
    ssm.create_document(
        Name="Runbook", DocumentType="Automation", DocumentFormat="YAML", Content=yaml.safe_dump(document)
    )
    given: dict[str, Any] = {"Parameters": parameters} if parameters else {}
    return str(ssm.start_automation_execution(DocumentName="Runbook", **given)["AutomationExecutionId"])


def until(ssm: Any, execution_id: str, *statuses: str) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    """Returns the execution as soon as it has one of the statuses."""
    shown: dict[str, Any] = {}
    for _ in range(400):
        shown = ssm.get_automation_execution(AutomationExecutionId=execution_id)["AutomationExecution"]
        if shown["AutomationExecutionStatus"] in statuses:
            return shown
        time.sleep(0.05)
    raise AssertionError(shown)


WHOLE = runbook(
    [
        {
            "name": "load",
            "action": "aws:executeAwsApi",
            "inputs": {"Service": "dynamodb", "Api": "GetItem", "TableName": "t", "Key": {"pk": {"S": "{{ Id }}"}}},
            "outputs": [{"Name": "Body", "Selector": "$.Item.body.S", "Type": "String"}],
        },
        {
            "name": "check",
            "action": "aws:executeScript",
            "inputs": {
                "Runtime": "python3.11",
                "Handler": "check",
                "InputPayload": {"body": "{{ load.Body }}"},
                "Script": "import boto3\n\n\ndef check(events, context):\n"
                "    item = boto3.client('dynamodb').get_item(TableName='t', Key={'pk': {'S': 'p-1'}})['Item']\n"
                "    print('checked')\n"
                "    return {'same': item['body']['S'] == events['body'], 'text': events['body']}\n",
            },
            "outputs": [
                {"Name": "Same", "Selector": "$.Payload.same", "Type": "Boolean"},
                {"Name": "Text", "Selector": "$.Payload.text", "Type": "String"},
            ],
        },
        {
            "name": "ask",
            "action": "aws:approve",
            "inputs": {"Approvers": ["ana"], "NotificationArn": TOPIC, "Message": "Sign {{ check.Text }}"},
        },
        {
            "name": "choose",
            "action": "aws:branch",
            "inputs": {"Choices": [{"Variable": "{{ check.Same }}", "BooleanEquals": True, "NextStep": "write"}]},
            "isEnd": True,
        },
        {
            "name": "write",
            "action": "aws:executeAwsApi",
            "inputs": {
                "Service": "dynamodb",
                "Api": "PutItem",
                "TableName": "t",
                "Item": {"pk": {"S": "{{ load.Body }}"}},
            },
        },
    ],
    parameters={"Id": {"type": "String", "allowedPattern": "^p-[0-9]+$"}},
    outputs=["check.Text"],
)


def test_whole_loop(endpoint: Endpoint) -> None:
    """A runbook with all the common steps runs from CreateDocument to Success, as any client would see it."""
    ssm = endpoint.client("ssm")
    ssm.create_document(Name="Apply", DocumentType="Automation", DocumentFormat="YAML", Content=yaml.safe_dump(WHOLE))
    execution_id = ssm.start_automation_execution(DocumentName="Apply", Parameters={"Id": ["p-1"]})[
        "AutomationExecutionId"
    ]
    waiting = until(ssm, execution_id, "Waiting")
    assert (waiting["CurrentStepName"], waiting["CurrentAction"]) == ("ask", "aws:approve")
    for _ in range(100):
        if endpoint.published:
            break
        time.sleep(0.05)
    (message,) = endpoint.published
    assert message["TopicArn"] == [TOPIC]
    assert message["Message"][0].startswith("Sign {{ global:REGION }}\n")
    assert f"--automation-execution-id {execution_id}" in message["Message"][0]
    ssm.send_automation_signal(AutomationExecutionId=execution_id, SignalType="Approve", Payload={"Comment": ["fine"]})
    done = until(ssm, execution_id, "Success", "Failed")
    assert done["AutomationExecutionStatus"] == "Success", done
    assert done["Outputs"] == {"check.Text": ["{{ global:REGION }}"]}
    assert endpoint.written == [{"TableName": "t", "Item": {"pk": {"S": "{{ global:REGION }}"}}}]
    assert [step["StepStatus"] for step in done["StepExecutions"]] == ["Success"] * 5


def test_steps_call_as_the_role(endpoint: Endpoint) -> None:
    """API calls and scripts are signed with the credentials of the assumed role, never with the caller's."""
    ssm = endpoint.client("ssm")
    ssm.create_document(Name="Apply", DocumentType="Automation", Content=json.dumps(WHOLE))
    execution_id = ssm.start_automation_execution(DocumentName="Apply", Parameters={"Id": ["p-1"]})[
        "AutomationExecutionId"
    ]
    until(ssm, execution_id, "Waiting")
    assert endpoint.keys.count("test") >= 2
    assert set(endpoint.keys) == {"ana", "test"}


def test_faults_reach_the_step(endpoint: Endpoint) -> None:
    """An error of AWS fails the step with AWS's own words, and the client sees which step it was."""
    steps = [
        {
            "name": "look",
            "action": "aws:executeAwsApi",
            "inputs": {"Service": "ssm", "Api": "GetDocument", "Name": "None"},
        }
    ]
    ssm = endpoint.client("ssm")
    ssm.create_document(Name="Fails", DocumentType="Automation", Content=json.dumps(runbook(steps)))
    execution_id = ssm.start_automation_execution(DocumentName="Fails")["AutomationExecutionId"]
    (step,) = until(ssm, execution_id, "Failed")["StepExecutions"]
    assert step["FailureMessage"] == (
        "An error occurred (InvalidDocument) when calling the GetDocument operation: "
        "Document with name None does not exist (Status Code: 400)"
    )


def test_stop_kills_a_script(endpoint: Endpoint) -> None:
    """Stopping an execution ends the script that it runs."""
    script = "import time\n\n\ndef nap(events, context):\n    time.sleep(60)\n"
    inputs = {"Runtime": "python3.11", "Handler": "nap", "Script": script}
    steps = [{"name": "nap", "action": "aws:executeScript", "inputs": inputs}]
    ssm = endpoint.client("ssm")
    execution_id = started(ssm, runbook(steps))
    began = time.monotonic()
    ssm.stop_automation_execution(AutomationExecutionId=execution_id, Type="Cancel")
    until(ssm, execution_id, "Cancelled")
    assert time.monotonic() - began < 10


def test_timeout_kills_a_script(endpoint: Endpoint) -> None:
    """The clock ends a script that takes longer than its step may."""
    script = "import time\n\n\ndef nap(events, context):\n    time.sleep(60)\n"
    inputs = {"Runtime": "python3.11", "Handler": "nap", "Script": script}
    steps = [{"name": "nap", "action": "aws:executeScript", "timeoutSeconds": 1, "inputs": inputs}]
    ssm = endpoint.client("ssm")
    execution_id = started(ssm, runbook(steps))
    (step,) = until(ssm, execution_id, "TimedOut")["StepExecutions"]
    assert step["StepStatus"] == "TimedOut"


def test_executions_run_side_by_side(endpoint: Endpoint) -> None:
    """Executions don't wait for each other, and each keeps to its own values."""
    script = "import time\n\n\ndef nap(events, context):\n    time.sleep(0.5)\n    return events['n']\n"
    inputs = {"Runtime": "python3.11", "Handler": "nap", "Script": script, "InputPayload": {"n": "{{ N }}"}}
    document = runbook(
        [{"name": "nap", "action": "aws:executeScript", "inputs": inputs}],
        parameters={"N": {"type": "Integer"}},
        outputs=["nap.Payload"],
    )
    ssm = endpoint.client("ssm")
    ssm.create_document(Name="Naps", DocumentType="Automation", Content=json.dumps(document))
    ids = [
        ssm.start_automation_execution(DocumentName="Naps", Parameters={"N": [str(n)]})["AutomationExecutionId"]
        for n in range(4)
    ]
    outputs = [until(ssm, one, "Success")["Outputs"]["nap.Payload"] for one in ids]
    assert outputs == [["0"], ["1"], ["2"], ["3"]]


@pytest.mark.parametrize(
    ("call", "arguments", "error"),
    [
        ("get_automation_execution", {"AutomationExecutionId": "0" * 36}, "AutomationExecutionNotFoundException"),
        ("start_automation_execution", {"DocumentName": "None"}, "AutomationDefinitionNotFoundException"),
        ("get_document", {"Name": "None"}, "InvalidDocument"),
        ("create_document", {"Name": "A-b", "DocumentType": "Automation", "Content": "{}"}, "InvalidDocumentContent"),
        ("get_calendar_state", {"CalendarNames": ["None"]}, "InvalidDocument"),
    ],
)
def test_errors_are_typed(endpoint: Endpoint, call: str, arguments: dict[str, Any], error: str) -> None:
    """A client can catch each error by its modelled class."""
    ssm = endpoint.client("ssm")
    with pytest.raises(getattr(ssm.exceptions, error)) as caught:
        getattr(ssm, call)(**arguments)
    assert isinstance(caught.value, ClientError)
    assert caught.value.response["Error"]["Code"] == error
    assert caught.value.response["Error"]["Message"]
