"""What IAM Access Analyzer would say of a policy, as far as text alone can answer it.

Answers are exact for Allow statements with Action and Resource. Where a Deny or a negated element could
change the answer, there is none: ``Unanswerable``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from redress.domain.policy_error import MalformedPolicy
from redress.domain.policy_json import parse_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEGATED: Final = ("NotAction", "NotResource", "NotPrincipal")
LEARN_MORE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"


class Unanswerable(Exception):  # noqa: N818 - what the question is
    """The question needs the real Access Analyzer; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One Allow statement."""

    index: int
    sid: str | None
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Any]


def validate(document: str) -> list[dict[str, Any]]:
    """Returns the findings on an identity policy: what its grammar forbids, and a wildcard that passes any role."""
    try:
        parse_policy("policy", document)
    except MalformedPolicy as error:
        return [_finding("ERROR", "INVALID_POLICY", str(error))]
    passing = [grant for grant in _grants(document) if _passes_any_role(grant)]
    told = "Using iam:PassRole with wildcards (*) in the resource can be overly permissive."
    return [_finding("SECURITY_WARNING", "PASS_ROLE_WITH_STAR_IN_RESOURCE", told) for _ in passing]


def _passes_any_role(grant: Grant) -> bool:
    passes = any(_overlap("iam:passrole", action) for action in grant.actions)
    return passes and any("*" in resource for resource in grant.resources) and not grant.conditions


def _finding(kind: str, code: str, details: str) -> dict[str, Any]:
    return {
        "findingType": kind,
        "issueCode": code,
        "findingDetails": details,
        "learnMoreLink": LEARN_MORE,
        "locations": [],
    }


def access_not_granted(document: str, access: Mapping[str, Sequence[str]]) -> list[Grant]:
    """Returns the statements that grant some of the access; empty means none does.

    Raises:
        Unanswerable: A statement grants it, and another might take it back.

    """
    wanted = [action.lower() for action in access.get("actions") or ("*",)]
    where = access.get("resources") or ("*",)
    found = [grant for grant in _grants(document) if _grants_any(grant, wanted, where)]
    if found and _denies(document):
        raise Unanswerable("a Deny may take back what another statement grants")
    return found


def _grants_any(grant: Grant, actions: Sequence[str], resources: Sequence[str]) -> bool:
    acts = any(_overlap(wanted, held) for wanted in actions for held in grant.actions)
    return acts and any(_overlap(wanted, held) for wanted in resources for held in grant.resources)


def no_new_access(new: str, existing: str) -> list[Grant]:
    """Returns the new statements that no single existing one covers; empty means no new access.

    Raises:
        Unanswerable: The existing policy denies something.

    """
    if _denies(existing):
        raise Unanswerable("the existing policy has a Deny")
    held = _grants(existing)
    return [grant for grant in _grants(new) if not _covered(grant, held)]


def _covered(grant: Grant, held: Sequence[Grant]) -> bool:
    pairs = [(action, resource) for action in grant.actions for resource in grant.resources]
    return all(any(_covers(other, grant, *pair) for other in held) for pair in pairs)


def _covers(other: Grant, grant: Grant, action: str, resource: str) -> bool:
    conditions = not other.conditions or other.conditions == grant.conditions
    acts = any(_includes(held, action) for held in other.actions)
    return conditions and acts and any(_includes(held, resource) for held in other.resources)


def _grants(document: str) -> list[Grant]:
    found = []
    for index, statement in enumerate(_statements(document)):
        negated = next((element for element in _NEGATED if element in statement), None)
        if negated:
            raise Unanswerable(f"statement {index + 1} has {negated}")
        if statement.get("Effect") == "Allow":
            found.append(_grant(index, statement))
    return found


def _grant(index: int, statement: Mapping[str, Any]) -> Grant:
    return Grant(
        index=index,
        sid=statement.get("Sid"),
        actions=tuple(action.lower() for action in _listed(statement.get("Action"))),
        resources=_listed(statement.get("Resource")),
        conditions=statement.get("Condition") or {},
    )


def _denies(document: str) -> bool:
    return any(statement.get("Effect") == "Deny" for statement in _statements(document))


def _statements(document: str) -> list[Mapping[str, Any]]:
    given = json.loads(document).get("Statement", [])
    return [given] if isinstance(given, dict) else list(given)


def _listed(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - any JSON
    return (value,) if isinstance(value, str) else tuple(value or ())


def _includes(pattern: str, other: str) -> bool:
    """Returns whether a pattern matches all that another one does: it matches its text, wildcards taken as letters."""
    return fnmatchcase(other, pattern.replace("[", "[[]"))


def _overlap(one: str, other: str) -> bool:
    """Returns whether some text matches both patterns of ``*`` and ``?``."""
    reachable = {(0, 0)}
    pending = [(0, 0)]
    while pending:
        at, to = pending.pop()
        if at == len(one) and to == len(other):
            return True
        fresh = _steps(one, other, at, to) - reachable
        reachable |= fresh
        pending += fresh
    return False


def _steps(one: str, other: str, at: int, to: int) -> set[tuple[int, int]]:
    left, right = one[at : at + 1], other[to : to + 1]
    found = set()
    if left == "*":
        found |= {(at + 1, to), *([(at, to + 1)] if right else [])}
    if right == "*":
        found |= {(at, to + 1), *([(at + 1, to)] if left else [])}
    if left and right and (left == right or "?" in {left, right}):
        found.add((at + 1, to + 1))
    return found
