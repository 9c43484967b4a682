"""When an applied change may be taken back, and whether that needs a signature."""

from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from infra.runbook_scripts.live import digest_of, live, same_as_before
from infra.runbook_scripts.narrower import adds, statements
from infra.runbook_scripts.stored import (
    Client,
    canonical,
    code_of,
    execution_of,
    is_over,
    move,
    on_top,
    outputs_of,
    parsed,
    require,
    sealed,
    sha256,
)
from infra.runbook_scripts.way_back import foreign, undo_of


def checked(table: Client, iam: Client, ssm: Client, events: dict[str, Any]) -> tuple[Any, Any, str]:
    """Returns what the way back needs, the live policy, and why no signature is needed (or an empty string)."""
    item, body = sealed(table, events["ProposalId"], events["Digest"])
    cut_off = _cut_off(ssm, item, events["ExecutionId"])
    orders = _orders(ssm, item, events)
    undo, found = undo_of(body, item) | orders, live(iam, body, back=True)
    if not same_as_before(found, body["pre_image"]):
        return undo, found, "it is as it was before already"
    differs = ("" if cut_off else _superseded(table, undo, found)) or foreign(found, undo)
    if differs and cut_off:
        _give_up(table, item, undo, differs)
    require(not differs, f"the policy is not as this proposal left it: {differs}")
    more = "" if orders else adds(_afterwards(undo, found), found["text"])
    require(not more, f"SSM knows of no signature for this, and taking it back would grant {more[:400]}")
    return undo, found, cut_off or _expired(body, item)


def _orders(ssm: Client, item: dict[str, Any], events: dict[str, Any]) -> dict[str, Any]:
    """Returns what was there before, from SSM's record of the signed execution; empty where SSM has none.

    The table alone does not do: whoever can write it could plant a proposal that nobody ever signed, with a
    past of his own making. SSM forgets executions after 30 days; then a restore may only take away.
    """
    try:
        found = execution_of(ssm, str(item.get("execution_id")))
    except ClientError as error:
        if code_of(error) in {"AutomationExecutionNotFound", "AutomationExecutionNotFoundException"}:
            return {}
        raise
    same = found.get("Parameters", {}).get("Digest") == [events["Digest"]]
    if not same or found.get("DocumentName") != events["ApplyDocument"]:
        return {}
    orders = parsed(outputs_of(found["StepExecutions"], "recheck").get("Undo", ["{}"])[0])
    return {name: orders[name] for name in ("text", "versions")} if orders else {}


def _afterwards(undo: dict[str, Any], found: dict[str, Any]) -> str:
    """Returns the document that will be in force, or an empty string."""
    before = undo["body"]["pre_image"]
    if not before["exists"]:
        return ""
    old = [text for text in found["texts"] if sha256(text) == before["document_sha256"]]
    return str(old[-1] if old else undo["text"])


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
        return f"version {found['version_id']}, written by somebody else, is the default. {difference(body, found)}"
    return "" if found["attached"] or found["gone"] else "it was detached"


def difference(body: dict[str, Any], found: dict[str, Any]) -> str:
    """Returns which statements the live document has more and fewer than what the proposal wrote."""
    there, ours = ([canonical(each) for each in statements(text)] for text in (found["text"], body["document"]))
    more, fewer = [text for text in there if text not in ours], [text for text in ours if text not in there]
    said = [f"It has {_some(more)}"] if more else []
    return "; ".join([*said, f"it lacks {_some(fewer)}"] if fewer else said)


def _some(texts: list[str]) -> str:
    return ", ".join(texts)[:400]
