"""What Redress cannot see, as gaps in words with their remedy. A failed look-up is never read as fine.

Sources of the facts: CloudTrail User Guide ("Logging management events", "Logging data events") and
EventBridge User Guide ("Events from AWS services delivered via CloudTrail"): a trail that is logging is
needed for any denial to arrive, and only the rule state ``ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS``
brings those of calls that only read.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from redress.domain.harmless import harmless
from redress.domain.values import dataclass
from redress.domain.words import DecodeStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from redress.domain.finding import Finding

EVEN_READS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
SHOWN = 8
TEXT_LIMIT = 200


class Missing(StrEnum):
    """The closed list of gaps (docs/coverage.md has a row for each)."""

    NO_TRAIL = "NO_TRAIL"
    TRAIL_STOPPED = "TRAIL_STOPPED"
    READS_NOT_RECORDED = "READS_NOT_RECORDED"
    WRITES_NOT_RECORDED = "WRITES_NOT_RECORDED"
    SERVICES_EXCLUDED = "SERVICES_EXCLUDED"
    DATA_EVENTS_OFF = "DATA_EVENTS_OFF"
    RULE_ABSENT = "RULE_ABSENT"
    RULE_DISABLED = "RULE_DISABLED"
    RULE_MISSES_READS = "RULE_MISSES_READS"
    RUNBOOK_OUTDATED = "RUNBOOK_OUTDATED"
    REGIONS_WITHOUT_STACK = "REGIONS_WITHOUT_STACK"
    MESSAGES_TRUNCATED = "MESSAGES_TRUNCATED"
    EVIDENCE_DENIED = "EVIDENCE_DENIED"
    DEAD_LETTERS = "DEAD_LETTERS"
    COULD_NOT_LOOK = "COULD_NOT_LOOK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """A look-up that failed: nothing is known, neither good nor bad.

    Attributes:
        what: What was looked for.
        reason: Why there is no answer.

    """

    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a trail records.

    Attributes:
        reads: Whether management events that only read.
        writes: Whether the other management events.
        data: Whether any data events.
        excluded: Event sources whose management events it leaves out.

    """

    reads: bool
    writes: bool
    data: bool
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """One trail that records this Region."""

    name: str
    is_logging: bool | Unseen
    selection: Selection | Unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """Where the stack is and is not.

    Attributes:
        without: Regions without the stack.
        unseen: Regions that did not answer.

    """

    without: tuple[str, ...] = ()
    unseen: tuple[Unseen, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """One of the two documents that change IAM.

    Attributes:
        in_force: Its default version, the only one that goes on.
        newest: The version that the last deployment wrote.

    """

    name: str
    in_force: str
    newest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the findings that were looked at say of their evidence.

    Attributes:
        findings: How many were looked at.
        truncated: Of them, those whose message CloudTrail had cut.
        refused: Of them, those for which AWS refused Redress the evidence.
        unasked: Of them, those for which the look-up failed otherwise.

    """

    findings: int = 0
    truncated: int = 0
    refused: int = 0
    unasked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that was looked at; None means that nobody asked.

    Attributes:
        rule_state: State of the EventBridge rule; empty where there is no such rule.
        dead_letters: Messages that could not be processed.

    """

    trails: tuple[Trail, ...] | Unseen
    rule_state: str | Unseen
    runbooks: tuple[Runbook, ...] | Unseen | None = None
    regions: Regions | Unseen | None = None
    evidence: Evidence | Unseen = field(default_factory=Evidence)
    dead_letters: int | Unseen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that Redress cannot see.

    Attributes:
        missing: From the closed list.
        detail: What that means here, one sentence.
        remedy: What closes the gap, one sentence.

    """

    missing: Missing
    detail: str
    remedy: str


def gaps(facts: Facts) -> tuple[Gap, ...]:
    """Returns what Redress cannot see, the gravest first; empty where everything was looked at and is well."""
    return (*_of_trails(facts.trails), *_of_rule(facts.rule_state), *_of_runbooks(facts.runbooks), *_of_rest(facts))


def evidence_of(findings: Iterable[Finding]) -> Evidence:
    """Returns what the notes and statuses of these findings say of their evidence."""
    statuses = [(each.verdict.decode_status, " ".join((*each.verdict.notes, *each.notes))) for each in findings]
    refused = [status is DecodeStatus.NOT_PERMITTED or "was denied" in notes for status, notes in statuses]
    return Evidence(
        findings=len(statuses),
        truncated=sum(status is DecodeStatus.TRUNCATED for status, _ in statuses),
        refused=sum(refused),
        unasked=sum(status is DecodeStatus.FAILED for status, _ in statuses),
    )


def line(found: tuple[Gap, ...]) -> str:
    """Returns the one line that a digest has for it."""
    if not found:
        return "Redress sees what it should: trail, rule and evidence are well."
    names = ", ".join(dict.fromkeys(gap.missing.value for gap in found))
    return f"Redress does not see everything ({len(found)}): {names}. `redress doctor` says more."


def _of_trails(trails: tuple[Trail, ...] | Unseen) -> Iterator[Gap]:
    if isinstance(trails, Unseen):
        yield _unseen(trails)
        return
    if not trails:
        yield _gap(Missing.NO_TRAIL, "No CloudTrail trail records this Region, so no denied call arrives at all.")
        return
    logging = [trail for trail in trails if trail.is_logging is True]
    unseen = [trail.is_logging for trail in trails if isinstance(trail.is_logging, Unseen)]
    yield from map(_unseen, unseen)
    if not logging and not unseen:
        names = _named(trail.name for trail in trails)
        yield _gap(Missing.TRAIL_STOPPED, f"No trail is logging ({names}), so no denied call arrives at all.")
    if logging:
        yield from _of_selections([trail.selection for trail in logging])


def _of_selections(selections: list[Selection | Unseen]) -> Iterator[Gap]:
    known = [each for each in selections if isinstance(each, Selection)]
    unknown = [each for each in selections if isinstance(each, Unseen)]
    yield from map(_unseen, unknown)
    if unknown:
        return  # one of those may record what the others leave out
    if not any(each.reads for each in known):
        yield _gap(Missing.READS_NOT_RECORDED, "No trail records management events that only read (Describe, List).")
    if not any(each.writes for each in known):
        yield _gap(Missing.WRITES_NOT_RECORDED, "No trail records management events that write.")
    management = [each.excluded for each in known if each.reads or each.writes]
    excluded = frozenset.intersection(*management) if management else frozenset()
    if excluded:
        yield _gap(Missing.SERVICES_EXCLUDED, f"The trails leave out {_named(sorted(excluded))}.")
    if not any(each.data for each in known):
        yield _gap(
            Missing.DATA_EVENTS_OFF,
            "No trail records data events: denials of S3 objects, DynamoDB items, Lambda invocations are not seen.",
        )


def _of_rule(state: str | Unseen) -> Iterator[Gap]:
    if isinstance(state, Unseen):
        yield _unseen(state)
    elif not state:
        yield _gap(Missing.RULE_ABSENT, "The EventBridge rule that denied calls come by does not exist.")
    elif state == "ENABLED":
        yield _gap(Missing.RULE_MISSES_READS, "The rule is ENABLED, which leaves out denials of calls that only read.")
    elif state != EVEN_READS:
        yield _gap(Missing.RULE_DISABLED, f"The rule is {harmless(state, TEXT_LIMIT)}: no denied call arrives at all.")


def _of_runbooks(runbooks: tuple[Runbook, ...] | Unseen | None) -> Iterator[Gap]:
    if isinstance(runbooks, Unseen):
        yield _unseen(runbooks)
        return
    for runbook in runbooks or ():
        if runbook.in_force != runbook.newest:
            versions = f"version {runbook.in_force} is in force, {runbook.newest} is the newest"
            what = harmless(f"{runbook.name}: {versions}", TEXT_LIMIT)
            yield _gap(Missing.RUNBOOK_OUTDATED, f"{what}; approvers and checks are those of the older one.")


def _of_rest(facts: Facts) -> Iterator[Gap]:
    match facts.regions:
        case Unseen():
            yield _unseen(facts.regions)
        case Regions(without=without, unseen=unseen):
            yield from map(_unseen, unseen)
            if without:
                yield _gap(Missing.REGIONS_WITHOUT_STACK, f"The stack is not in {_named(without)}.")
    match facts.evidence:
        case Unseen():
            yield _unseen(facts.evidence)
        case Evidence():
            yield from _of_evidence(facts.evidence)
    match facts.dead_letters:
        case Unseen():
            yield _unseen(facts.dead_letters)
        case int(count) if count:
            yield _gap(Missing.DEAD_LETTERS, f"{count:,} messages could not be processed and are in no finding.")


def _of_evidence(evidence: Evidence) -> Iterator[Gap]:
    of = f"of {evidence.findings:,} findings looked at"
    if evidence.truncated:
        yield _gap(Missing.MESSAGES_TRUNCATED, f"{evidence.truncated:,} {of} have a message that CloudTrail cut.")
    if evidence.refused:
        yield _gap(Missing.EVIDENCE_DENIED, f"For {evidence.refused:,} {of} AWS refused Redress more evidence.")
    if evidence.unasked:
        yield _unseen(Unseen(what=f"evidence for {evidence.unasked:,} {of}", reason="the look-up failed"))


def _gap(missing: Missing, detail: str) -> Gap:
    return Gap(missing=missing, detail=detail, remedy=REMEDIES[missing])


def _unseen(unseen: Unseen) -> Gap:
    detail = f"Could not look: {harmless(unseen.what, TEXT_LIMIT)} ({harmless(unseen.reason, TEXT_LIMIT)})."
    return Gap(missing=Missing.COULD_NOT_LOOK, detail=detail, remedy=REMEDIES[Missing.COULD_NOT_LOOK])


def _named(names: Iterable[str]) -> str:
    shown = [harmless(name, TEXT_LIMIT) for name in names]
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return ", ".join(shown[:SHOWN]) + more


MEND = "make deploy DEPLOY=--mend"
"""A deployment that looks at the resources too: where only templates are compared, an unchanged one does nothing."""

REMEDIES = {
    Missing.NO_TRAIL: "Create a trail for all Regions with management events, and start it.",
    Missing.TRAIL_STOPPED: "Start it: aws cloudtrail start-logging --name NAME; then ask who stopped it.",
    Missing.READS_NOT_RECORDED: "Let one trail record management events of both sorts (ReadWriteType All).",
    Missing.WRITES_NOT_RECORDED: "Let one trail record management events of both sorts (ReadWriteType All).",
    Missing.SERVICES_EXCLUDED: "Take the exclusion off one trail, if denials of these services matter to you.",
    Missing.DATA_EVENTS_OFF: "Add data event selectors for the resources that matter; AWS charges for each event.",
    Missing.RULE_ABSENT: f"{MEND}.",
    Missing.RULE_DISABLED: f"{MEND}; then ask who disabled the rule.",
    Missing.RULE_MISSES_READS: f"{MEND}: the state must be {EVEN_READS}.",
    Missing.RUNBOOK_OUTDATED: "aws ssm update-document-default-version --name NAME --document-version NEWEST.",
    Missing.REGIONS_WITHOUT_STACK: "Deploy the stack there too: EventBridge brings events in the Region of the call.",
    Missing.MESSAGES_TRUNCATED: "Nothing to mend: such a message cannot be decoded, the rest of it is used.",
    Missing.EVIDENCE_DENIED: f"{MEND}, and look for an SCP or boundary that denies Redress's roles.",
    Missing.DEAD_LETTERS: "redress dlq lists them with their reasons, redress dlq replay sends them again.",
    Missing.COULD_NOT_LOOK: "Look with credentials that may, or again later; until then assume that it is missing.",
}
