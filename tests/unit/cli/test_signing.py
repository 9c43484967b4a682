"""What a person reads before signing at the command line."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from redress.adapters.proposals_table import StoredProposal
from redress.domain.proof import prove
from redress.domain.settings import Settings
from redress.domain.witness import Simulated
from redress.domain.words import ProposalStatus
from redress_cli.signing import describe
from tests.unit.fix import builders

if TYPE_CHECKING:
    import pytest


class Throttled:
    """A simulator that IAM throttles."""

    def simulate(self, *_: object, **__: object) -> Simulated:
        """Says that there is no answer."""
        return Simulated(decision="unknown", failure="iam:SimulatePrincipalPolicy gave no answer: throttled.")


def shown(capsys: pytest.CaptureFixture[str], *, takes_back: bool = False, hours: int = 0) -> str:
    """Returns what is printed for a change whose proof is incomplete."""
    found = builders.finding()
    plan = builders.plan(
        found, settings=Settings(remove_after_hours=hours), prove=partial(prove, simulator=Throttled())
    )
    assert plan.proposal
    stored = StoredProposal(
        proposal=plan.proposal,
        status=ProposalStatus.WAITING,
        principal=str(found.verdict.principal.arn),
        finding_ids=plan.covered,
        created_at=builders.NOW,
        expires_at=builders.NOW + timedelta(days=2),
        execution_id="e-1",
        marks={},
    )
    describe(stored, "arn:aws:iam::111122223333:user/ana", takes_back=takes_back)
    printed = capsys.readouterr().out
    assert f"Digest:   {plan.proposal.digest}\n" in printed
    return printed


def test_the_statement_the_digest_and_what_is_not_proven_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole statement, the proof with its gaps, the expiry and the digest stand there."""
    printed = shown(capsys)
    assert '"Resource": "arn:aws:s3:::reports/2026/a.csv"' in printed
    assert "          INCOMPLETE; not checked: resource-based policy, session policy, " in printed
    assert "- iam:SimulatePrincipalPolicy gave no answer: throttled." in printed
    assert "Lifetime" not in printed


def test_a_lifetime_is_part_of_what_is_signed(capsys: pytest.CaptureFixture[str]) -> None:
    """A fix that goes by itself says after how many hours."""
    assert "Lifetime: taken back by itself 8 hours after it was applied\n" in shown(capsys, hours=8)


def test_taking_back_is_not_mistaken_for_granting(capsys: pytest.CaptureFixture[str]) -> None:
    """The first line says so when the signature takes the change back."""
    assert shown(capsys, takes_back=True).startswith("This TAKES BACK the following change.")
