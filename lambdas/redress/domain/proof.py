"""The proof of a fix: what is answered to each denied call before and after it.

Two witnesses are heard where both are there: AWS's simulator, which knows the service control policies
that we may not read, and the evaluator, which knows what the simulator ignores and says what is unknown.
The worse answer counts. They must not contradict each other, or the proof is incomplete.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from redress.domain.policies import Policies
from redress.domain.policy_error import MalformedPolicy
from redress.domain.policy_json import parse_policy
from redress.domain.proposal import Proof, canonical_json
from redress.domain.request import CallerKind, caller_of
from redress.domain.values import dataclass
from redress.domain.witness import UNKNOWN, Told, badness, hear
from redress.domain.words import Layer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redress.domain.policy_json import Policy
    from redress.domain.proposal import Probe
    from redress.domain.target import Target
    from redress.domain.witness import Simulated, Simulator

SIMULATOR = "iam:SimulatePrincipalPolicy"
EVALUATOR = "evaluator"

OUT_OF_REACH = Policies(
    unreadable=frozenset(
        {
            Layer.RESOURCE_BASED_POLICY,
            Layer.SESSION_POLICY,
            Layer.SERVICE_CONTROL_POLICY,
            Layer.RESOURCE_CONTROL_POLICY,
            Layer.VPC_ENDPOINT_POLICY,
        }
    )
)
"""What is known of the layers that a principal's own account cannot read: nothing."""


_NOTHING = Told(answer=UNKNOWN, faults=("There is no call to prove.",))


def prove(
    *,
    target: Target,
    document: object,
    probes: Sequence[Probe],
    simulator: Simulator | None = None,
    known: Policies = OUT_OF_REACH,
) -> Proof:
    """Returns what is answered to the probes before and after the change; the worst answer over all probes.

    Args:
        target: The principal and its policies today.
        document: The whole new policy of the principal under ``/redress/``, as text or parsed JSON.
        probes: The denied calls.
        simulator: AWS's, where it can be asked.
        known: Policies of the other layers that could be read, and which could not.

    """
    text = document if isinstance(document, str) else canonical_json(document)
    now, then = _policies(target, known, None), _policies(target, known, text)
    before = [hear(probe, target, now.policies, _ask(simulator, target, probe, None)) for probe in probes]
    after = [hear(probe, target, then.policies, _ask(simulator, target, probe, text)) for probe in probes]
    worst = max(after, key=badness, default=_NOTHING)
    faults = [
        *_faults_of(target),
        *now.faults,
        *then.faults,
        *(fault for told in (*before, *after) or (_NOTHING,) for fault in told.faults),
    ]
    remarks = [remark for told in after for remark in told.remarks]
    return Proof(
        before=max(before, key=badness, default=worst).answer,
        after=worst.answer,
        complete=not faults and worst.answer != UNKNOWN,
        source=SIMULATOR if simulator else EVALUATOR,
        still_denied_by=worst.by,
        still_denied_layer=worst.layer,
        unknown_layers=_unread(then.policies, simulator),
        notes=tuple(dict.fromkeys([*faults, *remarks])),
    )


def _faults_of(target: Target) -> tuple[str, ...]:
    return target.unreadable if target.exists else (*target.unreadable, "The principal no longer exists.")


def _unread(policies: Policies, simulator: Simulator | None) -> tuple[str, ...]:
    """Returns the layers nobody has seen; the simulator sees service control policies."""
    seen = {Layer.SERVICE_CONTROL_POLICY} if simulator else set()
    return tuple(layer.value for layer in Layer if layer in policies.unreadable - seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    policies: Policies
    faults: tuple[str, ...]


def _policies(target: Target, known: Policies, document: str | None) -> _Parsed:
    """Returns the policies of the principal, with the proposed document in the place of the one it replaces."""
    faults: list[str] = []
    replaced = target.redress_policy.arn if target.redress_policy and document is not None else None
    named = [policy for policy in target.policies if policy.name != replaced]
    identity = [parsed for policy in named if (parsed := _parse(policy.name, policy.document, faults))]
    if document is not None and (proposed := _parse("proposed policy", document, faults)):
        identity.append(proposed)
    unreadable = {Layer.IDENTITY_BASED_POLICY} if faults or target.unreadable else set()
    boundary = target.boundary and _parse(target.boundary.name, target.boundary.document, faults)
    if boundary is None and (target.boundary or target.unreadable):
        unreadable.add(Layer.PERMISSIONS_BOUNDARY)
    policies = replace(
        known,
        identity=tuple(identity),
        boundary=(boundary,) if boundary else None,
        unreadable=(known.unreadable | unreadable) - _impossible(target),
    )
    return _Parsed(policies=policies, faults=tuple(faults))


def _impossible(target: Target) -> frozenset[Layer]:
    """Returns the layers that this principal cannot have: only sessions have session policies."""
    arns = (target.principal.session_arn, target.principal.arn)
    is_user = caller_of(next((arn for arn in arns if arn), "")).kind is CallerKind.USER
    return frozenset({Layer.SESSION_POLICY}) if is_user else frozenset()


def _parse(name: str, document: object, faults: list[str]) -> Policy | None:
    try:
        return parse_policy(name, document)
    except MalformedPolicy as error:
        faults.append(f"A policy could not be read: {error}")
        return None


def _ask(simulator: Simulator | None, target: Target, probe: Probe, extra: str | None) -> Simulated | None:
    return simulator.simulate(target, probe, extra=extra) if simulator else None
