"""Rules that go by the action's name or access level: credentials, secrets, data, detection, exposure, destruction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.guard import dangers
from redress.domain.proposal import GuardHit
from redress.domain.words import GuardVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redress.domain.guard.change import Change

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
        "detection-overwritten",
        dangers.DETECTION_OVERWRITTEN,
        GuardVerdict.NOTE,
        "{action} replaces what has the same name, so it can also switch off what watches.",
    ),
    (
        "credentials",
        dangers.CREDENTIALS,
        GuardVerdict.TWO_APPROVERS,
        "{action} hands out credentials.",
    ),
    (
        "credentials-set",
        dangers.CREDENTIALS_SET,
        GuardVerdict.TWO_APPROVERS,
        "{action} can set a password or key that lets its holder in as somebody else.",
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
        "approvals",
        dangers.APPROVALS,
        GuardVerdict.TWO_APPROVERS,
        "{action} can give the yes that somebody else's change waits for.",
    ),
    (
        "stored-for-others",
        dangers.STORES,
        GuardVerdict.NOTE,
        "{action} writes what others may run or obey: ask who reads it.",
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
    {
        "account", "organizations", "sso", "sso-directory", "identitystore", "rolesanywhere", "controltower", "ds-data",
        "fms", "mpa", "ram", "route53domains", "securitylake", "verifiedpermissions",
    }
)  # fmt: skip
"""Services in which every change reaches beyond the account's own workloads, or decides who may come in."""


def named(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each added action that one of the tables names."""
    for action in change.actions:
        for rule, actions, verdict, sentence in NAMED:
            if action.lower() in actions:
                yield GuardHit(rule=rule, verdict=verdict, reason=sentence.format(action=action))


def resource_policies(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each write of a resource's policy, which the catalogue often calls a write like any other."""
    for action in change.actions:
        if dangers.RESOURCE_POLICY in action.lower() and change.writes(action):
            yield resource_policy(action)


def resource_policy(action: str) -> GuardHit:
    """Returns the hit for one write of a resource's policy."""
    reason = f"{action} decides who else may reach a resource."
    return GuardHit(rule="opens-resources", verdict=GuardVerdict.TWO_APPROVERS, reason=reason)


def secrets(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each read of secrets: a note for one named resource, two approvers for more than one.

    What Redress granted the principal before counts too, so that many are not had one by one.
    """
    reads = {(action, statement.resources) for action, statement in change.grants() if _is_secret(action)}
    count = _most_of_a_kind(change)
    for action, resources in sorted(reads):
        many = action.lower() in dangers.MANY_SECRETS or len(resources) > 1 or "*" in resources[0]
        verdict = GuardVerdict.TWO_APPROVERS if many or count > 1 else GuardVerdict.NOTE
        what = "more than one secret" if many else f"one of {count} secrets" if count > 1 else "one secret"
        does = "signs with" if action.lower() in dangers.SIGNING else "reads or decrypts"
        yield GuardHit(rule="secrets-read", verdict=verdict, reason=f"{action} {does} {what}.")


def permissions_management(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each action of access level "Permissions management"."""
    for action in change.actions:
        if "Permissions management" in change.access_level(action):
            reason = f"{action} changes who may do what (access level Permissions management)."
            yield GuardHit(rule="permissions-management", verdict=GuardVerdict.TWO_APPROVERS, reason=reason)


def identities(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each write in IAM: who exists, and who may become whom."""
    for action in change.actions:
        if action.startswith("iam:") and action != "iam:PassRole" and change.writes(action):
            tags = "Tagging" in change.access_level(action) and action.lower() not in dangers.PRINCIPAL_TAGS
            mild = tags or action.lower() in dangers.OWN_IDENTITY
            verdict = GuardVerdict.NOTE if mild else GuardVerdict.TWO_APPROVERS
            yield GuardHit(rule="identities", verdict=verdict, reason=f"{action} changes identities of the account.")


def organization(change: Change) -> Iterator[GuardHit]:
    """Yields a hit for each change to the organization, the account itself, its people, or what it shares."""
    for action in change.actions:
        if action.split(":")[0] in SECOND_SIGNATURE_SERVICES and change.writes(action):
            reason = f"{action} changes the organization, the account, or who and what comes in and out of it."
            yield GuardHit(rule="organization", verdict=GuardVerdict.TWO_APPROVERS, reason=reason)


def destructive(change: Change) -> Iterator[GuardHit]:
    """Yields a note for each action that destroys something."""
    for action in change.actions:
        if action.split(":")[1].startswith(dangers.DESTRUCTIVE_VERBS):
            reason = f"{action} destroys or stops something; that may not be possible to undo."
            yield GuardHit(rule="destructive", verdict=GuardVerdict.NOTE, reason=reason)


def _most_of_a_kind(change: Change) -> int:
    # A secret and the key that it is encrypted with are one secret, so keys are counted by themselves.
    granted = {
        resource
        for statement in {*change.added, *change.ours}
        if any(_is_secret(action) for action in statement.actions)
        for resource in statement.resources
    }
    keys = sum(":kms:" in resource for resource in granted)
    return max(keys, len(granted) - keys)


def _is_secret(action: str) -> bool:
    return action.lower() in dangers.SECRETS or action.lower() in dangers.SIGNING
