"""``aws:approve``: asking, and taking signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.automation import approvers
from sandbox.automation.bad_input import BadInput
from sandbox.automation.errors import Code, Refusal
from sandbox.automation.execution import Decision
from sandbox.automation.happenings import AskApprovers, Signalled
from sandbox.automation.words import MAX_APPROVERS, MAX_MESSAGE, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.automation.turn import Turn

TOPIC_PREFIX = "Automation"


def faults(inputs: Mapping[str, object]) -> list[str]:
    """Returns what is wrong with the resolved inputs of an approval."""
    people, minimum = inputs.get("Approvers"), inputs.get("MinRequiredApprovals", 1)
    topic, message = inputs.get("NotificationArn", ""), inputs.get("Message", "")
    found = []
    if not isinstance(people, list) or not all(isinstance(one, str) and one for one in people):
        found.append("Approvers must be a list of user names and ARNs")
    elif not 1 <= len(people) <= MAX_APPROVERS:
        found.append(f"Approvers must have 1 to {MAX_APPROVERS} entries, not {len(people)}")
    elif not _is_minimum(minimum, people):
        found.append("MinRequiredApprovals must be a whole number from 1 to the number of Approvers")
    if not isinstance(message, str) or len(message) > MAX_MESSAGE:
        found.append(f"Message must be text of at most {MAX_MESSAGE} characters")
    if topic and not _is_topic(topic):
        found.append(f"NotificationArn must be the ARN of an SNS topic whose name begins with {TOPIC_PREFIX}")
    return found


def _is_minimum(value: object, people: Sequence[object]) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= len(set(people))


def _is_topic(value: object) -> bool:
    parts = str(value).split(":")
    return len(parts) == 6 and parts[2] == "sns" and parts[5].startswith(TOPIC_PREFIX)  # noqa: PLR2004 - an ARN's parts


def ask(turn: Turn) -> None:
    """Publishes the approval request, if there is a topic, and waits for signatures.

    Raises:
        BadInput: The inputs break a limit of approvals.

    """
    inputs = turn.run.inputs
    wrong = faults(inputs)
    if wrong:
        raise BadInput("; ".join(wrong))
    turn.update(outputs=approvers.outputs((), minimum=_minimum(turn)))
    turn.wait()  # already now, as an approver may answer before the publishing has come back
    topic = str(inputs.get("NotificationArn", ""))
    if topic:
        turn.perform(AskApprovers(topic_arn=topic, subject="Automation approval request", message=_request(turn)))


def _request(turn: Turn) -> str:
    run, execution = turn.run, turn.execution
    message = str(run.inputs.get("Message", ""))
    region = execution.place.region
    return approvers.request(execution.id, execution.document_name, region, execution.executed_by, message)


def sign(turn: Turn, signalled: Signalled) -> None:
    """Takes a signature: goes on with enough approvals, fails the step at the first rejection.

    Raises:
        Refusal: The caller is none of the approvers.

    """
    people = [str(one) for one in _people(turn)]
    entry = approvers.entry_of(people, signalled.principal, account=turn.execution.place.account)
    if entry is None:
        raise Refusal(Code.SIGNAL, f"{signalled.principal} is not an approver of step {turn.run.name}")
    new = Decision(entry=entry, principal=signalled.principal, signal=signalled.signal, comment=signalled.comment)
    decisions = approvers.with_decision(turn.run.decisions, new)
    outputs = approvers.outputs(decisions, minimum=_minimum(turn))
    turn.update(decisions=decisions, outputs=outputs)
    if approvers.is_rejected(decisions):
        turn.fail(Status.REJECTED, f"Approval step is rejected by {signalled.principal}")
    elif approvers.approvals(decisions) >= _minimum(turn):
        turn.succeed(outputs)


def _people(turn: Turn) -> Sequence[object]:
    people = turn.run.inputs["Approvers"]
    return people if isinstance(people, list) else []


def _minimum(turn: Turn) -> int:
    minimum = turn.run.inputs.get("MinRequiredApprovals", 1)
    return minimum if isinstance(minimum, int) else 1
