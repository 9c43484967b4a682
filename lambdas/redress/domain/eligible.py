"""Whether a finding may get a fix at all: what was denied, and who was denied it."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING

from redress.domain.blamed import note_on_others
from redress.domain.kinds import KINDS, is_fixable
from redress.domain.no_fix import REASON_OF_LAYER, no_fix
from redress.domain.target import unique_id_of
from redress.domain.words import Effect, Evidence, NoFixReason, Owner, PrincipalType, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redress.domain.denied_call import Principal
    from redress.domain.finding import Finding, NoFix
    from redress.domain.settings import Settings
    from redress.domain.target import Target
    from redress.domain.verdict import Verdict

PRINCIPAL_ARN = re.compile(
    r"arn:aws(?:-[a-z]{1,8}){0,2}:iam::(?P<account>[0-9]{12}):(?P<kind>role|user)/"
    r"(?P<path>(?:[A-Za-z0-9+=,.@_/-]{1,510}/)?)(?P<name>[A-Za-z0-9+=,.@_-]{1,64})"
)
"""What IAM lets an ARN of a role or user be (paths are narrowed to the letters of names)."""

QUARANTINE = "AWSCompromisedKeyQuarantine"

_REFUSED_TYPES: Mapping[PrincipalType, NoFixReason] = {
    PrincipalType.ROOT: NoFixReason.ROOT,
    PrincipalType.AWS_SERVICE: NoFixReason.AWS_SERVICE_CALLER,
    PrincipalType.IDENTITY_CENTER_USER: NoFixReason.IDENTITY_CENTER_ROLE,
    PrincipalType.OTHER_ACCOUNT: NoFixReason.OTHER_ACCOUNT_PRINCIPAL,
    PrincipalType.WEB_IDENTITY: NoFixReason.PRINCIPAL_UNKNOWN,
    PrincipalType.SAML: NoFixReason.PRINCIPAL_UNKNOWN,
    PrincipalType.ANONYMOUS: NoFixReason.PRINCIPAL_UNKNOWN,
    PrincipalType.UNKNOWN: NoFixReason.PRINCIPAL_UNKNOWN,
}
_REFUSED_PATHS: tuple[tuple[str, NoFixReason], ...] = (
    ("aws-service-role/", NoFixReason.SERVICE_LINKED_ROLE),
    ("aws-reserved/", NoFixReason.IDENTITY_CENTER_ROLE),
    ("redress/", NoFixReason.REDRESS_ROLE),
)
_REFUSED_NAMES: tuple[tuple[str, NoFixReason], ...] = (
    ("AWSServiceRoleFor", NoFixReason.SERVICE_LINKED_ROLE),
    ("AWSReservedSSO_", NoFixReason.IDENTITY_CENTER_ROLE),
)
"""IAM keeps these beginnings for itself, whatever path the event shows."""

_PATHLESS = "The evidence names the role but not its path, so its ARN is not certain."


def refusal(finding: Finding, target: Target, settings: Settings) -> NoFix | None:
    """Returns why the finding gets no fix, or None where one may be written."""
    return refusal_at_sight(finding) or by_target(target, settings) or _by_namesake(finding, target)


def refusal_at_sight(finding: Finding) -> NoFix | None:
    """Returns why the finding gets no fix as far as its own evidence says; no look-up is needed to know it."""
    verdict = finding.verdict
    return (
        _by_state(finding)
        or _by_kind(verdict)
        or by_principal(verdict.principal)
        or _by_account(finding)
        or _by_evidence(verdict)
    )


def by_principal(principal: Principal) -> NoFix | None:
    """Returns why this principal is never changed, or None."""
    if principal.type in _REFUSED_TYPES:
        return no_fix(_REFUSED_TYPES[principal.type])
    if principal.arn is None:
        return no_fix(NoFixReason.PRINCIPAL_UNKNOWN, _PATHLESS if principal.role_name else None)
    parts = PRINCIPAL_ARN.fullmatch(principal.arn)
    if parts is None:
        return no_fix(NoFixReason.UNSAFE_TEXT, "The principal's ARN is not one that IAM would make.")
    if parts["kind"] != principal.type.value.lower():
        return no_fix(NoFixReason.UNSAFE_TEXT, "The principal's ARN does not go with its type.")
    if principal.account not in {None, parts["account"]}:
        return no_fix(
            NoFixReason.OTHER_ACCOUNT_PRINCIPAL, "The principal's ARN is of another account than its credentials."
        )
    beginnings = ((parts["path"], _REFUSED_PATHS), (parts["name"], _REFUSED_NAMES))
    reasons = (reason for text, table in beginnings for start, reason in table if text.startswith(start))
    reason = next(reasons, None)
    return no_fix(reason) if reason else None


def by_target(target: Target, settings: Settings) -> NoFix | None:
    """Returns why the principal as IAM describes it is not changed, or None."""
    if not target.exists:
        return no_fix(NoFixReason.PRINCIPAL_GONE)
    if any(QUARANTINE in policy.name for policy in target.policies):
        return no_fix(NoFixReason.QUARANTINED_KEY)
    if is_protected(target, settings):
        return no_fix(NoFixReason.PROTECTED_PRINCIPAL)
    return None


def is_protected(target: Target, settings: Settings) -> bool:
    """Returns whether the operator protected the principal, by a pattern of its ARN or by a tag."""
    arn = target.principal.arn or ""
    marks = {mark for key, value in target.tags for mark in (key, f"{key}={value}")}
    patterns = (translate(pattern.replace("[", "[[]")) for pattern in settings.protected_principals)
    return any(re.match(pattern, arn) for pattern in patterns) or bool(marks & set(settings.protected_tags))


def _by_namesake(finding: Finding, target: Target) -> NoFix | None:
    # Whoever deletes a role and makes one of the same name and trust of his own would inherit what was due to it.
    principal = finding.verdict.principal
    denied = unique_id_of(principal, principal.unique_id)
    if denied is None or target.unique_id in {None, denied}:
        return None
    return no_fix(
        NoFixReason.PRINCIPAL_GONE,
        f"The {principal.type.value.lower()} that was denied no longer exists; another one has its name now.",
    )


def _by_state(finding: Finding) -> NoFix | None:
    return no_fix(NoFixReason.SUSPICIOUS) if finding.state is State.SUSPICIOUS else None


def _by_kind(verdict: Verdict) -> NoFix | None:
    facts = KINDS[verdict.kind]
    # A principal that nobody could change anyway is the better answer to a denial that nobody understands.
    if facts.no_fix is NoFixReason.EVIDENCE_TOO_WEAK:
        return by_principal(verdict.principal) or no_fix(facts.no_fix, owner=facts.owner)
    if facts.no_fix is None:
        return None
    return no_fix(facts.no_fix, note_on_others(verdict.notes) or facts.meaning, owner=facts.owner)


def _by_account(finding: Finding) -> NoFix | None:
    recorded, own = finding.last.account, finding.verdict.principal.account
    if recorded and own and recorded != own:
        return no_fix(
            NoFixReason.OTHER_ACCOUNT_PRINCIPAL,
            "This is the resource owner's copy of a call that another account's principal made.",
            owner=Owner.RESOURCE_OWNER,
        )
    return None


def _by_evidence(verdict: Verdict) -> NoFix | None:
    if verdict.effect is Effect.EXPLICIT_DENY:
        return no_fix(REASON_OF_LAYER.get(verdict.layer, NoFixReason.EXPLICIT_DENY))
    if verdict.layer in REASON_OF_LAYER:
        return no_fix(REASON_OF_LAYER[verdict.layer])
    weak = verdict.evidence is Evidence.NONE or not is_fixable(verdict)
    return no_fix(NoFixReason.EVIDENCE_TOO_WEAK) if weak else None
