"""λ propose: from open findings to one proposal for each principal, or to the reason why there is none.

Whatever is not a permission problem gets its NoFix here too, so that every finding is answered in one place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from redress.adapters.access_analyzer import reviewer
from redress.adapters.findings_activity import subject_of
from redress.adapters.findings_items import finding_of, is_finding
from redress.adapters.findings_table import FindingsTable
from redress.adapters.iam_catalogue import IamCatalogue
from redress.adapters.iam_reader import read_target
from redress.adapters.principal_tags import PrincipalTags
from redress.adapters.proposals_table import ProposalsTable
from redress.adapters.sessions import client
from redress.adapters.simulator import IamSimulator
from redress.adapters.start_function import StartFunction
from redress.adapters.table_client import DynamoStore
from redress.adapters.table_health import HealthTable
from redress.domain.catalogue import Catalogue
from redress.domain.denied_call import Principal
from redress.domain.eligible import refusal
from redress.domain.errors import Retry, StaleState, Unreadable
from redress.domain.health import HealthEvent, touches
from redress.domain.plan import Plan, Prove, plan_fix
from redress.domain.proof import prove
from redress.domain.proposal import GuardHit
from redress.domain.settings import Settings
from redress.domain.severity import circumstances_of
from redress.domain.suspicion import is_suspected
from redress.domain.target import Target
from redress.domain.values import dataclass
from redress.domain.words import ProposalStatus, State
from redress.handlers.messages import changes_of, failed
from redress.handlers.observability import Observed, Telemetry
from redress.handlers.propose_answers import Answers
from redress.handlers.settings import environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from redress.adapters.proposals_table import StoredProposal
    from redress.domain.finding import Finding
    from redress.handlers.messages import Change

WANTING = frozenset({State.OPEN, State.REOPENED})
"""States of findings that have no answer yet."""
MERGED = frozenset({State.PROPOSED, State.AWAITING_APPROVAL})
"""States of findings whose proposal a newer one may take in."""
ATTEMPTS = 4
"""Times that one principal is looked at when others keep changing its findings."""
Tags = tuple[tuple[str, str], ...]
SETTLING = timedelta(minutes=2)
"""Time that the stream gets to bring a change before the sweep looks at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that proposing works with.

    Attributes:
        open_issues: Says which trouble AWS has now.
        read_target: Reads a role or user from IAM.
        tags: Reads its tags alone; None where IAM does not say.
        wake: Lets λ start know that a proposal is ready, or that one was replaced.
        review: Looks at a whole new document (IAM Access Analyzer), with hits for the guard.

    """

    findings: FindingsTable
    proposals: ProposalsTable
    open_issues: Callable[[datetime], tuple[HealthEvent, ...]]
    read_target: Callable[[Principal], Target]
    prove: Prove
    catalogue: Catalogue
    settings: Settings
    telemetry: Telemetry
    wake: Callable[[], None]
    review: Callable[[str], tuple[GuardHit, ...]] | None = None
    tags: Callable[[Principal], Tags | None] = lambda _: None


def propose(changes: Iterable[Change], *, desk: Desk, now: datetime) -> dict[str, Any]:
    """Answers the findings that a batch of the table's stream shows as open, principal by principal.

    Returns:
        ``batchItemFailures``: the first change of each principal that could not be answered now.

    """
    subjects: dict[str, str] = {}
    for change in changes:
        finding = _wanting(change, desk.telemetry)
        if finding:
            subjects.setdefault(subject_of(finding.verdict.principal), change.sequence)
    issues = desk.open_issues(now) if subjects else ()
    return failed(sequence for subject, sequence in subjects.items() if not _answered(subject, desk, issues, now))


def sweep(*, desk: Desk, now: datetime) -> int:
    """Answers every open finding that the stream has left unanswered; returns how many principals it looked at.

    Those are the findings that waited for AWS's trouble to end, or for another proposal to be applied,
    those whose change never arrived, and those that an answer cut in half has left on a proposal that was replaced.
    """
    left = (finding for finding in _left(desk) if now - finding.changed_at > SETTLING)
    subjects = dict.fromkeys(subject_of(finding.verdict.principal) for finding in left)
    issues = desk.open_issues(now) if subjects else ()
    for subject in subjects:
        _answered(subject, desk, issues, now)
    return len(subjects)


def _left(desk: Desk) -> Iterator[Finding]:
    """Yields the findings without an answer, of each state those first that have waited longest."""
    for state in sorted(WANTING):
        yield from desk.findings.every(state, oldest_first=True)
    waiting = [finding for state in sorted(MERGED) for finding in desk.findings.every(state, oldest_first=True)]
    replaced = desk.proposals.replaced(each.proposal_id for each in waiting if each.proposal_id)
    yield from (finding for finding in waiting if finding.proposal_id in replaced)


def _wanting(change: Change, telemetry: Telemetry) -> Finding | None:
    if change.new is None or not is_finding(change.new):
        return None
    try:
        finding = finding_of(change.new)
    except Unreadable as error:
        telemetry.warning("a finding cannot be read", pk=str(change.new.get("pk")), error=str(error))
        return None
    return finding if finding.state in WANTING else None


def _answered(subject: str, desk: Desk, issues: tuple[HealthEvent, ...], now: datetime) -> bool:
    for _ in range(ATTEMPTS):
        try:
            _answer(subject, desk, issues, now)
        except StaleState:
            continue
        except Retry as error:
            desk.telemetry.warning("a principal has to wait", principal=subject, error=str(error))
            return False
        except Unreadable as error:
            desk.telemetry.warning("a principal cannot be answered", principal=subject, error=str(error))
        return True
    desk.telemetry.warning("a principal has to wait: its findings keep changing", principal=subject)
    return False


def _answer(subject: str, desk: Desk, issues: tuple[HealthEvent, ...], now: datetime) -> None:
    found = desk.findings.by_principal(subject)
    current = desk.proposals.current(subject)
    settled = _answers(desk, None, now).settled(tuple(each for each in found if each.state in WANTING), current)
    open_ones = (each for each in found if each.state in WANTING | MERGED and each.finding_id not in settled)
    asked = tuple(finding for finding in open_ones if not _held(finding, desk, issues))
    if not any(_wants(finding, current) for finding in asked):
        return
    principal = asked[0].verdict.principal
    if is_suspected(found):
        _answers(desk, desk.tags(principal), now).distrust(asked, current)
    elif current and current.status is ProposalStatus.APPLYING:
        desk.telemetry.info("waits for a change of the same principal", principal=subject)
    else:
        target = _target(principal, asked, desk)
        _answers(desk, _tags(target, desk), now).write(_plan(asked, target, desk, now), asked, current)


def _wants(finding: Finding, current: StoredProposal | None) -> bool:
    """Returns whether a finding has no answer, or one that was replaced and should have taken the finding along."""
    stands = current is not None and current.proposal.proposal_id == finding.proposal_id
    return finding.state in WANTING or not stands


def _answers(desk: Desk, tags: Tags | None, now: datetime) -> Answers:
    return Answers(
        findings=desk.findings,
        proposals=desk.proposals,
        settings=desk.settings,
        telemetry=desk.telemetry,
        wake=desk.wake,
        now=now,
        around=None if tags is None else circumstances_of(tags, desk.settings),
    )


def _plan(asked: tuple[Finding, ...], target: Target, desk: Desk, now: datetime) -> Plan:
    return plan_fix(
        findings=asked,
        target=target,
        catalogue=desk.catalogue,
        settings=desk.settings,
        prove=desk.prove,
        now=now,
        review=desk.review,
    )


def _held(finding: Finding, desk: Desk, issues: tuple[HealthEvent, ...]) -> bool:
    """Returns whether the finding waits for AWS's trouble to end, and notes why on it."""
    if finding.state not in WANTING:
        return False
    trouble = next((each for each in issues if touches(each, finding.verdict.action, finding.last.region)), None)
    if trouble is None:
        return False
    note = f"AWS Health reports an open issue of {trouble.service} in {trouble.region}; no fix until it ends."
    if note not in finding.notes:
        desk.findings.amend(finding, replace(finding, notes=(*finding.notes, note)))
    return True


def _target(principal: Principal, findings: tuple[Finding, ...], desk: Desk) -> Target:
    """Returns the principal as IAM describes it; unread where nothing in IAM could change the answers."""
    unread = Target(principal=principal, region="", exists=True)
    if all(refusal(finding, unread, desk.settings) for finding in findings):
        return unread
    return desk.read_target(principal)


def _tags(target: Target, desk: Desk) -> Tags | None:
    """Returns the principal's tags; None where IAM did not say, which is not the same as having none."""
    is_read = target.tags or (target.policies and not target.unreadable)
    return target.tags if is_read else desk.tags(target.principal)


@cache
def _desk_parts() -> dict[str, Any]:
    given = environment()
    given.need("aws_region", "table_name", "findings_topic_arn", "start_function_name")
    account = given.findings_topic_arn.split(":")[4]
    store = DynamoStore(client("dynamodb"), given.table_name)
    return {
        "findings": FindingsTable(store),
        "proposals": ProposalsTable(store),
        "open_issues": HealthTable(store).open_issues,
        "read_target": partial(read_target, region=given.aws_region),
        "prove": partial(prove, simulator=IamSimulator()),
        "catalogue": IamCatalogue(),
        "settings": given.settings,
        "wake": lambda: StartFunction(client("lambda"), given.start_function_name).wake(),  # made when it is needed
        "review": reviewer(given.settings),
        "tags": PrincipalTags(client("iam"), account).of,
    }


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry point, of the table's stream and of a schedule."""
    with Observed() as telemetry:
        desk = Desk(**_desk_parts(), telemetry=telemetry)
        if "Records" not in event:
            return {"principals": sweep(desk=desk, now=datetime.now(UTC))}
        return propose(changes_of(event), desk=desk, now=datetime.now(UTC))
