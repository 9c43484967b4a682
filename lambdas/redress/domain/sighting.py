"""A denied call as a finding keeps it: what a person needs, redacted, and short."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from redress.domain.bucket_owners import owner_of_bucket
from redress.domain.finding import Sighting
from redress.domain.redaction import is_secret_name, redact_text

if TYPE_CHECKING:
    from redress.domain.denied_call import DeniedCall
    from redress.domain.verdict import ContextValue, Verdict

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
NAME_LIMIT = 128
ACTION_LIMIT = 256
ARN_LIMIT = 2_048
"""What IAM's API takes as an ARN."""
CONTEXT_LIMIT = 60
NOTES_LIMIT = 12
AGENT_LIMIT = 200
MESSAGE_LIMIT = 700
"""AWS's text without its encoded part is shorter; whoever makes it longer does not fill our table."""


def sighting_of(call: DeniedCall, resource: str | None = None) -> Sighting:
    """Returns what a finding keeps of its newest denial, which was on this resource."""
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
        bucket_owner=owner_of_bucket(call, resource),
    )


def bounded(call: DeniedCall) -> DeniedCall:
    """Returns the call with nothing in its principal longer than an ARN, and at a time that can be reckoned with.

    What is longer names nobody; a time from before all clouds becomes the earliest possible one.
    """
    who = call.principal
    principal = replace(
        who,
        arn=_whole(who.arn, ARN_LIMIT),
        account=_whole(who.account, NAME_LIMIT),
        session_arn=_whole(who.session_arn, ARN_LIMIT),
        session_name=_whole(who.session_name, NAME_LIMIT),
        unique_id=_whole(who.unique_id, 2 * NAME_LIMIT),
        invoked_by=_whole(who.invoked_by, NAME_LIMIT),
    )
    return replace(call, principal=principal, event_time=max(call.event_time, EARLIEST))


def storable(verdict: Verdict) -> Verdict:
    """Returns the verdict as a finding keeps it.

    Its encoded message goes: once decoded it is of no more use, and not ours to keep. Names that are longer
    than AWS lets them be become unknown, and lists get an end, so that no caller decides the size of an item.
    """
    return replace(
        verdict,
        encoded=None,
        action=_whole(verdict.action, ACTION_LIMIT),
        resource=_whole(verdict.resource, ARN_LIMIT),
        policy_arn=_whole(verdict.policy_arn, ARN_LIMIT),
        matched_statement=_whole(verdict.matched_statement, NAME_LIMIT),
        authorization_id=_whole(verdict.authorization_id, 2 * NAME_LIMIT),
        context=tuple(_bounded_value(value) for value in verdict.context[:CONTEXT_LIMIT] if not _is_secret(value)),
        notes=tuple(redact_text(note, MESSAGE_LIMIT) for note in verdict.notes[:NOTES_LIMIT]),
    )


def _is_secret(value: ContextValue) -> bool:
    # People keep passwords in tags; the other keys are AWS's own and hold none.
    _, tagged, name = value.key.partition("Tag/")
    return bool(tagged) and is_secret_name(name)


def _bounded_value(value: ContextValue) -> ContextValue:
    return replace(value, key=value.key[:NAME_LIMIT], values=tuple(each[:ARN_LIMIT] for each in value.values[:20]))


def _whole(text: str | None, limit: int) -> str | None:
    # Cut in the middle it would name something else.
    return text if text is not None and len(text) <= limit else None


def _short(text: str | None, limit: int = NAME_LIMIT) -> str | None:
    return redact_text(text[: 4 * MESSAGE_LIMIT], limit) if text else None
