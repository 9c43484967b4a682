"""Rules that go by the action's name or access level: credentials, secrets, data, detection, exposure, destruction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.guard import dangers
from redress.domain.proposal import GuardHit
from redress.domain.words import GuardVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.guard.change import Change
    from redress.domain.proposal import Statement

NAMED: tuple[tuple[str, frozenset[str], GuardVerdict, str], ...] = (
    (
        "detection-off",
        dangers.DETECTION_OFF,
        GuardVerdict.BLOCK,
        "{action} switches off what watches or protects the account.",
    ),
    (
        "detection-weaker",
        dangers.DETECTION_WEAKER,
        GuardVerdict.TWO_APPROVERS,
        "{action} can weaken what watches or protects the account, or destroy evidence.",
    ),
    (
        "credentials",
        dangers.CREDENTIALS,
        GuardVerdict.TWO_APPROVERS,
        "{action} hands out credentials.",
    ),
    (
        "credentials-passive",
        dangers.PASSIVE_CREDENTIALS,
        GuardVerdict.NOTE,
        "{action} hands out a token that is good for the caller's own other permissions.",
    ),
    (
        "opens-resources",
        dangers.OPENS_RESOURCES,
        GuardVerdict.TWO_APPROVERS,
        "{action} can open a resource to others, other accounts and the public included.",
    ),
    (
        "data-read",
        dangers.DATA_READS,
        GuardVerdict.NOTE,
        "{action} reads contents.",
    ),
)
"""Rule, actions, verdict and sentence."""

SECOND_SIGNATURE_SERVICES = frozenset(
    {"organizations", "account", "sso", "sso-directory", "identitystore", "rolesanywhere"}
)
"""Services in which every change reaches beyond the account's own workloads, or decides who may come in."""


def named(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each added action that one of the tables names."""
    for action in change.actions:
        for rule, actions, verdict, sentence in NAMED:
            if action.lower() in actions:
                yield GuardHit(rule=rule, verdict=verdict, reason=sentence.format(action=action))


def secrets(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each read of secrets: a note for one named resource, two approvers for more than one."""
    for action, statement in change.grants():
        if action.lower() in dangers.SECRETS:
            verdict = GuardVerdict.NOTE if _one_named(statement) else GuardVerdict.TWO_APPROVERS
            what = "one secret" if verdict is GuardVerdict.NOTE else "more than one secret"
            yield GuardHit(rule="secrets-read", verdict=verdict, reason=f"{action} reads or decrypts {what}.")


def permissions_management(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each action of access level "Permissions management"."""
    for action in change.actions:
        if "Permissions management" in change.access_level(action):
            reason = f"{action} changes who may do what (access level Permissions management)."
            yield GuardHit(rule="permissions-management", verdict=GuardVerdict.TWO_APPROVERS, reason=reason)


def identities(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each write in IAM: who exists, and who may become whom."""
    for action in change.actions:
        level = change.access_level(action)
        if action.startswith("iam:") and action != "iam:PassRole" and level not in {"List", "Read"}:
            tags = "Tagging" in level and action.lower() not in dangers.PRINCIPAL_TAGS
            mild = tags or action.lower() in dangers.OWN_IDENTITY
            verdict = GuardVerdict.NOTE if mild else GuardVerdict.TWO_APPROVERS
            yield GuardHit(rule="identities", verdict=verdict, reason=f"{action} changes identities of the account.")


def organization(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each change to the organization, the account itself or its people."""
    for action in change.actions:
        reads = change.access_level(action) in {"List", "Read"}
        if action.split(":")[0] in SECOND_SIGNATURE_SERVICES and not reads:
            reason = f"{action} changes the organization, the account or its people."
            yield GuardHit(rule="organization", verdict=GuardVerdict.TWO_APPROVERS, reason=reason)


def destructive(change: Change) -> Iterator[GuardHit]:
    """Yields a note for each action that destroys something."""
    for action in change.actions:
        if action.split(":")[1].startswith(dangers.DESTRUCTIVE_VERBS):
            reason = f"{action} destroys or stops something; that may not be possible to undo."
            yield GuardHit(rule="destructive", verdict=GuardVerdict.NOTE, reason=reason)


def _one_named(statement: Statement) -> bool:
    return len(statement.resources) == 1 and "*" not in statement.resources[0]
