"""Rule targets as on AWS: the target's own policy must let EventBridge in, and what cannot be delivered is put aside.

MiniStack delivers whatever the policies say, forgets what fails, and calls a failing function once. Source:
docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html: a missing permission is not retried, and the
dead-letter queue gets the event with the attributes below.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final

from ministack.core.arn import parse_arn
from ministack.services import sqs

from redress.domain.evaluate import evaluate
from redress.domain.policies import Policies
from redress.domain.policy_error import MalformedPolicy
from redress.domain.policy_json import parse_policy
from redress.domain.request import Request, caller_of
from sandbox import iam_state
from sandbox.emulator import EVENTBRIDGE, LAMBDA, account

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE: Final = "events.amazonaws.com"
_ACTIONS: Final[Mapping[str, str]] = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
}
_LOG: Final = logging.getLogger("redress.targets")
_invoke: Final = EVENTBRIDGE._invoke_target  # noqa: SLF001


def lets_in(target_arn: str, rule_arn: str) -> bool:
    """Returns whether the resource policy of a queue, topic or function lets the rule use it."""
    service = target_arn.split(":")[2]
    action = _ACTIONS.get(service)
    if action is None:
        return True  # such targets are used with a role of the rule's
    found = iam_state.resource_policy(service, target_arn)
    if found is None:
        return False
    request = Request(
        caller=caller_of(SERVICE),
        action=action,
        resource=target_arn,
        context={
            "aws:SourceArn": (rule_arn,),
            "aws:SourceAccount": (account(),),
            "aws:SecureTransport": ("true",),
            "aws:PrincipalIsAWSService": ("true",),
        },
        complete=True,
    )
    try:
        policy = parse_policy("resource policy", found[0])
    except MalformedPolicy:
        return False
    return evaluate(request, Policies(resource=policy)).allowed


def _invoke_permitted(
    target: Mapping[str, Any],
    event: Mapping[str, Any],
    rule: Mapping[str, Any],
    view: object = None,
) -> None:
    arn, rule_arn = target.get("Arn", ""), rule.get("Arn", "")
    if target.get("RoleArn") or lets_in(arn, rule_arn):
        _invoke(target, event, rule, view)
        return
    _LOG.warning("%s may not use %s: its policy does not let %s in", rule_arn, arn, SERVICE)
    aside = (target.get("DeadLetterConfig") or {}).get("Arn")
    if aside and lets_in(aside, rule_arn):
        _put_aside(aside, event, {"RULE_ARN": rule_arn, "TARGET_ARN": arn, "ERROR_CODE": "NO_PERMISSIONS"})


def _put_aside(queue_arn: str, event: Mapping[str, Any], attributes: Mapping[str, str]) -> None:
    queue = sqs._queue_by_arn(queue_arn)  # noqa: SLF001
    if queue is None:
        return
    view = EVENTBRIDGE._pattern_event_view(event)  # noqa: SLF001
    EVENTBRIDGE._dispatch_to_sqs(parse_arn(queue_arn), json.dumps(view.event_with_detail()))  # noqa: SLF001
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    queue["messages"][-1]["message_attributes"] = typed


def _call_function(arn: str, payload: str) -> None:
    """Invokes a function asynchronously, as often as its configuration says."""
    function, config, _ = LAMBDA._get_func_record_for_ref(arn)  # noqa: SLF001
    if function and config:
        LAMBDA.invoke_async_with_retry({**function, "config": config}, json.loads(payload))


def install() -> None:
    """Makes MiniStack's event bus deliver this way."""
    EVENTBRIDGE._invoke_target = _invoke_permitted  # noqa: SLF001
    EVENTBRIDGE._dispatch_to_lambda = _call_function  # noqa: SLF001
