"""What the runbooks and Lambdas have noted of a proposal, read into the domain's value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.codec import moment
from redress.domain.errors import Unreadable
from redress.domain.lifecycle_proposal import FiledProposal
from redress.domain.words import PolicyIs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from redress.adapters.proposals_table import StoredProposal


def filed(stored: StoredProposal) -> FiledProposal:
    """Returns where the proposal stands.

    Raises:
        Unreadable: A mark is not what the runbooks write.

    """
    marks = stored.marks
    try:
        return FiledProposal(
            proposal_id=stored.proposal.proposal_id,
            digest=stored.proposal.digest,
            status=stored.status,
            principal=stored.principal,
            finding_ids=stored.finding_ids,
            created_at=stored.created_at,
            expires_at=stored.expires_at,
            execution_id=stored.execution_id or None,
            approved_by=tuple(map(str, marks.get("approved_by", ()))),
            restored_by=marks.get("restored_by"),
            restoring_by=marks.get("restoring_by") or None,
            failure=str(marks.get("failure", "")),
            policy_is=PolicyIs(marks["policy_is"]) if marks.get("policy_is") else None,
            **{name: _moment(marks.get(name)) for name in ("applying_at", "applied_at", "restored_at", "remove_at")},
        )
    except (TypeError, ValueError) as error:
        raise Unreadable(f"proposal {stored.proposal.proposal_id} holds a mark that nobody writes: {error}") from error


def each_filed(
    stored: Iterable[StoredProposal], *, skipped: Callable[[Unreadable], None] = lambda _: None
) -> Iterator[FiledProposal]:
    """Yields where the proposals stand, those apart that cannot be read: ``skipped`` is told of each."""
    for each in stored:
        try:
            yield filed(each)
        except Unreadable as error:
            skipped(error)


def _moment(text: object) -> datetime | None:
    return moment(str(text)) if text else None
