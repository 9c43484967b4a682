"""The Redress policy of one principal, as IAM has it now."""

import json
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from infra.runbook_scripts.stored import Client, canonical, code_of, require, sha256

VERSIONS_KEPT = 5
NOTHING = {"version_id": "", "text": "", "versions": {}, "texts": [], "elsewhere": 0, "description": ""}


def live(iam: Client, body: dict[str, Any], *, back: bool = False) -> dict[str, Any]:
    """Returns what exists: default version, all versions' digests (oldest first), attached or not.

    Refuses when the principal is gone; on the way back that is as good as if nothing had happened to it, and so is
    another principal of its name that has not got the policy: the policy alone is left to take back.
    """
    attached, unique_id = _principal(iam, body)
    gone = not unique_id or (back and not attached and unique_id != (body["principal"].get("unique_id") or unique_id))
    require(back or not gone, f"{body['principal']['arn']} does not exist any more")
    arn = body["policy"]["arn"]
    try:
        policy = iam.get_policy(PolicyArn=arn)["Policy"]
    except ClientError as error:
        if code_of(error) != "NoSuchEntity":
            raise
        return {"exists": False, "attached": False, "gone": gone, "unique_id": unique_id, **NOTHING}
    texts = {version: _text(iam, arn, version) for version in _versions(iam, arn)}
    default = policy["DefaultVersionId"]
    return {
        "exists": True,
        "version_id": default,
        "text": texts[default],
        "versions": {version: sha256(text) for version, text in texts.items()},
        "texts": list(texts.values()),
        "attached": body["pre_image"]["attached"] if gone else attached,
        "gone": gone,
        "unique_id": unique_id,
        "elsewhere": _uses(policy) - int(attached),
        "description": str(policy.get("Description", "")),
    }


def _uses(policy: dict[str, Any]) -> int:
    return int(policy.get("AttachmentCount", 0)) + int(policy.get("PermissionsBoundaryUsageCount", 0))


def digest_of(text: str) -> str:
    """Returns the digest of a policy document's meaning: of its canonical JSON."""
    return sha256(canonical(json.loads(text)))


def same_as_before(found: dict[str, Any], before: dict[str, Any]) -> str:
    """Returns what differs from the pre-image in words, or an empty string."""
    if found["exists"] != before["exists"]:
        return "the policy was deleted" if before["exists"] else "the policy was made by somebody else"
    if not before["exists"]:
        return ""
    if sha256(found["text"]) != before["document_sha256"]:
        return f"its default version {found['version_id']} holds another document than {before['version_id']} did"
    if found["attached"] != before["attached"]:
        return "it was attached" if found["attached"] else "it was detached"
    return ""


def _versions(iam: Client, arn: str) -> list[str]:
    found = iam.list_policy_versions(PolicyArn=arn)["Versions"]  # never more than five: one page
    return sorted((version["VersionId"] for version in found), key=lambda name: int(name[1:]))


def _text(iam: Client, arn: str, version: str) -> str:
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return canonical(json.loads(unquote(document)) if isinstance(document, str) else document)


def made_anew(found: dict[str, Any], body: dict[str, Any]) -> str:
    """Returns that the principal is another one than was denied, in words, or an empty string.

    A role or user that is deleted and made again has the same ARN and another id; older proposals do not name it.
    """
    sealed = body["principal"].get("unique_id") or found["unique_id"]
    return "" if found["unique_id"] == sealed else f"{body['principal']['arn']} was made anew since, by whomever"


def _principal(iam: Client, body: dict[str, Any]) -> tuple[bool, str]:
    """Returns whether the policy is attached to the principal, and the principal's id, which is empty if it is gone."""
    name, arn = body["principal"]["name"], body["principal"]["arn"]
    try:
        if body["principal"]["type"] == "ROLE":
            found = iam.get_role(RoleName=name)["Role"]
            listing = iam.list_attached_role_policies(RoleName=name)  # IAM attaches 20 at most: one page
        else:
            found = iam.get_user(UserName=name)["User"]
            listing = iam.list_attached_user_policies(UserName=name)
    except ClientError as error:
        if code_of(error) != "NoSuchEntity":
            raise
        return False, ""
    require(found["Arn"] == arn, f"{name} is now {found['Arn']}, not {arn}")
    attached = any(policy["PolicyArn"] == body["policy"]["arn"] for policy in listing["AttachedPolicies"])
    return attached, found.get("RoleId") or found["UserId"]
