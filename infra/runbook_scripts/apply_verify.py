"""Step ``verify``: IAM holds exactly what was signed, and lets the denied calls through."""

import json
from functools import partial
from typing import Any

import boto3

from infra.runbook_scripts.live import live, made_anew
from infra.runbook_scripts.patience import until
from infra.runbook_scripts.stored import Client, canonical, parsed, require, sha256


def verify(events: dict[str, Any], _context: object) -> dict[str, str]:
    """Returns the version that holds the signed document, once it is read back and every probe is allowed."""
    iam, undo = boto3.client("iam"), parsed(events["Undo"])
    until(partial(unlike, iam, undo), float(events["PatienceSeconds"]))
    until(partial(refused_probes, iam, undo["body"]), float(events["PatienceSeconds"]))
    return {"VersionId": live(iam, undo["body"])["version_id"]}


def unlike(iam: Client, undo: dict[str, Any]) -> str:
    """Returns how the live policy differs from the signed one, or an empty string.

    Raises:
        Refusal: The principal is another one now; waiting helps nothing.

    """
    found = live(iam, undo["body"])
    require(not made_anew(found, undo["body"]), made_anew(found, undo["body"]))
    if found["text"] != canonical(json.loads(undo["body"]["document"])):
        return "the policy's default version is not the signed document"
    if not found["attached"]:
        return "the policy is not attached"
    strange = [
        version
        for version, digest in found["versions"].items()
        if version not in undo["versions"] and digest != sha256(found["text"])
    ]
    return f"somebody else wrote version {', '.join(strange)} meanwhile" if strange else ""


def refused_probes(iam: Client, body: dict[str, Any]) -> str:
    """Returns which denied calls the simulator still refuses, or an empty string."""
    faults = [
        f"{probe['action']} on {probe['resource']}: {said}"
        for probe in body["probes"]
        if (said := _ask(iam, body, probe))
    ]
    return f"still denied: {'; '.join(faults)}" if faults else ""


def _ask(iam: Client, body: dict[str, Any], probe: dict[str, Any]) -> str:
    answer = iam.simulate_principal_policy(
        PolicySourceArn=body["principal"]["arn"],
        ActionNames=[probe["action"]],
        ResourceArns=[probe["resource"]],
        ContextEntries=[_context_entry(entry) for entry in probe["context"]],
    )
    decisions = [result["EvalDecision"] for result in answer["EvaluationResults"]]
    return "" if decisions and set(decisions) == {"allowed"} else ", ".join(decisions) or "no answer"


def _context_entry(entry: dict[str, Any]) -> dict[str, Any]:
    kind = entry.get("type") or ("string" if len(entry["values"]) == 1 else "stringList")
    return {"ContextKeyName": entry["key"], "ContextKeyValues": entry["values"], "ContextKeyType": kind}
