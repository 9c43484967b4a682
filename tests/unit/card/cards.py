"""Findings and their cards, made from CloudTrail records as Redress would make them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from redress.adapters.iam_catalogue import IamCatalogue
from redress.domain.card import Card, Place, compose
from redress.domain.card.wave import account_wide
from redress.domain.classify import classify
from redress.domain.decoded import read_decoded
from redress.domain.denied_call import DeniedCall
from redress.domain.eligible import refusal_at_sight
from redress.domain.finding import Finding
from redress.domain.fingerprint import fingerprint
from redress.domain.no_fix import no_fix
from redress.domain.noticing_wave import Wave, cause_of
from redress.domain.parse import parse_record
from redress.domain.proof import SIMULATOR
from redress.domain.proposal import Proof
from redress.domain.severity import Circumstances
from redress.domain.sighting import sighting_of
from redress.domain.words import Kind, Layer, NoFixReason, PolicyIs, State
from tests.unit.fix.builders import plan, target
from tests.unit.why.cases import cases

if TYPE_CHECKING:
    from redress.domain.plan import Plan
    from redress.domain.proposal import Probe, Proposal
    from redress.domain.target import Target

PLACE = Place(region="us-east-1", docs_url="https://docs.example.com/redress/reasons.md")
EXECUTION = "12345678-9abc-4def-8123-456789abcdef"
ANA = "arn:aws:iam::111122223333:user/people/ana"
BEN = "arn:aws:sts::111122223333:assumed-role/Admin/ben@example.com"
CHOSEN = {Kind.DLM_ROLE: 1}
"""Which case of a kind is shown, where it is not the first."""
CATALOGUE = IamCatalogue()


@cache
def finding_of(kind: Kind) -> Finding:
    """Returns a finding of this kind, as it is on first sight."""
    case = cases(f"kinds/{kind.lower()}.json")[CHOSEN.get(kind, 0)]
    call = parse_record(case["record"])
    assert isinstance(call, DeniedCall)
    decoded = read_decoded(json.dumps(case["decoded"])) if "decoded" in case else None
    verdict = classify(call, catalogue=CATALOGUE, decoded=decoded)
    assert verdict.kind is kind
    id_, template = fingerprint(verdict, call)
    return Finding(
        finding_id=id_,
        verdict=verdict,
        resource_template=template,
        resources=(verdict.resource,) if verdict.resource else (),
        state=State.OPEN,
        state_version=1,
        count=14,
        first_seen=call.event_time,
        last_seen=call.event_time + timedelta(minutes=31),
        last=replace(sighting_of(call, verdict.resource), read_only=_reads(verdict.action or "")),
        changed_at=call.event_time,
        cause="first denied",
    )


def _reads(action: str) -> bool:
    return CATALOGUE.access_level(action) in {"List", "Read"}


def proposal_of(kind: Kind) -> Proposal | None:
    """Returns the proposal for the finding of this kind, or None where it gets none."""
    plan_ = plan_of(kind)
    return plan_.proposal if plan_ else None


@cache
def plan_of(kind: Kind) -> Plan | None:
    """Returns the plan for the finding of this kind, or None where it is refused at sight."""
    finding = finding_of(kind)
    return None if refusal_at_sight(finding) else _planned(finding)


@cache
def joint_proposal(others: int = 2) -> Proposal:
    """Returns the proposal for the finding of a missing permission together with others of its principal."""
    finding = finding_of(Kind.MISSING_PERMISSION)
    proposal = _planned(finding, *(_other(finding, number) for number in range(1, 1 + others))).proposal
    assert proposal
    return proposal


def _other(finding: Finding, number: int) -> Finding:
    """Returns a finding of the same principal, of another action or queue."""
    action = "s3:GetObject" if number == 1 else "sqs:SendMessage"
    resource = finding.verdict.resource if number == 1 else f"arn:aws:sqs:eu-west-1:111122223333:orders-{number}"
    verdict = replace(finding.verdict, action=action, resource=resource)
    resources = (resource,) if resource else ()
    return replace(
        finding, finding_id=f"f-{number:020x}", verdict=verdict, resource_template=resource, resources=resources
    )


def _planned(*findings: Finding) -> Plan:
    tags = {"aws:cloudformation:stack-name": "orders", "owner": "team-orders", "environment": "production"}
    return plan(*findings, on=target(of=findings[0].verdict.principal, tags=tags), prove=proven)


def proven(*, target: Target, document: str, probes: tuple[Probe, ...]) -> Proof:
    """Returns the proof that an account gets as a rule: AWS's simulator answered, other owners' layers are not read."""
    del target, document, probes
    unread = (Layer.RESOURCE_BASED_POLICY, Layer.SESSION_POLICY, Layer.RESOURCE_CONTROL_POLICY)
    return Proof(
        before="implicitDeny",
        after="allowed",
        complete=True,
        source=SIMULATOR,
        unknown_layers=(*unread, Layer.VPC_ENDPOINT_POLICY),
    )


@cache
def told_of(kind: Kind) -> tuple[Finding, Proposal | None]:
    """Returns the finding of this kind once Redress has found its answer: a fix to sign, or none."""
    finding, proposal = finding_of(kind), proposal_of(kind)
    if proposal:
        return in_state(finding, State.AWAITING_APPROVAL, proposal), proposal
    plan_ = plan_of(kind)
    refusal = refusal_at_sight(finding) or dict(plan_.no_fixes if plan_ else ())[finding.finding_id]
    return replace(finding, state=State.NO_FIX, state_version=2, no_fix=refusal, cause=refusal.detail), None


def in_state(finding: Finding, state: State, proposal: Proposal | None = None) -> Finding:
    """Returns the finding as it would be in this state."""
    moved: dict[str, Any] = {
        "state": state,
        "state_version": 4,
        "proposal_id": proposal.proposal_id if proposal else None,
        "cause": "",
    }
    return replace(finding, **{**moved, **MOVED.get(state, {})})


NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SIGN_BY = NOON + timedelta(hours=14)
_ASKED = {"execution_id": EXECUTION}
_SIGNED = {**_ASKED, "approved_by": (ANA, BEN), "approved_at": NOON}
_PUT_BACK = "arn:aws:iam::111122223333:user/people/ana"
MOVED: dict[State, dict[str, Any]] = {
    State.OPEN: {"state_version": 1, "cause": "first denied", "proposal_id": None},
    State.PROPOSED: {"cause": "A fix was drawn up, proven and sealed."},
    State.AWAITING_APPROVAL: {**_ASKED, "cause": "a signature is asked for", "sign_by": SIGN_BY},
    State.APPLYING: {**_SIGNED, "actor": ANA, "cause": f"signed by {ANA}"},
    State.FIXED: {
        **_SIGNED,
        "actor": ANA,
        "cause": "the signed change is in place, read back and simulated",
        "fixed_at": NOON,
        "policy_is": PolicyIs.AFTER,
    },
    State.CLOSED: {**_SIGNED, "actor": "schedule", "cause": "not denied again for 48 hours"},
    State.REOPENED: {"cause": "The call was denied again after the finding had been settled."},
    State.REJECTED: {**_ASKED, "actor": ANA, "cause": f"{ANA} rejected it: use the batch role instead"},
    State.EXPIRED: {**_ASKED, "actor": "schedule", "cause": "nobody signed in time"},
    State.FAILED: {
        **_ASKED,
        "cause": "the policy has 5 versions, and the oldest could not be deleted",
        "policy_is": PolicyIs.BEFORE,
    },
    State.RESTORED: {**_ASKED, "actor": _PUT_BACK, "cause": f"taken back by execution {EXECUTION}"},
    State.NO_FIX: {"no_fix": no_fix(NoFixReason.ALREADY_ALLOWED), "proposal_id": None, "changed_at": NOON},
    State.MUTED: {"actor": BEN, "cause": "the team retires this job in December", "muted_until": NOON},
    State.SUSPICIOUS: {"cause": "14 distinct actions were denied within 10 minutes", "proposal_id": None},
}

VARIANTS: dict[str, tuple[State, dict[str, Any]]] = {
    "open-again": (State.OPEN, {"state_version": 5, "actor": "schedule", "cause": "the silence ended by its date"}),
    "reminded": (
        State.AWAITING_APPROVAL,
        {
            "actor": "schedule",
            "cause": "it has waited 10 hours, since 2026-11-21 02:00 UTC",
            "reminded_at": NOON,
            "changed_at": NOON,
            "sign_by": SIGN_BY,
        },
    ),
    "claimed": (State.NO_FIX, {"claimed_by": ANA}),
    "joint": (State.AWAITING_APPROVAL, {}),
    "joint-proposed": (State.PROPOSED, {}),
    "failed-unknown": (
        State.FAILED,
        {"policy_is": PolicyIs.UNKNOWN, "cause": "the runbook was cut off (FAILED); a restore has been started"},
    ),
    "failed-changed-by-others": (State.FAILED, {"policy_is": PolicyIs.CHANGED_BY_OTHERS}),
}
"""Further moments in a finding's life, by name."""


def moment_of(name: str) -> tuple[Finding, Proposal | None]:
    """Returns the finding of a missing permission at a moment of its life: a state, or a variant of one."""
    proposal = joint_proposal() if name.startswith("joint") else proposal_of(Kind.MISSING_PERMISSION)
    state, changes = VARIANTS.get(name) or (State(name.upper().replace("-", "_")), {})
    finding = in_state(finding_of(Kind.MISSING_PERMISSION), state, proposal)
    return replace(finding, **changes), proposal


def card_of(finding: Finding, proposal: Proposal | None = None, around: Circumstances | None = None) -> Card:
    """Returns the finding's card."""
    return compose(finding, proposal=proposal, place=PLACE, circumstances=around or _around(finding))


def wide_card() -> tuple[Card, Finding]:
    """Returns the account-wide card at a hundred principals, and the finding that made it due."""
    finding = finding_of(Kind.ORGANIZATION_GUARDRAIL)
    names = ("orders", "billing", "reports-nightly", "image-resizer")
    since = finding.changed_at
    wave = Wave(since=since, last=since + timedelta(minutes=4), principals=100, findings=131, held=126, named=names)
    return account_wide(card_of(finding), finding, cause_of(finding).id, wave, PLACE), finding


def _around(finding: Finding) -> Circumstances:
    owner = "team-orders" if finding.verdict.principal.arn else ""
    return Circumstances(production=finding.verdict.kind in PRODUCTION, owner=owner)


PRODUCTION = {Kind.MISSING_PERMISSION, Kind.DLM_ROLE, Kind.VPC_ENDPOINT}
"""Kinds whose principal is tagged as production in these tests."""
