"""The one customer managed policy that holds all of a principal's fixes of one Region: its name, and how fixes join it.

Statements that Redress did not write are carried over exactly as they are, in their order, before ours.
Ours are sorted by Sid; one that another of ours covers is dropped.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from redress.domain.no_fix import no_fix
from redress.domain.proposal import REDRESS_PATH, Statement, canonical_json
from redress.domain.statement import from_json, to_json
from redress.domain.values import dataclass
from redress.domain.words import NoFixReason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redress.domain.finding import NoFix
    from redress.domain.target import Target

VERSION = "2012-10-17"
MOST_CHARACTERS = 6144
"""Of a managed policy, white space not counted (IAM user guide, reference_iam-quotas; cannot be raised)."""
MOST_ATTACHMENTS = 10
"""Managed policies per role or user by default; an account may have asked for more, which we do not rely on."""
MOST_NAME = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The whole document after the change.

    Attributes:
        document: Its exact canonical text.
        added: Statements that it gains, as they stand in it.
        ours: All statements in it that Redress wrote, the added ones too.
        foreign: Statements in it that Redress did not write.
        changed: False when the document already said all of it.

    """

    document: str
    added: tuple[Statement, ...]
    ours: tuple[Statement, ...]
    foreign: tuple[dict[str, Any], ...]
    changed: bool


def policy_name(region: str, kind: str, name: str) -> str:
    """Returns the name of a principal's policy, cut and hashed where IAM's 128 do not do.

    ``redress-eu-west-1-role-app``: the Redress of each Region has its own table and locks, so it has its own policy.
    """
    full = f"redress-{region}-{kind}-{name}"
    if len(full) <= MOST_NAME:
        return full
    return f"{full[: MOST_NAME - 13]}-{hashlib.sha256(full.encode()).hexdigest()[:12]}"


def policy_arn(partition: str, account: str, name: str) -> str:
    """Returns the ARN of a policy of this name under Redress's path."""
    return f"arn:{partition}:iam::{account}:policy{REDRESS_PATH}{name}"


def own_name(target: Target) -> str:
    """Returns the name of the one policy that the Redress of the target's Region may write for the principal."""
    return policy_name(target.region, target.principal.type.value.lower(), target.principal.name or "")


def own_arn(target: Target) -> str:
    """Returns the ARN of that policy."""
    partition, account = (target.principal.arn or "::::").split(":")[1:5:3]
    return policy_arn(partition, account, own_name(target))


def merge(existing: str | None, added: Iterable[Statement]) -> Merged | NoFix:
    """Returns the document with the statements in it, or why they cannot join it.

    Args:
        existing: Text of the policy's default version; None where there is no policy yet.
        added: New statements, no two with one Sid.

    """
    current = _read(existing)
    if current is None:
        return no_fix(NoFixReason.POLICY_CHANGED_BY_OTHERS)
    ours = [statement for found in current["Statement"] if (statement := from_json(found))]
    foreign = tuple(found for found in current["Statement"] if from_json(found) is None)
    kept, new = _join(ours, sorted(added, key=lambda statement: statement.sid), _sids(foreign))
    content = {**current, "Statement": [*foreign, *(to_json(statement) for statement in kept)]}
    document = canonical_json(content)
    return Merged(document=document, added=new, ours=tuple(kept), foreign=foreign, changed=set(kept) != set(ours))


def too_large(document: str) -> bool:
    """Returns whether IAM would refuse the document for its length."""
    return len("".join(document.split())) > MOST_CHARACTERS


def no_room(target: Target) -> bool:
    """Returns whether the principal cannot take another managed policy."""
    attached = target.redress_policy is not None and target.redress_policy.attached
    return not attached and target.attached >= MOST_ATTACHMENTS


def covers(wide: Statement, narrow: Statement) -> bool:
    """Returns whether everything that ``narrow`` allows is allowed by ``wide`` as well.

    Our conditions only ever narrow, so fewer of the same ones allow more.
    """
    return (
        set(narrow.actions) <= set(wide.actions)
        and set(wide.conditions) <= set(narrow.conditions)
        and all(any(_matches(pattern, text) for pattern in wide.resources) for text in narrow.resources)
    )


def _join(
    ours: list[Statement], added: list[Statement], taken: frozenset[str]
) -> tuple[list[Statement], tuple[Statement, ...]]:
    kept = {statement.sid: statement for statement in ours}
    new = []
    for statement in added:
        if any(covers(other, statement) for other in kept.values()):
            continue
        joined = _with_its_past(statement, kept, taken)
        kept = {sid: other for sid, other in kept.items() if not covers(joined, other)}
        kept[joined.sid] = joined
        new.append(joined)
    return [kept[sid] for sid in sorted(kept)], tuple(statement for statement in new if statement.sid in kept)


def _with_its_past(statement: Statement, kept: dict[str, Statement], taken: frozenset[str]) -> Statement:
    past = kept.get(statement.sid)
    if past and (past.actions, past.conditions) == (statement.actions, statement.conditions):
        return replace(statement, resources=_fewest((*past.resources, *statement.resources)))
    free = (sid for sid in _variants(statement.sid) if sid not in kept and sid not in taken)
    return replace(statement, sid=next(free))


def _variants(sid: str) -> Iterable[str]:
    yield sid
    yield from (f"{sid}V{number}" for number in range(2, 100))


def _fewest(resources: tuple[str, ...]) -> tuple[str, ...]:
    distinct = set(resources)
    return tuple(
        sorted(text for text in distinct if not any(_matches(other, text) for other in distinct if other != text))
    )


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(translate(text.replace("[", "[[]")))


def _matches(pattern: str, text: str) -> bool:
    return _pattern(pattern).match(text) is not None


def _sids(statements: tuple[dict[str, Any], ...]) -> frozenset[str]:
    return frozenset(str(found.get("Sid")) for found in statements)


def _read(existing: str | None) -> dict[str, Any] | None:
    if existing is None:
        return {"Version": VERSION, "Statement": []}
    try:
        found = json.loads(existing)
    except ValueError:
        return None
    return _checked(found) if isinstance(found, dict) and found.get("Version") == VERSION else None


def _checked(found: dict[str, Any]) -> dict[str, Any] | None:
    listed = found.get("Statement")
    statements = [listed] if isinstance(listed, dict) else listed
    if not isinstance(statements, list) or not all(isinstance(one, dict) for one in statements):
        return None
    whole = {**found, "Statement": statements}
    # Two braces inside a string would be read as a variable by SSM Automation, or be spread by canonical_json.
    return whole if json.loads(canonical_json(whole)) == whole and "{{" not in canonical_json(whole) else None
