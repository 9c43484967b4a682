"""Who may sign an ``aws:approve`` step, and what the signatures add up to.

An entry of Approvers is a user name, a user ARN, a role ARN or an assumed-role ARN. Each principal counts once:
a user by its ARN, a session as its role where the role is listed (so nobody signs twice under two session names),
else as the session that is listed. A role's name is unique in its account whatever its path.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from sandbox.automation.words import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.automation.execution import Decision

_ARN: Final = re.compile(r"arn:[\w-]+:(iam|sts)::(\d{12}):(user|role|assumed-role)/(.+)")


def entry_of(approvers: Sequence[str], principal: str, *, account: str) -> str | None:
    """Returns what a caller counts as among the approvers (an ARN), or None if it may not sign.

    ``account`` is that of the automation, which names without an ARN belong to.
    """
    caller = _ARN.fullmatch(principal)
    if not caller:
        return None
    as_role = next((entry for entry in approvers if _is_role_of(entry, caller)), None)
    if as_role or principal in approvers:
        return as_role or principal
    is_named = caller[3] == "user" and caller[2] == account and caller[4].rsplit("/", 1)[-1] in approvers
    return principal if is_named else None


def _is_role_of(entry: str, caller: re.Match[str]) -> bool:
    role = _ARN.fullmatch(entry)
    if not role or role[3] != "role" or caller[3] != "assumed-role" or role[2] != caller[2]:
        return False
    return role[4].rsplit("/", 1)[-1] == caller[4].split("/", 1)[0]


def with_decision(decisions: tuple[Decision, ...], new: Decision) -> tuple[Decision, ...]:
    """Returns the decisions with a new one; the same word of the same principal is counted once, the first time."""
    known = {decision.entry: decision for decision in decisions}
    if new.entry in known and known[new.entry].signal is new.signal:
        return decisions
    return (*(decision for decision in decisions if decision.entry != new.entry), new)


def is_rejected(decisions: Sequence[Decision]) -> bool:
    """Returns whether anybody rejected."""
    return any(decision.signal is Signal.REJECT for decision in decisions)


def approvals(decisions: Sequence[Decision]) -> int:
    """Returns how many principals approved."""
    return sum(decision.signal is Signal.APPROVE for decision in decisions)


def outputs(decisions: Sequence[Decision], *, minimum: int) -> Mapping[str, object]:
    """Returns the step's outputs: ApprovalStatus, and ApproverDecisions with one map per approver who spoke.

    AWS documents "a JSON map that includes the approval decision of each approver" and not its keys; these are
    ``approver`` (the ARN that signed), ``decision`` and ``comment``. Read them in either case.
    """
    status = "Rejected" if is_rejected(decisions) else "Approved" if approvals(decisions) >= minimum else "Waiting"
    said = [
        {"approver": decision.principal, "decision": decision.signal.value, "comment": decision.comment}
        for decision in decisions
    ]
    return {"ApprovalStatus": status, "ApproverDecisions": said}


def request(execution_id: str, document: str, region: str, executed_by: str, message: str) -> str:
    """Returns the text that goes to the approvers' topic: the step's message, then how to answer it.

    AWS does not document its wording; the message comes first and whole, as there.
    """
    command = f"aws ssm send-automation-signal --automation-execution-id {execution_id} --region {region}"
    page = (
        f"https://{region}.console.aws.amazon.com/systems-manager/automation/execution/{execution_id}?region={region}"
    )
    lines = [
        message,
        "",
        f"Automation execution: {execution_id}",
        f"Runbook: {document}",
        f"Executed by: {executed_by}",
        f"Console: {page}",
        f"Approve: {command} --signal-type Approve --payload {json.dumps('Comment=...')}",
        f"Reject: {command} --signal-type Reject --payload {json.dumps('Comment=...')}",
    ]
    return "\n".join(lines)
