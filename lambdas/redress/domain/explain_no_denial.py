"""Trouble that is no denial, in plain words: the call failed, and no permission was missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.explain_words import plain
from redress.domain.kinds import KINDS
from redress.domain.parse_codes import REASON_KINDS
from redress.domain.verdict import Explanation

if TYPE_CHECKING:
    from redress.domain.denied_call import NotADenial
    from redress.domain.words import Kind

_BLAMED = {
    "role_not_assumable": "because the service can't assume the role that it was handed.",
    "role_lacks_permission": "because the role that it names lacks a permission; the caller was not refused.",
}
"""What happened where a policy of somebody else's is behind it."""


def kind_of_no_denial(no_denial: NotADenial) -> Kind | None:
    """Returns the kind of trouble that a record tells of, or None where there is none to act on."""
    return REASON_KINDS.get(no_denial.reason)


def explain_no_denial(no_denial: NotADenial) -> Explanation | None:
    """Returns what happened instead of a denial, or None where it is nothing to act on."""
    kind = kind_of_no_denial(no_denial)
    if kind is None:
        return None
    facts = KINDS[kind]
    return Explanation(what=_what(no_denial), why=_why(no_denial), meaning=facts.meaning, next_step=facts.next_step)


def _what(no_denial: NotADenial) -> str:
    call = plain(no_denial.event_name, 100) if no_denial.event_name else "The call"
    of = f" of {plain(no_denial.event_source, 100)}" if no_denial.event_source else ""
    return f"{call}{of} failed, {_BLAMED.get(no_denial.reason, 'but no policy refused it.')}"


def _why(no_denial: NotADenial) -> str:
    code = f" ({plain(no_denial.error_code, 100)})" if no_denial.error_code else ""
    return f"The error{code} means: {no_denial.reason.replace('_', ' ')}."
