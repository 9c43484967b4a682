"""Whom a message blames, where that is another than the caller: the role of a function, a role that was passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.harmless import harmless
from redress.domain.message_grammar import ROLE_ARN
from redress.domain.words import Kind, Layer

if TYPE_CHECKING:
    from redress.domain.denied_call import Principal
    from redress.domain.kinds_rules import Case

_SIX = 6
_BLAMES, _NO_TRUST = "The message blames ", "The role named in the request does not trust "
_Entity = tuple[str, str, str]


def other_blamed(said: str, principal: Principal) -> str | None:
    """Returns words for whoever the message blames (``role orders-fn``), or None where that may be the caller.

    Account, type and name are compared. A path and a session say nothing: messages leave them out or write them
    otherwise than the record. What can't be compared, is not called another.

    Args:
        said: The ARN that the message gives to its user.
        principal: The caller.

    """
    blamed = _entity(said)
    own = {entity for arn in (principal.arn, principal.session_arn) if arn and (entity := _entity(arn))}
    if blamed is None or not own or _folded(blamed) in {_folded(entity) for entity in own}:
        return None
    account, kind, name = blamed
    elsewhere = "" if account == principal.account else f" of account {harmless(account, 20)}"
    return f"{kind} {harmless(name, 64)}".rstrip() + elsewhere


def notes_on_others(case: Case, kind: Kind) -> tuple[str, ...]:
    """Returns who was refused, where it was not the caller: another role or user, or a service."""
    if kind is Kind.OTHER_PRINCIPAL:
        return (f"{_BLAMES}{_whom(case)}, not the caller.",)
    if kind is Kind.ROLE_TRUST and case.parts.look_alike is kind and case.found.layer is Layer.UNKNOWN:
        return (f"{_NO_TRUST}{harmless(case.call.event_source, 100) or 'the service'}.",)
    return ()


def note_on_others(notes: tuple[str, ...]) -> str | None:
    """Returns the note among these that says who was refused instead of the caller, or None."""
    return next((note for note in notes if note.startswith((_BLAMES, _NO_TRUST))), None)


def _whom(case: Case) -> str:
    if case.parts.principal:
        return other_blamed(case.parts.principal, case.call.principal) or "another role or user"
    named = ROLE_ARN.search(case.call.message or "")
    return f"role {named.group().rpartition('/')[2]}" if named else "a role that the request names"


def _folded(entity: _Entity) -> _Entity:
    # Two names of IAM never differ in their case alone.
    return (entity[0], entity[1], entity[2].lower())


def _entity(arn: str) -> _Entity | None:
    parts = arn.split(":", _SIX - 1)
    if len(parts) != _SIX or parts[2] not in {"iam", "sts"}:
        return None
    kind, _, rest = parts[5].partition("/")
    if kind == "assumed-role":
        return (parts[4], "role", rest.partition("/")[0])
    if kind in {"role", "user"}:
        return (parts[4], kind, rest.rpartition("/")[2])
    if kind in {"root", "assumed-root"}:
        return (parts[4], "root user", "")
    return (parts[4], "federated user", rest) if kind == "federated-user" else None
