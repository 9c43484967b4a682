"""What a card says, before any rendering: every string in it is harmless text on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.card.change import Change, Unfixed, change_of, patches_of, unfixed_of
from redress.domain.card.facts import Fact, facts, seen
from redress.domain.card.links import Link, Place, links
from redress.domain.card.news import Queue, cause_line, next_line, now_line, queued_next, queued_now
from redress.domain.card.phrases import title_of
from redress.domain.card.safe_text import LONG, told
from redress.domain.commands import all_of, command
from redress.domain.explain import explain
from redress.domain.noticing_wave import Wave
from redress.domain.severity import SETTLED, Circumstances, Severity, remembered, severity_of
from redress.domain.values import dataclass
from redress.domain.words import State

if TYPE_CHECKING:
    from redress.domain.finding import Finding
    from redress.domain.proposal import Proposal

__all__ = ["AccountWide", "Card", "Change", "Command", "Fact", "Link", "Place", "Queue", "Unfixed", "compose"]

MOST_REMARKS = 3
UNDO_STATES = frozenset({State.APPLYING, State.FIXED, State.CLOSED, State.REOPENED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command line to copy, and what it is for."""

    text: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWide:
    """Of whom else a card tells, where it is not about one finding alone.

    Attributes:
        cause: Id of what their findings share; cards of one cause share a thread.

    """

    cause: str
    wave: Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything a person is told about one finding at one moment.

    Attributes:
        title: Without severity and without the name of the product.
        what: Who was denied what, on what.
        now: What changed.
        next: Who acts next, and how.
        cause: Why it changed, where the state alone does not say so; else empty.
        seen: Since when and how often.
        why: Which layer decided, and how we know.
        meaning: What that means for the reader.
        notes: What could not be learned, and the remedy.
        remarks: What was noted on the finding later.
        patches: Text by format, for the owner of the code.
        show: The command line that shows it.
        lead: What is new where it is not the state (a count, a claim, a burst), one sentence; else empty.
        trouble: Trouble that AWS itself has, one sentence; else empty.
        notice_id: The same however often a notice is sent; empty where the card is no notice.
        wide: Of whom else it tells; None where it is about one finding.

    """

    finding_id: str
    title: str
    severity: Severity
    severity_reason: str
    state: State
    what: str
    now: str
    next: str
    cause: str
    seen: str
    why: str
    meaning: str
    facts: tuple[Fact, ...]
    change: Change | None = None
    no_fix: Unfixed | None = None
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    patches: tuple[tuple[str, str], ...] = ()
    commands: tuple[Command, ...] = ()
    links: tuple[Link, ...] = ()
    show: str = ""
    lead: str = ""
    trouble: str = ""
    notice_id: str = ""
    wide: AccountWide | None = None

    @property
    def state_line(self) -> str:
        """Returns what changed and who acts next."""
        return f"{self.now} {self.next}"


def compose(
    finding: Finding,
    *,
    proposal: Proposal | None,
    place: Place,
    circumstances: Circumstances | None = None,
    queue: Queue | None = None,
) -> Card:
    """Returns the card of a finding as it stands.

    Args:
        finding: The finding.
        proposal: The one that covers it, if any.
        place: Where links lead.
        circumstances: What its principal's tags say; None: what the finding remembers.
        queue: Where the proposal stands, if it waits for room to ask for a signature.

    """
    around = circumstances or remembered(finding)
    severity, reason = severity_of(finding, around)
    words = explain(finding.verdict)
    shown = proposal if finding.no_fix is None and finding.state is not State.SUSPICIOUS else None
    return Card(
        finding_id=finding.finding_id,
        title=title_of(finding),
        severity=severity,
        severity_reason=reason,
        state=finding.state,
        what=told(words.what, LONG),
        now=queued_now(queue) if queue else now_line(finding, proposal),
        next=queued_next(queue) if queue else next_line(finding, proposal),
        cause=cause_line(finding),
        seen=seen(finding),
        why=told(words.why, LONG),
        meaning=told(words.meaning, LONG),
        facts=facts(finding, around),
        change=change_of(shown, finding.state) if shown else None,
        no_fix=unfixed_of(finding.no_fix) if finding.no_fix else None,
        notes=tuple(told(note, LONG) for note in finding.verdict.notes),
        remarks=tuple(told(remark, LONG) for remark in finding.notes[-MOST_REMARKS:]),
        patches=patches_of(finding, shown),
        commands=_commands(finding, shown, place),
        links=links(finding, place),
        show=command(f"show {finding.finding_id}", place.region),
    )


def every_finding(finding: Finding, place: Place) -> tuple[Command, ...]:
    """Returns the command that lists what the finding's principal was denied; none where its ARN cannot be pasted."""
    line = all_of(finding.verdict.principal.arn, place.region)
    return (Command(text=line, purpose="what it was denied"),) if line else ()


def _commands(finding: Finding, proposal: Proposal | None, place: Place) -> tuple[Command, ...]:
    signing = _signing(finding, proposal.proposal_id) if proposal else ()
    show = (f"show {finding.finding_id}", "the whole story")
    lines = (*signing, *_settling(finding), show)
    given = tuple(Command(text=command(words, place.region), purpose=purpose) for words, purpose in lines)
    return (*every_finding(finding, place), *given) if finding.state is State.SUSPICIOUS else given


def _signing(finding: Finding, proposal_id: str) -> tuple[tuple[str, str], ...]:
    if finding.state is State.PROPOSED:
        return ((f"start {proposal_id}", "ask for the signature"),)
    if finding.state is State.AWAITING_APPROVAL:
        reject = f'reject {proposal_id} --comment "why not"'
        return ((f"approve {proposal_id}", "read the fix and sign it"), (reject, "turn it down"))
    if finding.state in UNDO_STATES:
        return ((f"restore {proposal_id}", "ask to take the fix back (needs a signature)"),)
    return ()


def _settling(finding: Finding) -> tuple[tuple[str, str], ...]:
    if finding.state is State.SUSPICIOUS:
        return ((f'clear {finding.finding_id} --reason "how you know"', "if it is no intruder"),)
    if finding.claimed_by or finding.state in SETTLED:
        return ()
    return ((f"claim {finding.finding_id}", "say that you take care of it"),)
