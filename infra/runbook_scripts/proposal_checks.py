"""Everything that must still be true of a proposal before it may change anything."""

import re
from datetime import UTC, datetime
from typing import Any

from infra.runbook_scripts.guard_patterns import MANY, NEVER, SECOND
from infra.runbook_scripts.live import digest_of, live, made_anew, same_as_before
from infra.runbook_scripts.narrower import statements, texts
from infra.runbook_scripts.signers import needs_second
from infra.runbook_scripts.stored import Client, canonical, on_top, read, require, sealed, sha256

PROTECTED = ("/redress/", "/aws-service-role/", "/aws-reserved/")
ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
REACH = re.compile(
    r"\*|[^*?]+|arn:[a-z-]+:(s3:::[^*?/]+/[^*?]+/|s3:[^*?:]*:[0-9]+:accesspoint/[^*?/]+/object/[^*?]+/|"
    r"logs:[^*?]+:log-stream:|ecs:[^*?]+:(task|container-instance|task-set/[^*?/]+)/[^*?/]+/|codebuild:[^*?]+:build/[^*?:]+:|states:[^*?]+:ex[a-z]+:[^*?:]+:|ec2:[^*?:]+:[0-9]*:[a-z-]+/|cloudformation:[^*?]+:stack/[^*?/]+/|"
    r"elasticloadbalancing:[^*?]+:((loadbalancer/[a-z]+|targetgroup)/[^*?/]+|listener(-rule)?/[a-z]+/[^*?/]+/[^*?]+)/)\*|"
    r"arn:[a-z-]+:autoscaling:[^*?]+:[A-Za-z]+:\*:[A-Za-z]+Name/[^*?]+"
)
WANTED = {"OPEN", "REOPENED", "PROPOSED", "AWAITING_APPROVAL"}


def checked(table: Client, iam: Client, events: dict[str, Any], statuses: tuple[str, ...]) -> tuple[Any, Any, Any]:
    """Returns the proposal's item, its body and the live policy, once all of it is as it was signed."""
    item, body = sealed(table, events["ProposalId"], events["Digest"])
    check_status(item, events["ExecutionId"], statuses)
    check_time(body)
    check_shape(body, events)
    check_current(table, body, events)
    found = live(iam, body)
    before = body["pre_image"]
    differs = made_anew(found, body) or same_as_before(found, before)
    if not differs and found["version_id"] != before["version_id"]:
        differs = f"version {found['version_id']} is the default now, not {before['version_id']}"
    require(not differs, f"the target changed since this was proposed: {differs}")
    require(found["elsewhere"] <= 0, "the policy is in use by others as well, who would gain the same")
    return item, body, found


def check_status(item: dict[str, Any], me: str, statuses: tuple[str, ...]) -> None:
    """Refuses a proposal that is no longer open, or that another execution works on."""
    status = str(item.get("status"))
    require(status in statuses, f"the proposal is {status}")
    owner = item.get("execution_id") or me
    require(owner == me, f"execution {owner} works on this proposal already")


def check_grants(body: dict[str, Any], found: dict[str, Any]) -> None:
    """Refuses what Redress would never propose, so that nobody can have it signed by planting a proposal.

    Whatever comes into force is in the list of statements that people are shown and allows named actions, on
    resources of a shape that Redress writes; and no action that the guard blocks, nor on one signature any for
    which it wants two. The digest and the pre-image fix all that is looked at, so once is enough.
    """
    before = statements(found["text"]) if found["attached"] else []
    gained = [each for each in statements(body["document"]) if each not in before]
    hidden = [canonical(each) for each in gained if each not in body["statements"]]
    require(not hidden, f"the document grants what its list of statements does not show: {' '.join(hidden)[:400]}")
    strange = [canonical(each) for each in gained if not _is_ours(each)]
    require(not strange, f"Redress writes no such statement: {' '.join(strange)[:400]}")
    never = [action for each in gained for action in texts(each["Action"]) if NEVER.match(action)]
    require(not never, f"{', '.join(never)[:200]} switches off what watches or protects the account")
    risky = [action for each in gained for action in texts(each["Action"]) if _takes_two(action, each)]
    require(needs_second(body) or not risky, f"{', '.join(risky)[:200]} takes two signatures")


def _takes_two(action: str, statement: dict[str, Any]) -> object:
    wide = "*" in "".join(texts(statement["Resource"])) or len(texts(statement["Resource"])) > 1
    return SECOND.match(action) or (wide and MANY.match(action))


def _is_ours(statement: dict[str, Any]) -> bool:
    keys = {"Sid", "Effect", "Action", "Resource", "Condition"}
    plain = {"Action", "Resource"} <= set(statement) <= keys and statement["Effect"] == "Allow"
    return (
        plain
        and all(ACTION.fullmatch(action) for action in texts(statement["Action"]))
        and all(REACH.fullmatch(resource) for resource in texts(statement["Resource"]))
    )


def check_time(body: dict[str, Any]) -> None:
    """Refuses a proposal past its time."""
    expiry = datetime.fromisoformat(body["expires_at"])
    require(datetime.now(UTC) < expiry, f"the proposal expired at {body['expires_at']}")


def check_shape(body: dict[str, Any], events: dict[str, Any]) -> None:
    """Refuses a target outside of what Redress may ever change, and a document that isn't its digest's."""
    principal, policy = body["principal"], body["policy"]
    home = f"arn:{events['Partition']}:iam::{events['Account']}:"
    kind = {"ROLE": "role", "USER": "user"}.get(principal["type"])
    require(kind, f"a principal of type {principal['type']} has no policies to change")
    require(principal["arn"].startswith(f"{home}{kind}/"), f"{principal['arn']} is not of this account")
    require(principal["arn"].rsplit("/", 1)[-1] == principal["name"], "the principal's name is not its ARN's")
    path = principal["arn"].removeprefix(f"{home}{kind}")
    require(not path.startswith(PROTECTED), f"{principal['arn']} is protected")
    right = policy["path"] == "/redress/" and policy["arn"] == f"{home}policy/redress/{policy['name']}"
    require(right, f"{policy['arn']} is not under policy/redress/")
    require("/" not in policy["name"], "the policy's name holds a path")
    require(policy["name"].startswith(f"redress-{events['Region']}-"), f"{policy['arn']} is not of this Region")
    require(digest_of(body["document"]), "the document is empty")


def check_current(table: Client, body: dict[str, Any], events: dict[str, Any]) -> None:
    """Refuses a proposal that a newer one replaced, or that no finding asks for any more."""
    current = read(table, f"TARGET#{body['principal']['arn']}", "CURRENT")
    require(current.get("digest") == events["Digest"], "a newer proposal for the same principal replaced this one")
    states = {str(read(table, f"FINDING#{name}", "FINDING").get("state")) for name in body["finding_ids"]}
    require("SUSPICIOUS" not in states, "the principal is under suspicion")
    require(states & WANTED, f"no finding asks for this any more ({', '.join(sorted(states))})")
    check_below(table, body["principal"]["arn"], events["ProposalId"])


def check_below(table: Client, principal: str, own: str) -> None:
    """Refuses to build upon a proposal whose apply or restore was cut off: what IAM holds of it will go."""
    below = on_top(table, principal)
    item = read(table, f"PROPOSAL#{below}", "PROPOSAL") if below not in {"", own} else {}
    whole = item.get("status", "APPLIED") == "APPLIED" and not item.get("restoring_by")
    require(whole, f"{below} is being taken back; propose again afterwards")


def writes_nothing(body: dict[str, Any]) -> bool:
    """Returns whether the policy holds the document already, so that only the attachment is missing."""
    return bool(body["pre_image"]["exists"] and digest_of(body["document"]) == body["pre_image"]["document_sha256"])


def fingerprint(body: dict[str, Any]) -> str:
    """Returns the digest of the exact text that will be written."""
    return sha256(body["document"])
