"""Privilege escalation: paths that an added action completes, or takes a step of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.guard.change import matches
from redress.domain.guard.escalation_paths import ALL, FURTHER, PAGES, PUBLISHED
from redress.domain.proposal import GuardHit
from redress.domain.words import GuardVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.guard.change import Change
    from redress.domain.proposal import Statement

POLICY_WRITES = frozenset(
    {
        "iam:AddUserToGroup",
        "iam:AttachGroupPolicy",
        "iam:AttachRolePolicy",
        "iam:AttachUserPolicy",
        "iam:CreatePolicyVersion",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteRolePolicy",
        "iam:DeleteUserPermissionsBoundary",
        "iam:DeleteUserPolicy",
        "iam:DetachRolePolicy",
        "iam:DetachUserPolicy",
        "iam:PutGroupPolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:PutUserPermissionsBoundary",
        "iam:PutUserPolicy",
        "iam:SetDefaultPolicyVersion",
        "iam:UpdateAssumeRolePolicy",
    }
)
"""Calls that rewrite what somebody may do; on oneself, they grant everything."""

SEVERE_ACTIONS = tuple(
    sorted({"iam:PassRole", *POLICY_WRITES, *(path for path in (PUBLISHED | FURTHER).values() if " " not in path)})
)
"""Actions that raise privileges by themselves: what IAM Access Analyzer is asked about, 100 in one paid question."""

_MOST_NAMED = 4


def completed_paths(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each added action that completes a path with what is added and held."""
    for action in change.actions:
        done = [name for name, path in ALL.items() if action in path and not _missing(change, path)]
        if done:
            yield GuardHit(rule="escalation-path", verdict=GuardVerdict.TWO_APPROVERS, reason=_sentence(action, done))


def unread_policies(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each step of a path whose other steps the principal may hold in policies we could not read."""
    for action in change.actions if change.target.unreadable else ():
        maybe = [name for name, path in ALL.items() if action in path and _missing(change, path)]
        if maybe and "Write" in change.access_level(action):
            reason = (
                f"{action} is a step of {_names(maybe)}; not all of the principal's policies could be read, "
                "so it may hold the other steps."
            )
            yield GuardHit(rule="escalation-unread", verdict=GuardVerdict.TWO_APPROVERS, reason=reason)


def steps_of_paths(change: Change) -> Iterator[GuardHit]:
    """Yields a note for each added action that is a step of paths which stay incomplete, if it completes none."""
    for action in (one for one in change.actions if _worth_a_note(change, one)):
        open_paths = {name: path for name, path in ALL.items() if action in path and _missing(change, path)}
        if open_paths:
            name, path = next(iter(open_paths.items()))
            lacking = ", ".join(_missing(change, path))
            reason = f"{action} is a step of {_names(list(open_paths))}; {name} would also need {lacking}."
            yield GuardHit(rule="escalation-step", verdict=GuardVerdict.NOTE, reason=reason)


def own_policies(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each grant by which the principal could rewrite its own permissions."""
    for action, statement in change.grants():
        if action in POLICY_WRITES and _reaches_itself(change, statement):
            reason = f"With {action} the principal could grant itself anything."
            yield GuardHit(rule="self-escalation", verdict=GuardVerdict.BLOCK, reason=reason)


def _worth_a_note(change: Change, action: str) -> bool:
    flagged = action == "iam:PassRole" or any(action in path and not _missing(change, path) for path in ALL.values())
    return not flagged and change.writes(action)


def _missing(change: Change, path: frozenset[str]) -> list[str]:
    # Steps that only look do not count as missing: what they show is often known, or allowed elsewhere.
    added = set(change.actions)
    steps = (action for action in path if action not in added and action not in change.held)
    return sorted(action for action in steps if change.writes(action))


def _reaches_itself(change: Change, statement: Statement) -> bool:
    own = (change.target.principal.arn or "", *(_held_by(change)))
    return any(matches(resource, text) for resource in statement.resources for text in own)


def _held_by(change: Change) -> Iterator[str]:
    target = change.target
    account = f"arn:{target.principal.partition}:iam::{target.principal.account}"
    if target.boundary:
        yield target.boundary.name
    for policy in target.policies:
        kind, _, rest = policy.name.partition(":")
        group, _, name = rest.partition(":")
        yield from (f"{account}:group/{group}", name) if kind == "group" else (policy.name,)


def _sentence(action: str, done: list[str]) -> str:
    alone = [name for name in done if ALL[name] == {action}]
    if alone:
        return f"{action} alone can raise privileges ({_names(alone)})."
    others = " and ".join(sorted(ALL[done[0]] - {action}))
    return f"{action} together with {others} can raise privileges ({_names(done)})."


def _names(paths: list[str]) -> str:
    """Returns where to read about the paths: the first by its page, if it is published, the others by their ids."""
    first, *others = sorted(paths, key=lambda path: path not in PUBLISHED)[:_MOST_NAMED]
    shown = ", ".join((f"{PAGES}{first}" if first in PUBLISHED else f"Redress's own path {first}", *others))
    more = len(paths) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
