"""Faults on order, for whoever tries what happens then."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ReadTimeoutError

from sandbox.process import Sandbox
from tests.integration.sandbox.world import People, allow, denial_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def faulty() -> Iterator[Sandbox]:
    """A sandbox of its own, since faults are for everybody."""
    with Sandbox() as running:
        yield running


def _table(sandbox: Sandbox) -> Any:  # noqa: ANN401 - a boto3 client
    table = sandbox.client("dynamodb")
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
    kinds = [{"AttributeName": "pk", "AttributeType": "S"}]
    table.create_table(TableName="tab", BillingMode="PAY_PER_REQUEST", KeySchema=keys, AttributeDefinitions=kinds)
    return table


def _put(table: Any) -> None:  # noqa: ANN401 - a boto3 client
    table.put_item(TableName="tab", Item={"pk": {"S": "one"}})


def test_an_api_is_throttled_as_often_as_ordered(faulty: Sandbox) -> None:
    """Twice, then it goes through; other operations are not touched; the rule counts."""
    table = _table(faulty)
    faulty.order_faults({"service": "dynamodb", "operation": "Put*", "fault": "throttle", "times": 2})
    assert [denial_of(lambda: _put(table))["Code"] for _ in range(2)] == ["ThrottlingException"] * 2
    _put(table)
    table.get_item(TableName="tab", Key={"pk": {"S": "one"}})
    assert faulty.faults()[0]["struck"] == 2


def test_a_query_api_fails_in_its_own_form(faulty: Sandbox) -> None:
    """IAM's clients read the error as IAM's."""
    faulty.order_faults({"service": "iam", "fault": "error"})
    assert denial_of(faulty.client("iam").list_roles)["Code"] == "InternalServerError"


def test_a_lost_reply_takes_effect(faulty: Sandbox) -> None:
    """The connection breaks, but the item is there: the caller cannot know."""
    table = _table(faulty)
    faulty.order_faults({"service": "dynamodb", "operation": "PutItem", "fault": "lose_reply"})
    with pytest.raises(BotoCoreError):
        _put(table)
    assert table.get_item(TableName="tab", Key={"pk": {"S": "one"}})["Item"]


def test_a_lost_request_takes_no_effect(faulty: Sandbox) -> None:
    """The same to the caller, but nothing has happened."""
    table = _table(faulty)
    faulty.order_faults({"service": "dynamodb", "operation": "PutItem", "fault": "lose_request"})
    with pytest.raises(BotoCoreError):
        _put(table)
    assert "Item" not in table.get_item(TableName="tab", Key={"pk": {"S": "one"}})


def test_a_delay_outlasts_a_patient_client(faulty: Sandbox) -> None:
    """A client that waits half a second gives up on an answer that takes one."""
    faulty.order_faults({"service": "sts", "fault": "delay", "seconds": 1.0})
    config = Config(read_timeout=0.5, retries={"total_max_attempts": 1})
    with pytest.raises(ReadTimeoutError):
        faulty.client("sts", config=config).get_caller_identity()
    begun = time.monotonic()
    faulty.client("sts").get_caller_identity()
    assert time.monotonic() - begun >= 1.0


def test_a_fault_can_be_meant_for_one_caller(faulty: Sandbox) -> None:
    """Root goes on while a role is throttled."""
    credentials = People(faulty).restricted(allow("iam:ListRoles"))
    faulty.order_faults({"service": "iam", "fault": "throttle", "caller": "*:assumed-role/*"})
    assert faulty.client("iam").list_roles()["Roles"]
    assert denial_of(faulty.client("iam", credentials).list_roles)["Code"] == "ThrottlingException"


def test_only_root_orders_faults(sandbox: Sandbox, people: People) -> None:
    """Nobody else may, and nothing malformed is taken."""
    address = f"{sandbox.endpoint}/_redress/faults"
    key = people.restricted()["AccessKeyId"]
    for credential, status in ((key, 403), ("test", 400)):
        header = f"AWS4-HMAC-SHA256 Credential={credential}/20260101/us-east-1/redress/aws4_request"
        request = urllib.request.Request(  # noqa: S310 - our own endpoint
            address, b'[{"fault": "nonsense"}]', {"Authorization": header}
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)  # noqa: S310 - our own endpoint
        refused.value.close()
        assert refused.value.code == status
