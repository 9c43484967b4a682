"""What time makes of proposals: unstarted ones expire, time-boxed fixes are taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redress.domain.words import ProposalStatus

if TYPE_CHECKING:
    from datetime import datetime

    from redress.domain.lifecycle_proposal import FiledProposal

UNSTARTED = (ProposalStatus.READY, ProposalStatus.MANUAL)


def has_expired(proposal: FiledProposal, now: datetime) -> bool:
    """Returns whether nobody may start it any more; a waiting one is ended by SSM's clock and the runbook's check."""
    return proposal.status in UNSTARTED and now >= proposal.expires_at


def must_be_removed(proposal: FiledProposal, now: datetime) -> bool:
    """Returns whether the applied change has outlived the time that was signed."""
    return proposal.status is ProposalStatus.APPLIED and proposal.remove_at is not None and now >= proposal.remove_at
