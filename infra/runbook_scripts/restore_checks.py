"""When an applied change may be taken back, and whether that needs a signature."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.runbook_scripts.live import digest_of, live, same_as_before
from infra.runbook_scripts.stored import Client, canonical, is_over, move, on_top, require, sealed, sha256
from infra.runbook_scripts.way_back import foreign, undo_of


def checked(table: Client, iam: Client, ssm: Client, events: dict[str, Any]) -> tuple[Any, Any, str]:
    """Returns what the way back needs, the live policy, and why no signature is needed (or an empty string)."""
    item, body = sealed(table, events["ProposalId"], events["Digest"])
    cut_off = _cut_off(ssm, item, events["ExecutionId"])
    undo, found = undo_of(body, item), live(iam, body)
    if not same_as_before(found, body["pre_image"]):
        return undo, found, "it is as it was before already"
    differs = foreign(found, undo) or ("" if cut_off else _superseded(table, undo, found))
    if differs and cut_off:
        _give_up(table, item, undo, differs)
    require(not differs, f"the policy is not as this proposal left it: {differs}")
    return undo, found, cut_off or _expired(body, item)


def _cut_off(ssm: Client, item: dict[str, Any], me: str) -> str:
    """Returns which runbook left its work half done, or an empty string; refuses while one is at work."""
    status, restoring = str(item["status"]), str(item.get("restoring_by") or me)
    require(status in {"APPLIED", "APPLYING"}, f"the proposal is {status}: there is nothing to take back")
    owner = str(item.get("execution_id"))
    require(status == "APPLIED" or is_over(ssm, owner), f"execution {owner} is still applying it")
    require(restoring == me or is_over(ssm, restoring), f"execution {restoring} is taking it back")
    if status == "APPLYING":
        return "its apply was cut off"
    return "" if restoring == me else "taking it back was approved and cut off"


def _give_up(table: Client, item: dict[str, Any], undo: dict[str, Any], differs: str) -> None:
    """Notes that what was cut off cannot be finished, so that nobody tries again unasked."""
    marks: dict[str, Any] = {"status": item["status"], "restoring_by": "", "execution_id": undo["owner"]}
    if item["status"] == "APPLYING":
        failure = f"its apply was cut off, and it cannot be undone: {differs}"
        marks |= {"status": "FAILED", "policy_is": "CHANGED_BY_OTHERS", "failure": failure}
    move(table, undo["proposal_id"], undo["owner"], (str(item["status"]),), marks)


def _expired(body: dict[str, Any], item: dict[str, Any]) -> str:
    hours = int(body.get("remove_after_hours") or 0)
    ends = datetime.fromisoformat(item["applied_at"]) + timedelta(hours=hours)
    return f"its {hours} hours are over" if hours and datetime.now(UTC) >= ends else ""


def _superseded(table: Client, undo: dict[str, Any], found: dict[str, Any]) -> str:
    """Returns why the policy is not what this proposal wrote, naming the newer one where there is one."""
    body = undo["body"]
    require(found["exists"], "the policy does not exist any more")
    last = on_top(table, body["principal"]["arn"])
    if last != undo["proposal_id"]:
        return f"{last or 'a newer proposal'} came after it; take that back first. {difference(body, found)}"
    if sha256(found["text"]) != digest_of(body["document"]):
        return f"version {found['version_id']} holds something else. {difference(body, found)}"
    return "" if found["attached"] else "it was detached"


def difference(body: dict[str, Any], found: dict[str, Any]) -> str:
    """Returns which statements the live document has more and fewer than what the proposal wrote."""
    there, ours = _statements(found["text"]), _statements(body["document"])
    more, fewer = [text for text in there if text not in ours], [text for text in ours if text not in there]
    said = [f"It has {_some(more)}"] if more else []
    return "; ".join([*said, f"it lacks {_some(fewer)}"] if fewer else said)


def _some(texts: list[str]) -> str:
    return ", ".join(texts)[:400]


def _statements(document: str) -> list[str]:
    content = json.loads(document).get("Statement", []) if document else []
    return [canonical(statement) for statement in (content if isinstance(content, list) else [content])]
