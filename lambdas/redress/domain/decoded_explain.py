"""A decoded authorization message in plain words: who, what, on what, under which conditions, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.explain_words import plain, quoted
from redress.domain.words import Effect

if TYPE_CHECKING:
    from redress.domain.decoded import Decoded, MatchedStatement
    from redress.domain.verdict import ContextValue

_MOST = 8


def explain_decoded(decoded: Decoded) -> tuple[str, ...]:
    """Returns one sentence each for the request, its conditions, the statement that matched, and the meaning."""
    return (_request(decoded), _conditions(decoded), *_statements(decoded), _meaning(decoded))


def _request(decoded: Decoded) -> str:
    who = quoted(decoded.principal_arn or decoded.principal_id or "an unnamed caller", 300)
    action = plain(decoded.action or "an unnamed action")
    on = f" on {quoted(decoded.resource, 400)}" if decoded.resource else ""
    return f"{who} asked for {action}{on}."


def _conditions(decoded: Decoded) -> str:
    if not decoded.context:
        return "AWS shows no condition keys for this request."
    judged = {condition.key.lower() for statement in decoded.matched for condition in statement.conditions}
    ordered = sorted(decoded.context, key=lambda value: value.key.lower() not in judged)
    shown = ", ".join(_value(value, "was") for value in ordered[:_MOST])
    more = f", and {len(ordered) - _MOST} more" if len(ordered) > _MOST else ""
    return f"In the request, {shown}{more}."


def _value(value: ContextValue, verb: str) -> str:
    return f"{plain(value.key, 100)} {verb} {plain(' or '.join(value.values) or 'empty', 200)}"


def _statements(decoded: Decoded) -> tuple[str, ...]:
    return tuple(_statement(statement, decoded) for statement in decoded.matched[:_MOST])


def _statement(statement: MatchedStatement, decoded: Decoded) -> str:
    place = "permissions boundary" if statement.of_boundary else "policy (AWS does not say which)"
    start = f"What matched is the {_named(statement)} of a {place}{_by_not_action(statement, decoded.action or '')}"
    if not statement.conditions:
        return f"{start}."
    given = {value.key.lower(): value for value in decoded.context}
    tested = "; ".join(_test(condition, given.get(condition.key.lower())) for condition in statement.conditions)
    return f"{start}; it tests {tested}; the operators AWS does not show."


def _named(statement: MatchedStatement) -> str:
    name = quoted(statement.sid, 100) if statement.sid else "without an id"
    return f"{plain(statement.effect, 20)} statement {name}"


def _by_not_action(statement: MatchedStatement, action: str) -> str:
    listed = {item.lower() for item in statement.actions}
    spared = listed and action.lower() not in listed and not any("*" in item for item in listed)
    return ", which spares only the actions it lists (NotAction)" if spared else ""


def _test(condition: ContextValue, given: ContextValue | None) -> str:
    had = plain(" or ".join(given.values), 200) if given else "none"
    return f"{_value(condition, 'against')} (the request had {had})"


def _meaning(decoded: Decoded) -> str:
    if decoded.effect is Effect.EXPLICIT_DENY:
        return "That Deny decides: change the request so that it no longer matches, or ask the owner of the policy."
    return "No statement allowed it; an Allow whose Condition did not hold reads exactly the same."
