"""What a card says, before any rendering: every string in it is harmless text on one line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redress.domain.card.phrases import STATE_LINES, title_of
from redress.domain.explain import explain
from redress.domain.harmless import flagged, harmless
from redress.domain.severity import Severity, severity_of
from redress.domain.words import State

if TYPE_CHECKING:
    from redress.domain.finding import Finding
    from redress.domain.proposal import Proposal
    from redress.domain.severity import Circumstances
    from redress.domain.verdict import Verdict

SHORT = 160
LONG = 600
SIGNING_STATES = {State.PROPOSED, State.AWAITING_APPROVAL}
UNDO_STATES = {State.APPLYING, State.FIXED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of a card: ``Resource``, ``arn:aws:s3:::orders/*``."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Something to press."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The proposed fix as the card shows it.

    Attributes:
        statements: Each statement as compact JSON, whole.
        guard: Verdict and reasons, one line each.
        proof: What the evaluation says before and after, one line.

    """

    statements: tuple[str, ...]
    guard: tuple[str, ...]
    proof: str
    digest: str
    expires_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything a person is told about one finding at one moment.

    Attributes:
        state_line: What changed, and who acts next.
        commands: Command lines to copy.

    """

    finding_id: str
    title: str
    severity: Severity
    severity_reason: str
    state: State
    state_line: str
    what: str
    why: str
    meaning: str
    next_step: str
    facts: tuple[Fact, ...]
    change: Change | None = None
    no_fix: str | None = None
    patches: tuple[tuple[str, str], ...] = ()
    commands: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the links of a card lead: the stack's Region and partition, and the documentation."""

    region: str
    partition: str = "aws"
    docs_url: str = "docs/reasons.md"

    @property
    def console(self) -> str:
        """Returns the console's address in this partition."""
        domains = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
        return f"https://{self.region}.{domains.get(self.partition, 'console.aws.amazon.com')}"


def compose(
    finding: Finding, *, proposal: Proposal | None, place: Place, circumstances: Circumstances | None = None
) -> Card:
    """Returns the card of a finding as it stands."""
    severity, reason = severity_of(finding, circumstances)
    words = explain(finding.verdict)
    return Card(
        finding_id=finding.finding_id,
        title=title_of(finding),
        severity=severity,
        severity_reason=reason,
        state=finding.state,
        state_line=_state_line(finding),
        what=harmless(words.what, LONG),
        why=harmless(words.why, LONG),
        meaning=harmless(words.meaning, LONG),
        next_step=harmless(words.next_step, LONG),
        facts=_facts(finding),
        change=_change(proposal) if proposal else None,
        no_fix=_no_fix(finding),
        patches=finding.no_fix.patch if finding.no_fix else _patches(proposal),
        commands=_commands(finding, proposal),
        links=_links(finding, place),
    )


def _state_line(finding: Finding) -> str:
    line = STATE_LINES[finding.state].format(actor=harmless(finding.actor, SHORT))
    cause = f" {harmless(finding.cause, LONG)}" if finding.cause else ""
    claimed = f" Taken by {harmless(finding.claimed_by, SHORT)}." if finding.claimed_by else ""
    return f"{line}{cause}{claimed}"


def _facts(finding: Finding) -> tuple[Fact, ...]:
    verdict, last = finding.verdict, finding.last
    rows = (
        ("Principal", verdict.principal.arn or verdict.principal.session_arn),
        ("Session", last.session_name),
        ("Action", verdict.action or f"unknown ({last.event_source} {last.event_name})"),
        ("Resource", finding.resource_template or verdict.resource or "unknown"),
        (
            "Denied by",
            f"{verdict.layer} ({verdict.effect})" + (f": {verdict.policy_arn}" if verdict.policy_arn else ""),
        ),
        ("Evidence", verdict.evidence.value),
        ("Seen", _seen(finding)),
        ("Account", last.account),
        ("Region", last.region),
        ("From", last.source_ip),
        ("User agent", last.user_agent),
        ("Request id", last.request_id),
        ("Event id", last.event_id),
    )
    return tuple(Fact(label=label, value=flagged(str(value), SHORT * 2)) for label, value in rows if value)


def _denied_by(verdict: Verdict) -> str:
    named = f": {verdict.policy_arn}" if verdict.policy_arn else ""
    return f"{verdict.layer} ({verdict.effect}){named}"


def _seen(finding: Finding) -> str:
    times = "once" if finding.count == 1 else f"{finding.count:,} times"
    first, last = finding.first_seen, finding.last_seen
    return f"{times}, first {first:%Y-%m-%d %H:%M:%S} UTC, last {last:%Y-%m-%d %H:%M:%S} UTC"


def _change(proposal: Proposal) -> Change:
    content = proposal.content
    guard, proof = content["guard"], content["proof"]
    hits = tuple(harmless(f"{hit['verdict']}: {hit['reason']}", LONG) for hit in guard["hits"])
    return Change(
        statements=tuple(json.dumps(statement, sort_keys=True) for statement in content["statements"]),
        guard=(str(guard["verdict"]), *hits),
        proof=_proof_line(proof),
        digest=proposal.digest,
        expires_at=str(content["expires_at"]),
    )


def _proof_line(proof: dict[str, Any]) -> str:
    line = f"before: {proof['before']}; with this statement: {proof['after']} (by {proof['source']})"
    if proof.get("still_denied_by"):
        line += f"; still denied by {proof['still_denied_by']}"
    if proof.get("unknown_layers"):
        line += f"; not checked: {', '.join(proof['unknown_layers'])}"
    return harmless(line if proof["complete"] else f"{line}; INCOMPLETE: {'; '.join(proof['notes'])}", LONG)


def _no_fix(finding: Finding) -> str | None:
    if finding.no_fix is None:
        return None
    no_fix = finding.no_fix
    return f"{harmless(no_fix.detail, LONG)} [{no_fix.reason}] Who can act: {no_fix.owner}."


def _patches(proposal: Proposal | None) -> tuple[tuple[str, str], ...]:
    patches = proposal.content.get("patches") if proposal else None
    return tuple(sorted(patches.items())) if patches else ()


def _commands(finding: Finding, proposal: Proposal | None) -> tuple[str, ...]:
    show = f"redress show {finding.finding_id}"
    if proposal and finding.state in SIGNING_STATES:
        return (show, f"redress approve {proposal.proposal_id}", f"redress reject {proposal.proposal_id}")
    if proposal and finding.state in UNDO_STATES:
        return (show, f"redress restore {proposal.proposal_id}")
    return (show,)


def _links(finding: Finding, place: Place) -> tuple[Link, ...]:
    kind = finding.verdict.kind.value.lower()
    links = [Link(label="What this kind means", url=f"{place.docs_url}#{kind}")]
    if finding.execution_id:
        path = f"/systems-manager/automation/execution/{finding.execution_id}?region={place.region}"
        links.insert(0, Link(label="Runbook execution (approve or reject)", url=place.console + path))
    event = f"/cloudtrailv2/home?region={place.region}#/events/{finding.last.event_id}"
    links.append(Link(label="CloudTrail event", url=place.console + event))
    return tuple(links)
