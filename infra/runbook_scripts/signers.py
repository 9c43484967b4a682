"""Who signed, from SSM's own record of the approval steps."""

import json
from typing import Any

from infra.runbook_scripts.stored import require

ARN_COLONS = 5
Identity = tuple[str, ...]


def check_signatures(execution: dict[str, Any], body: dict[str, Any], events: dict[str, Any]) -> list[str]:
    """Returns the ARNs that signed, first step first; refuses unless they are the right and different people."""
    first = signatures(execution, "approve", events, "Approvers", int(events["MinApprovals"]))
    second = signatures(execution, "approve_second", events, "SecondApprovers", 1) if needs_second(body) else []
    twice = [arn for arn in second if identity(arn) in {identity(other) for other in first}]
    require(not twice, f"{', '.join(twice)} signed twice; two different people must")
    denied = identity(body["principal"]["arn"])
    own = [arn for arn in first + second if identity(arn)[:3] == denied]
    require(not own, f"{', '.join(own)} is the denied principal itself and cannot approve its own fix")
    return first + second


def needs_second(body: dict[str, Any]) -> bool:
    """Returns whether the guard asks for two people: anything but its two mild verdicts does."""
    return body["guard"]["verdict"] not in {"CLEAN", "NOTE"}


def signatures(execution: dict[str, Any], step: str, events: dict[str, Any], allowed: str, least: int) -> list[str]:
    """Returns the ARNs of the people who approved that step, all of whom are allowed to."""
    outputs: dict[str, Any] = next(
        (each.get("Outputs", {}) for each in execution["StepExecutions"] if each["StepName"] == step), {}
    )
    require(outputs.get("ApprovalStatus") == ["Approved"], f"step {step} was not approved")
    said = [decision for text in outputs.get("ApproverDecisions", []) for decision in decisions(text)]
    yes = [full(who, events) for who, what in said if what.lower() in {"approve", "approved"}]
    require(len(yes) == len(said), f"step {step} holds a decision that is no approval")
    known = {identity(full(name, events)) for name in events[allowed]}
    strangers = [who for who in yes if not {identity(who), identity(who)[:3]} & known]
    require(not strangers, f"{', '.join(strangers)} may not sign step {step}")
    people = {identity(who) for who in yes}
    require(len(people) >= least, f"step {step} needs {least} different people, {len(people)} signed")
    return yes


def decisions(text: object) -> list[tuple[str, str]]:
    """Returns (who, what) of each decision; SSM gives one JSON object or a list of them, keys in either case."""
    value = json.loads(text) if isinstance(text, str) else text
    found = []
    for entry in value if isinstance(value, list) else [value]:
        plain = {str(key).lower(): str(item) for key, item in entry.items()} if isinstance(entry, dict) else {}
        who, what = plain.get("approver", ""), plain.get("decision", "")
        require(who and what, "an approval could not be read; nobody can tell who signed")
        found.append((who, what))
    return found


def identity(arn: str) -> Identity:
    """Returns what makes two names the same person: paths and, for ordinary roles, session names do not count.

    Whoever may assume a role chooses his session name, so two sessions of one role are one person. In an IAM
    Identity Center role (``AWSReservedSSO_``) the session name is the user's own: there it counts.
    IAM names differ by more than their case.
    """
    require(arn.startswith("arn:") and arn.count(":") >= ARN_COLONS, f"{arn!r} is no ARN; nobody can tell who that is")
    _, _, _, _, account, rest = arn.split(":", ARN_COLONS)
    kind, *names = rest.split("/")
    if kind == "assumed-role":
        own = names[1:] if names[0].startswith("AWSReservedSSO_") else []
        return ("role", account, names[0].lower(), *own)
    return (kind, account, "".join(names[-1:]).lower())


def full(name: str, events: dict[str, Any]) -> str:
    """Returns the ARN of a signer whom SSM names by user name only."""
    return name if ":" in name else f"arn:{events['Partition']}:iam::{events['Account']}:user/{name}"
