"""A verdict in three sentences that a tired person understands, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.explain_words import DECODE_WORDS, EVIDENCE_WORDS, LAYER_WORDS, plain, quoted
from redress.domain.kinds import KINDS
from redress.domain.verdict import Explanation
from redress.domain.words import DecodeStatus, Effect, Evidence, Kind, Layer, PrincipalType

if TYPE_CHECKING:
    from redress.domain.denied_call import Principal
    from redress.domain.verdict import Verdict

_TYPE_WORDS: dict[PrincipalType, str] = {
    PrincipalType.ROLE: "The role",
    PrincipalType.USER: "The user",
    PrincipalType.ROOT: "The root user",
    PrincipalType.AWS_SERVICE: "The AWS service",
    PrincipalType.IDENTITY_CENTER_USER: "An IAM Identity Center user",
    PrincipalType.WEB_IDENTITY: "A web identity",
    PrincipalType.SAML: "A SAML identity",
    PrincipalType.OTHER_ACCOUNT: "A caller from another account",
    PrincipalType.ANONYMOUS: "An anonymous caller",
    PrincipalType.UNKNOWN: "A caller that the record does not name",
}


_OTHER_CAUSE = "The error names a cause that is no policy"
_NO_TRUST = "The error says that a role can't be assumed"
_UNSAID = "Neither the error nor the event says which kind of policy decided"
_DECODE = (
    "Decode the message in the account that was denied (redress explain --decode, or aws sts "
    "decode-authorization-message): it names the action, the resource and the statement that decided."
)
_CAUSES: dict[Kind, str] = {
    **dict.fromkeys(
        (
            Kind.CREDENTIALS, Kind.QUOTA, Kind.THROTTLED, Kind.CAPACITY, Kind.SERVICE_NOT_ENABLED,
            Kind.SERVICE_SETTING, Kind.PROPAGATION,
        ),
        _OTHER_CAUSE,
    ),
    Kind.DLM_ROLE: "Amazon Data Lifecycle Manager says that the role of its policy lacks permissions",
    Kind.OTHER_PRINCIPAL: "The error blames a role that the call hands to the service",
    Kind.ROLE_TRUST: "Only the trust policy of the role decides on this call",
}  # fmt: skip
"""Why, for kinds whose evidence is no policy."""


def explain(verdict: Verdict) -> Explanation:
    """Returns who was denied what, why and how we know, and what that means: one sentence each."""
    facts = KINDS[verdict.kind]
    return Explanation(
        what=_what(verdict),
        why=_why(verdict),
        meaning=facts.meaning,
        next_step=_next_step(verdict, facts.next_step),
    )


def _what(verdict: Verdict) -> str:
    if verdict.kind is Kind.DLM_ROLE and not verdict.action:
        of = f" of account {plain(verdict.principal.account, 64)}" if verdict.principal.account else ""
        return f"A lifecycle policy{of} stopped with an error{_named_thing(verdict.resource)}."
    if verdict.principal.type is PrincipalType.UNKNOWN and not verdict.action and not verdict.resource:
        return "A call was denied; neither the caller nor the action nor the resource is named."
    action = plain(verdict.action) if verdict.action else "an action that the record does not name"
    who, on = _who(verdict.principal), _on_what(verdict.resource)
    other = _other_refused(verdict)
    if other:
        return f"In a call of {who[0].lower()}{who[1:]}, {other} was denied {action}{on}."
    if not _is_said(verdict):
        return f"{who} called {action}{on}{',' if on.startswith(',') else ''} and was refused."
    return f"{who} was denied {action}{on}."


def _other_refused(verdict: Verdict) -> str | None:
    if verdict.kind is Kind.OTHER_PRINCIPAL and verdict.layer is not Layer.UNKNOWN:
        return "another role or user"
    by_service = verdict.kind is Kind.ROLE_TRUST and verdict.layer is Layer.UNKNOWN
    return "the service" if by_service and verdict.action == "sts:AssumeRole" else None


def _is_said(verdict: Verdict) -> bool:
    """Returns whether the evidence says that this very action was refused, and not something that it needs."""
    if verdict.kind is Kind.ROLE_TRUST:
        return (verdict.action or "").startswith("sts:")
    return verdict.kind is not Kind.OTHER_PRINCIPAL and verdict.evidence is not Evidence.NONE


def _named_thing(resource: str | None) -> str:
    return f": {quoted(resource, 400)}" if resource else ""


def _who(principal: Principal) -> str:
    words = _TYPE_WORDS[principal.type]
    if principal.type is PrincipalType.AWS_SERVICE and principal.invoked_by:
        return f"{words} {plain(principal.invoked_by)}"
    if principal.type in {PrincipalType.ROLE, PrincipalType.USER}:
        words = _named_principal(principal, words)
    if not principal.account:
        return words
    account = plain(principal.account, 64)
    return f"{words} ({account})" if principal.type is PrincipalType.OTHER_ACCOUNT else f"{words} of account {account}"


def _named_principal(principal: Principal, words: str) -> str:
    if principal.name:
        return f"{words} {quoted(principal.name)}"
    if principal.role_name:
        return f"{words} {quoted(principal.role_name)} (session {plain(principal.session_name or '', 100)})"
    return f"{words} behind the session {quoted(principal.session_name)}" if principal.session_name else words


def _on_what(resource: str | None) -> str:
    if resource is None:
        return ", on a resource that the record does not name"
    return " (which applies to all resources)" if resource == "*" else f" on {quoted(resource, 400)}"


def _why(verdict: Verdict) -> str:
    cause = _cause(verdict)
    decode = DECODE_WORDS.get(verdict.decode_status)
    if decode and verdict.evidence not in {Evidence.VERIFIED, Evidence.DECODED}:
        cause = f"{cause}; {decode[0].lower() if decode.startswith('The') else decode[0]}{decode[1:-1]}"
    return f"{cause}."


def _cause(verdict: Verdict) -> str:
    how = EVIDENCE_WORDS[verdict.evidence]
    layer = LAYER_WORDS[verdict.layer]
    if verdict.layer is Layer.UNKNOWN and verdict.effect is Effect.UNKNOWN:
        if verdict.kind is Kind.ROLE_TRUST and not (verdict.action or "").startswith("sts:AssumeRoleWith"):
            return _NO_TRUST
        return _CAUSES.get(verdict.kind, _UNSAID)
    if verdict.effect is Effect.IMPLICIT_DENY:
        some = "No policy" if verdict.layer is Layer.UNKNOWN else f"No {layer}"
        return f"{some} allows it; {how}"
    article = "An" if layer.startswith("i") else "A"
    verb = "explicitly denies it" if verdict.effect is Effect.EXPLICIT_DENY else "stopped it"
    return f"{article} {layer} {verb}{_named(verdict)}; {how}"


def _named(verdict: Verdict) -> str:
    named = []
    if verdict.policy_arn:
        named.append(f"policy {quoted(verdict.policy_arn, 300)}")
    if verdict.matched_statement:
        named.append(f"statement {quoted(verdict.matched_statement, 100)}")
    return f" ({', '.join(named)})" if named else ""


def _next_step(verdict: Verdict, step: str) -> str:
    if verdict.kind is Kind.UNKNOWN and verdict.decode_status is DecodeStatus.PRESENT:
        return _DECODE
    if verdict.kind is Kind.MISSING_PERMISSION and verdict.action and verdict.action.lower() == "iam:passrole":
        return f"{step} Passing a role hands its permissions on: check which service gets it."
    return step
