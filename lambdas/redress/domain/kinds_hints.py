"""What else may be behind a denial, where the evidence is not enough to say that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain import arn
from redress.domain.blamed import notes_on_others
from redress.domain.grammar import is_account
from redress.domain.harmless import harmless
from redress.domain.kinds_rules import BY_LAYER, METADATA_ACTIONS, is_fresh, tokens_asked
from redress.domain.parse_dlm import DLM_DETAIL_TYPE
from redress.domain.words import Effect, Kind, PrincipalType

if TYPE_CHECKING:
    from collections.abc import Callable

    from redress.domain.denied_call import DeniedCall
    from redress.domain.kinds_rules import Case

_IMDSV2 = "The request does not require IMDSv2: if the denying policy asks for it, set MetadataOptions.HttpTokens."
_DELIVERY = "The credentials were fetched over IMDSv1: if the denying policy tests ec2:RoleDelivery, use IMDSv2."
_MFA = "The session was started without MFA: if the denying policy asks for it, sign in with MFA."
_ACROSS = "The resource belongs to another account: its own policy must let the caller in, and so must the caller's."
_FRESH = "The session was less than a minute old: if the permission was granted only just before, repeat the call."

_BLAMES_OTHERS, _TRUST, _TERMINATES = Kind.OTHER_PRINCIPAL, Kind.ROLE_TRUST, Kind.FLEET_TERMINATE
_FLEET = "The record does not say whether deleting the fleet or ending its instances was refused."
_TOKENS = {
    "sts:AssumeRoleWithWebIdentity": (
        "STS says the same of a role that does not exist: compare the provider in the trust policy, and its conditions "
        "on sub and aud, with the token."
    ),
    "sts:AssumeRoleWithSAML": (
        "STS says the same of a role that does not exist: compare the provider in the trust policy, and its conditions "
        "such as SAML:aud, with the assertion."
    ),
}
"""What to compare, of calls that hand in a token; STS gives no reason for these."""

_ONE_OF_POLICIES = frozenset({Kind.EXPLICIT_DENY, Kind.UNKNOWN, *BY_LAYER.values()})
"""Kinds behind which a policy on the way that credentials were handed out may stand."""


def hints_for(case: Case, kind: Kind) -> tuple[str, ...]:
    """Returns one sentence for each further explanation that the record leaves open, and for whoever else is blamed."""
    if (kind is _BLAMES_OTHERS or kind is _TRUST) and (blamed := notes_on_others(case, kind)):
        return blamed
    if case.found.effect is not Effect.UNKNOWN:
        return tuple([hint for holds, hint in _HINTS if holds(case, kind)])
    if kind is _TRUST and case.action in _TOKENS:
        return (_TOKENS[case.action],)
    if kind is _TERMINATES:
        return (_FLEET,)
    across = (_ACROSS,) if kind is Kind.UNKNOWN and _is_of_others(case) else ()
    delivered = (_DELIVERY,) if case.call.ec2_role_delivery and _may_need_imdsv2(case, kind) else ()
    return across + delivered


def unresolved(call: DeniedCall, actions: tuple[str, ...]) -> tuple[str, ...]:
    """Returns why an event gave no single action: none is known, or several may be meant."""
    if len(actions) == 1 or not call.event_source or call.event_type == DLM_DETAIL_TYPE:
        return ()
    if actions:
        return (f"The call needs one of {', '.join(actions)}; the record does not say which was refused.",)
    what = f"{harmless(call.event_name, 100)} of {harmless(call.event_source, 100)}"
    return (f"The IAM action behind {what} is not known, and was not guessed.",)


def _may_lack_imdsv2(case: Case, kind: Kind) -> bool:
    if kind not in _ONE_OF_POLICIES or not _is_unexplained_deny(case):
        return False
    asked = bool(case.call.request_parameters) and tokens_asked(case.call) != "required"
    return asked and case.action in METADATA_ACTIONS


def _may_need_imdsv2(case: Case, kind: Kind) -> bool:
    if case.call.ec2_role_delivery != "1.0" or case.found.effect is Effect.IMPLICIT_DENY:
        return False
    return kind in _ONE_OF_POLICIES and case.found.matched is None


def _may_lack_mfa(case: Case, kind: Kind) -> bool:
    if kind is not Kind.EXPLICIT_DENY or not _is_unexplained_deny(case):
        return False
    return case.call.mfa_authenticated is False and case.call.principal.type is PrincipalType.USER


def _may_be_too_fresh(case: Case, kind: Kind) -> bool:
    return kind is Kind.MISSING_PERMISSION and is_fresh(case.call)


def _is_of_others(case: Case) -> bool:
    parts, own = arn.split(case.resource), case.call.principal.account
    return bool(parts and own and is_account(parts.account) and parts.account != own)


def _is_unexplained_deny(case: Case) -> bool:
    return case.found.effect is Effect.EXPLICIT_DENY and case.found.matched is None


_HINTS: tuple[tuple[Callable[[Case, Kind], bool], str], ...] = (
    (_may_lack_imdsv2, _IMDSV2),
    (_may_need_imdsv2, _DELIVERY),
    (_may_lack_mfa, _MFA),
    (_may_be_too_fresh, _FRESH),
)
