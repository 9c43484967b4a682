"""A denied call as a finding keeps it: what a person needs, redacted, and short."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from redress.domain.finding import Sighting
from redress.domain.redaction import redact_text

if TYPE_CHECKING:
    from redress.domain.denied_call import DeniedCall
    from redress.domain.verdict import Verdict

NAME_LIMIT = 128
AGENT_LIMIT = 200
MESSAGE_LIMIT = 700
"""AWS's text without its encoded part is shorter; whoever makes it longer does not fill our table."""


def sighting_of(call: DeniedCall) -> Sighting:
    """Returns what a finding keeps of its newest denial."""
    return Sighting(
        event_id=call.event_id[:NAME_LIMIT],
        event_time=call.event_time,
        event_source=call.event_source[:NAME_LIMIT],
        event_name=call.event_name[:NAME_LIMIT],
        region=_short(call.region),
        account=_short(call.account),
        request_id=_short(call.request_id),
        source_ip=_short(call.source_ip),
        user_agent=_short(call.user_agent, AGENT_LIMIT),
        session_name=_short(call.principal.session_name),
        error_code=_short(call.error_code),
        message=_short(call.message, MESSAGE_LIMIT),
        access_key_id=_short(call.access_key_id),
        console_session=call.console_session,
        read_only=call.read_only,
    )


def without_secrets(verdict: Verdict) -> Verdict:
    """Returns the verdict without its encoded message: once decoded it is of no more use, and not ours to keep."""
    return dataclasses.replace(verdict, encoded=None)


def _short(text: str | None, limit: int = NAME_LIMIT) -> str | None:
    return redact_text(text, limit) if text else None
