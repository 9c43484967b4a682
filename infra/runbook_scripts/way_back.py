"""From whatever state a run left behind, back to the pre-image; and never over somebody else's change.

Everything is decided from the signed body and from IAM itself: which versions hold the signed document,
and which one holds the document that the approver was told was there before.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from infra.runbook_scripts.live import digest_of, live, same_as_before
from infra.runbook_scripts.patience import until
from infra.runbook_scripts.stored import Client, require

Order = tuple[str, Callable[[], object]]


def walk_back(iam: Client, undo: dict[str, Any], seconds: float) -> str:
    """Returns ``BEFORE`` once IAM is as it was, or ``CHANGED_BY_OTHERS`` where it may not be touched.

    Raises:
        Refusal: IAM would not do it in time; what is missing is in the text.

    """
    body = undo["body"]
    if foreign(live(iam, body, back=True), undo):
        return "CHANGED_BY_OTHERS"
    until(partial(_step_back, iam, undo), seconds)
    return "CHANGED_BY_OTHERS" if foreign(live(iam, body, back=True), undo) else "BEFORE"


def _step_back(iam: Client, undo: dict[str, Any]) -> str:
    """Does what is still to do, and returns what is not as before yet."""
    for _, order in orders_back(iam, live(iam, undo["body"], back=True), undo):
        order()
    found = live(iam, undo["body"], back=True)
    return "" if foreign(found, undo) else same_as_before(found, undo["body"]["pre_image"])


def foreign(found: dict[str, Any], undo: dict[str, Any]) -> str:
    """Returns what somebody else did to the policy since the snapshot, in words, or an empty string."""
    before, written = undo["body"]["pre_image"], digest_of(undo["body"]["document"])
    if not found["exists"]:
        return "the policy was deleted" if before["exists"] else ""
    if found["versions"][found["version_id"]] not in {written, before["document_sha256"]}:
        return f"version {found['version_id']}, written by somebody else, is the default"
    if before["exists"]:
        return "it was detached" if before["attached"] and not found["attached"] else ""
    if set(found["versions"].values()) != {written}:
        return "it holds versions that somebody else wrote"
    if undo["proposal_id"] not in found["description"]:
        return "it was made by somebody else"
    return "it is attached to others as well" if found["elsewhere"] > 0 else ""


def orders_back(iam: Client, found: dict[str, Any], undo: dict[str, Any]) -> list[Order]:
    """Returns the calls that lead from what is there to the pre-image, in order."""
    before, arn = undo["body"]["pre_image"], undo["body"]["policy"]["arn"]
    if not found["exists"]:
        return []
    detach = [("detach", _detach(iam, undo["body"]))] if found["attached"] and not before["attached"] else []
    if before["exists"]:
        return detach + _previous_version(iam, found, undo)
    spare = [version for version in found["versions"] if version != found["version_id"]]
    drop = [_drop_version(iam, arn, version) for version in spare]
    return [*detach, *drop, ("delete the policy", partial(iam.delete_policy, PolicyArn=arn))]


def _previous_version(iam: Client, found: dict[str, Any], undo: dict[str, Any]) -> list[Order]:
    """Returns the calls that make the old document the default again and drop the versions we wrote."""
    before, arn = undo["body"]["pre_image"]["document_sha256"], undo["body"]["policy"]["arn"]
    written = digest_of(undo["body"]["document"])
    ours = [v for v, digest in found["versions"].items() if digest == written and v not in undo["versions"]]
    drop = [_drop_version(iam, arn, version) for version in ours] if written != before else []
    if found["versions"][found["version_id"]] == before:
        return drop
    old = [version for version, digest in found["versions"].items() if digest == before]
    if old:
        again = partial(iam.set_default_policy_version, PolicyArn=arn, VersionId=old[-1])
        return [("make the old version the default", again), *drop]
    require(digest_of(undo["text"]) == before, "the old document is lost: the snapshot is not what was signed")
    write = partial(iam.create_policy_version, PolicyArn=arn, PolicyDocument=undo["text"], SetAsDefault=True)
    return [("write the old document again", write), *drop]


def _drop_version(iam: Client, arn: str, version: str) -> Order:
    return f"delete {version}", partial(iam.delete_policy_version, PolicyArn=arn, VersionId=version)


def _detach(iam: Client, body: dict[str, Any]) -> Callable[[], object]:
    name, arn = body["principal"]["name"], body["policy"]["arn"]
    if body["principal"]["type"] == "ROLE":
        return partial(iam.detach_role_policy, RoleName=name, PolicyArn=arn)
    return partial(iam.detach_user_policy, UserName=name, PolicyArn=arn)


def undo_of(body: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    """Returns what the way back needs, from the stored snapshot; its text counts only if its digest was signed."""
    snapshot = json.loads(item.get("snapshot") or "{}")
    return {
        "body": body,
        "proposal_id": item["pk"].removeprefix("PROPOSAL#"),
        "owner": item.get("execution_id", ""),
        "status": item["status"],
        "text": snapshot.get("text", ""),
        "versions": snapshot.get("versions", []),
    }
