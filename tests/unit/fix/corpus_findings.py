"""Findings made from a corpus of CloudTrail records and messages, where one lies beside the checkout."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from redress.domain.classify import classify
from redress.domain.denied_call import DeniedCall, Principal
from redress.domain.errors import MalformedRecord
from redress.domain.finding import Finding
from redress.domain.fingerprint import fingerprint
from redress.domain.grammar import is_account
from redress.domain.message import read_message
from redress.domain.parse import parse_record
from redress.domain.request_ids import refine
from redress.domain.sighting import sighting_of
from redress.domain.words import Effect, Evidence, Kind, Layer, PrincipalType, State
from tests.unit.fix import builders
from tests.unit.why import corpus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from redress.domain.plan import Plan


def _sources() -> list[str]:
    found = sorted(f"records/{path.name}" for path in (corpus.CORPUS / "records").glob("*.jsonl*"))
    return [name for name in found if "near_miss" not in name and "success" not in name]


Planned = tuple[tuple[Finding, ...], "Plan"]


@lru_cache(maxsize=1)
def plans() -> tuple[Planned, ...]:
    """Returns the plan for each principal of the corpus, proven by the evaluator, with its findings."""
    return tuple(_grouped(map(_finding, (*_recorded(), *_told()))))


@lru_cache(maxsize=1)
def plans_had_the_message_said() -> tuple[Planned, ...]:
    """Returns the same for the denials that give no reason, had they said that an identity policy lacks an Allow."""
    silent = (_finding(call) for call in (*_recorded(), *_told()))
    return tuple(_grouped(_said(found) for found in silent if found.verdict.layer is Layer.UNKNOWN))


def _said(found: Finding) -> Finding:
    verdict = replace(
        found.verdict,
        layer=Layer.IDENTITY_BASED_POLICY,
        effect=Effect.IMPLICIT_DENY,
        evidence=Evidence.REPORTED,
        kind=Kind.MISSING_PERMISSION,
    )
    return replace(found, verdict=verdict)


def _grouped(findings: Iterable[Finding]) -> Iterator[Planned]:
    grouped: dict[str | None, dict[str, Finding]] = {}
    for found in findings:
        group = grouped.setdefault(found.verdict.principal.arn, {})
        group[found.finding_id] = _joined(group.get(found.finding_id), found)
    for group in grouped.values():
        listed = tuple(group.values())
        on = builders.target(of=listed[0].verdict.principal)
        yield listed, builders.plan(*listed, on=on, prove=builders.evaluated)


def _recorded() -> Iterator[DeniedCall]:
    for name in _sources():
        for line in corpus.lines(name)[:500]:
            try:
                call = parse_record(line["record"])
            except MalformedRecord:
                continue
            if isinstance(call, DeniedCall):
                yield call


def _told() -> Iterator[DeniedCall]:
    for number, line in enumerate(corpus.lines("messages.jsonl")):
        parts = read_message(line["message"])
        service, _, name = (parts.action or "unknown:Unknown").partition(":")
        principal = _principal(parts.principal)
        yield DeniedCall(
            event_id=f"m-{number}",
            event_time=builders.NOW,
            event_source=f"{service.lower()}.amazonaws.com",
            event_name=name,
            error_code="AccessDenied",
            principal=principal,
            message=line["message"],
            region="us-east-1",
            account=principal.account,
        )


def _principal(arn: str | None) -> Principal:
    # Publishers masked many principals; what was denied is real all the same, so a stand-in takes their place.
    parts = (arn or "").split(":")
    if len(parts) < 6 or not is_account(parts[4]):
        return builders.ROLE
    kind, _, name = parts[5].partition("/")
    if kind == "assumed-role":
        role = f"arn:{parts[1]}:iam::{parts[4]}:role/{name.partition('/')[0]}"
        return Principal(type=PrincipalType.ROLE, arn=role, account=parts[4], session_arn=arn)
    return Principal(type=PrincipalType.USER, arn=arn, account=parts[4]) if kind == "user" else builders.ROLE


def _finding(call: DeniedCall) -> Finding:
    verdict = classify(call, catalogue=builders.CATALOGUE)
    identity, template = fingerprint(verdict, call)
    return Finding(
        finding_id=identity,
        verdict=verdict,
        resource_template=template,
        resources=refine(verdict, call),
        state=State.OPEN,
        state_version=1,
        count=1,
        first_seen=call.event_time,
        last_seen=call.event_time,
        changed_at=call.event_time,
        last=sighting_of(call, verdict.resource),
    )


def _joined(old: Finding | None, new: Finding) -> Finding:
    if old is None:
        return new
    return replace(old, count=old.count + 1, resources=tuple(dict.fromkeys((*old.resources, *new.resources)))[-20:])
