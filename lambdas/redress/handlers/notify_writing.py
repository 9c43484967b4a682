"""λ notify, the writing half: a notice with all that it must say, in every rendering."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from redress.adapters.proposals_table import StoredProposal
from redress.domain.card import Place, compose, renderings
from redress.domain.card.content import every_finding
from redress.domain.card.machine import ACCOUNT_WIDE
from redress.domain.card.signers import signers
from redress.domain.card.wave import account_wide
from redress.domain.denied_call import Principal
from redress.domain.health import HealthEvent, touches
from redress.domain.noticing import burst, burst_title, lead, trouble
from redress.domain.noticing_flood import How
from redress.domain.settings import Settings
from redress.domain.severity import Circumstances, circumstances_of, remembered
from redress.domain.values import dataclass
from redress.domain.words import State

if TYPE_CHECKING:
    from redress.adapters.notices_table import Notice
    from redress.domain.card import Card, Renderings
    from redress.domain.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes notices.

    Attributes:
        proposal: Gives a proposal by its id; may raise Retry.
        open_issues: Says which trouble AWS has now; may raise Retry.
        tags: Says what tags a principal has; None where IAM does not say.

    """

    proposal: Callable[[str], StoredProposal | None]
    open_issues: Callable[[datetime], tuple[HealthEvent, ...]]
    tags: Callable[[Principal], tuple[tuple[str, str], ...] | None]
    place: Place
    settings: Settings

    def written(self, notice: Notice, now: datetime) -> Renderings:
        """Returns the notice in every rendering, its attributes with what tells it from others.

        Raises:
            Retry: What it must say cannot be read now.

        """
        shown = renderings(self._card(notice, now), notice.finding)
        return replace(shown, attributes=_attributes(shown, notice))

    def _card(self, notice: Notice, now: datetime) -> Card:
        finding, is_burst = notice.finding, notice.how is How.BURST
        stored = self.proposal(finding.proposal_id) if finding.proposal_id else None
        card = compose(
            finding,
            proposal=stored.proposal if stored else None,
            place=self.place,
            circumstances=self._around(finding),
        )
        if notice.wave:
            card = account_wide(card, finding, notice.cause, notice.wave, self.place)
        if finding.state is State.AWAITING_APPROVAL:
            who = signers(stored.proposal if stored else None, self.settings)
            card = replace(card, next=f"{card.next} {who}".strip())
        every = every_finding(finding, self.place) if is_burst else ()
        issues = [each for each in self.open_issues(now) if touches(each, finding.verdict.action, finding.last.region)]
        return replace(
            card,
            title=burst_title(finding) if is_burst else card.title,
            lead=burst(finding, notice.what) if is_burst else lead(finding, notice.what),
            commands=tuple(dict.fromkeys((*every, *card.commands))),
            trouble=trouble(issues[0]) if issues else "",
            notice_id=notice.id,
        )

    def _around(self, finding: Finding) -> Circumstances:
        """Returns what the principal's tags say: as the finding remembers it, else as IAM says now."""
        tags = None if finding.tags_read else self.tags(finding.verdict.principal)
        return remembered(finding) if tags is None else circumstances_of(tags, self.settings)


def _attributes(shown: Renderings, notice: Notice) -> Mapping[str, Mapping[str, str]]:
    """Returns what subscribers filter by, and the id by which they know a repeat."""
    more = {"notice": ACCOUNT_WIDE if notice.wave else notice.what.value, "notice_id": notice.id}
    return {
        **shown.attributes,
        **{name: {"DataType": "String", "StringValue": value} for name, value in more.items()},
    }
