"""The closed lists of SSM Automation, and what belongs to each word."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Action(StrEnum):
    """The step actions that run here; any other is refused when the document is created."""

    APPROVE = "aws:approve"
    ASSERT_PROPERTY = "aws:assertAwsResourceProperty"
    BRANCH = "aws:branch"
    CALL_API = "aws:executeAwsApi"
    INVOKE_FUNCTION = "aws:invokeLambdaFunction"
    PAUSE = "aws:pause"
    RUN_SCRIPT = "aws:executeScript"
    SLEEP = "aws:sleep"
    WAIT_FOR_PROPERTY = "aws:waitForAwsResourceProperty"


class Status(StrEnum):
    """Status of an execution or a step, in the API's spelling."""

    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    WAITING = "Waiting"
    SUCCESS = "Success"
    TIMED_OUT = "TimedOut"
    CANCELLING = "Cancelling"
    CANCELLED = "Cancelled"
    FAILED = "Failed"
    REJECTED = "Rejected"


ENDED: Final = frozenset({Status.SUCCESS, Status.TIMED_OUT, Status.CANCELLED, Status.FAILED, Status.REJECTED})


class Signal(StrEnum):
    """SignalType of SendAutomationSignal, as far as it means something here."""

    APPROVE = "Approve"
    REJECT = "Reject"
    RESUME = "Resume"


class OnFailure(StrEnum):
    """What follows a failed step."""

    ABORT = "Abort"
    CONTINUE = "Continue"
    STEP = "step"


class ValueType(StrEnum):
    """Types of parameters and outputs."""

    STRING = "String"
    STRING_LIST = "StringList"
    INTEGER = "Integer"
    BOOLEAN = "Boolean"
    STRING_MAP = "StringMap"
    MAP_LIST = "MapList"
    ROLE_ARN = "AWS::IAM::Role::Arn"


def conforms(value: object, value_type: ValueType) -> bool:
    """Returns whether a JSON value has the type; nothing is converted, as types are static in a runbook."""
    match value_type:
        case ValueType.STRING | ValueType.ROLE_ARN:
            return isinstance(value, str)
        case ValueType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case ValueType.BOOLEAN:
            return isinstance(value, bool)
        case ValueType.STRING_MAP:
            return isinstance(value, dict)
        case ValueType.STRING_LIST:
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case ValueType.MAP_LIST:
            return isinstance(value, list) and all(isinstance(item, dict) for item in value)


DAY: Final = 86_400
DEFAULT_SECONDS: Final = {
    Action.APPROVE: 7 * DAY,
    Action.ASSERT_PROPERTY: 25,
    Action.CALL_API: 25,
    Action.INVOKE_FUNCTION: 300,
    Action.RUN_SCRIPT: 600,
    Action.WAIT_FOR_PROPERTY: 3_600,
}
"""How long a step may take when it doesn't say; the rest has no limit of its own."""

MAX_SECONDS: Final = {
    Action.APPROVE: 30 * DAY,
    Action.ASSERT_PROPERTY: 25,
    Action.CALL_API: 25,
    Action.INVOKE_FUNCTION: 300,
    Action.RUN_SCRIPT: 600,
}
"""Above this a step's timeoutSeconds is refused (AWS: systems-manager userguide, page of each action)."""

CANCEL_WORKFLOW_SECONDS: Final = 120
INTERRUPT_SECONDS: Final = 30
"""After this an interrupted action counts as stopped: scripts are killed, and a call takes at most 25 seconds."""

MAX_SLEEP_SECONDS: Final = 604_799
MAX_APPROVERS: Final = 10
MAX_MESSAGE: Final = 4_096
SIGNAL_COMMENT: Final = "Comment"
