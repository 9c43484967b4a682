"""The daily digest while AWS misbehaves: delivered until it has gone out, and then silent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from redress.adapters.digests_table import PARTITION
from sandbox.fault_client import Faults
from tests.integration.faults.test_pipeline import lambdas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.stack import Stack
    from tests.integration.faults.notices import Ear

SEED = 20261121
DELIVERIES = 15
"""Lambda makes three of one event; here each of them may fail anywhere."""
SENT_TO = 2
"""Topics that get it: the findings' and the chats'."""

TROUBLE: dict[str, Callable[[Faults, str], Faults]] = {
    "throttled": lambda faults, caller: faults.throttle(caller=caller, probability=0.4),
    "broken": lambda faults, caller: faults.error(caller=caller, probability=0.4),
    "killed while it reads": lambda faults, caller: faults.kill("dynamodb", "Query", caller=caller, after=3, times=2),
    "killed before it is sent": lambda faults, caller: faults.kill("sns", "Publish", caller=caller, times=2),
    "its mark unanswered": lambda faults, caller: faults.lose_reply("dynamodb", "UpdateItem", caller=caller, times=2),
    "killed after it is sent": lambda faults, caller: faults.kill("sns", "Publish", late=True, caller=caller, times=1),
}
TWICE = {"killed after it is sent"}
"""Who dies between sending it and noting that sends it again: a digest too many, rather than none."""

CASES = [pytest.param(name, marks=pytest.mark.slow if name == "throttled" else (), id=name) for name in TROUBLE]


@pytest.fixture
def _unsent(stack: Stack) -> Iterator[None]:
    """Forgets, before and after, that the digest of today has gone out."""
    _forget(stack)
    yield
    _forget(stack)


def _forget(stack: Stack) -> None:
    dynamodb, table = stack.root("dynamodb"), stack.outputs["TableName"]
    asked = {":p": {"S": PARTITION}}
    found = dynamodb.query(TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues=asked)
    for item in found["Items"]:
        dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})


@pytest.mark.usefixtures("_unsent")
@pytest.mark.parametrize("trouble", CASES)
def test_it_goes_out_and_only_then_falls_silent(stack: Stack, ear: Ear, trouble: str) -> None:
    """Delivered again after each failure, it reaches every topic; once it has, another delivery sends nothing."""
    before = _heard(ear)
    with TROUBLE[trouble](Faults(stack.sandbox, seed=SEED), lambdas(stack, "Digest")) as faults:
        answers = [_delivered(stack) for _ in range(DELIVERIES)]
    assert any(faults.struck), "the fault never struck"
    assert None in answers or trouble in {"throttled", "broken", "its mark unanswered"}, "the function never failed"
    last = [answer for answer in answers if answer is not None]
    assert last[-1] == 0, answers
    assert _heard(ear) - before == 1 + (trouble in TWICE)
    assert sum(last) <= SENT_TO


def _delivered(stack: Stack) -> int | None:
    """Delivers the schedule's event; returns to how many topics the digest went now, None where the function failed."""
    try:
        answer = stack.root("lambda").invoke(FunctionName=stack.outputs["DigestFunction"], Payload=b"{}")
    except (ClientError, BotoCoreError):
        return None
    told = json.loads(answer["Payload"].read())
    return int(told["sent"]) if isinstance(told, dict) and "sent" in told else None


def _heard(ear: Ear) -> int:
    ear.listen()
    return sum(one.get("MessageAttributes", {}).get("notice", {}).get("Value") == "DIGEST" for one in ear.heard)
