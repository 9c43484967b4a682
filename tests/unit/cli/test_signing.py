"""What a person reads before signing at the command line."""

from __future__ import annotations

from argparse import Namespace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from infra.runbook_scripts.signers import identity
from redress.adapters.proposals_table import StoredProposal
from redress.domain.errors import Refused
from redress.domain.proof import prove
from redress.domain.same_person import person
from redress.domain.settings import Settings
from redress.domain.witness import Simulated
from redress.domain.words import ProposalStatus
from redress_cli import approve, reject, signing
from redress_cli.aws import Deployment
from redress_cli.describing import describe, why
from tests.approver_desk import desk
from tests.runbook_world import ANA, BEN, FINDING, proposal, ready_world
from tests.unit.fix import builders

if TYPE_CHECKING:
    from types import ModuleType


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
    assert f"Digest:      {plan.proposal.digest}\n" in printed
    return printed


def test_the_statement_the_digest_and_what_is_not_proven_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole statement, the proof with its gaps, the expiry and the digest stand there."""
    printed = shown(capsys)
    assert '"Resource": "arn:aws:s3:::reports/2026/a.csv"' in printed
    assert "             INCOMPLETE; not checked: resource-based policy, session policy, " in printed
    assert "- iam:SimulatePrincipalPolicy gave no answer: throttled." in printed
    assert "Lifetime" not in printed


def test_a_lifetime_is_part_of_what_is_signed(capsys: pytest.CaptureFixture[str]) -> None:
    """A fix that goes by itself says after how many hours."""
    assert "Lifetime:    taken back by itself 8 hours after it was applied\n" in shown(capsys, hours=8)


def test_it_reads_as_lines_and_says_each_thing_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Who would be allowed what, why, and the decisions in the words of the notices; no summary run together."""
    printed = shown(capsys)
    assert printed.startswith("arn:aws:iam::111122223333:role/team/app would be allowed:\n{\n")
    assert "Why:         3 denied calls; no identity policy allows this.\n" in printed
    assert "Proof:       Today denied (nothing allows it); with this fix " in printed
    assert printed.count("would be allowed") == 1
    assert "implicitDeny" not in printed


def test_taking_back_is_not_mistaken_for_granting(capsys: pytest.CaptureFixture[str]) -> None:
    """The first line says so when the signature takes the change back, and what follows is what would be lost."""
    printed = shown(capsys, takes_back=True)
    assert printed.startswith("This TAKES BACK the following change.")
    assert "arn:aws:iam::111122223333:role/team/app would lose:\n{\n" in printed
    assert "After:       it is deleted\n" in printed
    assert "allowed" not in printed


def test_a_hostile_summary_makes_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    """What a summary says of the why is one line without anything hidden."""
    assert why("a\nWhy: b\u202e\u200bc\nDigest: 0") == "b c"
    assert why("first\nsecond") == "first second"
    assert capsys.readouterr().out == ""


class Asked:
    """Somebody at the command line in a world where a request waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:  # noqa: ANN401 - any content
        self.world = ready_world()
        self.proposal = self.world.file(proposal(self.world, **changes))
        self.monkeypatch = monkeypatch

    def runs(self, command: ModuleType, who: str, name: str = "") -> int:
        """Runs a command as somebody, and lets the runbook go on."""
        self.monkeypatch.setattr(signing, "Desk", lambda _: desk(self.world, who))
        self.monkeypatch.setattr(Deployment, "of", lambda _: None)
        code: int = command.run(Namespace(name=name or self.proposal.proposal_id, yes=True, comment=""))
        self.world.run()
        return code


TWO = {"verdict": "TWO_APPROVERS", "hits": []}


def test_nobody_signs_twice(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The first of two is told that one more is needed, and refused a second time; the second is not."""
    asked = Asked(monkeypatch, guard=TWO)
    execution = asked.world.start(asked.proposal)
    asked.world.run()
    asked.runs(approve, ANA)
    assert capsys.readouterr().out.endswith("\none more signature by somebody else is needed\n")
    with pytest.raises(Refused, match="you have signed already; one more signature by somebody else is needed"):
        asked.runs(approve, ANA)
    assert (asked.world.status(execution), capsys.readouterr().out) == ("Waiting", "")
    asked.runs(approve, BEN)
    assert "needed" not in capsys.readouterr().out
    assert asked.world.status(execution) == "Success"


def test_one_signature_is_not_said_to_need_another(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A clean change is signed once, and the deadline is the runbook's."""
    asked = Asked(monkeypatch)
    asked.world.start(asked.proposal)
    asked.world.run()
    asked.runs(approve, ANA)
    printed = capsys.readouterr().out
    assert "needed" not in printed
    assert "Sign before: 2026-11-22 12:00 UTC\n" in printed


def test_what_nobody_was_asked_for_cannot_be_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a proposal that was never started, reject says what ends it."""
    asked = Asked(monkeypatch, guard=TWO)
    with pytest.raises(Refused, match=f"expires by itself at 2026-11-23 12:00 UTC; `redress mute {FINDING} --until"):
        asked.runs(reject, ANA)


PEOPLE = (
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:iam::111122223333:user/people/Ana",
    "arn:aws:iam::111122223333:user/ben",
    "arn:aws:iam::444455556666:user/ana",
    "arn:aws:iam::111122223333:role/ops/Signers",
    "arn:aws:sts::111122223333:assumed-role/Signers/ana",
    "arn:aws:sts::111122223333:assumed-role/signers/ben",
    "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Ops_0123456789abcdef/ana",
    "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Ops_0123456789abcdef/ben",
    "arn:aws:sts::111122223333:federated-user/ana",
    "arn:aws:iam::111122223333:root",
)


@pytest.mark.parametrize("one", PEOPLE)
def test_who_counts_as_one_person_is_the_same_here_and_in_the_runbook(one: str) -> None:
    """The command line and the runbook agree on every pair; a user's bare name is the user of the account."""
    assert person(one, one) == identity(one)
    for two in PEOPLE:
        assert (person(one, one) == person(two, one)) is (identity(one) == identity(two))
    assert person("ana", one)[2] == "ana"
