"""Which kind a denied call is: special cases first, then layer and effect.

Each rule needs its evidence; where that is missing the rule doesn't hold, and the layer decides.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from redress.domain.blamed import other_blamed
from redress.domain.parse_dlm import DLM_DETAIL_TYPE, DLM_SOURCE
from redress.domain.words import Effect, Kind, Layer, PrincipalType

if TYPE_CHECKING:
    from collections.abc import Callable

    from redress.domain.classify_evidence import Findings
    from redress.domain.denied_call import DeniedCall
    from redress.domain.message import MessageParts


class Case(NamedTuple):
    """What the rules look at; action and resource are empty where unknown."""

    call: DeniedCall
    parts: MessageParts
    found: Findings
    action: str
    resource: str


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
_DELIVERY_NAME = re.compile(r"imds|role.?delivery", re.IGNORECASE)
_SPOT_EVENTS = frozenset({"RequestSpotInstances", "RequestSpotFleet", "CreateFleet", "RunInstances"})
_FLEET_EVENTS = frozenset({"DeleteFleets", "CancelSpotFleetRequests"})
METADATA_ACTIONS = frozenset({"ec2:RunInstances", "ec2:ModifyInstanceMetadataOptions"})
_TRUST_ACTIONS = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
_TRUST_ONLY = frozenset({"sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"})


def kind_of(case: Case) -> Kind:
    """Returns the first kind whose evidence holds; UNKNOWN where none does."""
    for holds, kind in _RULES:
        if holds(case):
            return kind
    if case.parts.look_alike is not None and case.found.layer is Layer.UNKNOWN:
        return case.parts.look_alike
    return _by_layer(case)


def _by_layer(case: Case) -> Kind:
    layer, effect = case.found.layer, case.found.effect
    if layer is Layer.RESOURCE_BASED_POLICY and (case.parts.role_trust or case.action.startswith(_TRUST_ACTIONS)):
        return Kind.ROLE_TRUST
    if layer in BY_LAYER:
        return BY_LAYER[layer]
    if effect is Effect.EXPLICIT_DENY:
        return Kind.EXPLICIT_DENY
    missing = layer is Layer.IDENTITY_BASED_POLICY and effect is Effect.IMPLICIT_DENY
    return Kind.MISSING_PERMISSION if missing else Kind.UNKNOWN


def _is_dlm(case: Case) -> bool:
    # The lifecycle policy's own event; or its role's refused call, unless the evidence blames something else.
    if case.call.event_type == DLM_DETAIL_TYPE:
        return True
    return case.call.principal.invoked_by == DLM_SOURCE and _may_be_missing(case.found)


def _is_service(case: Case) -> bool:
    return case.call.principal.type is PrincipalType.AWS_SERVICE


def _is_quarantined(case: Case) -> bool:
    return case.found.policy_arn is not None and _QUARANTINE.fullmatch(case.found.policy_arn) is not None


def _is_other_principal(case: Case) -> bool:
    said = case.parts.principal
    if said is None or said == case.call.principal.session_arn:
        return False
    return other_blamed(said, case.call.principal) is not None


def _is_propagation(case: Case) -> bool:
    """Whether fresh credentials explain it better than a policy.

    An implicit denial that names identity policies is a missing permission even in a session's first minute:
    a session's credentials are valid at once, and what it may do doesn't wait for it.
    """
    if not is_fresh(case.call):
        return False
    if case.parts.look_alike is Kind.CREDENTIALS:
        return True
    return case.found.effect is Effect.IMPLICIT_DENY and case.found.layer is Layer.UNKNOWN


def is_fresh(call: DeniedCall) -> bool:
    """Returns whether the session was at most a minute old."""
    return call.session_created is not None and timedelta(0) <= call.event_time - call.session_created <= FRESH


def _is_role_delivery(case: Case) -> bool:
    # The record only says how the credentials were handed out; which rule refused the call, the evidence must say.
    if case.call.ec2_role_delivery != "1.0" or case.found.effect is not Effect.EXPLICIT_DENY:
        return False
    if case.found.matched is not None:
        return _conditioned_on(case.found, "ec2:roledelivery")
    return _named(case.found, _DELIVERY_NAME)


def _is_imdsv2(case: Case) -> bool:
    if case.found.effect is not Effect.EXPLICIT_DENY or case.action not in METADATA_ACTIONS:
        return False
    if case.found.matched is not None:
        return _conditioned_on(case.found, "ec2:metadatahttptokens")
    return tokens_asked(case.call) != "required" and _named(case.found, _IMDS_NAME)


def tokens_asked(call: DeniedCall) -> str | None:
    """Returns ``httpTokens`` of an EC2 request (``optional``, ``required``), or None."""
    given = call.request_parameters
    names = ("metadataOptions", "MetadataOptions", "ModifyInstanceMetadataOptionsRequest")
    options = next((given[name] for name in names if isinstance(given.get(name), dict)), given)
    tokens = options.get("httpTokens") or options.get("HttpTokens")
    return tokens if isinstance(tokens, str) else None


def _is_mfa(case: Case) -> bool:
    if case.found.effect is not Effect.EXPLICIT_DENY or case.call.mfa_authenticated is True:
        return False
    return _conditioned_on(case.found, "aws:multifactorauth") or _named(case.found, _MFA_NAME)


def _is_fleet(case: Case) -> bool:
    if case.call.event_name not in _FLEET_EVENTS or not _may_be_missing(case.found):
        return False
    unsaid = case.found.action is None and _terminates(case.call)
    return unsaid or case.action == "ec2:TerminateInstances"


def _terminates(call: DeniedCall) -> bool:
    given: Any = call.request_parameters
    inner = given["DeleteFleetsRequest"] if isinstance(given.get("DeleteFleetsRequest"), dict) else given
    return any(inner.get(name) in (True, "true") for name in ("TerminateInstances", "terminateInstances"))


def _is_spot_tags(case: Case) -> bool:
    if case.call.event_name not in _SPOT_EVENTS or not _may_be_missing(case.found):
        return False
    if ":spot-instances-request/" in case.resource:
        return True
    return case.action == "ec2:CreateTags" and case.call.event_name != "RunInstances"


def _is_trust_only(case: Case) -> bool:
    # These calls carry no AWS credentials, so no identity policy takes part.
    return case.found.layer is Layer.UNKNOWN and case.action in _TRUST_ONLY


def _may_be_missing(found: Findings) -> bool:
    return found.layer in {Layer.UNKNOWN, Layer.IDENTITY_BASED_POLICY} and found.effect is not Effect.EXPLICIT_DENY


def _conditioned_on(found: Findings, key: str) -> bool:
    return found.matched is not None and any(c.key.lower().startswith(key) for c in found.matched.conditions)


def _named(found: Findings, pattern: re.Pattern[str]) -> bool:
    name = (found.policy_arn or "").rpartition("/")[2]
    return pattern.search(name) is not None or pattern.search(found.sid or "") is not None


_RULES: tuple[tuple[Callable[[Case], bool], Kind], ...] = (
    (_is_dlm, Kind.DLM_ROLE),
    (_is_service, Kind.AWS_SERVICE_CALLER),
    (_is_quarantined, Kind.QUARANTINED_KEY),
    (_is_other_principal, Kind.OTHER_PRINCIPAL),
    (_is_propagation, Kind.PROPAGATION),
    (_is_role_delivery, Kind.EC2_ROLE_DELIVERY),
    (_is_imdsv2, Kind.IMDSV2_REQUIRED),
    (_is_mfa, Kind.MFA_MISSING),
    (_is_fleet, Kind.FLEET_TERMINATE),
    (_is_spot_tags, Kind.SPOT_TAGS),
    (_is_trust_only, Kind.ROLE_TRUST),
)
