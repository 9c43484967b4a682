"""Which calls one new finding costs, and which one signed fix: counted in the sandbox, per function.

Counted with fault rules that never strike: a rule knows how many calls it met.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from redress.domain.words import State
from sandbox.deploy import deploy
from sandbox.process import PYTHON, Sandbox
from sandbox.synthesize import synthesize
from tests.bench.figures import Figure, Section
from tests.e2e.stack import Stack, allow, denial_of, deny

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FUNCTIONS = ("Triage", "Propose", "Start", "Track", "Notify")
OPERATIONS = (
    "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
)  # fmt: skip
SERVICES = ("sqs", "sns", "sts", "iam", "ssm", "lambda", "accessanalyzer")
SETTLE_SECONDS = 3.0
AUTOMATION = "*AutomationRole*"


def measure() -> Section:
    """Returns the number of calls of each function for the three things that happen most."""
    title = "Calls"
    if not PYTHON.exists():
        return Section(title=title, notes=("not measured: the sandbox is not set up (make setup)",))
    with Sandbox() as sandbox:
        stack = Stack(sandbox, deploy(sandbox, synthesize()))
        _denied_explicitly(stack)  # warm: what is asked once per function is not counted
        refused = _counted(stack, lambda: _denied_explicitly(stack))
        fixed = _counted(stack, lambda: _fixed(stack))
    both = {"an explicit deny, to its NoFix": refused, "a missing permission, to its verified fix": fixed}
    figures = tuple(
        Figure(name=f"calls for {what}", rounds=(float(sum(calls.values())),), unit="") for what, calls in both.items()
    )
    notes = tuple(f"{what}: {_listed(calls)}" for what, calls in both.items())
    return Section(title=title, figures=figures, notes=notes)


def _denied_explicitly(stack: Stack) -> None:
    application = stack.application(allow("dynamodb:*"), deny("dynamodb:DeleteTable"))
    client = application.client("dynamodb")
    if denial_of(lambda: client.delete_table(TableName="ledger")) is None:
        raise RuntimeError("the call was not denied")
    stack.wait_for(application.arn, "dynamodb:DeleteTable", State.NO_FIX)


def _fixed(stack: Stack) -> None:
    bucket = stack.bucket()
    application = stack.application(allow("s3:ListBucket", f"arn:aws:s3:::{bucket}"))
    client = application.client("s3")
    if denial_of(lambda: client.get_object(Bucket=bucket, Key="a/b.json")) is None:
        raise RuntimeError("the call was not denied")
    waiting = stack.wait_for(application.arn, "s3:GetObject", State.AWAITING_APPROVAL)
    stack.signal(waiting.execution_id or "")
    stack.wait_until_over(waiting.execution_id or "")
    stack.wait_for(application.arn, "s3:GetObject", State.FIXED)


def _counted(stack: Stack, happen: Callable[[], None]) -> Mapping[str, int]:
    rules = list(_rules(stack))
    time.sleep(SETTLE_SECONDS)
    stack.sandbox.order_faults(*(rule for _, rule in rules))
    happen()
    time.sleep(SETTLE_SECONDS)
    met = [rule["met"] for rule in stack.sandbox.faults()]
    stack.sandbox.order_faults()
    return {name: number for (name, _), number in zip(rules, met, strict=True) if number}


def _rules(stack: Stack) -> Iterator[tuple[str, dict[str, object]]]:
    callers = {name: f"*/{stack.outputs[f'{name}Function'][:64]}" for name in FUNCTIONS} | {"Automation": AUTOMATION}
    pairs = [*(("dynamodb", operation) for operation in OPERATIONS), *((service, "*") for service in SERVICES)]
    for name, caller in callers.items():
        for service, operation in pairs:
            rule = {"fault": "throttle", "service": service, "operation": operation, "caller": caller, "probability": 0}
            yield f"{name} {service if operation == '*' else operation}", rule


def _listed(calls: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in calls.items())
