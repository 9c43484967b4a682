"""The whole way of a denied call, from triage to its notices, while AWS misbehaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from redress.domain.words import State
from sandbox.fault_client import Faults, poison
from tests.e2e.stack import Stack, allow, denial_of, eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from redress.domain.finding import Finding
    from tests.integration.faults.notices import Ear

SEED = 20261121
DENIALS = 3
PATIENCE = 180.0
"""Seconds; SDKs pause longer before each further try, and what they give up comes back by schedules of a minute."""


def lambdas(stack: Stack, *names: str) -> str:
    """Returns the glob of these functions' sessions (of all, if none is named).

    Not those of the runbooks: a fault may end them, and IAM is as before (tests/unit/runbooks/test_failures.py).
    """
    (name,) = names or ("",)
    # The session of a function is named after it, by its first 64 characters.
    return f"*/{stack.outputs[f'{name}Function'][:64]}" if name else "*/Redress-*Function*"


TROUBLE: dict[str, Callable[[Faults, Stack], Faults]] = {
    "throttled": lambda faults, stack: faults.throttle(caller=lambdas(stack), probability=0.15),
    "broken": lambda faults, stack: faults.error(caller=lambdas(stack), probability=0.08).unavailable(
        caller=lambdas(stack), probability=0.08
    ),
    "cut off": lambda faults, stack: faults.lose_reply(caller=lambdas(stack), probability=0.08).lose_request(
        "dynamodb", caller=lambdas(stack), probability=0.08
    ),
    "slow": lambda faults, stack: faults.delay("dynamodb", caller=lambdas(stack), seconds=0.4, probability=0.1),
    "partial": lambda faults, stack: faults.partial("dynamodb", "Batch*", caller=lambdas(stack), probability=0.5),
    "redelivered, clocks off": lambda faults, _: faults.redeliver(probability=0.7).skew(3.0, source="sqs"),
    "triage killed": lambda faults, stack: faults.kill(
        "dynamodb", "PutItem", caller=lambdas(stack, "Triage"), times=1
    ).kill("dynamodb", "BatchWriteItem", late=True, caller=lambdas(stack, "Triage"), times=1),
    "propose killed": lambda faults, stack: faults.kill(
        "dynamodb", "TransactWriteItems", late=True, caller=lambdas(stack, "Propose"), times=1
    ).kill("iam", caller=lambdas(stack, "Propose"), after=2, times=1),
    "start and track killed": lambda faults, stack: faults.kill(
        "ssm", "StartAutomationExecution", late=True, caller=lambdas(stack, "Start"), times=1
    ).kill("dynamodb", caller=lambdas(stack, "Track"), after=1, times=1),
    "notify killed": lambda faults, stack: faults.kill("sns", "Publish", caller=lambdas(stack, "Notify"), times=1),
}


ANSWERS_LOST = ("cut off",)
"""Where SNS took a notice and its answer never came, nobody can know it: it is sent again, with the same id."""
QUICK = ("redelivered, clocks off", "notify killed")
CASES = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow, id=name) for name in TROUBLE]


@pytest.mark.parametrize("trouble", CASES)
def test_a_denied_call_is_counted_fixed_and_told_once(stack: Stack, ear: Ear, trouble: str) -> None:
    """Whatever befalls the functions' calls, each denial counts once, the fix is applied, no notice is doubled."""
    with TROUBLE[trouble](Faults(stack.sandbox, seed=SEED), stack) as faults:
        finding = _fixed(stack)
    assert any(faults.struck), "the fault never struck"
    assert finding.count == DENIALS
    ear.listen()
    who = f"role/{str(finding.verdict.principal.arn).rsplit('/', 1)[-1]}"
    told = ear.by_text(who)
    assert told
    assert max(told.values()) == 1 or trouble in ANSWERS_LOST
    assert len(ear.ids_by_text(who)) == len(told)  # whoever drops what he has seen hears each state once


def _fixed(stack: Stack) -> Finding:
    bucket = stack.bucket()
    application = stack.application(allow("s3:ListBucket", f"arn:aws:s3:::{bucket}"))
    client = application.client("s3")
    for _ in range(DENIALS):
        assert denial_of(lambda: client.get_object(Bucket=bucket, Key="a/b.json"))
    look = lambda: _counted(stack.finding_of(application.arn, "s3:GetObject"))  # noqa: E731
    eventually("all counted", look, seconds=PATIENCE)
    finding = stack.wait_for(application.arn, "s3:GetObject", State.AWAITING_APPROVAL, seconds=PATIENCE)
    stack.signal(finding.execution_id or "")
    assert stack.wait_until_over(finding.execution_id or "") == "Success"
    return stack.wait_for(application.arn, "s3:GetObject", State.FIXED, seconds=PATIENCE)


def _counted(finding: Finding | None) -> bool | None:
    return True if finding and finding.count == DENIALS else None


def test_poison_is_put_aside_with_its_reason(stack: Stack) -> None:
    """While SQS throttles, every message that nobody can read ends in the dead-letter queue.

    SQS delivers at least once, so triage may meet one of them twice; its letters then bear the same ``message_id``.
    """
    sqs, bad = stack.root("sqs"), poison(20, seed=SEED)
    with Faults(stack.sandbox, seed=SEED).throttle("sqs", "SendMessage", caller="*/Redress-*", probability=0.2):
        for body in bad:
            sqs.send_message(QueueUrl=stack.outputs["DenialsQueueUrl"], MessageBody=body)
        letters: dict[str, dict[str, object]] = {}

        def all_there() -> bool | None:
            got = sqs.receive_message(
                QueueUrl=stack.outputs["DenialsDeadLetterQueueUrl"],
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                VisibilityTimeout=300,
            )
            for letter in got.get("Messages", ()):
                assert "reason" in letter["MessageAttributes"]
                letters[letter["MessageAttributes"]["message_id"]["StringValue"]] = letter
            return True if len(letters) >= len(bad) else None

        eventually("dead letters", all_there)
    assert sorted(str(letter["Body"]) for letter in letters.values()) == sorted(bad)
