"""The smallest Allow statement that lets a finding's calls through, and its form as IAM JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from redress.domain.conditions_for import NARROWED_BY, assumptions, conditions_for
from redress.domain.finding import NoFix
from redress.domain.grammar import is_action, is_policy_safe
from redress.domain.no_fix import no_fix
from redress.domain.proposal import Condition, Probe, Statement
from redress.domain.scope import Reach, evidence, scope_of
from redress.domain.values import dataclass
from redress.domain.verdict import ContextValue
from redress.domain.words import NoFixReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redress.domain.catalogue import Catalogue
    from redress.domain.finding import Finding

SID = re.compile(r"RedressF[0-9a-f]{20}(?:V[0-9]{1,2})?")
_CONTEXT_KEY = re.compile(r"[a-zA-Z0-9-]{2,40}:[A-Za-z0-9+=,.@_:/-]{1,200}")
_MOST_PROBES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """One finding's statement, how exactly it names resources, and the requests that it must let through.

    Attributes:
        assumed: What the statement rests on other than evidence, one sentence each.

    """

    finding_id: str
    statement: Statement
    reach: Reach
    probes: tuple[Probe, ...]
    assumed: tuple[str, ...] = ()


def draft(finding: Finding, catalogue: Catalogue) -> Drafted | NoFix:
    """Returns the statement for an eligible finding, or why none can be written."""
    action = proper_action(finding, catalogue)
    if isinstance(action, NoFix):
        return action
    scope = scope_of(finding, action, catalogue)
    if isinstance(scope, NoFix):
        return scope
    statement = Statement(
        sid=sid_of(finding.finding_id),
        actions=(action,),
        resources=scope.resources,
        conditions=conditions_for(finding, action, catalogue),
    )
    return _too_wide(statement) or Drafted(
        finding_id=finding.finding_id,
        statement=statement,
        reach=scope.reach,
        probes=_probes(finding, statement),
        assumed=assumptions(finding, statement),
    )


def sid_of(finding_id: str) -> str:
    """Returns the Sid that names a finding: ``f-0a1b…`` → ``RedressF0a1b…``; a Sid holds letters and digits only."""
    return f"RedressF{re.sub('[^0-9a-f]', '', finding_id.removeprefix('f-'))}"


def proper_action(finding: Finding, catalogue: Catalogue) -> str | NoFix:
    """Returns the denied action as IAM spells it, or why there is none."""
    named = finding.verdict.action
    if named is None:
        return no_fix(NoFixReason.ACTION_UNKNOWN, "The evidence does not name the denied action.")
    if not is_action(named):
        return no_fix(NoFixReason.UNSAFE_TEXT, "The denied action's name holds characters that no action has.")
    return catalogue.proper_case(named) or no_fix(NoFixReason.ACTION_UNKNOWN)


def _too_wide(statement: Statement) -> NoFix | None:
    needed = NARROWED_BY.get(statement.actions[0])
    starred = any("*" in text for text in statement.resources)
    if needed is None or not starred or any(condition.key == needed for condition in statement.conditions):
        return None
    return no_fix(
        NoFixReason.RESOURCE_UNKNOWN,
        f"{statement.actions[0]} on a whole type of resource is only granted with {needed}, which is not in evidence.",
    )


def _probes(finding: Finding, statement: Statement) -> tuple[Probe, ...]:
    context = _context(finding, statement)
    resources = ("*",) if statement.resources == ("*",) else evidence(finding)[-_MOST_PROBES:]
    return tuple(Probe(action=statement.actions[0], resource=text, context=context) for text in resources)


def _context(finding: Finding, statement: Statement) -> tuple[ContextValue, ...]:
    shown = {value.key: value for value in finding.verdict.context if _printable(value)}
    for condition in statement.conditions:
        _ = [shown.pop(key) for key in tuple(shown) if key.lower() == condition.key.lower()]
        shown[condition.key] = ContextValue(key=condition.key, values=condition.values[:1])
    return tuple(shown[key] for key in sorted(shown))


def _printable(value: ContextValue) -> bool:
    return _CONTEXT_KEY.fullmatch(value.key) is not None and all(is_policy_safe(text) for text in value.values)


def to_json(statement: Statement) -> dict[str, Any]:
    """Returns the statement as IAM writes it; one action or resource stands alone, several in a list."""
    made: dict[str, Any] = {
        "Sid": statement.sid,
        "Effect": "Allow",
        "Action": _one_or_many(statement.actions),
        "Resource": _one_or_many(statement.resources),
    }
    if statement.conditions:
        made["Condition"] = _blocks(statement.conditions)
    return made


def _blocks(conditions: tuple[Condition, ...]) -> dict[str, dict[str, Any]]:
    blocks: dict[str, dict[str, Any]] = {}
    for condition in conditions:
        blocks.setdefault(condition.operator, {})[condition.key] = _one_or_many(condition.values)
    return blocks


def _one_or_many(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def from_json(found: object) -> Statement | None:
    """Returns the statement if it is, letter for letter, one that Redress would write; None for any other."""
    if not isinstance(found, dict) or not SID.fullmatch(str(found.get("Sid", ""))):
        return None
    read = Statement(
        sid=found["Sid"],
        actions=texts_of(found.get("Action")),
        resources=texts_of(found.get("Resource")),
        conditions=_conditions(found.get("Condition")),
    )
    return read if read.actions and read.resources and to_json(read) == found else None


def _conditions(found: object) -> tuple[Condition, ...]:
    if not isinstance(found, dict):
        return ()
    flat = [
        Condition(operator=str(operator), key=str(key), values=texts_of(values))
        for operator, block in found.items()
        if isinstance(block, dict)
        for key, values in block.items()
    ]
    return tuple(sorted(flat, key=lambda condition: condition.key))


def texts_of(found: object) -> tuple[str, ...]:
    """Returns the texts of a policy's element, which holds one or a list of them."""
    listed = found if isinstance(found, list) else [found]
    return tuple(text for text in listed if isinstance(text, str))


def statements_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields a policy document's statements, of which it holds one or a list."""
    found = document.get("Statement", [])
    yield from (one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict))
