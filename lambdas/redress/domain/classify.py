"""From a denied call to a verdict: layer x effect x evidence, and the kind that decides what happens next."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from redress.domain.classify_evidence import Findings, with_decoded, with_details
from redress.domain.event_actions import actions_of_event
from redress.domain.kinds_hints import hints_for, unresolved
from redress.domain.kinds_rules import Case, kind_of
from redress.domain.message import LONGEST, MessageParts, read_message
from redress.domain.parse_dlm import lifecycle_policy_of
from redress.domain.request_context import request_context
from redress.domain.resource_names import resource_of_call
from redress.domain.unnamed import is_unnamed, names_none
from redress.domain.verdict import Verdict
from redress.domain.words import DecodeStatus, Effect, Evidence, Layer

if TYPE_CHECKING:
    from redress.domain.authorization_details import AuthorizationDetails
    from redress.domain.catalogue import Catalogue
    from redress.domain.decoded import Decoded
    from redress.domain.denied_call import DeniedCall

_NO_PARTS = MessageParts()
_NAMED_AFTER_ALL = "The request names a resource and the message none, so it is not known which one was denied."
_NOTHING_SAID = (_NO_PARTS, Findings(layer=_NO_PARTS.layer, effect=_NO_PARTS.effect, evidence=Evidence.NONE))


def classify(
    call: DeniedCall,
    *,
    catalogue: Catalogue,
    decoded: Decoded | None = None,
    details: AuthorizationDetails | None = None,
) -> Verdict:
    """Returns what the evidence says of a denied call, the strongest source first.

    Args:
        call: The parsed record.
        catalogue: Confirms actions, and knows their resource types.
        decoded: The decoded authorization message of this call, if there is one.
        details: The request authorization details of this call, if there are any.

    """
    parts, found = _reported(call.message[:LONGEST], catalogue) if call.message else _NOTHING_SAID
    if decoded is not None:
        found = with_decoded(found, decoded, call, catalogue)
    if details is not None:
        found = with_details(found, details, call, catalogue)
    actions = (found.action,) if found.action else actions_of_event(call.event_source, call.event_name, catalogue)
    if "versionId" in call.request_parameters and not found.action:
        actions = _of_version(actions, catalogue)
    action = actions[0] if len(actions) == 1 else None
    resource = found.resource or (resource_of_call(call, action, catalogue) if action else lifecycle_policy_of(call))
    if resource and resource[-1] == "*" and action and _is_doubtful(action, resource, call, catalogue):
        resource, found = None, replace(found, notes=(*found.notes, _NAMED_AFTER_ALL))
    case = Case(call, parts, found, action or "", resource or "")
    kind = kind_of(case)
    return Verdict(
        layer=found.layer,
        effect=found.effect,
        evidence=found.evidence,
        kind=kind,
        principal=call.principal,
        action=action,
        resource=resource,
        policy_arn=found.policy_arn,
        authorization_id=parts.authorization_id,
        decode_status=DecodeStatus.DECODED if found.decoded else parts.decode_status,
        encoded=parts.encoded,
        context=found.context + request_context(kind, call),
        matched_statement=found.sid,
        notes=found.notes + unresolved(call, actions) + hints_for(case, kind),
    )


def _of_version(actions: tuple[str, ...], catalogue: Catalogue) -> tuple[str, ...]:
    # S3 has actions of their own for a certain version of an object.
    return tuple(
        (name.startswith("s3:") and catalogue.proper_case(name.replace("Object", "ObjectVersion", 1))) or name
        for name in actions
    )


def _is_doubtful(action: str, resource: str, call: DeniedCall, catalogue: Catalogue) -> bool:
    return is_unnamed(action, resource, catalogue) and not names_none(call.request_parameters)


@lru_cache(maxsize=1024)
def _reported(message: str, catalogue: Catalogue) -> tuple[MessageParts, Findings]:
    parts = read_message(message)
    action = parts.action and (catalogue.proper_case(parts.action) or parts.action)
    said = action or parts.look_alike or parts.layer is not Layer.UNKNOWN or parts.effect is not Effect.UNKNOWN
    found = Findings(
        layer=parts.layer,
        effect=parts.effect,
        evidence=Evidence.REPORTED if said else Evidence.NONE,
        action=action or None,
        resource=parts.resource,
        policy_arn=parts.policy_arn,
        notes=parts.notes,
    )
    return parts, found
