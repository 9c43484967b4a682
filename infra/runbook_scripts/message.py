"""What the approver reads before he signs: at most 4,096 characters, no statement cut."""

import json
import unicodedata
from typing import Any

from infra.runbook_scripts.signers import needs_second
from infra.runbook_scripts.stored import canonical

LIMIT = 4096


def message(body: dict[str, Any], found: dict[str, Any], digest: str, execution: str, region: str) -> str:
    """Returns the text of the approval request, made from the signed body and the live policy alone."""
    proposal = f"p-{digest[:20]}"
    link = f"https://{region}.console.aws.amazon.com/systems-manager/automation/execution/{execution}?region={region}"
    head = _head(body, digest)
    tail = ["", f"Approve or reject: {link}", f"Whole text: redress show {proposal}"]
    return "\n".join([*head, *_changes(body, found, proposal, _room(head, tail)), *tail])


def _room(head: list[str], tail: list[str]) -> int:
    return LIMIT - sum(len(line) + 1 for line in head + tail)


def _head(body: dict[str, Any], digest: str) -> list[str]:
    """Returns who, what, why, risk, proof, expiry and undo; the statements follow."""
    proof, guard = body["proof"], body["guard"]
    hours = int(body.get("remove_after_hours") or 0)
    risks = [f"  [{hit['verdict']}] {clean(hit['reason'], 160)}" for hit in guard["hits"][:5]]
    more = [f"  and {len(guard['hits']) - len(risks)} more reasons"] if guard["hits"][5:] else []
    evidence = f"before {proof['before']}, after {proof['after']} ({proof['source']}). {looked_at(proof)}"
    return [
        f"Redress asks for a permission for {clean(body['principal']['arn'], 240)}",
        f"Digest you sign: {digest}",
        f"Why: {clean(body['summary'], 600)}",
        f"Risk: {clean(guard['verdict'], 40)}" + (" (two different people must sign)" if needs_second(body) else ""),
        *risks,
        *more,
        f"Proof: {clean(evidence, 320)}",
        *_owner(body),
        f"Expires: {clean(body['expires_at'], 30)}" + (f"; removed again after {hours} h" if hours else ""),
        f"Undo: redress restore p-{digest[:20]} (or the runbook Redress-RestorePolicy)",
        f"Policy: {clean(body['policy']['arn'], 240)}",
    ]


def looked_at(proof: dict[str, Any]) -> str:
    """Returns what was looked at and what could not be, in the words of ``redress.domain.proof_words``."""
    head = "Complete as far as Redress can read" if proof["complete"] else "INCOMPLETE"
    unread = ", ".join(proof.get("unknown_layers", ())).lower().replace("_", " ")
    return f"{head}; not checked: {unread.replace(' based', '-based').replace('vpc', 'VPC') or 'nothing'}."


def _owner(body: dict[str, Any]) -> list[str]:
    owner = body.get("owned_by")
    return [f"Owned by {clean(owner['tool'], 40)} {clean(owner['name'], 100)}: commit it there too"] if owner else []


def _changes(body: dict[str, Any], found: dict[str, Any], proposal: str, room: int) -> list[str]:
    """Returns the statements that the principal gains and loses, whole ones only, as many as there is room for.

    A policy that lies there unattached gives nothing, so attaching it gives all that it holds.
    """
    new, old = _statements(body["document"]), _statements(found["text"] if found["attached"] else "")
    added = [f"+ {text}" for text in new if text not in old]
    dropped = [f"- {text}" for text in old if text not in new]
    lines = [f"Statements: {len(added)} new, {len(dropped)} dropped, {len(new) - len(added)} kept"]
    for number, text in enumerate(dropped + added):
        left = len(dropped + added) - number
        more = f"{left} more: see redress show {proposal}"
        reserve = len(more) + 1 if left > 1 else 0
        if sum(len(line) + 1 for line in lines) + len(text) + 1 + reserve > room:
            return [*lines, more]
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
