"""What the approver reads before he signs: at most 4,096 characters, no statement cut, none that is gained left out."""

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.runbook_scripts.signers import needs_second
from infra.runbook_scripts.stored import Refusal, canonical

LIMIT = 4096
CONSOLES = {"aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}
DECISIONS = {"implicitDeny": "denied (nothing allows it)", "explicitDeny": "explicitly denied"}


def message(body: dict[str, Any], found: dict[str, Any], events: dict[str, Any]) -> str:
    """Returns the text of the approval request, made from the signed body and the live policy alone.

    Where room is short, reasons of the guard give way to statements.

    Raises:
        Refusal: A statement that would be gained does not fit in whole.

    """
    region, execution, proposal = events["Region"], events["ExecutionId"], f"p-{events['Digest'][:20]}"
    console = f"https://{region}.console.{CONSOLES.get(events['Partition'], 'aws.amazon.com')}"
    link = f"{console}/systems-manager/automation/execution/{execution}?region={region}"
    tail = ["", f"Approve or reject: {link}", f"Whole text: redress show {proposal}"]
    for reasons in (5, 2):
        head = _head(body, events, reasons)
        changes = _changes(body, found, proposal, LIMIT - sum(len(line) + 1 for line in head + tail))
        if changes:
            return "\n".join([*head, *changes, *tail])
    raise Refusal("a statement that would be gained does not fit whole into what the approver reads")


def _head(body: dict[str, Any], events: dict[str, Any], reasons: int) -> list[str]:
    """Returns who, what, why, risk, proof, deadline and undo; the statements follow."""
    proof, guard = body["proof"], body["guard"]
    risks = [f"  [{hit['verdict']}] {clean(hit['reason'], 160)}" for hit in guard["hits"][:reasons]]
    more = [f"  and {len(guard['hits']) - len(risks)} more reasons"] if guard["hits"][reasons:] else []
    before, after = (DECISIONS.get(proof[when], clean(proof[when], 20)) for when in ("before", "after"))
    by = "Redress's own evaluation" if proof["source"] == "evaluator" else clean(proof["source"], 40)
    return [
        f"Redress asks for a permission for {clean(body['principal']['arn'], 240)}",
        f"Digest you sign: {events['Digest']}",
        f"Why: {why(body)}",
        f"Risk: {clean(guard['verdict'], 40)}" + (" (two different people must sign)" if needs_second(body) else ""),
        *risks,
        *more,
        f"Proof: today {before}; with this fix {after}, says {by}. {clean(looked_at(proof), 240)}",
        *_owner(body),
        f"Sign before: {_deadline(body, events)}",
        f"Undo: redress restore p-{events['Digest'][:20]} (or the runbook Redress-RestorePolicy)",
        f"Policy: {clean(body['policy']['arn'], 240)}",
    ]


def why(body: dict[str, Any]) -> str:
    """Returns the summary's own line of it, without what the rest of the request says; the whole of an older one."""
    lines = str(body["summary"]).splitlines()
    return clean(next((line[5:] for line in lines if line.startswith("Why: ")), body["summary"]), 160)


def _deadline(body: dict[str, Any], events: dict[str, Any]) -> str:
    """Returns until when SSM waits for a signature, or earlier the proposal's end; and how long the fix stays."""
    waits = datetime.now(UTC) + timedelta(seconds=int(events["ApprovalTimeoutSeconds"]))
    ends = min(waits, datetime.fromisoformat(body["expires_at"])).strftime("%Y-%m-%d %H:%M UTC")
    hours = int(body.get("remove_after_hours") or 0)
    return ends + (f"; removed again after {hours} h" if hours else "")


def looked_at(proof: dict[str, Any]) -> str:
    """Returns what was looked at and what could not be, in the words of ``redress.domain.proof_words``."""
    head = "Complete as far as Redress can read" if proof["complete"] else "INCOMPLETE"
    unread = ", ".join(proof.get("unknown_layers", ())).lower().replace("_", " ")
    return f"{head}; not checked: {unread.replace(' based', '-based').replace('vpc', 'VPC') or 'nothing'}."


def _owner(body: dict[str, Any]) -> list[str]:
    owner = body.get("owned_by")
    return [f"Owned by {clean(owner['tool'], 40)} {clean(owner['name'], 100)}: commit it there too"] if owner else []


def _changes(body: dict[str, Any], found: dict[str, Any], proposal: str, room: int) -> list[str]:
    """Returns the statements that the principal gains, all of them whole, and loses, as many as there is room for.

    Nothing where what is gained has no room. A policy that lies there unattached gives nothing, so attaching it
    gives all that it holds.
    """
    new, old = _statements(body["document"]), _statements(found["text"] if found["attached"] else "")
    added = [f"+ {text}" for text in new if text not in old]
    dropped = [f"- {text}" for text in old if text not in new]
    lines = [f"Statements: {len(added)} new, {len(dropped)} dropped, {len(new) - len(added)} kept"]
    for number, text in enumerate(added + dropped):
        left = len(added + dropped) - number
        more = f"{left} more dropped: see redress show {proposal}"
        reserve = len(more) + 1 if left > 1 else 0
        if sum(len(line) + 1 for line in lines) + len(text) + 1 + reserve > room:
            return [*lines, more] if number >= len(added) else []
        lines.append(text)
    return lines


def _statements(document: str) -> list[str]:
    content = json.loads(document).get("Statement", []) if document else []
    return [canonical(statement) for statement in (content if isinstance(content, list) else [content])]


def clean(text: object, limit: int) -> str:
    """Returns the text on one line, without control, direction and joining characters, and without double braces."""
    seen = "".join(" " if unicodedata.category(mark)[0] in "CZ" else mark for mark in str(text))
    plain = " ".join(seen.replace("{", "(").replace("}", ")").split())
    return plain if len(plain) <= limit else f"{plain[: limit - 3]}..."
