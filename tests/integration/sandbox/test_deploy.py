"""A synthesized template runs in the sandbox: real functions, with nothing but their roles' permissions."""

from __future__ import annotations

import copy
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sandbox.deploy import Deployed, deploy
from sandbox.process import SandboxError
from tests.integration.sandbox.small_stack import TEMPLATE, assemble

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.process import Sandbox
    from tests.integration.sandbox.world import Trail

SECONDS = 20.0


@pytest.fixture(scope="session")
def small(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The small stack, deployed once."""
    return deploy(sandbox, assemble(tmp_path_factory.mktemp("small")), stack="Small")


def _until(look: Callable[[], list[Any]], enough: int = 1) -> list[Any]:
    found: list[Any] = []
    deadline = time.monotonic() + SECONDS
    while len(found) < enough and time.monotonic() < deadline:
        found += look()
        time.sleep(0.05)
    return found


def _receive(sandbox: Sandbox, url: str) -> list[str]:
    queue = sandbox.client("sqs")
    messages = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in messages]


def _put(sandbox: Sandbox, *details: dict[str, Any]) -> None:
    entries = [{"Source": "small", "DetailType": "Ordered", "Detail": json.dumps(detail)} for detail in details]
    sandbox.client("events").put_events(Entries=entries)


def test_an_event_goes_all_the_way(sandbox: Sandbox, small: Deployed) -> None:
    """Rule, queue, function, table, stream, function and topic: a message comes out at the end."""
    _put(sandbox, {"id": "order-1"})
    assert _until(lambda: _receive(sandbox, small.outputs["Inbox"])) == ["order-1"]


def test_what_was_taken_out_is_said(small: Deployed) -> None:
    """Each resource type that the emulator lacks is named once, with what became of it."""
    assert [line.partition(":")[0] for line in small.taken_out if "::" in line]
    assert any(line.startswith("AWS::CloudWatch::AnomalyDetector (1)") for line in small.taken_out)
    assert any(line.startswith("AWS::SSM::Document (1)") for line in small.taken_out)


def test_documents_are_supplied_with_the_stacks_own_values(sandbox: Sandbox, small: Deployed) -> None:
    """References inside a document's content hold what CloudFormation would have put there."""
    content = json.loads(sandbox.client("ssm").get_document(Name="Small-Rest")["Content"])
    assert content["assumeRole"] == small.outputs["StoreRole"]
    assert content["description"] == f"writes to {small.outputs['Table']}"
    assert small.outputs["Runbook"] == "Small-Rest"
    assert small.documents == ("Small-Rest",)
    assert not [name for name in small.outputs if name.startswith("SandboxAsked")]


def test_a_failed_message_is_retried_and_ends_in_the_dead_letter_queue(sandbox: Sandbox, small: Deployed) -> None:
    """A partial batch response keeps only the failed message, twice, then SQS moves it; the others are done."""
    _put(sandbox, {"id": "good"}, {"no": "id"})
    assert _until(lambda: _receive(sandbox, small.outputs["Inbox"])) == ["good"]
    assert _until(lambda: _receive(sandbox, small.outputs["Dead"])) == ['{"no": "id"}']


def test_filters_keep_items_from_the_function(sandbox: Sandbox, small: Deployed) -> None:
    """A stream filter drops what it does not match, and the next item still gets through."""
    _put(sandbox, {"id": "unseen", "kind": "ignored"})
    _put(sandbox, {"id": "seen"})
    assert _until(lambda: _receive(sandbox, small.outputs["Inbox"])) == ["seen"]


def test_an_item_that_cannot_be_processed_is_set_aside(sandbox: Sandbox, small: Deployed) -> None:
    """Items before a failed one are done once; it is retried, then put aside; what follows goes on."""
    table = sandbox.client("dynamodb")
    for name, kind in (("before", "order"), ("bad", "poison")):
        item = {"pk": {"S": name}, "kind": {"S": kind}}
        table.put_item(TableName=small.outputs["Table"], Item=item)
    told = json.loads(_until(lambda: _receive(sandbox, small.outputs["Aside"]))[0])
    table.put_item(TableName=small.outputs["Table"], Item={"pk": {"S": "after"}, "kind": {"S": "order"}})
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert _until(lambda: _receive(sandbox, small.outputs["Inbox"]), enough=2) == ["before", "after"]


def test_a_function_may_do_only_what_its_role_may(sandbox: Sandbox, small: Deployed, trail: Trail) -> None:
    """A function's call beyond its role is denied, and recorded as the role's with its path."""
    answer = sandbox.client("lambda").invoke(FunctionName=small.outputs["Forbidden"], Payload=b"{}")
    record = trail.one()["detail"]
    assert answer["FunctionError"]
    assert (record["eventName"], record["errorCode"]) == ("CreateUser", "AccessDenied")
    assert ":role/small/" in record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"]
    with pytest.raises(ClientError, match="NoSuchEntity"):
        sandbox.client("iam").get_user(UserName="made-by-a-function")


def test_a_type_that_nobody_knows_fails_with_its_name(sandbox: Sandbox, tmp_path: Path) -> None:
    """CloudFormation's reason reaches whoever deploys."""
    template = copy.deepcopy(TEMPLATE)
    template["Resources"] = {"Odd": {"Type": "AWS::Nothing::Known", "Properties": {}}}
    template["Outputs"] = {}
    assemble(tmp_path, template)
    for name in ("assets", "template"):
        (tmp_path / f"Small.{name}.json").rename(tmp_path / f"Odd.{name}.json")
    with pytest.raises(SandboxError, match=r"AWS::Nothing::Known"):
        deploy(sandbox, tmp_path, stack="Odd")


def test_a_missing_assembly_says_what_to_run(sandbox: Sandbox, tmp_path: Path) -> None:
    """Without a template there is one sentence."""
    with pytest.raises(SandboxError, match="run `make synth` first"):
        deploy(sandbox, tmp_path)
