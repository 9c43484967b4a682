"""The two witnesses of a proof, heard on one call: AWS's policy simulator and the evaluator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from redress.domain.decision import Decision, Outcome, in_words
from redress.domain.evaluate import evaluate, needs_resource_policy
from redress.domain.known_context import never_of, of_caller, of_resource
from redress.domain.request import Caller, CallerKind, Request, caller_of
from redress.domain.values import dataclass
from redress.domain.words import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redress.domain.denied_call import Principal
    from redress.domain.policies import Policies
    from redress.domain.proposal import Probe
    from redress.domain.target import Target

ALLOWED = "allowed"
UNKNOWN = "unknown"
IMPLICIT_DENY = "implicitDeny"
EXPLICIT_DENY = "explicitDeny"
_DENIALS = {IMPLICIT_DENY, EXPLICIT_DENY}
_WORST_LAST = (ALLOWED, UNKNOWN, IMPLICIT_DENY, EXPLICIT_DENY)
_ANSWERS = {
    Outcome.ALLOW: ALLOWED,
    Outcome.UNKNOWN: UNKNOWN,
    Outcome.IMPLICIT_DENY: IMPLICIT_DENY,
    Outcome.EXPLICIT_DENY: EXPLICIT_DENY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """One answer of AWS's policy simulator.

    Attributes:
        decision: ``allowed``, ``implicitDeny``, ``explicitDeny``; ``unknown`` where it did not answer.
        denied_by: Layer that denied, where the answer shows it.
        matched: Names of the policies whose statements decided.
        failure: Why it did not answer, one sentence; None where it did.

    """

    decision: str
    denied_by: Layer | None = None
    matched: tuple[str, ...] = ()
    failure: str | None = None


class Simulator(Protocol):
    """Whoever can ask AWS what would be answered to a call."""

    def simulate(self, target: Target, probe: Probe, *, extra: str | None = None) -> Simulated:
        """Returns the answer to the probe, with one more policy document if given; a fault is an answer as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What both witnesses together say to one probe.

    Attributes:
        faults: What keeps the proof from being complete.
        remarks: What a reader should know all the same.

    """

    answer: str
    by: str | None = None
    layer: Layer | None = None
    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def request_of(probe: Probe, target: Target) -> Request:
    """Returns the probe as a request of the target; keys that the evidence does not show stay unknown."""
    caller = _caller(target.principal)
    return Request(
        caller=caller,
        action=probe.action,
        resource=probe.resource,
        context={
            **of_caller(caller, target.tags),
            **of_resource(probe.resource),
            **{value.key.lower(): value.values for value in probe.context},
        },
        absent=never_of(caller),
        stands_for_many="*" in probe.resource and probe.resource != "*",
    )


def _caller(principal: Principal) -> Caller:
    """Returns the session that made the call, if it is one of the principal's, else the principal itself."""
    itself = caller_of(principal.arn or "", unique_id=principal.unique_id)
    session = caller_of(
        principal.session_arn or "", role_arn=principal.arn, user_arn=principal.arn, unique_id=principal.unique_id
    )
    is_its_own = session.kind in _SESSIONS and session.account == itself.account
    same_name = session.kind is CallerKind.FEDERATED_USER or session.name == itself.name
    return session if is_its_own and same_name else itself


_SESSIONS = {CallerKind.ROLE_SESSION, CallerKind.FEDERATED_USER}


def hear(probe: Probe, target: Target, policies: Policies, simulated: Simulated | None) -> Told:
    """Returns what the evaluator and, where it was asked, the simulator say to a probe; the worse answer counts."""
    request = request_of(probe, target)
    decision = evaluate(request, policies)
    ours = Told(
        answer=_ANSWERS[decision.outcome],
        by=decision.decided_by if _ANSWERS[decision.outcome] in _DENIALS else None,
        layer=decision.layer if _ANSWERS[decision.outcome] in _DENIALS else None,
        remarks=tuple(_remarks(request, decision)),
    )
    if simulated is None:
        return ours
    if simulated.failure:
        return replace(ours, answer=_worse(ours.answer, UNKNOWN), faults=(simulated.failure,))
    theirs = _theirs(simulated)
    worse = max(ours, theirs, key=badness)
    return replace(worse, faults=_contradiction(probe, decision, simulated), remarks=ours.remarks)


def badness(told: Told) -> int:
    """Returns the answer's place in the order of answers, best first."""
    return _WORST_LAST.index(told.answer)


def _worse(one: str, other: str) -> str:
    return max(one, other, key=_WORST_LAST.index)


def _theirs(simulated: Simulated) -> Told:
    if simulated.decision not in _DENIALS:
        return Told(answer=simulated.decision)
    layer = simulated.denied_by or Layer.UNKNOWN
    words = f"{in_words(layer)} {', '.join(simulated.matched)}".strip()
    return Told(answer=simulated.decision, by=f"{words}, as the policy simulator says", layer=layer)


def _contradiction(probe: Probe, decision: Decision, simulated: Simulated) -> tuple[str, ...]:
    """Returns why both cannot be right, if so; a layer that only the simulator sees is no contradiction."""
    if decision.outcome is Outcome.UNKNOWN or simulated.denied_by in decision.unknown_layers:
        return ()
    if decision.allowed is (simulated.decision == ALLOWED):
        return ()
    said = _ANSWERS[decision.outcome]
    return (
        f"For {probe.action} the simulator says {simulated.decision}, the evaluator {said} ({decision.decided_by}).",
    )


def _remarks(request: Request, decision: Decision) -> Iterable[str]:
    if decision.outcome is Outcome.UNKNOWN and decision.missing_context:
        yield f"The answer depends on {', '.join(decision.missing_context)}, which the evidence does not show."
    if decision.outcome is Outcome.UNKNOWN and request.stands_for_many and not decision.missing_context:
        yield f"{decision.decided_by} may reach a part of what {request.resource} stands for."
    if needs_resource_policy(request) and Layer.RESOURCE_BASED_POLICY in decision.unknown_layers:
        yield f"The key or trust policy of {request.resource} must allow the call as well; it was not read."
    if request.owner is None and request.resource != "*":
        yield f"The account that owns {request.resource} is taken to be the principal's own."
