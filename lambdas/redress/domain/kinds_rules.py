"""Which kind a denied call is: special cases first, then layer and effect.

Each rule needs its evidence; where that is missing the rule doesn't hold, and the layer decides.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from redress.domain.parse_dlm import DLM_SOURCE
from redress.domain.words import Effect, Kind, Layer, PrincipalType

if TYPE_CHECKING:
    from collections.abc import Callable

    from redress.domain.classify_evidence import Findings
    from redress.domain.denied_call import DeniedCall
    from redress.domain.message import MessageParts

FRESH = timedelta(seconds=60)
"""Credentials younger than this may not be known everywhere yet."""

BY_LAYER: dict[Layer, Kind] = {
    Layer.SERVICE_CONTROL_POLICY: Kind.ORGANIZATION_GUARDRAIL,
    Layer.RESOURCE_CONTROL_POLICY: Kind.ORGANIZATION_GUARDRAIL,
    Layer.PERMISSIONS_BOUNDARY: Kind.PERMISSIONS_BOUNDARY,
    Layer.SESSION_POLICY: Kind.SESSION_POLICY,
    Layer.RESOURCE_BASED_POLICY: Kind.RESOURCE_POLICY,
    Layer.VPC_ENDPOINT_POLICY: Kind.VPC_ENDPOINT,
}
_QUARANTINE = re.compile(r"arn:aws[a-z-]{0,16}:iam::aws:policy/AWSCompromisedKeyQuarantine(?:V\d{1,3})?")
_MFA_NAME = re.compile(r"MFA|Mfa|(?<![A-Za-z])mfa(?![a-z])")
_IMDS_NAME = re.compile(r"imds.?v2", re.IGNORECASE)
_SPOT_EVENTS = frozenset({"RequestSpotInstances", "RequestSpotFleet", "CreateFleet", "RunInstances"})
_FLEET_EVENTS = frozenset({"DeleteFleets", "DeleteFleet", "CancelSpotFleetRequests"})
_TRUST_ONLY = frozenset({"sts:assumerolewithwebidentity", "sts:assumerolewithsaml"})


def kind_of(call: DeniedCall, parts: MessageParts, found: Findings) -> Kind:
    """Returns the first kind whose evidence holds; UNKNOWN where none does."""
    for holds, kind in _RULES:
        if holds(call, parts, found):
            return kind
    if parts.look_alike is not None and found.layer is Layer.UNKNOWN:
        return parts.look_alike
    return _by_layer(parts, found)


def _by_layer(parts: MessageParts, found: Findings) -> Kind:
    if found.layer is Layer.RESOURCE_BASED_POLICY and (parts.role_trust or _assumes_role(found)):
        return Kind.ROLE_TRUST
    if found.layer in BY_LAYER:
        return BY_LAYER[found.layer]
    if found.effect is Effect.EXPLICIT_DENY:
        return Kind.EXPLICIT_DENY
    if found.layer is Layer.IDENTITY_BASED_POLICY and found.effect is Effect.IMPLICIT_DENY:
        return Kind.MISSING_PERMISSION
    return Kind.UNKNOWN


def _assumes_role(found: Findings) -> bool:
    return (found.action or "").lower().startswith("sts:assumerole")


def _is_service(call: DeniedCall, _parts: MessageParts, _found: Findings) -> bool:
    return call.principal.type is PrincipalType.AWS_SERVICE


def _is_dlm(call: DeniedCall, _parts: MessageParts, found: Findings) -> bool:
    # The lifecycle policy's own event; or its role's refused call, if the evidence doesn't blame a guardrail.
    if call.event_source == DLM_SOURCE and call.event_type is not None and call.event_type.startswith("DLM "):
        return True
    return (
        call.principal.invoked_by == DLM_SOURCE
        and found.layer in {Layer.UNKNOWN, Layer.IDENTITY_BASED_POLICY}
        and (found.effect is not Effect.EXPLICIT_DENY)
    )


def _is_quarantined(_call: DeniedCall, _parts: MessageParts, found: Findings) -> bool:
    return found.policy_arn is not None and _QUARANTINE.fullmatch(found.policy_arn) is not None


def _is_role_delivery(call: DeniedCall, _parts: MessageParts, found: Findings) -> bool:
    if call.ec2_role_delivery != "1.0" or found.effect is Effect.IMPLICIT_DENY:
        return False
    return found.matched is None or _conditioned_on(found, "ec2:roledelivery")


def _is_imdsv2(call: DeniedCall, _parts: MessageParts, found: Findings) -> bool:
    if found.effect is not Effect.EXPLICIT_DENY or found.action not in {
        "ec2:RunInstances", "ec2:ModifyInstanceMetadataOptions",
    }:  # fmt: skip
        return False
    if found.matched is not None:
        return _conditioned_on(found, "ec2:metadatahttptokens")
    tokens = _tokens_asked(call)
    return tokens == "optional" or (tokens is None and _named(found, _IMDS_NAME))


def _tokens_asked(call: DeniedCall) -> str | None:
    given = call.request_parameters
    options = next((given[name] for name in _OPTION_NAMES if isinstance(given.get(name), dict)), given)
    tokens = options.get("httpTokens") or options.get("HttpTokens")
    return tokens if isinstance(tokens, str) else None


_OPTION_NAMES = ("metadataOptions", "MetadataOptions", "ModifyInstanceMetadataOptionsRequest")


def _is_mfa(call: DeniedCall, _parts: MessageParts, found: Findings) -> bool:
    if found.effect is not Effect.EXPLICIT_DENY or call.mfa_authenticated is True:
        return False
    if found.matched is not None and _conditioned_on(found, "aws:multifactorauth"):
        return True
    return _named(found, _MFA_NAME)


def _is_fleet(call: DeniedCall, parts: MessageParts, found: Findings) -> bool:
    if call.event_name not in _FLEET_EVENTS or not _may_be_missing(found):
        return False
    return found.action == "ec2:TerminateInstances" or (parts.action is None and _terminates(call))


def _terminates(call: DeniedCall) -> bool:
    given: Any = call.request_parameters
    inner = next((given[name] for name in ("DeleteFleetsRequest",) if isinstance(given.get(name), dict)), given)
    return any(inner.get(name) in {True, "true"} for name in ("TerminateInstances", "terminateInstances"))


def _is_spot_tags(call: DeniedCall, _parts: MessageParts, found: Findings) -> bool:
    if call.event_name not in _SPOT_EVENTS or not _may_be_missing(found):
        return False
    if "spot-instances-request/" in (found.resource or ""):
        return True
    return found.action == "ec2:CreateTags" and call.event_name != "RunInstances"


def _is_trust_only(_call: DeniedCall, _parts: MessageParts, found: Findings) -> bool:
    # These calls carry no AWS credentials, so no identity policy takes part.
    return found.layer is Layer.UNKNOWN and (found.action or "").lower() in _TRUST_ONLY


def _is_propagation(call: DeniedCall, parts: MessageParts, found: Findings) -> bool:
    """Whether fresh credentials explain it better than a policy.

    An implicit denial that names identity policies is a missing permission even in a session's first minute:
    a session's credentials are valid at once, and what it may do doesn't wait for it.
    """
    if not _is_fresh(call):
        return False
    if parts.look_alike is Kind.CREDENTIALS:
        return True
    return found.effect is Effect.IMPLICIT_DENY and found.layer is Layer.UNKNOWN


def _is_fresh(call: DeniedCall) -> bool:
    return call.session_created is not None and timedelta(0) <= call.event_time - call.session_created <= FRESH


def _may_be_missing(found: Findings) -> bool:
    return found.layer in {Layer.UNKNOWN, Layer.IDENTITY_BASED_POLICY} and found.effect is not Effect.EXPLICIT_DENY


def _conditioned_on(found: Findings, key: str) -> bool:
    return found.matched is not None and any(c.key.lower().startswith(key) for c in found.matched.conditions)


def _named(found: Findings, pattern: re.Pattern[str]) -> bool:
    name = (found.policy_arn or "").rpartition("/")[2]
    return pattern.search(name) is not None or pattern.search(found.sid or "") is not None


_Rule = tuple["Callable[[DeniedCall, MessageParts, Findings], bool]", Kind]
_RULES: tuple[_Rule, ...] = (
    (_is_dlm, Kind.DLM_ROLE),
    (_is_service, Kind.AWS_SERVICE_CALLER),
    (_is_quarantined, Kind.QUARANTINED_KEY),
    (_is_propagation, Kind.PROPAGATION),
    (_is_role_delivery, Kind.EC2_ROLE_DELIVERY),
    (_is_imdsv2, Kind.IMDSV2_REQUIRED),
    (_is_mfa, Kind.MFA_MISSING),
    (_is_fleet, Kind.FLEET_TERMINATE),
    (_is_spot_tags, Kind.SPOT_TAGS),
    (_is_trust_only, Kind.ROLE_TRUST),
)
